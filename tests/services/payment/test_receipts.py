"""Money that comes: one fate for each receipt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payment.invoice import Phase
from services.payment.messages import CloseInvoice, EndPaymentTerm
from shared.contracts.payment import FeeLapsed, FeePaid, FeeRequested, FeeWaived, RefundCause, RefundFiled
from shared.engine.service import Step
from tests.services.payment.stage import (
    FEE,
    IN_2025,
    NEW_YEARS_EVE_2025,
    Outside,
    Registry,
    a_run,
    approved,
    cancel,
    charged,
    form,
    identity,
    receipt,
    registered,
    sums,
)
from tests.services.running import APPLICATION, Run


def refunds(run: Run) -> list[tuple[RefundCause, int]]:
    return [(said.cause, said.amount) for said in run.said_of(RefundFiled)]


async def test_a_receipt_of_the_fee_pays_it() -> None:
    run = await charged(Outside())
    await run.hear(receipt())
    assert run.said[-1] == FeePaid(application_id=APPLICATION, amount=FEE, receipt_id="R-1", paid_at=IN_2025)
    assert sums(run) == {"treasury": FEE, "suspense": -FEE}
    assert ("S15", "done") in {(step.step, step.result) for step in run.appended_of(Step)}


async def test_a_receipt_told_of_twice_is_one_receipt() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), receipt(), receipt(amount=1)))
    assert len(run.said_of(FeePaid)) == 1
    assert refunds(run) == []


async def test_money_that_no_call_back_told_of_is_found_by_inquiry() -> None:
    outside = Outside()
    run = await charged(outside)
    outside.gateway.pay("INV-1", "R-9", FEE, IN_2025)
    await run.let_pass(timedelta(seconds=61))
    assert [said.receipt_id for said in run.said_of(FeePaid)] == ["R-9"]


async def test_a_receipt_found_by_inquiry_and_then_told_of_is_one_receipt() -> None:
    outside = Outside()
    run = await charged(outside)
    outside.gateway.pay("INV-1", "R-1", FEE, IN_2025)
    await run.let_pass(timedelta(seconds=61))
    await run.hear(receipt())
    assert (len(run.said_of(FeePaid)), refunds(run)) == (1, [])


async def test_a_paid_invoice_is_not_asked_after_any_more_but_once() -> None:
    outside = Outside()
    run = await charged(outside)
    await run.hear(receipt())
    outside.gateway.pay("INV-1", "R-1", FEE, IN_2025)
    outside.gateway.pay("INV-1", "R-2", FEE, IN_2025)
    await run.let_pass(timedelta(hours=25))
    assert refunds(run) == [(RefundCause.SECOND, FEE)]
    assert not outside.gateway.cancelled


async def test_an_approved_application_has_earned_its_fee() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), approved(), approved(2)))
    assert sums(run) == {"treasury": FEE, "earned": -FEE}


async def test_an_approval_heard_before_the_receipt_earns_all_the_same() -> None:
    run = await charged(Outside())
    await run.hear_all((approved(), receipt()))
    assert sums(run) == {"treasury": FEE, "earned": -FEE}


async def test_a_second_receipt_goes_back() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(), receipt("R-2")))
    assert refunds(run) == [(RefundCause.SECOND, FEE)]
    assert sums(run) == {"treasury": 2 * FEE, "suspense": -FEE, "refund_due": -FEE}


async def test_of_too_much_the_fee_is_paid_and_the_excess_goes_back() -> None:
    run = await charged(Outside())
    await run.hear(receipt(amount=FEE + 14))
    assert run.said_of(FeePaid)[0].amount == FEE
    assert refunds(run) == [(RefundCause.EXCESS, 14)]
    assert sums(run) == {"treasury": FEE + 14, "suspense": -FEE, "refund_due": -14}


async def test_too_little_pays_nothing_and_goes_back_while_the_invoice_stays_open() -> None:
    run = await charged(Outside())
    await run.hear(receipt(amount=FEE - 1))
    assert refunds(run) == [(RefundCause.SHORT, FEE - 1)]
    assert (run.said_of(FeePaid), run.state.phase) == ([], Phase.OPEN)
    await run.hear(receipt("R-2"))
    assert len(run.said_of(FeePaid)) == 1


async def test_two_halves_are_not_a_whole() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(amount=FEE // 2), receipt("R-2", amount=FEE // 2)))
    assert refunds(run) == [(RefundCause.SHORT, FEE // 2)] * 2
    assert not run.said_of(FeePaid)


async def test_money_that_comes_after_the_lapse_goes_back_and_the_application_is_not_reopened() -> None:
    run = await charged(Outside())
    await run.let_pass(timedelta(hours=25))
    await run.hear(receipt())
    assert [type(said) for said in run.said] == [FeeRequested, FeeLapsed, RefundFiled]
    assert refunds(run) == [(RefundCause.LATE, FEE)]


async def test_money_that_came_while_the_gateway_was_asked_to_cancel_pays_the_fee() -> None:
    outside = Outside()
    run = await charged(outside)
    outside.gateway.pay("INV-1", "R-1", FEE, IN_2025 + timedelta(hours=23))
    await run.fire(EndPaymentTerm)
    run.moved = timedelta(hours=24)
    await run.let_pass(timedelta(hours=1))
    assert [type(said) for said in run.said] == [FeeRequested, FeePaid]


async def test_a_call_back_that_overtakes_the_answer_to_the_cancelling_pays_the_fee_once() -> None:
    outside = Outside()
    run = await charged(outside)
    run.moved = timedelta(hours=24)
    await run.fire(EndPaymentTerm)
    await run.hear(receipt())
    outside.gateway.pay("INV-1", "R-1", FEE, IN_2025)
    await run.fire(CloseInvoice)
    assert [type(said) for said in run.said] == [FeeRequested, FeePaid]


async def test_money_paid_last_year_and_told_of_this_year_pays_the_fee_of_its_day() -> None:
    outside = Outside()
    run = await charged(outside, NEW_YEARS_EVE_2025)
    paid_at = NEW_YEARS_EVE_2025 + timedelta(hours=13, minutes=59)  # 23:59 in Almaty
    outside.gateway.pay("INV-1", "R-1", FEE, paid_at)
    run.waiting = [row for row in run.waiting if not row[1].key or "inquire" not in row[1].key]
    await run.let_pass(timedelta(hours=20))
    assert [type(said) for said in run.said] == [FeeRequested, FeePaid]


async def test_money_paid_to_last_years_invoice_this_year_goes_back() -> None:
    outside = Outside()
    run = await charged(outside, NEW_YEARS_EVE_2025)
    paid_at = NEW_YEARS_EVE_2025 + timedelta(hours=14, minutes=1)  # 00:01 in Almaty
    outside.gateway.pay("INV-1", "R-1", FEE, paid_at)
    run.waiting = [row for row in run.waiting if not row[1].key or "inquire" not in row[1].key]
    await run.let_pass(timedelta(hours=20))
    assert [type(said) for said in run.said] == [FeeRequested, RefundFiled, FeeWaived]
    assert refunds(run) == [(RefundCause.LATE, FEE)]


async def test_money_for_a_replaced_invoice_does_not_pay_the_new_one() -> None:
    outside = Outside(registry=Registry(amount=738))
    run = await charged(outside, NEW_YEARS_EVE_2025.replace(year=2024))
    outside.registry.amount = None
    await run.let_pass(timedelta(hours=20))
    await run.hear(receipt(amount=738, at=run.now))
    assert refunds(run) == [(RefundCause.LATE, 738)]
    await run.hear(receipt("R-2", invoice_id="INV-2", at=run.now))
    assert len(run.said_of(FeePaid)) == 1


async def test_money_for_a_waived_application_goes_back() -> None:
    outside = Outside()
    run = await charged(outside, NEW_YEARS_EVE_2025)
    await run.let_pass(timedelta(hours=20))
    await run.hear(receipt(at=run.now))
    assert refunds(run) == [(RefundCause.LATE, FEE)]
    assert sums(run) == {"treasury": FEE, "refund_due": -FEE}


async def test_a_gateway_whose_clock_runs_ahead_cannot_leave_the_year_of_the_invoice() -> None:
    run = await charged(Outside())
    await run.hear(receipt(at=IN_2025 + timedelta(days=200)))
    assert len(run.said_of(FeePaid)) == 1


async def test_a_held_invoice_that_is_paid_by_our_table_is_paid() -> None:
    run = await charged(Outside(registry=Registry(amount=1)))
    await run.hear(receipt())
    assert len(run.said_of(FeePaid)) == 1
    assert sums(run) == {"treasury": FEE, "suspense": -FEE}


@pytest.mark.parametrize("amount", [1, FEE, FEE + 1])
async def test_money_for_an_application_that_was_cancelled_first_goes_back_whole(amount: int) -> None:
    run = await charged(Outside())
    await run.hear(cancel(RefundCause.WITHDRAWN))
    await run.let_pass(timedelta(seconds=1))
    await run.hear(receipt(amount=amount))
    assert refunds(run) == [(RefundCause.LATE, amount)]


async def test_no_charge_is_made_of_a_stranger() -> None:
    run = a_run(Outside())
    await run.hear_all((form(), registered()))
    assert run.waiting == []
    await run.hear(identity())
    assert run.waiting
