"""What the coordinator does with an event: write the timeline, keep the fact, move or start a story. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
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

AGAIN = timedelta(seconds=20)  # machine time: the two services may have read the clock a moment apart
SHOWN = ("ending", "cause", "reason", "ground", "dependency", "revision", "problem", "amount", "fault", "case_id",
         "talon", "order_id", "days", "round", "story", "step")  # fmt: skip


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
    """Every event: into the timeline, into the facts, to the story it answers and to the story it starts."""
    known = keep(case, event, given)
    running = STORIES.get(known.story)
    answer = answered(known, running, event) if running is not None else Decision(known)
    trigger = TRIGGERS.get(type(event))
    story = trigger(known, event) if trigger else None
    moved = answer if story is None else _then(answer, begin(answer.state, story))
    return _with(_begin_pending(moved), case, event, given)


def _begin_pending(moved: Decision[Case]) -> Decision[Case]:
    """A story stopped without an ending: what was triggered while it ran is begun now."""
    case = moved.state
    if case.story or case.ending is not None or not case.pending:
        return moved
    first = next(name for name in STORIES if name in case.pending)
    waiting = case.but(pending=tuple(name for name in case.pending if name != first))
    return _then(moved, begin(waiting, STORIES[first]))


def _then(first: Decision[Case], second: Decision[Case]) -> Decision[Case]:
    """Both, the second upon the state that the first leaves."""
    return Decision(second.state, *first.says, *second.says, later=(*first.later, *second.later))


def keep(case: Case, event: Message, given: Given) -> Case:
    """The facts that guard deadlines and stories; revisions only grow, so the order of arrival does not matter."""
    changes: dict[str, Any] = {"heard_at": max(case.heard_at or given.said_at, given.said_at)}
    match event:
        case ApplicationOpened():
            changes |= {"opened": True}
        case EligibilityConfirmed():
            changes |= {"eligible": True, "expires": event.expires.isoformat()}
        case FormAccepted():
            changes |= {"form_revision": max(case.form_revision, event.revision)}
        case FormReturned() | PhotoReturned():
            changes |= {"returned_revision": max(case.returned_revision, event.revision)}
        case PhotoAccepted():
            changes |= {"photo_revision": max(case.photo_revision, event.revision)}
        case ApplicationSubmitted():
            changes |= {"submitted": True}
        case ApplicationRegistered():
            changes |= {"registered": True}
        case ReviewApproved():
            changes |= {"approved": True}
        case ApplicationClosed():
            changes |= {"ending": event.ending, "pending": ()}
    return case.but(**changes)


def form_overdue(case: Case, said: FormOverdue, given: Given) -> Decision[Case]:
    """The form's deadline passed. Intake is the referee: what the portal published in time still counts."""
    awaited = case.eligible and case.form_revision <= case.returned_revision and not case.submitted
    if case.ending is not None or not awaited or said.returned != case.returned_revision:
        return Decision(case)
    return _abandon(case, said, given)


def signing_overdue(case: Case, said: SigningOverdue, given: Given) -> Decision[Case]:
    """The signature's deadline passed, or the window closed before it (p.7)."""
    if case.ending is not None or case.submitted or said.revision != case.photo_revision:
        return Decision(case)
    return _abandon(case, said, given)


def _abandon(case: Case, said: FormOverdue | SigningOverdue, given: Given) -> Decision[Case]:
    """Should intake refuse because its own deadline is a little later, the same is asked again after a while."""
    begun = begin(case, ABANDONED)
    return _with(_then(begun, Decision(begun.state, later=(Later(said, AGAIN, clock="machine"),))), case, said, given)


def step_overdue(case: Case, said: StepOverdue, given: Given) -> Decision[Case]:
    """A reminder of what has moved on leaves no line."""
    story = STORIES.get(said.story)
    if story is None or said.is_stale(case):
        return Decision(case)
    return _with(remind(case, story, said), case, said, given)


def deadlines(event: Message, case: Case, given: Given) -> tuple[Later, ...]:
    """The timers an event starts, counted from when it was said; never cancelled, their guards ignore stale ones."""
    id, form = case.application_id, given.said_at + given.rules.limits.form
    match event:
        case EligibilityConfirmed():
            first = Later(FormOverdue(application_id=id, returned=0), at=form)
            return (first, _signing(case, given)) if case.photo_revision else (first,)
        case FormReturned() | PhotoReturned():
            return (Later(FormOverdue(application_id=id, returned=event.revision), at=form),)
        case PhotoAccepted() if event.revision == case.photo_revision:
            return (_signing(case, given),)
    return ()


def _signing(case: Case, given: Given) -> Later:
    """Signing ends early with the window or the pilot: at midnight, Almaty, after the last day (p.7)."""
    at = given.said_at + given.rules.limits.signing
    if case.expires:
        last = min(renewal_window(date.fromisoformat(case.expires)).closes, given.rules.pilot.last)
        at = min(at, datetime.combine(last + timedelta(days=1), time(), ALMATY).astimezone(UTC))
    return Later(SigningOverdue(application_id=case.application_id, revision=case.photo_revision), at=at)


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
    found = [(name, getattr(message, name)) for name in _shown(type(message))]
    return " ".join(f"{name}={value}" for name, value in found if value is not None)


@cache
def _shown(kind: type[Message]) -> tuple[str, ...]:
    return tuple(name for name in SHOWN if name in kind.model_fields)
