"""Where a case is on its way, and what it waits for there. Pure functions of events, in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import notification as n
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Command, Message
from shared.engine.decision import ALMATY, Given
from shared.law.terms import breached_at, refund_due
from shared.law.window import renewal_window
from shared.process import ELIGIBILITY, IDENTITY, INTAKE, NOTIFICATION, PAYMENT, PRODUCTION, REVIEW

CITIZEN, OPERATIONS, AUTHORITY = "the citizen", "operations", "the revenue authority"
OFFICERS, CENTRE, POINT = "the officers of the region", "the production centre", "the registration point"
PATIENT = frozenset({OFFICERS, CENTRE, POINT, OPERATIONS, AUTHORITY})
"""Who may be late: a case in their hands is late and not stuck. A citizen's time ends by itself."""

ROUNDS, PLACES = 10, 1_000_000
"""A place on the way is a number: the part of the way, the round within it, what came last in that round."""

Resumed = tuple[type[Command], ...]
GO_ON: dict[str, type[Command]] = {
    INTAKE: i.ResumeApplication,
    IDENTITY: v.ResumeIdentification,
    ELIGIBILITY: e.ResumeAssessment,
    PAYMENT: p.ResumePayment,
    REVIEW: u.ResumeReview,
    PRODUCTION: d.ResumeProduction,
    NOTIFICATION: n.ResumeNotices,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """`service` must act next, once the `person` has, if one is awaited; `told_by` have said what it acts upon."""

    name: str
    service: str
    told_by: tuple[str, ...] = ()
    person: str = ""

    @property
    def resumes(self) -> Resumed:
        """Who acts first, then who may say again what was not heard."""
        return tuple(GO_ON[service] for service in (self.service, *self.told_by))


STAGES: dict[tuple[int, int], Stage] = {
    (1, 0): Stage("opened", IDENTITY, (INTAKE,)),
    (2, 0): Stage("consent", IDENTITY, (), CITIZEN),
    (3, 0): Stage("identification", IDENTITY, (), CITIZEN),
    (4, 0): Stage("identified", ELIGIBILITY, (IDENTITY,)),
    (5, 0): Stage("form", INTAKE, (), CITIZEN),
    (5, 1): Stage("form", INTAKE, (), CITIZEN),  # returned
    (5, 2): Stage("form_accepted", IDENTITY, (INTAKE,)),
    (5, 3): Stage("form", INTAKE, (), CITIZEN),  # the photo was returned
    (5, 4): Stage("signing", INTAKE, (IDENTITY,), CITIZEN),
    (6, 0): Stage("submitted", INTAKE),
    (7, 0): Stage("registered", PAYMENT, (INTAKE, IDENTITY)),
    (8, 0): Stage("payment", PAYMENT, (), CITIZEN),
    (9, 0): Stage("settled", INTAKE, (PAYMENT,)),
    (10, 0): Stage("requested", REVIEW, (INTAKE, IDENTITY, ELIGIBILITY, PAYMENT)),
    (11, 0): Stage("review", REVIEW, (INTAKE,), OFFICERS),  # a withdrawal may be lost
    (11, 1): Stage("approved", PRODUCTION, (REVIEW,)),
    (11, 2): Stage("held", PRODUCTION, (), OPERATIONS),
    (11, 3): Stage("production", PRODUCTION, (), CENTRE),
    (11, 4): Stage("returned", REVIEW, (PRODUCTION,)),
    (12, 0): Stage("delivery", PRODUCTION, (), CENTRE),
    (12, 1): Stage("delivery", PRODUCTION, (), POINT),
    (13, 0): Stage("collection", PRODUCTION, (), CITIZEN),
}
TELLING = Stage("telling", NOTIFICATION, (INTAKE,))
REFUND = Stage("refund", PAYMENT, (REVIEW,), AUTHORITY)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an event says of the way: the place it leads to, a person's term there, and whose region or point it is."""

    place: int
    until: datetime | None = None
    whose: str = ""


def place(part: int, round: int = 0, last: int = 0) -> int:
    return part * PLACES + round * ROUNDS + last


def stage_at(reached: int) -> Stage | None:
    """The stage of that place; None where nothing is waited for (a refusal, an annulment: a story runs)."""
    return STAGES.get((reached // PLACES, reached % ROUNDS))


Enters = Callable[[Any, Given], Entry]
ENTERS: dict[type[Message], Enters] = {
    i.ApplicationOpened: lambda said, given: Entry(place(1)),
    v.ConsentRequested: lambda said, given: Entry(place(2, said.send), said.until),
    v.IdentificationRequested: lambda said, given: Entry(place(3, said.attempt), said.until),
    v.IdentityConfirmed: lambda said, given: Entry(place(4)),
    e.EligibilityConfirmed: lambda said, given: Entry(place(5), given.said_at + given.rules.limits.form),
    i.FormReturned: lambda said, given: Entry(place(5, said.revision, 1), given.said_at + given.rules.limits.form),
    i.FormAccepted: lambda said, given: Entry(place(5, said.revision, 2)),
    v.PhotoReturned: lambda said, given: Entry(place(5, said.revision, 3), given.said_at + given.rules.limits.form),
    v.PhotoAccepted: lambda said, given: Entry(
        place(5, said.revision, 4), given.said_at + given.rules.limits.signing
    ),
    i.ApplicationSubmitted: lambda said, given: Entry(place(6)),
    i.ApplicationRegistered: lambda said, given: Entry(place(7)),
    p.FeeRequested: lambda said, given: Entry(place(8, said.round), said.until),
    p.FeePaid: lambda said, given: Entry(place(9)),
    p.FeeWaived: lambda said, given: Entry(place(9)),
    i.ResultRequested: lambda said, given: Entry(place(10)),
    u.ReviewQueued: lambda said, given: Entry(place(11, said.round), after(said.due_on), said.region),
    u.ReviewApproved: lambda said, given: Entry(place(11, said.round, 1)),
    u.ReviewAnnulled: lambda said, given: Entry(place(11, said.round, 5)),
    d.ProductionRefused: lambda said, given: Entry(
        place(11, said.round, 2 if said.fault is d.ProductionFault.TECHNICAL else 4)
    ),
    d.ProductionStarted: lambda said, given: Entry(
        place(11, said.round, 3), _term(given, given.rules.terms.production)
    ),
    d.DocumentMade: lambda said, given: Entry(place(12), _term(given, given.rules.terms.delivery)),
    d.DocumentShipped: lambda said, given: Entry(
        place(12, 0, 1), _term(given, given.rules.terms.delivery), said.point
    ),
    d.DocumentReady: lambda said, given: Entry(place(13), after(said.collect_until), said.point),
    d.DocumentIssued: lambda said, given: Entry(place(14)),
    d.DocumentUncollected: lambda said, given: Entry(place(14)),
}  # fmt: skip


def entry_of(event: Message, given: Given) -> Entry | None:
    """Where the event leads; None for one that leads nowhere."""
    enters = ENTERS.get(type(event))
    return enters(event, given) if enters else None


def refund_until(event: Message, given: Given) -> tuple[str, datetime | None] | None:
    """A refund case that others must answer, and until when; None as the moment when nobody need answer any more."""
    match event:
        case p.RefundFiled(filed=True):
            return event.case_id, after(refund_due(given.said_on, given.rules.terms, given.rules.calendar))
        case p.RefundAccepted():
            return event.case_id, after(event.due_on)
        case p.FeeRefunded() | p.RefundRejected():
            return event.case_id, None
    return None


def signing_ends(said_at: datetime, expires: str, given: Given) -> datetime:
    """Signing ends early with the window or the pilot: at midnight, Almaty, after the last day (p.7)."""
    at = said_at + given.rules.limits.signing
    if expires:
        last = min(renewal_window(date.fromisoformat(expires)).closes, given.rules.pilot.last)
        at = min(at, after(last))
    return at


def after(day: date) -> datetime:
    """The first moment after that day, Almaty."""
    return datetime.combine(day + timedelta(days=1), time(), ALMATY).astimezone(UTC)


def _term(given: Given, working_days: int) -> datetime:
    return breached_at(given.said_on, working_days, given.rules.calendar).astimezone(UTC)
