"""Who may touch a case, and who holds it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.ums_review import acts
from services.ums_review.acts import Code, Refusal, Viewed
from services.ums_review.notes import Note
from services.ums_review.review import Standing
from shared.contracts.base import Sealed
from shared.contracts.ums_review import WithdrawReview
from tests.services.running import APPLICATION
from tests.services.ums_review.cases import INDEX, a_run, approved, audits, by, decision, queued, signed, take

MINUTES = timedelta(minutes=1)


async def test_a_taken_case_is_held_for_the_lease_and_no_longer() -> None:
    run = await queued()
    lease = await take(run)
    assert lease.until == run.now + 15 * MINUTES
    await run.let_pass(14 * MINUTES)
    assert await take(run, officer="18") == Refusal(Code.HELD_BY_ANOTHER)
    await run.let_pass(MINUTES)
    assert (await take(run, officer="18")).token != lease.token


async def test_who_holds_the_case_and_takes_it_again_keeps_the_token() -> None:
    run = await queued()
    first = await take(run)
    await run.let_pass(MINUTES)
    second = await take(run)
    assert (second.token, second.until) == (first.token, first.until + MINUTES)


async def test_a_lease_that_ran_out_is_a_new_one_even_for_the_same_officer() -> None:
    run = await queued()
    first = await take(run)
    await run.let_pass(15 * MINUTES)
    assert (await take(run)).token != first.token


async def test_a_lease_is_made_longer_while_it_runs() -> None:
    run = await queued()
    lease = await take(run)
    await run.let_pass(10 * MINUTES)
    longer = await run.hear(acts.ExtendLease(**by(run), lease_token=lease.token))
    assert longer.until == run.now + 15 * MINUTES
    await run.let_pass(15 * MINUTES)
    assert await run.hear(acts.ExtendLease(**by(run), lease_token=lease.token)) == Refusal(Code.LEASE_LOST)


async def test_a_case_given_back_is_free_at_once_and_the_reason_stays_sealed_in_the_file() -> None:
    run = await queued()
    lease = await take(run)
    back = acts.GiveBack(**by(run), lease_token=lease.token, reason=Sealed("a relative of mine"))
    assert await run.hear(back) == acts.Done()
    assert run.appended_of(Note) == [Note(APPLICATION, "17", "give-back", Sealed("a relative of mine"))]
    assert "relative" not in repr(run.appended)
    assert isinstance(await take(run, officer="18"), acts.Leased)


async def test_only_who_holds_the_case_gives_it_back() -> None:
    run = await queued()
    lease = await take(run)
    back = acts.GiveBack(**by(run, officer="18"), lease_token=lease.token, reason=Sealed("x"))
    assert await run.hear(back) == Refusal(Code.LEASE_LOST)
    assert run.state.lease_officer == "17"


def every_act(run: Any, **who: Any) -> list[acts.OfficersAct]:
    head = by(run, **who)
    return [
        acts.TakeReview(**head),
        acts.ExtendLease(**head, lease_token="t"),
        acts.GiveBack(**head, lease_token="t", reason=Sealed("x")),
        *(acts.ViewReview(**head, what=what) for what in Viewed),
        decision(run, "t", **who),
        acts.UndoDecision(**head, decision_id="d1"),
    ]


@pytest.mark.parametrize(
    ("who", "code"),
    [({"region": "75"}, Code.OTHER_REGION), ({"index": INDEX}, Code.OWN_APPLICATION)],
)
async def test_nobody_acts_on_another_regions_case_nor_on_their_own_and_the_attempt_is_on_record(
    who: dict[str, str], code: Code
) -> None:
    run = await queued()
    before = run.state
    acting = every_act(run, **who)
    for act in acting:
        assert await run.hear(act) == Refusal(code)
    assert run.state == before
    assert [result for _, _, result in audits(run)].count(code.value) == len(acting)


async def test_a_case_that_is_not_under_review_is_unknown() -> None:
    run = a_run()
    for act in every_act(run):
        assert await run.hear(act) == Refusal(Code.UNKNOWN_CASE)


async def test_a_decided_or_withdrawn_case_cannot_be_taken() -> None:
    assert await take(await approved()) == Refusal(Code.DECIDED)
    run = await queued()
    await run.hear(WithdrawReview(application_id=APPLICATION))
    assert await take(run) == Refusal(Code.WITHDRAWN)


async def test_a_signed_case_can_neither_be_taken_nor_given_back() -> None:
    run = await queued()
    await signed(run)
    assert await take(run, officer="18") == Refusal(Code.ALREADY_SIGNED)
    token = run.state.lease_token
    assert await run.hear(acts.GiveBack(**by(run), lease_token=token, reason=Sealed("x"))) == Refusal(
        Code.ALREADY_SIGNED
    )
    assert run.state.standing is Standing.SIGNED


async def test_every_look_at_personal_data_leaves_its_row() -> None:
    run = await queued()
    for what in Viewed:
        await run.hear(acts.ViewReview(**by(run), what=what))
    seen = [row for row in audits(run) if row[0] == "officer:17"]
    assert seen == [("officer:17", what.value, "done") for what in Viewed]


async def test_an_act_refused_at_the_desk_leaves_its_row_and_nothing_else() -> None:
    run = await queued()
    before = run.state
    await run.hear(acts.RecordRefusal(**by(run), what="sign-decision", result="REVOKED"))
    assert run.state == before
    assert audits(run)[-1] == ("officer:17", "sign-decision", "REVOKED")
