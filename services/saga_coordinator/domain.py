"""What the coordinator does with an event: write the timeline, keep the fact, move or start a story, watch. Pure."""

from __future__ import annotations

from typing import Any

from services.saga_coordinator.deadlines import (
    FormOverdue,
    SigningOverdue,
    again,
    deadlines,
    form_is_awaited,
    signature_is_awaited,
)
from services.saga_coordinator.saga import Case, StepOverdue, Tables, answered, begin, remind
from services.saga_coordinator.stages import entry_of, refund_until, signing_ends, stage_at
from services.saga_coordinator.stories import ABANDONED, TABLES, TRIGGERS
from services.saga_coordinator.timeline import lines_of, told
from services.saga_coordinator.watch import Trouble
from services.saga_coordinator.watching import watched
from shared.contracts.attempts import AttemptFailed
from shared.contracts.base import Message
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
from shared.contracts.notification import CitizenNotified
from shared.contracts.ums_review import ReviewApproved
from shared.engine.decision import Decision, Given

Moved = Decision[Case]


def hear(case: Case, event: Message, given: Given, tables: Tables = TABLES) -> Moved:
    """Every event: into the timeline, into the facts, to the story it answers and to the story it starts."""
    known = follow(keep(case, event, given), event, given)
    answer = answered(known, tables.of(known.story, known.version), event) if known.story else Decision(known)
    trigger = TRIGGERS.get(type(event))
    name = trigger(known, event) if trigger else None
    moved = answer if name is None else _then(answer, begin(answer.state, tables.newest(name)))
    moved = _begin_pending(moved, tables)
    timed = Decision(moved.state, *moved.says, later=(*moved.later, *deadlines(event, moved.state, given)))
    return told(watched(timed, given, tables), *lines_of(event, moved.says, given))


def _begin_pending(moved: Moved, tables: Tables) -> Moved:
    """A story stopped without an ending: what was triggered while it ran is begun now."""
    case = moved.state
    if case.story or case.ending is not None or not case.pending:
        return moved
    first = tables.first_of(case.pending)
    waiting = case.but(pending=tuple(name for name in case.pending if name != first))
    return _then(moved, begin(waiting, tables.newest(first)))


def _then(first: Moved, second: Moved) -> Moved:
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
        case CitizenNotified():
            changes |= {"notified": True}
        case AttemptFailed():
            changes |= {"watch": case.watch.with_trouble(Trouble.of(event, given.machine))}
    return case.but(**changes)


def follow(case: Case, event: Message, given: Given) -> Case:
    """How far it has come, how long a person has there, and which refunds are on their way."""
    refund = refund_until(event, given)
    if refund is not None:
        id, until = refund
        others = {known: at for known, at in case.refunds.items() if known != id}
        return case.but(refunds=others if until is None else {**others, id: until})
    entry = entry_of(event, given)
    if entry is None or entry.place < case.reached:
        return case
    until = entry.until
    if isinstance(event, PhotoAccepted):
        until = signing_ends(given.said_at, case.expires, given)
    if entry.place == case.reached and case.until and until:
        until = max(case.until, until)
    return case.but(reached=entry.place, until=until, whose=entry.whose)


def form_overdue(case: Case, said: FormOverdue, given: Given, tables: Tables = TABLES) -> Moved:
    """The form's deadline passed. Intake is the referee: what the portal published in time still counts."""
    return _abandon(case, said, given, tables) if form_is_awaited(case, said) else Decision(case)


def signing_overdue(case: Case, said: SigningOverdue, given: Given, tables: Tables = TABLES) -> Moved:
    """The signature's deadline passed, or the window closed before it (p.7)."""
    return _abandon(case, said, given, tables) if signature_is_awaited(case, said) else Decision(case)


def _abandon(case: Case, said: FormOverdue | SigningOverdue, given: Given, tables: Tables) -> Moved:
    """Refused again and again, intake stands elsewhere than we do: something was not heard, and is said again."""
    begun = begin(case, tables.newest(ABANDONED.name))
    stage, times = stage_at(case.reached), begun.state.begun
    in_vain = ABANDONED.name in case.told and times > case.begun and times & (times - 1) == 0
    resumes = stage.resumes if stage and in_vain else ()
    says = (*begun.says, *(resume(application_id=case.application_id) for resume in resumes))
    moved = Decision(begun.state, *says, later=(*begun.later, again(said)))
    return told(watched(moved, given, tables), *lines_of(said, says, given))


def step_overdue(case: Case, said: StepOverdue, given: Given, tables: Tables = TABLES) -> Moved:
    """A reminder of what has moved on leaves no line."""
    if said.is_stale(case):
        return Decision(case)
    moved = remind(case, tables.of(case.story, case.version), said)
    return told(watched(moved, given, tables), *lines_of(said, moved.says, given))
