"""The account a refund goes to: none, another's, a wrong one, another one named later."""

from __future__ import annotations

from datetime import timedelta

from services.payment.answers import RefundStanding, RefundStatus
from services.payment.invoice import CasePhase
from services.payment.messages import FileRefund, FollowRefund, RecheckRefund
from shared.contracts.payment import (
    FeeRefunded,
    RefundAccepted,
    RefundFiled,
    RefundRejected,
)
from shared.law.rules import RULES
from tests.services.payment.refunding import ACCEPTED, ACCOUNT_FAULT, AGAINST_LAW, MOMENT, PAID, annulled_and_paid
from tests.services.payment.stage import (
    IIN,
    Outside,
    account,
    changed,
)


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


async def test_of_two_accounts_the_one_said_last_counts_in_whatever_order() -> None:
    run = await annulled_and_paid(Outside(), holds=None)
    await run.hear(changed(3), said_at=run.now + timedelta(seconds=2))
    await run.hear(changed(2), said_at=run.now + timedelta(seconds=1))
    assert run.state.account == account(3)
