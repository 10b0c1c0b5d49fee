"""From the acceptance to the point: call-backs in any order, spoiled cards, registers, terms."""

from __future__ import annotations

from datetime import date, timedelta

from services.production_dispatch import messages as m
from services.production_dispatch.messages import OrderStatus, RegisterKind, What
from services.production_dispatch.production import Alert, Standing
from services.production_dispatch.registers import RegisterCut, RegisterLine, key_of, register_id_of
from shared.contracts.production_dispatch import (
    CollectionReminded,
    DocumentIssued,
    DocumentMade,
    DocumentReady,
    DocumentShipped,
    DocumentSpoiled,
    DocumentUncollected,
    ProductionStarted,
)
from tests.services.production_dispatch.cases import (
    ID,
    MADE,
    POINT,
    SHIPPED,
    Node,
    a_run,
    act,
    after,
    approved,
    check_in,
    issue,
    ready,
    settle,
    told,
)
from tests.services.running import NOW, Run

IN_ORDER = [ProductionStarted, DocumentMade, DocumentShipped, DocumentReady]


def kinds(run: Run) -> list[type]:
    return [type(said) for said in run.said]


async def test_made_shipped_and_checked_in_are_said_in_their_order() -> None:
    run = await ready()
    assert kinds(run) == IN_ORDER
    assert run.state.standing is Standing.READY


async def test_a_shipment_heard_before_the_making_is_kept_and_said_after_it() -> None:
    run = await after(approved(), SHIPPED)
    assert kinds(run) == [ProductionStarted]
    await run.hear(MADE)
    assert kinds(run) == [ProductionStarted, DocumentMade, DocumentShipped]


async def test_a_call_back_heard_before_the_answer_of_the_central_node_is_kept() -> None:
    run = await a_run(Node()).hear_all([approved(), MADE, SHIPPED])
    assert run.said == []
    await settle(run)
    assert kinds(run) == [ProductionStarted, DocumentMade, DocumentShipped]


async def test_a_call_back_heard_again_says_nothing_more() -> None:
    run = await after(approved(), MADE, MADE, SHIPPED, SHIPPED, MADE)
    assert kinds(run) == [ProductionStarted, DocumentMade, DocumentShipped]


async def test_a_check_in_before_the_shipment_is_told_is_kept_and_the_node_is_asked() -> None:
    node = Node()
    run = await after(approved(), MADE, node=node)
    node.stands(OrderStatus.SHIPPED, "Р-9")
    answer = await run.hear(check_in())
    assert answer.code is None
    assert answer.standing == "MADE"
    await settle(run)
    assert kinds(run) == IN_ORDER
    assert run.said_of(DocumentShipped)[0].register_id == "Р-9"


async def test_a_spoiled_card_is_made_again_under_the_same_talon_without_a_fee() -> None:
    node = Node()
    run = await after(approved(), node=node)
    node.stands(OrderStatus.SPOILED)
    await run.hear(told(What.SPOILED, 1))
    await settle(run)
    assert [said.times for said in run.said_of(DocumentSpoiled)] == [1]
    assert node.told == ["remake/1"]


async def test_a_remake_whose_answer_was_lost_is_not_ordered_twice() -> None:
    node = Node()
    run = await after(approved(), node=node)
    node.stands(OrderStatus.SPOILED)
    await run.hear(told(What.SPOILED, 1))
    again = next(later.message for _, later in run.waiting if isinstance(later.message, m.RemakeOrder))
    await run.hear(again)
    await run.hear(again)
    assert node.told == ["remake/1"]


async def test_spoiled_for_the_third_time_it_waits_for_operations() -> None:
    node = Node()
    run = await after(approved(), node=node)
    for hours in (1, 2, 3):
        node.stands(OrderStatus.SPOILED)
        await run.hear(told(What.SPOILED, hours))
        await settle(run)
    assert [said.times for said in run.said_of(DocumentSpoiled)] == [1, 2, 3]
    assert node.told == ["remake/1", "remake/2"]
    assert [(alert.what, alert.whom) for alert in run.appended_of(Alert)] == [("CARD_SPOILED", "operations")]
    assert (await run.hear(act(m.RemakeAgain))).code is None
    await settle(run)
    assert node.told[-1] == "remake/3"
    await run.hear(told(What.MADE, 9))
    assert (await run.hear(act(m.RemakeAgain, "a2"))).code is m.Code.NOT_SPOILED


async def test_a_card_spoiled_on_its_way_is_ready_only_when_shipped_anew() -> None:
    run = await after(approved(), MADE, SHIPPED, told(What.SPOILED, 7), check_in())
    assert run.said_of(DocumentReady) == []
    for message in (told(What.MADE, 8), told(What.SHIPPED, 9, "Р-2")):
        await run.hear(message)
    assert [said.register_id for said in run.said_of(DocumentShipped)] == ["Р-1", "Р-2"]
    assert len(run.said_of(DocumentMade)) == len(run.said_of(DocumentReady)) == 1


