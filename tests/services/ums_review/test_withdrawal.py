"""Decided or withdrawn: one of the two, whichever came first."""

from __future__ import annotations

from datetime import timedelta

from services.ums_review.review import Standing
from shared.contracts.ums_review import (
    ReviewAnnulled,
    ReviewApproved,
    ReviewQueued,
    ReviewWithdrawn,
    WithdrawalRefused,
    WithdrawReview,
)  # fmt: skip
from shared.engine.service import Step
from tests.services.running import APPLICATION
from tests.services.ums_review.cases import a_run, annulment, approved, facts, queued, refusal, signed, take

ORDER = WithdrawReview(application_id=APPLICATION)
WITHDRAWN = ReviewWithdrawn(application_id=APPLICATION)


async def test_an_undecided_case_is_withdrawn() -> None:
    run = await queued()
    await run.hear(ORDER)
    assert run.said[-1] == WITHDRAWN
    assert run.state.standing is Standing.WITHDRAWN
    assert run.appended_of(Step) == [Step(APPLICATION, "S17", "skipped", "WITHDRAWN")]


async def test_a_case_withdrawn_before_it_was_queued_never_enters_review() -> None:
    run = await a_run().hear_all([*facts()[:4], ORDER, *facts()])
    assert run.said == [WITHDRAWN]
    unknown = await a_run().hear_all([ORDER, *facts()])
    assert unknown.said == [WITHDRAWN]
    assert unknown.state.person is None


async def test_a_signed_decision_within_its_time_to_undo_loses_to_the_withdrawal() -> None:
    run = await queued()
    await signed(run)
    await run.hear(ORDER)
    await run.let_pass(timedelta(minutes=1))
    assert run.said_of(ReviewApproved) == []
    assert run.state.standing is Standing.WITHDRAWN


async def test_a_decided_case_refuses_the_withdrawal_and_tells_what_was_decided() -> None:
    run = await approved()
    await run.hear(ORDER)
    assert run.said[-1] == WithdrawalRefused(application_id=APPLICATION, decision="APPROVED")
    other = await queued()
    lease = await take(other)
    await other.hear(annulment(other, lease.token))
    await other.let_pass(timedelta(seconds=10))
    await other.hear(ORDER)
    assert other.said[-1] == WithdrawalRefused(application_id=APPLICATION, decision="ANNULLED")
    assert len(other.said_of(ReviewAnnulled)) == 1


async def test_an_order_heard_again_gets_the_recorded_answer() -> None:
    run = await queued()
    await run.hear_all([ORDER, ORDER])
    assert run.said_of(ReviewWithdrawn) == [WITHDRAWN, WITHDRAWN]
    assert len(run.appended_of(Step)) == 1


async def test_a_refusal_stays_a_refusal_when_the_case_comes_back_from_production() -> None:
    run = await approved()
    await run.hear_all([ORDER, refusal(), ORDER])
    assert [said.decision for said in run.said_of(WithdrawalRefused)] == ["APPROVED", "APPROVED"]
    assert run.state.standing is Standing.QUEUED


async def test_a_case_once_approved_can_no_longer_be_withdrawn() -> None:
    run = await approved()
    await run.hear_all([refusal(), ORDER])
    assert run.said_of(ReviewWithdrawn) == []
    assert [said.round for said in run.said_of(ReviewQueued)] == [1, 2]
