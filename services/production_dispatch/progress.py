"""What is told of a card on its way, kept in any order and said in the right one; terms warn and decide nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from services.production_dispatch import collecting, registers
from services.production_dispatch.messages import (
    Answered,
    Code,
    HearProduction,
    LookAtOrder,
    NodeAnswer,
    OrderStatus,
    PassTerm,
    RegisterKind,
    RemakeOrder,
    Report,
    Term,
    What,
)
from services.production_dispatch.production import (
    STARTED,
    Alert,
    Production,
    Standing,
    by_service,
    to_operations,
)
from shared.contracts.base import Message
from shared.contracts.production_dispatch import DocumentMade, DocumentShipped, DocumentSpoiled
from shared.engine.decision import Decision, Given, Later
from shared.law import terms

Decided = Decision[Production]

WITH_THE_CENTRE = (Standing.IN_PRODUCTION, Standing.MADE)
AWAITED = {
    Term.PRODUCTION: (Standing.ORDERED, Standing.HELD, Standing.IN_PRODUCTION),
    Term.DELIVERY: (Standing.MADE, Standing.SHIPPED),
}
"""Where a card stands while a term runs for it."""


def then(first: Decided, more: Callable[[Production], Decided]) -> Decided:
    """One decision after another, as one."""
    second = more(first.state)
    return Decision(
        second.state,
        *first.says,
        *second.says,
        later=(*first.later, *second.later),
        appends=(*first.appends, *second.appends),
        reply=first.reply if second.reply is None else second.reply,
    )


def hear(production: Production, said: HearProduction, given: Given) -> Decided:
    """A call-back of the centre; one that is heard again changes nothing, one of another order is refused."""
    reply = Answered(act_id=said.report.callback_id, standing=production.standing.value)
    if said.order_id != production.order_id:
        refused = by_service(production, "hear-production", Code.UNKNOWN_ORDER.value)
        return Decision(production, appends=(refused,), reply=reply.model_copy(update={"code": Code.UNKNOWN_ORDER}))
    known = production.with_report(said.report)
    if known is production:
        return Decision(production, reply=reply)
    first = Decision(known, appends=(by_service(known, "hear-production", said.report.what.value),), reply=reply)
    return then(first, lambda now: advance(now, given))


def looked(production: Production, said: LookAtOrder, given: Given) -> Decided:
    """What the central node says of an order whose call-back is missing counts as it; else again tomorrow."""
    answer: NodeAnswer | None = given.answers
    if answer is None:
        return Decision(production)
    known = production
    for report in _untold(production, answer, given):
        known = known.with_report(report)
    moved = advance(known, given)
    again = (_tomorrow(production, given),) if moved.state.standing in WITH_THE_CENTRE else ()
    return then(moved, lambda now: Decision(now, later=again))


def _untold(production: Production, answer: NodeAnswer, given: Given) -> Iterable[Report]:
    """What the node knows and no call-back has told."""

    def report(what: What, register_id: str = "") -> Report:
        id = f"inquiry/{what.value}/{production.spoiled}"
        return Report(callback_id=id, what=what, at=given.now, register_id=register_id)

    if answer.status is OrderStatus.SPOILED and not production.awaits_remake:
        yield report(What.SPOILED)
    if answer.status in (OrderStatus.MADE, OrderStatus.SHIPPED) and not production.made:
        yield report(What.MADE)
    if answer.status is OrderStatus.SHIPPED and not production.underway:
        yield report(What.SHIPPED, answer.register_id)


def advance(production: Production, given: Given) -> Decided:
    """Say what may be said by now, each thing once, in its order: started, spoiled, made, shipped, ready."""
    if production.standing not in STARTED:
        over = production.standing in (Standing.RETURNED, Standing.STOPPED) and production.made
        return mark_for_destruction(production) if over else Decision(production)
    decided = Decision(production)
    for tell in (_tell_spoiled, _tell_made, _tell_shipped, collecting.make_ready):
        decided = then(decided, partial(tell, given=given))
    return decided


def mark_for_destruction(production: Production) -> Decided:
    """A card that was made nevertheless is never issued: operations see to it, once."""
    if production.to_destroy:
        return Decision(production)
    marked = replace(production, to_destroy=True)
    return Decision(
        marked, appends=(to_operations(marked, "CARD_TO_DESTROY"), by_service(marked, "mark-card-for-destruction"))
    )


def remade(production: Production, said: RemakeOrder, given: Given) -> Decided:
    answer: NodeAnswer | None = given.answers
    if answer is None:
        return Decision(production)
    return Decision(production, appends=(by_service(production, "remake-order", answer.status.value),))


def warnings(production: Production, term: Term, given: Given) -> tuple[Later, ...]:
    """The timers of a term in working days: production 3 from the approval, delivery 7 from the card being made."""
    rules = given.rules
    days = rules.terms.production if term is Term.PRODUCTION else rules.terms.delivery
    return tuple(
        Later(
            PassTerm(
                application_id=production.application_id, term=term, round=production.round, percent=passed.percent
            ),
            at=passed.at,
            key=f"{term.value}-term/{production.round}/{passed.percent}",
        )
        for passed in terms.warnings(given.today, days, rules.terms, rules.calendar)
    )


def warn(production: Production, said: PassTerm) -> Decided:
    """70, 90, 100 % of a term: to officer, head, operations. At the end of it the central node is asked as well."""
    mark = mark_of(said.term, said.round, said.percent)
    if production.standing not in AWAITED[said.term] or said.round != production.round or mark in production.warned:
        return Decision(production)
    whom = "operations" if said.percent >= 100 else "head" if said.percent >= 90 else "officer"
    warned = replace(production, warned=tuple(sorted((*production.warned, mark))))
    alert = Alert(production.application_id, f"TERM_{said.term.name}", whom, f"{said.percent} %")
    look = (look_at(production),) if said.percent >= 100 and production.standing in WITH_THE_CENTRE else ()
    return Decision(warned, later=look, appends=(alert, by_service(production, "warn", f"{mark} {whom}")))


def mark_of(term: Term, round: int, percent: int) -> str:
    return f"{term.value}/{round}/{percent}"


def look_at(production: Production) -> Later:
    return Later(LookAtOrder(application_id=production.application_id), clock="machine", key="look/now")


def look_if_late(production: Production) -> tuple[Later, ...]:
    """The term passed before the order was accepted: no timer of it is left, so the node is asked from now on."""
    over = mark_of(Term.PRODUCTION, production.round, 100) in production.warned
    return (look_at(production),) if over else ()


def _tomorrow(production: Production, given: Given) -> Later:
    look = LookAtOrder(application_id=production.application_id)
    return Later(look, timedelta(days=1), key=f"look/{given.today.isoformat()}")


def _tell_spoiled(production: Production, given: Given) -> Decided:
    """Made again under the same talon, without a fee; the third time operations take it."""
    says: list[Message] = []
    later: list[Later] = []
    appends: list[Any] = []
    for times in range(production.told_spoiled + 1, production.spoiled + 1):
        id = production.application_id
        says.append(DocumentSpoiled(application_id=id, order_id=production.order_id, times=times))
        if times < given.rules.limits.spoiled_cards:
            later.append(remaking(production, times))
        else:
            appends.append(to_operations(production, "CARD_SPOILED", f"{times} times"))
    told = replace(production, told_spoiled=max(production.told_spoiled, production.spoiled))
    return Decision(told, *says, later=later, appends=appends)


def remaking(production: Production, times: int) -> Later:
    message = RemakeOrder(application_id=production.application_id, times=times)
    return Later(message, clock="machine", key=f"remake/{times}")


def making_of(production: Production) -> DocumentMade:
    return DocumentMade(application_id=production.application_id, order_id=production.order_id)


def shipping_of(production: Production, register: str) -> DocumentShipped:
    return DocumentShipped(
        application_id=production.application_id,
        order_id=production.order_id,
        point=production.point or "",
        register_id=register,
    )


def _tell_made(production: Production, given: Given) -> Decided:
    if not production.made or production.standing is not Standing.IN_PRODUCTION:
        return Decision(production)
    made = replace(production, standing=Standing.MADE)
    return Decision(
        made,
        making_of(made),
        later=warnings(made, Term.DELIVERY, given),
    )


def _tell_shipped(production: Production, given: Given) -> Decided:
    """Each of the centre's registers once; a card spoiled on the way is shipped anew under another."""
    if production.standing not in (Standing.MADE, Standing.SHIPPED, Standing.READY):
        return Decision(production)
    told = production
    says: list[Message] = []
    later: list[Later] = []
    lines: list[Any] = []
    for register in _unique(production.registers):
        if register in told.told_registers:
            continue
        line, cut = registers.entry(told, RegisterKind.SHIPPED, given, register)
        lines.append(line)
        later.append(cut)
        says.append(shipping_of(told, register))
        told = replace(told, told_registers=tuple(sorted((*told.told_registers, register))))
    if told.told_registers and told.standing is Standing.MADE:
        told = replace(told, standing=Standing.SHIPPED)
    return Decision(told, *says, later=later, appends=lines)


def _unique(registers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(registers))