async def test_each_card_writes_its_line_in_the_register_of_region_and_of_point() -> None:
    run = await ready()
    assert [(line.register, line.shipment) for line in run.appended_of(RegisterLine)] == [
        ("SENT/71/2025-10-06", ""), ("SHIPPED/71-01/2025-10-06", "Р-1"),
    ]  # fmt: skip


async def test_the_timer_of_a_register_is_the_registers_own_whoever_asks_for_it() -> None:
    run = await after(approved())
    timer = next(later for _, later in run.waiting if isinstance(later.message, m.CutRegister))
    key = key_of(RegisterKind.SENT, "71", date(2025, 10, 6))
    assert timer.message.application_id == register_id_of(key) != ID
    assert timer.key == "cut"


async def test_a_register_is_cut_once_whatever_repeats() -> None:
    run = await after(approved())
    cut = next(later.message for _, later in run.waiting if isinstance(later.message, m.CutRegister))
    own = Run(run.service, cut.application_id)
    await own.hear(cut)
    await own.hear(cut)
    assert [(row.external_id, row.place, row.day) for row in own.appended_of(RegisterCut)] == [
        ("SENT/71/2025-10-06", "71", date(2025, 10, 6))
    ]
    assert own.said == []


async def test_terms_warn_officer_head_and_operations_and_decide_nothing() -> None:
    run = await after(approved())
    before = run.state.standing
    await run.let_pass(timedelta(days=30))
    alerts = [alert for alert in run.appended_of(Alert) if alert.what == "TERM_PRODUCTION"]
    assert [(alert.whom, alert.detail) for alert in alerts] == [
        ("officer", "70 %"), ("head", "90 %"), ("operations", "100 %"),
    ]  # fmt: skip
    assert run.state.standing is before
    assert kinds(run) == [ProductionStarted]


async def test_the_term_of_delivery_runs_from_the_making() -> None:
    run = await after(approved(), MADE)
    await run.let_pass(timedelta(days=30))
    assert {alert.what for alert in run.appended_of(Alert)} == {"TERM_DELIVERY"}


async def test_terms_that_were_kept_warn_of_nothing() -> None:
    run = await ready()
    await run.let_pass(timedelta(days=30))
    assert run.appended_of(Alert) == []


async def test_a_call_back_that_never_came_is_made_up_for_by_asking() -> None:
    node = Node()
    run = await after(approved(), node=node)
    node.stands(OrderStatus.SHIPPED, "Р-9")
    await run.let_pass(timedelta(days=10))
    assert kinds(run) == [ProductionStarted, DocumentMade, DocumentShipped]


async def test_a_spoiling_that_nobody_told_is_found_and_mended() -> None:
    node = Node()
    run = await after(approved(), node=node)
    node.stands(OrderStatus.SPOILED)
    await run.let_pass(timedelta(days=10))
    assert [said.times for said in run.said_of(DocumentSpoiled)] == [1]
    assert node.told == ["remake/1"]


async def test_the_node_is_asked_day_after_day_while_the_card_is_awaited() -> None:
    node = Node()
    run = await after(approved(), node=node)
    await run.let_pass(timedelta(days=20))
    node.stands(OrderStatus.MADE)
    await run.let_pass(timedelta(days=2))
    assert kinds(run) == [ProductionStarted, DocumentMade]


async def test_reminders_come_at_ten_thirty_and_sixty_days_and_then_the_card_is_given_up() -> None:
    run = await ready()
    await run.let_pass(timedelta(days=120))
    assert [said.days for said in run.said_of(CollectionReminded)] == [10, 30, 60]
    assert len(run.said_of(DocumentUncollected)) == 1
    assert run.said_of(DocumentReady)[0].collect_until == date(2026, 1, 3)
    assert run.state.standing is Standing.UNCOLLECTED
    assert (await run.hear(issue())).code is m.Code.UNCOLLECTED
    assert run.said_of(DocumentIssued) == []


async def test_a_card_may_be_collected_until_the_end_of_the_last_day() -> None:
    run = await ready()
    await run.let_pass(timedelta(days=89, hours=13))
    assert (run.now - NOW).days == 89
    assert (await run.hear(issue())).code is None


async def test_after_the_issue_no_reminder_and_no_giving_up() -> None:
    run = await ready()
    await run.hear(issue())
    await run.let_pass(timedelta(days=120))
    assert run.said_of(CollectionReminded) == run.said_of(DocumentUncollected) == []
    assert run.said[-1] == DocumentIssued(application_id=ID, point=POINT, officer_id="70")
