"""The deadline, the order to cancel, and what the gateway says to either."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payment.answers import InvoiceStanding, InvoiceStatus
from services.payment.invoice import Phase
from services.payment.messages import AskExemption, CloseInvoice, EndPaymentTerm, InquireInvoice, RequestInvoice
from shared.contracts.payment import FeeLapsed, FeePaid, FeeRequested, InvoiceCancelled, RefundCause, RefundFiled
from shared.contracts.values import Ending
from shared.engine.service import Step
from tests.services.payment.stage import (
    FEE,
    IN_2025,
    IN_2026,
    Outside,
    Registry,
    a_run,
    annulled,
    approved,
    cancel,
    charged,
    closed,
    form,
    identity,
    receipt,
    registered,
    sums,
)
from tests.services.running import APPLICATION

DAY = timedelta(hours=24)


async def test_an_unpaid_fee_lapses_at_its_deadline_and_not_before() -> None:
    run = await charged(Outside())
    await run.let_pass(DAY - timedelta(seconds=2))
    assert not run.said_of(FeeLapsed)
    await run.let_pass(timedelta(seconds=2))
    assert run.said_of(FeeLapsed) == [FeeLapsed(application_id=APPLICATION, invoice_id="INV-1")]
    assert sums(run) == {}
    assert ("S15", "refused") in {(step.step, step.result) for step in run.appended_of(Step)}


async def test_a_fee_lapses_only_after_the_gateway_has_cancelled() -> None:
    outside = Outside()
    run = await charged(outside)
    run.moved = DAY
    await run.fire(EndPaymentTerm)
    assert not run.said_of(FeeLapsed)
    await run.fire(CloseInvoice)
    assert outside.gateway.cancelled == ["INV-1"]
    assert run.said_of(FeeLapsed)


@pytest.mark.parametrize("status", [InvoiceStatus.UNKNOWN, InvoiceStatus.OPEN, InvoiceStatus.PAID])
async def test_an_unclear_answer_of_the_gateway_is_asked_for_again(status: InvoiceStatus) -> None:
    run = await charged(Outside())
    run.moved = DAY
    await run.fire(EndPaymentTerm)
    message = CloseInvoice(application_id=APPLICATION, round=1)
    run.waiting = []
    await run.hear(message, answers=InvoiceStanding(status))
    assert not run.said_of(FeeLapsed)
    assert [row[1].message for row in run.waiting] == [CloseInvoice(application_id=APPLICATION, round=1, tries=1)]


async def test_the_gateway_is_asked_until_it_knows() -> None:
    outside = Outside()
    outside.gateway.unknown = 5
    run = await charged(outside)
    await run.let_pass(DAY + timedelta(minutes=5))
    assert len(run.said_of(FeeLapsed)) == 1


@pytest.mark.parametrize("way", ["portal", "mobile-app"])
async def test_an_outage_of_the_portal_or_the_application_extends_the_term(way: str) -> None:
    outside = Outside()
    run = await charged(outside)
    await run.let_pass(timedelta(hours=20))
    run.outages = frozenset({way})
    await run.let_pass(timedelta(hours=8))
    assert not run.said_of(FeeLapsed)
    run.outages = frozenset()
    await run.let_pass(timedelta(minutes=15))
    first, again = run.said_of(FeeRequested)
    assert timedelta(hours=8) <= again.until - first.until < timedelta(hours=8, minutes=3)
    assert outside.gateway.terms[-1] == ("INV-1", again.until)
    await run.let_pass(timedelta(hours=3))
    assert not run.said_of(FeeLapsed)
    await run.let_pass(timedelta(hours=2))
    assert len(run.said_of(FeeLapsed)) == 1


async def test_an_outage_of_anything_else_extends_nothing() -> None:
    run = await charged(Outside(), outages=frozenset({"aissik", "digital-id"}))
    await run.let_pass(DAY)
    assert run.said_of(FeeLapsed)


async def test_an_unpaid_invoice_is_cancelled_by_order() -> None:
    outside = Outside()
    run = await charged(outside)
    await run.hear(cancel(RefundCause.WITHDRAWN))
    assert not run.said_of(InvoiceCancelled)
    await run.let_pass(timedelta(seconds=1))
    assert run.said[-1] == InvoiceCancelled(application_id=APPLICATION, invoice_id="INV-1")
    assert outside.gateway.cancelled == ["INV-1"]
    assert sums(run) == {}


@pytest.mark.parametrize("cause", [RefundCause.ANNULLED, RefundCause.WITHDRAWN, RefundCause.NOT_MADE])
async def test_a_paid_fee_goes_back_to_the_tenge_when_the_invoice_is_cancelled(cause: RefundCause) -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(amount=FEE + 14), cancel(cause)))
    assert [(said.cause, said.amount) for said in run.said_of(RefundFiled)] == [
        (RefundCause.EXCESS, 14),
        (cause, FEE),
    ]
    assert sums(run) == {"treasury": FEE + 14, "refund_due": -FEE - 14}


async def test_an_earned_fee_goes_back_when_the_document_is_not_made() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), approved(), cancel(RefundCause.NOT_MADE), approved(2)))
    assert sums(run) == {"treasury": FEE, "refund_due": -FEE}


async def test_an_approval_that_comes_after_the_order_earns_nothing() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), cancel(), approved()))
    assert sums(run) == {"treasury": FEE, "refund_due": -FEE}


async def test_a_waived_fee_leaves_nothing_to_cancel() -> None:
    run = await charged(Outside(), IN_2026)
    await run.hear(cancel())
    assert run.said[-1] == InvoiceCancelled(application_id=APPLICATION)


async def test_a_lapsed_fee_is_cancelled_already() -> None:
    run = await charged(Outside())
    await run.let_pass(DAY)
    await run.hear(cancel(RefundCause.WITHDRAWN))
    assert run.said[-1] == InvoiceCancelled(application_id=APPLICATION, invoice_id="INV-1")


async def test_an_order_for_an_unknown_application_is_answered_and_nothing_is_charged_later() -> None:
    outside = Outside()
    run = await a_run(outside).hear_all((cancel(RefundCause.WITHDRAWN), identity(), form(), registered()))
    await run.let_pass(DAY)
    assert run.said == [InvoiceCancelled(application_id=APPLICATION)]
    assert (outside.social.asked, outside.registry.fees) == (0, {})


async def test_an_order_while_the_person_is_looked_up_is_answered_at_once() -> None:
    outside = Outside()
    run = await a_run(outside).hear_all((identity(), form(), registered(), cancel(RefundCause.WITHDRAWN)))
    assert run.said == [InvoiceCancelled(application_id=APPLICATION)]
    await run.let_pass(DAY)
    assert (len(run.said), outside.social.asked, outside.registry.fees) == (1, 0, {})


async def test_an_order_while_the_invoice_is_made_waits_for_it_and_undoes_it() -> None:
    outside = Outside()
    run = await a_run(outside).hear_all((identity(), form(), registered()))
    await run.fire(AskExemption)
    await run.hear(cancel(RefundCause.WITHDRAWN))
    assert run.said == []
    await run.fire(RequestInvoice)
    await run.fire(CloseInvoice)
    assert run.said == [InvoiceCancelled(application_id=APPLICATION, invoice_id="INV-1")]
    assert outside.gateway.cancelled == ["INV-1"]


async def test_an_order_for_a_held_invoice_cancels_it() -> None:
    outside = Outside(registry=Registry(amount=1))
    run = await charged(outside)
    await run.hear(cancel(RefundCause.WITHDRAWN))
    await run.let_pass(timedelta(seconds=1))
    assert run.said == [InvoiceCancelled(application_id=APPLICATION, invoice_id="INV-1")]


async def test_money_that_came_while_the_order_was_obeyed_goes_back_under_its_cause() -> None:
    outside = Outside()
    run = await charged(outside)
    outside.gateway.pay("INV-1", "R-1", FEE + 1, IN_2025)
    await run.hear(cancel(RefundCause.WITHDRAWN))
    await run.let_pass(timedelta(seconds=1))
    assert {(said.cause, said.amount) for said in run.said_of(RefundFiled)} == {
        (RefundCause.WITHDRAWN, FEE),
        (RefundCause.EXCESS, 1),
    }
    assert not run.said_of(FeePaid)
    assert not run.said_of(InvoiceCancelled)


async def test_an_order_at_the_deadline_is_obeyed_and_the_fee_does_not_lapse() -> None:
    run = await charged(Outside())
    run.moved = DAY
    await run.fire(EndPaymentTerm)
    await run.hear(cancel(RefundCause.WITHDRAWN))
    await run.fire(CloseInvoice)
    assert [type(said) for said in run.said] == [FeeRequested, InvoiceCancelled]


async def test_an_order_heard_again_has_the_same_answer() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), cancel(), cancel(), cancel(RefundCause.WITHDRAWN)))
    answers = run.said_of(RefundFiled)
    assert len(answers) == 3
    assert len(set(answers)) == 1
    assert sums(run) == {"treasury": FEE, "refund_due": -FEE}


async def test_an_order_heard_again_for_an_unpaid_invoice_has_the_same_answer() -> None:
    run = await charged(Outside())
    await run.hear(cancel(RefundCause.WITHDRAWN))
    await run.let_pass(timedelta(seconds=1))
    await run.hear(receipt())
    await run.hear(cancel(RefundCause.WITHDRAWN))
    assert run.said_of(InvoiceCancelled) == [InvoiceCancelled(application_id=APPLICATION, invoice_id="INV-1")] * 2


async def test_a_second_receipt_after_the_order_is_still_a_second_receipt() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), cancel(), receipt("R-2")))
    assert [said.cause for said in run.said_of(RefundFiled)] == [RefundCause.ANNULLED, RefundCause.SECOND]


async def test_an_ending_while_the_invoice_is_open_cancels_it_in_silence() -> None:
    outside = Outside()
    run = await charged(outside)
    await run.hear(closed(Ending.WITHDRAWN))
    await run.hear(receipt())
    await run.let_pass(timedelta(seconds=1))
    assert outside.gateway.cancelled == ["INV-1"]
    assert [type(said) for said in run.said] == [FeeRequested, RefundFiled]
    assert (run.said_of(RefundFiled)[0].cause, run.state.phase) == (RefundCause.LATE, Phase.CANCELLED)


async def test_an_ending_at_the_deadline_lets_nothing_lapse() -> None:
    run = await charged(Outside())
    run.moved = DAY
    await run.fire(EndPaymentTerm)
    await run.hear(closed(Ending.WITHDRAWN))
    await run.fire(CloseInvoice)
    assert not run.said_of(FeeLapsed)


async def test_what_belongs_to_another_round_is_stale() -> None:
    outside = Outside()
    run = await charged(outside)
    before = run.state
    for kind in (AskExemption, RequestInvoice, InquireInvoice, CloseInvoice, EndPaymentTerm):
        await run.hear(kind(application_id=APPLICATION, round=7))
    assert run.state == before
    assert outside.social.asked == 1
    assert not outside.gateway.cancelled


async def test_the_notice_alone_returns_nothing() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), annulled()))
    assert not run.said_of(RefundFiled)
