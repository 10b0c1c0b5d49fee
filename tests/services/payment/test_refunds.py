"""A refund case from its opening to its one end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.payment.answers import RefundStanding, RefundStatus
from services.payment.invoice import Alert, CasePhase
from services.payment.looks import pause
from services.payment.messages import FileRefund, FollowRefund, RecheckRefund
from shared.contracts.payment import (
    FeeRefunded,
    RefundAccepted,
    RefundCause,
    RefundFiled,
    RefundOverdue,
    RefundRejected,
)
from shared.contracts.values import RefundAccount
from shared.engine.rows import Unavailable
from shared.law.rules import RULES
from tests.services.payment.stage import (
    FEE,
    IIN,
    OWN,
    Outside,
    account,
    annulled,
    cancel,
    changed,
    charged,
    receipt,
    sums,
)
from tests.services.running import Run

MOMENT = timedelta(minutes=5)
ACCEPTED = RefundStanding(RefundStatus.ACCEPTED, date(2025, 10, 6))
PAID = RefundStanding(RefundStatus.PAID, date(2025, 10, 6))
ACCOUNT_FAULT = RefundStanding(RefundStatus.REJECTED, reason="ACCOUNT_CLOSED", correctable=True)
AGAINST_LAW = RefundStanding(RefundStatus.REJECTED, reason="ART_101")


async def annulled_and_paid(outside: Outside, holds: RefundAccount | None = OWN) -> Run:
    run = await charged(outside, holds=holds)
    return await run.hear_all((receipt(), annulled(), cancel()))


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


async def test_without_an_account_the_case_is_opened_and_not_filed() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside, holds=None)
    await run.let_pass(MOMENT)
    assert not run.said_of(RefundFiled)[0].filed
    assert outside.revenue.filed == []


async def test_a_case_without_an_account_is_filed_when_one_is_named() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside, holds=None)
    await run.hear(changed())
    outside.revenue.script = [ACCEPTED, PAID]
    await run.let_pass(MOMENT)
    assert outside.revenue.filed[0].account == account(2)
    assert len(run.said_of(RefundFiled)) == 1
    assert len(run.said_of(FeeRefunded)) == 1


async def test_an_account_of_another_in_the_form_is_no_account() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside, holds=account(holder="000000000000"))
    await run.let_pass(MOMENT)
    assert not run.said_of(RefundFiled)[0].filed
    assert outside.revenue.filed == []


async def test_an_account_of_another_is_returned_and_the_case_waits_on() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside, holds=None)
    await run.hear(changed(holder="000000000000"))
    await run.let_pass(MOMENT)
    assert [(said.reason, said.correctable) for said in run.said_of(RefundRejected)] == [("ACCOUNT_OF_ANOTHER", True)]
    await run.hear(changed(holder=IIN))
    await run.let_pass(MOMENT)
    assert len(outside.revenue.filed) == 1


async def test_an_account_fault_is_corrected_in_the_same_case() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [ACCOUNT_FAULT]
    await run.let_pass(MOMENT)
    assert [said.correctable for said in run.said_of(RefundRejected)] == [True]
    assert run.state.cases[0].phase is CasePhase.ACCOUNT
    await run.hear(changed())
    await run.fire(FileRefund)
    outside.revenue.script = [ACCEPTED, PAID]
    await run.let_pass(MOMENT)
    case_id = run.state.cases[0].case_id
    assert outside.revenue.corrected == [(case_id, account(2).iban)]
    assert [said.case_id for said in run.said_of(FeeRefunded)] == [case_id]
    assert len(run.state.cases) == len(run.said_of(RefundFiled)) == 1


async def test_who_waits_for_another_account_is_looked_at_and_need_not_wait_once_it_was_paid() -> None:
    """The authority may have answered with what was old."""
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [ACCOUNT_FAULT]
    await run.let_pass(MOMENT)
    outside.revenue.script = [ACCOUNT_FAULT, RefundStanding(RefundStatus.FILED), PAID]
    for _ in range(2):
        await run.fire(RecheckRefund)
        assert run.state.cases[0].phase is CasePhase.ACCOUNT
    await run.fire(RecheckRefund)
    assert [said.correctable for said in run.said_of(RefundRejected)] == [True]
    assert len(run.said_of(RefundAccepted)) == len(run.said_of(FeeRefunded)) == 1
    assert run.state.cases[0].phase is CasePhase.REFUNDED
    assert not [row for row in run.waiting if isinstance(row[1].message, RecheckRefund)]


async def test_who_waits_for_another_account_is_looked_at_ever_more_rarely_and_not_for_ever() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [ACCOUNT_FAULT]
    await run.let_pass(MOMENT)
    pauses = []
    while any(isinstance(row[1].message, RecheckRefund) for row in run.waiting):
        [(at, later)] = [row for row in run.waiting if isinstance(row[1].message, RecheckRefund)]
        pauses.append(later.after)
        await run.let_pass(at - run.now)
    assert pauses[1:] == [min(2 * before, timedelta(days=1)) for before in pauses[:-1]]
    assert RULES.limits.refund_claimed < run.moved < RULES.limits.refund_claimed + timedelta(days=2)
    await run.hear(changed())
    await run.fire(FileRefund)
    assert [iban for _, iban in outside.revenue.corrected] == [account(2).iban], "a new account moves it still"


async def test_a_correction_is_made_though_the_rejection_is_not_seen_any_more() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [ACCOUNT_FAULT]
    await run.let_pass(MOMENT)
    await run.hear(changed())
    outside.revenue.script = [RefundStanding(RefundStatus.FILED), RefundStanding(RefundStatus.FILED)]
    await run.fire(FileRefund)
    assert [iban for _, iban in outside.revenue.corrected] == [account(2).iban]


async def test_a_case_that_waits_for_another_account_may_be_refused_by_law_after_all() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    outside.revenue.script = [ACCOUNT_FAULT]
    await run.let_pass(MOMENT)
    outside.revenue.script = [AGAINST_LAW]
    await run.fire(RecheckRefund)
    assert [said.correctable for said in run.said_of(RefundRejected)] == [True, False]
    assert run.state.cases[0].phase is CasePhase.REJECTED


async def test_an_account_named_before_the_fault_is_told_of_is_used_at_once() -> None:
    outside = Outside()
    run = await annulled_and_paid(outside)
    await run.fire(FileRefund)
    await run.hear(changed())
    outside.revenue.script = [ACCOUNT_FAULT]
    await run.fire(FollowRefund)
    await run.fire(FileRefund)
    assert [iban for _, iban in outside.revenue.corrected] == [account(2).iban]


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


async def test_of_two_accounts_the_one_said_last_counts_in_whatever_order() -> None:
    run = await annulled_and_paid(Outside(), holds=None)
    await run.hear(changed(3), said_at=run.now + timedelta(seconds=2))
    await run.hear(changed(2), said_at=run.now + timedelta(seconds=1))
    assert run.state.account == account(3)


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
