"""No stage holds an application without an owner: a timer, a person's queue, a waiting ask, or a message on its way.

`owner_of` names it from what the services wrote and the rows they wait with. Where nobody has it, it says what is
missing. Messages on their way are not seen here: at a moment when none is (`flying` empty), a hand-over that nobody
heard is a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from deploy.oracle.evidence import Evidence, given
from services.eligibility.domain import Assessment
from services.identity_verification import resuming as identity
from services.identity_verification.state import Identification
from services.identity_verification.state import Phase as Identified
from services.intake.domain import resuming as intake
from services.intake.domain.application import Application
from services.notification import resuming as notification
from services.notification.state import Correspondence
from services.payment import resuming as payment
from services.payment.invoice import Invoice
from services.payment.invoice import Phase as Paid
from services.production_dispatch import resuming as production
from services.production_dispatch.production import Production
from services.production_dispatch.production import Standing as Card
from services.saga_coordinator.saga import Case
from services.saga_coordinator.watching import wait_of
from services.ums_review import resuming as review
from services.ums_review.review import Review
from services.ums_review.review import Standing as Reviewed
from shared.engine.decision import Given
from shared.engine.waiting import Awaited
from shared.process import (
    COORDINATOR,
    ELIGIBILITY,
    IDENTITY,
    INTAKE,
    NOTIFICATION,
    PAYMENT,
    PRODUCTION,
    REVIEW,
    SERVICES,
)

STATES: Mapping[str, type[Any]] = {
    INTAKE: Application, IDENTITY: Identification, ELIGIBILITY: Assessment, PAYMENT: Invoice, REVIEW: Review,
    PRODUCTION: Production, NOTIFICATION: Correspondence, COORDINATOR: Case,
}  # fmt: skip
SOME_DAY = Given(now=datetime(2025, 10, 6, 5, tzinfo=UTC))  # when a row would be due is of no account here
AWAITED: Mapping[str, Callable[[Any], Iterable[Awaited]]] = {
    INTAKE: intake.awaited,
    IDENTITY: lambda state: identity.awaited(state, SOME_DAY),
    PAYMENT: lambda state: payment.awaited(state, SOME_DAY),
    REVIEW: lambda state: review.awaited(state, SOME_DAY),
    PRODUCTION: lambda state: production.awaited(state, SOME_DAY),
    NOTIFICATION: notification.awaited,
}


class Kind(StrEnum):
    ROW = "row"  # an ask or a timer
    PERSON = "person"
    MESSAGE = "message"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Owner:
    """`who` has it, and `what` it is there: the row's name, the queue, or what is missing."""

    kind: Kind
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Hands:
    """What every service knows of one application, and the names of the rows that each waits with for it."""

    states: Mapping[str, Any]
    rows: Mapping[str, frozenset[str]]
    flying: bool = False

    def by_rows(self, service: str) -> Owner:
        """The service's own asks and timers; one that its state waits for and that is lost leaves it to nobody."""
        sure = [each for each in AWAITED[service](self.states[service]) if each.sure]
        for each in sure:
            if not each.names & self.rows[service]:
                return Owner(Kind.NOBODY, service, f"waits for {min(each.names)}, and no such row stands")
        if sure:
            return Owner(Kind.ROW, service, min(sure[0].names & self.rows[service]))
        return Owner(Kind.NOBODY, service, "waits for nothing")

    def by_timer(self, name: str, person: str = "") -> Owner:
        """A timer of the coordinator; the person acts, and the timer ends it."""
        if name in self.rows[COORDINATOR]:
            return Owner(Kind.PERSON if person else Kind.ROW, person or COORDINATOR, name)
        return Owner(Kind.NOBODY, COORDINATOR, f"{name} is lost")

    def handed(self, sayer: str, hearer: str) -> Owner:
        """One has said it; the other will hear it, if it is on its way."""
        if self.flying:
            return Owner(Kind.MESSAGE, sayer, f"on its way to {hearer}")
        return Owner(Kind.NOBODY, hearer, f"has not heard what {sayer} said")


def owner_of(hands: Hands) -> Owner:
    """Of an application that is open: who must act next, from the far end of its way."""
    case, card = hands.states[COORDINATOR], hands.states[PRODUCTION]
    if case.story:
        return hands.by_timer("step-overdue")
    if card.standing is not Card.NOTHING and not (card.standing is Card.RETURNED and _reviewed_anew(hands)):
        return _of_card(hands)
    if hands.states[REVIEW].standing is not Reviewed.GATHERING:
        return _of_review(hands)
    if hands.states[INTAKE].submitted:
        return _of_fee(hands) if hands.states[INTAKE].registered else _of_registration(hands)
    return _of_form(hands) if hands.states[INTAKE].expires is not None else _of_person(hands)


def _reviewed_anew(hands: Hands) -> bool:
    seen, card = hands.states[REVIEW], hands.states[PRODUCTION]
    return bool(seen.round > card.round or seen.standing is not Reviewed.APPROVED)


def _of_card(hands: Hands) -> Owner:
    match hands.states[PRODUCTION].standing:
        case Card.HELD:
            return Owner(Kind.PERSON, "operations", "held orders")
        case Card.SHIPPED:
            return Owner(Kind.PERSON, "the registration point", "cards to check in")
        case Card.RETURNED:
            return hands.handed(PRODUCTION, REVIEW)
        case Card.ISSUED | Card.UNCOLLECTED | Card.STOPPED:
            return hands.handed(PRODUCTION, COORDINATOR)
    return hands.by_rows(PRODUCTION)


