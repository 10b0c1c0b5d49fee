"""The order of a card: placed on an officer's approval and on nothing else, refused, stopped. Pure: values in, out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.production_dispatch import progress, registers
from services.production_dispatch.messages import (
    CancelOrder,
    Code,
    NodeAnswer,
    OrderStatus,
    RegisterKind,
    RemakeAgain,
    RemakeOrder,
    SendAgain,
    SendOrder,
    Term,
)
from services.production_dispatch.production import (
    ENDED,
    NOT_STARTED,
    STARTED,
    Production,
    Standing,
    by_officer,
    by_service,
    to_operations,
)
from shared.contracts.intake import ApplicationClosed, CircumstanceChanged
from shared.contracts.production_dispatch import ProductionFault, ProductionRefused, ProductionStarted
from shared.contracts.ums_review import ReviewApproved
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Step

Decided = Decision[Production]


def approve(production: Production, said: ReviewApproved, given: Given) -> Decided:
    """S18: order the card. A later round is a new approval after a substantive refusal; a stopped case stays so."""
    takes = production.standing in (Standing.NOTHING, Standing.RETURNED, *NOT_STARTED)
    if said.round <= production.round or not takes:
        return Decision(production)
    approved = replace(
        production,
        standing=Standing.ORDERED,
        round=said.round,
        region=said.region,
        point=said.point,
        talon=said.talon,
        certified=said.certified,
    )
    if approved.circumstance is not None:
        return give_back(approved, approved.circumstance.value)
    return Decision(
        approved,
        later=(sending(approved), *progress.warnings(approved, Term.PRODUCTION, given)),
        appends=(by_service(approved, "order-card", f"round {approved.round}"),),
    )


def order_answered(production: Production, said: SendOrder, given: Given) -> Decided:
    """The central node has accepted or refused. An acceptance that came too late is taken back."""
    answer: NodeAnswer | None = given.answers
    if answer is None:
        return Decision(production)
    awaited = production.standing is Standing.ORDERED and said.round == production.round
    if answer.status is OrderStatus.REFUSED:
        return _refused(production, answer) if awaited else Decision(production)
    if not awaited:
        return Decision(production, later=_cancel(production) if _must_not_be_made(production) else ())
    started = replace(production, standing=Standing.IN_PRODUCTION)
    line, cut = registers.entry(started, RegisterKind.SENT, given)
    first = Decision(
        started,
        start_of(started),
        later=(cut, *progress.look_if_late(started)),
        appends=(Step(started.application_id, "S18", "done"), line, by_service(started, "send-order", "ACCEPTED")),
    )
    return progress.then(first, lambda now: progress.advance(now, given))


def start_of(production: Production) -> ProductionStarted:
    """What is said, and said again, of an order that the central node has accepted (S18)."""
    return ProductionStarted(
        application_id=production.application_id, order_id=production.order_id, round=production.round
    )


def heed_circumstance(production: Production, said: CircumstanceChanged, given: Given) -> Decided:
    """Death, loss of citizenship, a changed record: approved and not made means not made. A made card goes its way."""
    if production.circumstance is not None:
        return Decision(production)
    known = replace(production, circumstance=said.circumstance)
    if production.made and production.standing in (*STARTED, *NOT_STARTED):
        return Decision(known, appends=(to_operations(known, "CIRCUMSTANCE_AFTER_MADE", said.circumstance.value),))
    if production.standing not in (*NOT_STARTED, *STARTED):
        return Decision(known)
    return give_back(known, said.circumstance.value)


def give_back(production: Production, reason: str) -> Decided:
    """A substantive refusal: back to the region's officer for a new signed decision, and nothing is made meanwhile."""
    returned = replace(production, standing=Standing.RETURNED, refused_for=reason)
    return Decision(
        returned,
        refusal_of(returned, ProductionFault.SUBSTANTIVE),
        later=_cancel(returned),
        appends=(
            by_service(returned, "refuse-production", reason),
            Step(returned.application_id, "S18", "refused", reason),
        ),
    )


