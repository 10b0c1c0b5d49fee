"""A refund case from its opening to its one end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.payment.invoice import Alert
from services.payment.looks import pause
from services.payment.messages import FileRefund, FollowRefund
from shared.contracts.payment import (
    FeeRefunded,
    RefundAccepted,
    RefundCause,
    RefundFiled,
    RefundOverdue,
    RefundRejected,
)
from shared.engine.rows import Unavailable
from shared.law.rules import RULES
from tests.services.payment.refunding import ACCEPTED, AGAINST_LAW, MOMENT, PAID, annulled_and_paid
from tests.services.payment.stage import (
    FEE,
    Outside,
    account,
    annulled,
    cancel,
    changed,
    charged,
    receipt,
    sums,
)


async def test_a_case_is_filed_with_the_notice_and_ends_refunded() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [ACCEPTED, PAID]
    await run.let_pass(MOMENT)
    claim = outside.revenue.filed[0]
    assert (claim.amount, claim.account, claim.receipt_id, claim.cause) == (FEE, account(), "R-1", "ANNULLED")
    assert claim.notice is not None
    assert claim.notice.told() == {
        "number": f"{run.state.talon}/1", "date": "2025-10-06", "decision_id": "d-1", "ground": "PHOTO", "reasons": [],
        "talon": run.state.talon, "receipt_id": "R-1", "amount": FEE, "kbk": "108126",
        "legal_ground": "tax-code-2017-art-615",
    }  # fmt: skip
    assert [type(said) for said in run.said[-3:]] == [RefundFiled, RefundAccepted, FeeRefunded]
    assert run.said_of(RefundAccepted)[0].due_on == date(2025, 10, 13)
    assert run.said_of(FeeRefunded)[0].amount == FEE
    assert sums(run) == {"treasury": FEE, "refunded": -FEE}
    assert not [row for row in run.waiting if isinstance(row[1].message, FollowRefund)]


async def test_the_order_is_answered_before_the_authority_says_anything() -> None:
    run = await annulled_and_paid(Outside())
    assert isinstance(run.said[-1], RefundFiled)
    assert run.said[-1].filed


async def test_a_case_waits_for_the_annulment_notice() -> None:
    outside = Outside()
    run = await charged(outside)
    await run.hear_all((receipt(), cancel()))
    await run.let_pass(MOMENT)
    assert outside.revenue.filed == []
    await run.hear(annulled())
    await run.let_pass(MOMENT)
    assert len(outside.revenue.filed) == 1


@pytest.mark.parametrize("cause", [RefundCause.WITHDRAWN, RefundCause.NOT_MADE])
async def test_what_was_not_annulled_needs_no_notice(cause: RefundCause) -> None:
    outside = Outside()
    run = await charged(outside)
    await run.hear_all((receipt(), cancel(cause)))
    await run.let_pass(MOMENT)
    assert (outside.revenue.filed[0].cause, outside.revenue.filed[0].notice) == (cause, None)


async def test_a_refund_is_filed_once_however_unclear_the_outcome() -> None:
    outside = Outside()
    outside.revenue.silent_after_filing = 1
    run = await annulled_and_paid(outside)
    row = next(row for row in run.waiting if isinstance(row[1].message, FileRefund))
    with pytest.raises(Unavailable):
        await run.hear(row[1].message)
    await run.let_pass(MOMENT)
    assert len(outside.revenue.filed) == 1


async def test_a_refund_is_paid_once_however_often_it_is_ordered() -> None:
    outside = Outside()
    outside.revenue.script = [PAID]
    run = await annulled_and_paid(outside)
    await run.let_pass(MOMENT)
    case = run.state.cases[0]
    await run.hear_all((cancel(), receipt(), cancel(RefundCause.WITHDRAWN)))
    await run.hear(FileRefund(application_id=run.application_id, case_id=case.case_id))
    await run.hear(FollowRefund(application_id=run.application_id, case_id=case.case_id))
    assert len(run.said_of(FeeRefunded)) == 1
    assert len(outside.revenue.filed) == 1


async def test_what_was_paid_at_once_was_accepted_too() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [PAID]
    await run.let_pass(MOMENT)
    assert [type(said).__name__ for said in run.said[-2:]] == ["RefundAccepted", "FeeRefunded"]


async def test_a_refund_is_overdue_after_five_working_days_and_is_said_so_once() -> None:
    outside = Outside()
    outside.revenue.script = [ACCEPTED]
    run = await annulled_and_paid(outside)
    await run.let_pass(timedelta(days=7, hours=13))  # the end of Monday the 13th
    assert not run.said_of(RefundOverdue)
    await run.let_pass(timedelta(days=3))
    assert [said.due_on for said in run.said_of(RefundOverdue)] == [date(2025, 10, 13)]
    assert [alert.what for alert in run.appended_of(Alert)] == ["refund overdue"]


async def test_an_overdue_refund_is_still_awaited() -> None:
    outside = Outside()
    outside.revenue.script = [ACCEPTED]
    run = await annulled_and_paid(outside)
    await run.let_pass(timedelta(days=8))
    outside.revenue.script = [PAID]
    await run.let_pass(MOMENT)
    assert len(run.said_of(FeeRefunded)) == 1


async def test_a_refusal_by_law_ends_the_case_with_its_reason() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [AGAINST_LAW]
    await run.let_pass(MOMENT)
    await run.hear(changed())
    await run.let_pass(MOMENT)
    assert [(said.reason, said.correctable) for said in run.said_of(RefundRejected)] == [("ART_101", False)]
    assert outside.revenue.corrected == []
    assert sums(run) == {"treasury": FEE, "suspense": -FEE}


async def test_each_part_of_each_receipt_is_a_case_of_its_own() -> None:
    run = await charged(Outside())
    await run.hear_all((receipt(amount=FEE + 5), receipt("R-2"), cancel()))
    cases = {(case.receipt_id, case.cause, case.amount) for case in run.state.cases}
    assert cases == {
        ("R-1", RefundCause.EXCESS, 5),
        ("R-2", RefundCause.SECOND, FEE),
        ("R-1", RefundCause.ANNULLED, FEE),
    }
    assert len({case.case_id for case in run.state.cases}) == 3


def test_the_looks_grow_rare_but_never_rarer_than_a_minute() -> None:
    pauses = [pause(RULES, look) for look in range(12)]
    assert pauses[0] == RULES.poll
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=1)