def _of_review(hands: Hands) -> Owner:
    match hands.states[REVIEW].standing:
        case Reviewed.QUEUED:
            return Owner(Kind.PERSON, f"the officers of region {hands.states[REVIEW].region}", "queue")
        case Reviewed.SIGNED:
            return hands.by_rows(REVIEW)
        case Reviewed.APPROVED:
            return hands.handed(REVIEW, PRODUCTION)
    return hands.handed(REVIEW, COORDINATOR)


def _of_fee(hands: Hands) -> Owner:
    """S14–S16, until review has all it needs."""
    match hands.states[PAYMENT].phase:
        case Paid.NEW:
            return hands.handed(INTAKE, PAYMENT)
        case Paid.HELD:
            return Owner(Kind.PERSON, "operations", "held invoices")
        case Paid.LAPSED | Paid.CANCELLED:
            return hands.handed(PAYMENT, COORDINATOR)
        case Paid.PAID | Paid.WAIVED:
            if hands.states[INTAKE].result_request:
                return hands.handed(INTAKE, REVIEW)
            asks = hands.by_rows(INTAKE)
            return hands.handed(PAYMENT, INTAKE) if asks.what == "waits for nothing" else asks
    return hands.by_rows(PAYMENT)


def _of_registration(hands: Hands) -> Owner:
    """S13: asked, sought, or refused."""
    asks = hands.by_rows(INTAKE)
    return hands.handed(INTAKE, COORDINATOR) if asks.what == "waits for nothing" else asks


def _of_form(hands: Hands) -> Owner:
    """S8–S12: the citizen's turn, or a check."""
    state, known = hands.states[INTAKE], hands.states[IDENTITY]
    if state.in_check:
        return hands.by_rows(INTAKE)
    if state.photo_accepted:
        return hands.by_timer("signing-overdue", "the citizen")
    if state.form is None or state.form.revision <= state.photo_returned:
        return hands.by_timer("form-overdue", "the citizen")
    if known.revision < state.form.revision:
        return hands.handed(INTAKE, IDENTITY)
    return hands.by_rows(IDENTITY) if known.awaits_photo else hands.handed(IDENTITY, INTAKE)


def _of_person(hands: Hands) -> Owner:
    """S1–S7. Eligibility keeps nothing before the registers have answered: its ask is the event it heard."""
    phase = hands.states[IDENTITY].phase
    if phase is Identified.UNKNOWN:
        return hands.handed(INTAKE, IDENTITY)
    if phase in (Identified.REFUSED, Identified.UNAVAILABLE):
        return hands.handed(IDENTITY, COORDINATOR)
    if phase is not Identified.CONFIRMED:
        return hands.by_rows(IDENTITY)
    if hands.states[ELIGIBILITY].settled:
        return hands.handed(ELIGIBILITY, INTAKE)
    if "identity-confirmed" in hands.rows[ELIGIBILITY]:
        return Owner(Kind.ROW, ELIGIBILITY, "identity-confirmed")
    return hands.handed(IDENTITY, ELIGIBILITY)


def each_application_has_an_owner(evidence: Evidence, flying: Container[UUID] = ()) -> Iterator[str]:
    """every case has an owner (timer, person's queue, waiting ask)"""
    for id, hands in hands_of(evidence, flying):
        if hands.states[INTAKE].ending is None:
            owner = owner_of(hands)
            if owner.kind is Kind.NOBODY:
                yield f"{id} has no owner: {owner.who} {owner.what}"


def each_row_that_is_waited_for_stands(evidence: Evidence) -> Iterator[str]:
    """every ask and timer that a state waits for stands as a row, after the ending too"""
    for id, hands in hands_of(evidence):
        for service, awaited in AWAITED.items():
            for each in awaited(hands.states[service]):
                if each.sure and not each.names & hands.rows[service]:
                    yield f"{id}: {service} waits for {min(each.names)}, and no such row stands"


def each_case_is_watched(evidence: Evidence) -> Iterator[str]:
    """every case that waits for somebody has the timer that notices when nothing comes"""
    for id, hands in hands_of(evidence):
        wait = wait_of(hands.states[COORDINATOR])
        if wait is not None and not wait.with_operations and "watch-case" not in hands.rows[COORDINATOR]:
            yield f"{id} waits for {wait.stage.name}, and nobody watches it"


def hands_of(evidence: Evidence, flying: Container[UUID] = ()) -> Iterator[tuple[UUID, Hands]]:
    """Every application that was opened. Raises `NotJudged` where the rows are not to be had."""
    states = {service: evidence.states(service) for service in SERVICES}
    rows: dict[str, dict[UUID, set[str]]] = {service: {} for service in SERVICES}
    for service in SERVICES:
        for row in given(evidence.due(service), "due rows"):
            rows[service].setdefault(row.application_id, set()).add(row.name)
    for id, application in states[INTAKE].items():
        if application.opened:
            known = {service: states[service].get(id) or of(application_id=id) for service, of in STATES.items()}
            yield id, Hands(known, {s: frozenset(rows[s].get(id, ())) for s in SERVICES}, id in flying)
