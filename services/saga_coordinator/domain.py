"""What the coordinator does with an event: write the timeline, keep the fact, move or start a story. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.saga_coordinator.saga import Case, StepOverdue, answered, begin, remind
from services.saga_coordinator.stories import ABANDONED, STORIES, TRIGGERS
from shared.contracts.base import Message, Own, routing_key
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.identity_verification import PhotoAccepted, PhotoReturned
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationOpened,
    ApplicationRegistered,
    ApplicationSubmitted,
    FormAccepted,
    FormReturned,
)
from shared.contracts.ums_review import ReviewApproved
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.law.window import renewal_window


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the case timeline: an event heard, an order given, a deadline passed. Ids only, no personal data."""

    application_id: UUID
    what: str
    name: str
    said_at: datetime
    message_id: UUID
    detail: str = ""


class FormOverdue(Own):
    """No form in time after the return of revision `returned` (0: none yet)."""

    returned: int


class SigningOverdue(Own):
    """No signature in time on revision `revision`."""

    revision: int


def hear(case: Case, event: Message, given: Given) -> Decision[Case]:
    """Every event: into the timeline, into the facts, and to the story it starts or answers."""
    known = keep(case, event, given)
    running = STORIES.get(known.story)
    if running is not None:
        moved = answered(known, running, event)
    else:
        trigger = TRIGGERS.get(type(event))
        story = trigger(known, event) if trigger else None
        moved = begin(known, story) if story else Decision(known)
    return _with(moved, case, event, given)


def keep(case: Case, event: Message, given: Given) -> Case:
    """The facts that guard deadlines and stories; revisions only grow, so the order of arrival does not matter."""
    changes: dict[str, Any] = {}
    match event:
        case ApplicationOpened():
            changes = {"opened": True}
        case EligibilityConfirmed():
            changes = {"eligible": True, "expires": event.expires.isoformat()}
        case FormAccepted():
            changes = {"form_revision": max(case.form_revision, event.revision)}
        case FormReturned() | PhotoReturned():
            changes = {"returned_revision": max(case.returned_revision, event.revision)}
        case PhotoAccepted():
            changes = {"photo_revision": max(case.photo_revision, event.revision)}
        case ApplicationSubmitted():
            changes = {"submitted": True}
        case ApplicationRegistered():
            changes = {"registered": True}
        case ReviewApproved():
            changes = {"approved": True}
        case ApplicationClosed():
            changes = {"ending": event.ending}
    return case.but(**changes) if changes else case


def form_overdue(case: Case, said: FormOverdue, given: Given) -> Decision[Case]:
    """The form's deadline passed. Intake is the referee: what the portal published in time still counts."""
    awaited = case.eligible and case.form_revision <= case.returned_revision and not case.submitted
    if not awaited or said.returned != case.returned_revision:
        return Decision(case)
    return _with(begin(case, ABANDONED), case, said, given)


def signing_overdue(case: Case, said: SigningOverdue, given: Given) -> Decision[Case]:
    """The signature's deadline passed, or the window closed before it (p.7)."""
    if case.submitted or said.revision != case.photo_revision:
        return Decision(case)
    return _with(begin(case, ABANDONED), case, said, given)


def step_overdue(case: Case, said: StepOverdue, given: Given) -> Decision[Case]:
    story = STORIES.get(said.story)
    return _with(remind(case, story, said), case, said, given) if story else Decision(case)


def deadlines(event: Message, case: Case, given: Given) -> tuple[Later, ...]:
    """The timers an event starts; they are never cancelled, their guards ignore stale ones."""
    id, limits = case.application_id, given.rules.limits
    match event:
        case EligibilityConfirmed():
            return (Later(FormOverdue(application_id=id, returned=0), limits.form),)
        case FormReturned() | PhotoReturned():
            return (Later(FormOverdue(application_id=id, returned=event.revision), limits.form),)
        case PhotoAccepted():
            at = _signing_ends(given.now + limits.signing, case.expires)
            return (Later(SigningOverdue(application_id=id, revision=event.revision), at=at),)
    return ()


def _signing_ends(by_limit: datetime, expires: str) -> datetime:
    """Signing ends early with the window: at midnight, Almaty, after its last day."""
    if not expires:
        return by_limit
    after = renewal_window(date.fromisoformat(expires)).closes + timedelta(days=1)
    return min(by_limit, datetime.combine(after, time(), ALMATY).astimezone(UTC))


def _with(moved: Decision[Case], before: Case, event: Message, given: Given) -> Decision[Case]:
    """The decision, with its lines of the timeline and the timers of its event."""
    id = before.application_id
    heard = "passed" if isinstance(event, Own) else "heard"
    lines = [Happening(id, heard, routing_key(event), given.said_at, given.message_id, detail_of(event))]
    lines += [
        Happening(id, "ordered", routing_key(order), given.now, given.message_id, detail_of(order))
        for order in moved.says
    ]
    return Decision(
        moved.state,
        *moved.says,
        later=(*moved.later, *deadlines(event, moved.state, given)),
        appends=lines,
    )


def detail_of(message: Message) -> str:
    """What operations want to see of it at a glance: enumerations, numbers and ids, never what is sealed."""
    shown = ("ending", "cause", "reason", "ground", "dependency", "revision", "problem", "amount", "fault", "case_id",
             "talon", "order_id", "days", "round", "story", "step")  # fmt: skip
    found = [(name, getattr(message, name)) for name in shown if hasattr(message, name)]
    return " ".join(f"{name}={value}" for name, value in found if value is not None)