def annul(production: Production) -> Decided:
    """After an annulment nothing is ordered and nothing is issued, in whatever order the two are heard."""
    return _stop(replace(production, annulled=True), "annulled")


def close(production: Production, said: ApplicationClosed) -> Decided:
    """The ending was said. What was not issued by then never will be."""
    return _stop(replace(production, ending=said.ending), said.ending.value)


def order_cancelled(production: Production, said: CancelOrder, given: Given) -> Decided:
    """The central node has stopped the order, or says that the card is there already."""
    answer: NodeAnswer | None = given.answers
    if answer is None:
        return Decision(production)
    first = Decision(production, appends=(by_service(production, "cancel-order", answer.status.value),))
    if answer.status not in (OrderStatus.MADE, OrderStatus.SHIPPED):
        return first
    return progress.then(first, progress.mark_for_destruction)


def send_again(production: Production, act: SendAgain) -> Decided:
    """After a technical refusal operations send the same order again, under the same id."""
    if production.standing is not Standing.HELD:
        return _operations(production, act, "send-again", Code.NOT_HELD)
    return _operations(replace(production, standing=Standing.ORDERED), act, "send-again", None, sending(production))


def remake_again(production: Production, act: RemakeAgain) -> Decided:
    """Beyond the automatic remakes operations decide that a spoiled card is made once more."""
    if production.standing not in STARTED or not production.awaits_remake:
        return _operations(production, act, "remake", Code.NOT_SPOILED)
    remake = RemakeOrder(application_id=production.application_id, times=production.spoiled)
    return _operations(production, act, "remake", None, Later(remake, clock="machine"))


def _operations(
    production: Production, act: SendAgain | RemakeAgain, what: str, code: Code | None, *later: Later
) -> Decided:
    state, answer = production.answered(act, code)
    return Decision(state, later=later, appends=(by_officer(act, what, code.value if code else "done"),), reply=answer)


def _refused(production: Production, answer: NodeAnswer) -> Decided:
    if answer.fault is ProductionFault.SUBSTANTIVE:
        returned = replace(production, standing=Standing.RETURNED, refused_for=answer.reason)
        step: tuple[Any, ...] = (Step(production.application_id, "S18", "refused", answer.reason),)
    else:
        returned = replace(production, standing=Standing.HELD, refused_for=answer.reason)
        step = (to_operations(production, "ORDER_REFUSED", answer.reason),)
    fault = answer.fault or ProductionFault.TECHNICAL
    audited = by_service(production, "send-order", f"REFUSED {fault.value}")
    return Decision(returned, refusal_of(returned, fault), appends=(audited, *step))


def _stop(production: Production, reason: str) -> Decided:
    if production.standing in (*ENDED, Standing.STOPPED):
        return Decision(production)
    stopped = replace(production, standing=Standing.STOPPED)
    if production.round == 0:
        return Decision(stopped)
    id = production.application_id
    skipped = tuple(
        Step(id, step, "skipped", reason)
        for step in ("S18", "S19")
        if step == "S19" or production.standing in NOT_STARTED
    )
    first = Decision(stopped, later=_cancel(stopped), appends=(*skipped, by_service(stopped, "stop", reason)))
    return progress.then(first, progress.mark_for_destruction) if stopped.made else first


def _must_not_be_made(production: Production) -> bool:
    return production.standing in (Standing.RETURNED, Standing.STOPPED)


def sending(production: Production) -> Later:
    message = SendOrder(application_id=production.application_id, round=production.round)
    return Later(message, clock="machine", key=f"send/{production.round}")


def cancelling(production: Production) -> Later:
    message = CancelOrder(application_id=production.application_id, round=production.round)
    return Later(message, clock="machine", key=f"cancel/{production.round}")


def _cancel(production: Production) -> tuple[Later, ...]:
    return (cancelling(production),)


def refusal_of(production: Production, fault: ProductionFault) -> ProductionRefused:
    """What is said, and said again, of an order that is held or has gone back."""
    return ProductionRefused(
        application_id=production.application_id,
        order_id=production.order_id,
        round=production.round,
        fault=fault,
        reason=production.refused_for,
    )
