"""What production hears, what it asks the central node, and which decision answers."""

from __future__ import annotations

from functools import wraps

from services.production_dispatch import collecting, desk, domain, progress, registers, resuming
from services.production_dispatch import messages as m
from services.production_dispatch.card import order_of
from services.production_dispatch.gateway import CENTRAL_NODE, World
from services.production_dispatch.messages import NodeAnswer, OrderStatus
from services.production_dispatch.production import STARTED, Production, Standing
from shared.contracts.intake import ApplicationClosed, CircumstanceChanged
from shared.contracts.production_dispatch import ResumeProduction
from shared.contracts.ums_review import ReviewAnnulled, ReviewApproved
from shared.engine.decision import Decision, Given
from shared.engine.rows import Unavailable
from shared.engine.service import Decide, Reaction
from shared.web import forgeries, knocks

Decided = Decision[Production]

NOT_THERE = (OrderStatus.UNKNOWN, OrderStatus.REFUSED, OrderStatus.CANCELLED)


async def send_the_order(production: Production, said: m.SendOrder, world: World, given: Given) -> NodeAnswer | None:
    """Asked first, so that an order whose answer was lost is not placed twice."""
    if production.standing is not Standing.ORDERED or said.round != production.round:
        return None
    known = await world.central_node.status(production.order_id)
    if known.status not in NOT_THERE:
        return known
    answer = await world.central_node.send(order_of(production))
    if answer.status in (OrderStatus.UNKNOWN, OrderStatus.CANCELLED):
        raise Unavailable(CENTRAL_NODE.dependency)
    return answer


async def cancel_the_order(
    production: Production, said: m.CancelOrder, world: World, given: Given
) -> NodeAnswer | None:
    if production.standing not in (Standing.RETURNED, Standing.STOPPED):
        return None
    known = await world.central_node.status(production.order_id)
    if known.status in (*NOT_THERE, OrderStatus.MADE, OrderStatus.SHIPPED):
        return known
    return await world.central_node.cancel(production.order_id, f"{production.order_id}/cancel")


async def remake_the_card(production: Production, said: m.RemakeOrder, world: World, given: Given) -> NodeAnswer | None:
    """Only of a card that the node itself still calls spoiled: a lost answer does not make two cards."""
    if production.standing not in STARTED or not production.awaits_remake or said.times != production.spoiled:
        return None
    known = await world.central_node.status(production.order_id)
    if known.status is not OrderStatus.SPOILED:
        return known
    return await world.central_node.remake(production.order_id, f"{production.order_id}/remake/{said.times}")


async def look_at_the_order(
    production: Production, said: m.LookAtOrder, world: World, given: Given
) -> NodeAnswer | None:
    if production.standing not in (*progress.WITH_THE_CENTRE, Standing.SHIPPED):
        return None
    return await world.central_node.status(production.order_id)


def order_when_review_approved(production: Production, said: ReviewApproved, given: Given) -> Decided:
    return domain.approve(production, said, given)


def stop_when_review_annulled(production: Production, said: ReviewAnnulled, given: Given) -> Decided:
    return domain.annul(production)


def give_back_when_circumstance_changed(production: Production, said: CircumstanceChanged, given: Given) -> Decided:
    return domain.heed_circumstance(production, said, given)


def close_when_application_closed(production: Production, said: ApplicationClosed, given: Given) -> Decided:
    return domain.close(production, said)


def resume_production(production: Production, command: ResumeProduction, given: Given) -> Decided:
    return resuming.resume(production, given)


def warn_when_term_passed(production: Production, said: m.PassTerm, given: Given) -> Decided:
    return progress.warn(production, said)


def remind_when_not_collected(production: Production, said: m.RemindCollection, given: Given) -> Decided:
    return collecting.remind(production, said)


def give_up_when_not_collected(production: Production, said: m.GiveUpCollection, given: Given) -> Decided:
    return collecting.give_up(production, said)


def send_again(production: Production, act: m.SendAgain, given: Given) -> Decided:
    return domain.send_again(production, act)


def remake_again(production: Production, act: m.RemakeAgain, given: Given) -> Decided:
    return domain.remake_again(production, act)


def once(does: Decide) -> Decide:
    """An act heard again is answered as it was answered, and nothing else happens."""

    @wraps(does)
    def decided(production: Production, act: m.Act, given: Given) -> Decided:
        answer = production.answer_to(act)
        return does(production, act, given) if answer is None else Decision(production, reply=answer)

    return decided


REACTIONS: tuple[Reaction, ...] = (
    Reaction(ReviewApproved, order_when_review_approved),
    forgeries.ON_RECORD,
    knocks.ON_RECORD,
    Reaction(m.SendOrder, domain.order_answered, asks=send_the_order, policy=CENTRAL_NODE),
    Reaction(m.CancelOrder, domain.order_cancelled, asks=cancel_the_order, policy=CENTRAL_NODE),
    Reaction(m.HearProduction, progress.hear),
    Reaction(m.RemakeOrder, progress.remade, asks=remake_the_card, policy=CENTRAL_NODE),
    Reaction(m.LookAtOrder, progress.looked, asks=look_at_the_order, policy=CENTRAL_NODE),
    Reaction(m.PassTerm, warn_when_term_passed),
    Reaction(m.CutRegister, registers.cut),
    Reaction(m.CheckIn, once(desk.check_in)),
    Reaction(m.ViewCard, desk.view),
    Reaction(m.IssueCard, once(desk.issue)),
    Reaction(m.ReportDifference, once(desk.report_difference)),
    Reaction(m.RecordRefusal, desk.record_refusal),
    Reaction(m.RemindCollection, remind_when_not_collected),
    Reaction(m.GiveUpCollection, give_up_when_not_collected),
    Reaction(m.SendAgain, once(send_again)),
    Reaction(m.RemakeAgain, once(remake_again)),
    Reaction(ReviewAnnulled, stop_when_review_annulled),
    Reaction(CircumstanceChanged, give_back_when_circumstance_changed),
    Reaction(ApplicationClosed, close_when_application_closed),
    Reaction(ResumeProduction, resume_production),
)
