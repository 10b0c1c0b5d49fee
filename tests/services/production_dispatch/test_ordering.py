"""S18: who orders a card, how it is refused, and what stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.production_dispatch import messages as m
from services.production_dispatch.card import order_of
from services.production_dispatch.gateway import CENTRAL_NODE
from services.production_dispatch.messages import NodeAnswer, OrderStatus, What
from services.production_dispatch.production import Alert, Standing, order_id_of
from services.production_dispatch.reactions import REACTIONS
from shared.contracts.base import Own
from shared.contracts.intake import Circumstance
from shared.contracts.production_dispatch import DocumentMade, ProductionRefused, ProductionStarted
from shared.contracts.values import Ending
from shared.engine.rows import Unavailable
from shared.engine.service import Audited, Step
from shared.process import PRODUCTION, heard_by
from tests.services.production_dispatch.cases import (
    ID,
    MADE,
    SHIPPED,
    SUBSTANTIVE,
    TECHNICAL,
    VILLAGE,
    Node,
    a_run,
    act,
    after,
    annulled,
    approved,
    changed,
    closed,
    refused,
    settle,
    told,
)


def test_it_hears_what_the_process_says_it_hears() -> None:
    from_others = {reaction.hears for reaction in REACTIONS if not issubclass(reaction.hears, Own)}
    assert from_others == set(heard_by(PRODUCTION))


async def test_an_approval_orders_the_card_and_only_its_acceptance_is_said() -> None:
    run = await a_run(Node()).hear_all([approved()])
    assert run.said == []
    await settle(run)
    assert run.said == [ProductionStarted(application_id=ID, order_id=order_id_of(ID), round=1)]
    assert [(row.step, row.result) for row in run.appended_of(Step)] == [("S18", "done")]


async def test_no_card_is_ordered_without_an_approval() -> None:
    node = Node()
    await after(changed(), MADE, SHIPPED, annulled(1, after_approval=False), closed(), node=node)
    assert node.sent == []


@pytest.mark.parametrize("stop", [annulled(1, after_approval=False), closed(Ending.WITHDRAWN), closed(Ending.UNPAID)])
async def test_after_an_ending_or_an_annulment_a_late_approval_orders_nothing(stop: object) -> None:
    node = Node()
    run = await after(stop, approved(), node=node)  # type: ignore[arg-type]
    assert (node.sent, run.said) == ([], [])


async def test_of_the_place_of_birth_only_the_country_is_sent() -> None:
    node = Node()
    run = await after(approved(), node=node)
    sent = order_of(run.state).model_dump_json()
    assert node.sent[0].certified.birth_country == "398"
    assert VILLAGE not in sent
    assert "birth_place" not in sent
    assert VILLAGE not in repr(node.sent[0])


async def test_the_order_waits_for_the_central_node_however_long_it_is_silent() -> None:
    assert CENTRAL_NODE.deadline is None
    assert not CENTRAL_NODE.p12


async def test_an_order_whose_answer_was_lost_is_inquired_first_and_placed_once() -> None:
    node = Node(loses_answer=True)
    run = await a_run(node).hear_all([approved()])
    send = run.waiting[0][1].message
    with pytest.raises(Unavailable):
        await run.hear(send)
    await run.hear(send)
    assert len(node.sent) == 1
    assert len(run.said_of(ProductionStarted)) == 1


async def test_an_approval_heard_again_orders_nothing_more() -> None:
    node = Node()
    run = await after(approved(), approved(), node=node)
    assert (len(node.sent), len(run.said)) == (1, 1)


async def test_a_technical_refusal_waits_for_operations_who_send_the_same_order_again() -> None:
    node = Node([refused(TECHNICAL, "QUEUE_FULL")])
    run = await after(approved(), node=node)
    assert run.state.standing is Standing.HELD
    assert [(said.fault, said.reason) for said in run.said_of(ProductionRefused)] == [(TECHNICAL, "QUEUE_FULL")]
    assert [alert.what for alert in run.appended_of(Alert)] == ["ORDER_REFUSED"]
    answer = await run.hear(act(m.SendAgain))
    assert answer.code is None
    await settle(run)
    assert [order.order_id for order in node.sent] == [order_id_of(ID)] * 2
    assert len(run.said_of(ProductionStarted)) == 1
    assert await run.hear(act(m.SendAgain)) == answer
    assert (await run.hear(act(m.SendAgain, "a2"))).code is m.Code.NOT_HELD


async def test_what_does_not_wait_for_operations_is_not_sent_again() -> None:
    node = Node()
    run = await after(approved(), act(m.SendAgain), node=node)
    assert len(node.sent) == 1
    assert run.appended_of(Audited)[-1].result == "NOT_HELD"


async def test_a_substantive_refusal_goes_back_to_the_officer_and_a_new_round_is_the_same_order() -> None:
    node = Node([refused(SUBSTANTIVE)])
    run = await after(approved(), node=node)
    assert run.state.standing is Standing.RETURNED
    assert run.said_of(ProductionRefused)[-1].fault is SUBSTANTIVE
    for message in (approved(), approved(2)):
        await run.hear(message)
        await settle(run)
    assert [(order.order_id, order.round) for order in node.sent] == [(order_id_of(ID), 1), (order_id_of(ID), 2)]
    assert run.said_of(ProductionStarted) == [ProductionStarted(application_id=ID, order_id=order_id_of(ID), round=2)]


@pytest.mark.parametrize("circumstance", list(Circumstance))
async def test_a_later_change_before_the_card_is_made_stops_it(circumstance: Circumstance) -> None:
    node = Node()
    run = await after(approved(), changed(circumstance), node=node)
    assert [(said.fault, said.reason) for said in run.said_of(ProductionRefused)] == [(SUBSTANTIVE, circumstance.value)]
    assert node.told == ["cancel"]
    assert run.state.standing is Standing.RETURNED


async def test_a_change_known_before_the_approval_orders_nothing_and_goes_back_at_once() -> None:
    node = Node()
    run = await after(changed(), approved(), node=node)
    assert (node.sent, [type(said) for said in run.said]) == ([], [ProductionRefused])


async def test_an_order_held_for_operations_is_not_sent_after_a_change() -> None:
    node = Node([refused(TECHNICAL)])
    run = await after(approved(), changed(), act(m.SendAgain), node=node)
    assert len(node.sent) == 1
    assert run.state.standing is Standing.RETURNED


async def test_a_change_after_the_card_was_made_is_shown_to_operations_and_stops_nothing() -> None:
    run = await after(approved(), MADE, changed())
    assert run.said_of(ProductionRefused) == []
    assert run.state.standing is Standing.MADE
    assert [alert.what for alert in run.appended_of(Alert)] == ["CIRCUMSTANCE_AFTER_MADE"]


async def test_an_acceptance_that_comes_after_the_stop_is_taken_back() -> None:
    node = Node()
    run = await a_run(node).hear_all([approved(), changed()])
    node.stands(OrderStatus.ACCEPTED)
    await run.hear(m.SendOrder(application_id=ID, round=1), answers=NodeAnswer(OrderStatus.ACCEPTED))
    await settle(run)
    assert (node.told, run.said_of(ProductionStarted)) == (["cancel"], [])


async def test_a_card_made_after_the_stop_is_marked_for_destruction_once() -> None:
    run = await after(approved(), changed(), MADE, SHIPPED, annulled(), closed())
    assert run.said_of(DocumentMade) == []
    assert run.state.to_destroy
    assert [alert.what for alert in run.appended_of(Alert)] == ["CARD_TO_DESTROY"]
    assert "mark-card-for-destruction" in [row.what for row in run.appended_of(Audited)]


async def test_the_central_node_that_cannot_stop_a_made_card_has_it_marked_for_destruction() -> None:
    node = Node()
    run = await after(approved(), node=node)
    node.stands(OrderStatus.MADE)
    await run.hear(changed())
    await settle(run)
    assert (node.told, run.state.to_destroy) == ([], True)


async def test_an_annulment_after_the_approval_stops_and_skips_the_issue() -> None:
    node = Node([refused(SUBSTANTIVE)])
    run = await after(approved(), annulled(), closed(), node=node)
    assert run.state.standing is Standing.STOPPED
    steps = [(row.step, row.result) for row in run.appended_of(Step)]
    assert steps == [("S18", "refused"), ("S19", "skipped")]


async def test_a_call_back_about_another_order_is_refused() -> None:
    run = await after(approved(), told(What.MADE, 1, order_id="another"))
    assert run.state.reports == ()
    assert run.replies[-1].code is m.Code.UNKNOWN_ORDER


async def test_nothing_personal_prints_itself() -> None:
    run = await after(approved())
    shown = repr(run.state) + repr(run.said) + repr(run.appended) + repr(replace(run.state, round=9))
    assert "900115390019" not in shown
    assert VILLAGE not in shown
