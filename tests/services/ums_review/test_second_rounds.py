"""What comes back to the officer: refusals of production, and circumstances that change under the case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.ums_review import acts
from services.ums_review.acts import Code, Refusal
from services.ums_review.review import Standing
from shared.contracts.intake import Circumstance, CircumstanceChanged
from shared.contracts.production_dispatch import DocumentMade, ProductionFault
from shared.contracts.ums_review import AnnulmentGround, ReviewAnnulled, ReviewApproved, ReviewQueued
from tests.services.running import APPLICATION, Run
from tests.services.ums_review.cases import (
    a_run,
    annulment,
    approved,
    decision,
    facts,
    queued,
    refusal,
    signed,
    take,
)  # fmt: skip

UNDO = timedelta(seconds=10)
EXTRA = AnnulmentGround.EXTRA_CHECKS
CHANGED = CircumstanceChanged(application_id=APPLICATION, circumstance=Circumstance.DEATH)


async def test_a_substantive_refusal_of_production_brings_the_case_back_for_a_new_decision() -> None:
    run = await approved()
    await run.hear(refusal())
    assert [said.round for said in run.said_of(ReviewQueued)] == [1, 2]
    assert (run.state.standing, run.state.verdict, run.state.lease_officer) == (Standing.QUEUED, None, None)
    await approved(run)
    assert [(said.decision_id, said.round) for said in run.said_of(ReviewApproved)] == [("d1", 1), ("d2", 2)]


async def test_an_annulment_after_an_approval_says_so() -> None:
    run = await approved()
    await run.hear(refusal())
    lease = await take(run)
    await run.hear(annulment(run, lease.token, EXTRA))
    await run.let_pass(UNDO)
    assert [said.after_approval for said in run.said_of(ReviewAnnulled)] == [True]


async def test_the_first_rounds_decision_does_not_serve_in_the_second() -> None:
    run = await approved()
    await run.hear(refusal())
    lease = await take(run)
    assert await run.hear(decision(run, lease.token, decision_id="d1")) == Refusal(Code.DECISION_ID_SPENT)


async def test_other_refusals_of_production_change_nothing() -> None:
    run = await approved()
    before = run.state
    await run.hear(refusal(fault=ProductionFault.TECHNICAL))
    await run.hear(refusal(round=2))
    assert run.state == before
    await run.hear(refusal())
    queued_again = run.state
    await run.hear(refusal())
    assert run.state == queued_again


async def test_once_the_document_is_made_no_refusal_brings_the_case_back() -> None:
    run = await approved()
    await run.hear(DocumentMade(application_id=APPLICATION, order_id="o1"))
    await run.hear(refusal())
    assert run.state.standing is Standing.APPROVED


async def _flagged(run: Run) -> str:
    lease = await take(run)
    await run.hear(CHANGED)
    return str(lease.token)


async def test_after_a_change_of_circumstances_only_extra_checks_are_left() -> None:
    run = await queued()
    token = await _flagged(run)
    assert await run.hear(decision(run, token)) == Refusal(Code.CIRCUMSTANCE_CHANGED)
    assert await run.hear(annulment(run, token)) == Refusal(Code.CIRCUMSTANCE_CHANGED)
    assert isinstance(await run.hear(annulment(run, token, EXTRA)), acts.Signed)
    await run.let_pass(UNDO)
    assert [said.ground for said in run.said_of(ReviewAnnulled)] == [EXTRA]


@pytest.mark.parametrize("early", [True, False])
async def test_a_change_known_before_the_case_is_queued_holds_as_well(early: bool) -> None:
    run = await a_run().hear_all([CHANGED, *facts()] if early else [*facts(), CHANGED])
    lease = await take(run)
    assert await run.hear(decision(run, lease.token)) == Refusal(Code.CIRCUMSTANCE_CHANGED)


async def test_a_change_within_the_time_to_undo_fells_an_approval_but_not_extra_checks() -> None:
    run = await queued()
    await signed(run)
    await run.hear(CHANGED)
    await run.let_pass(UNDO)
    assert run.said_of(ReviewApproved) == []
    assert run.state.standing is Standing.QUEUED
    lease = await take(run)
    await run.hear(annulment(run, lease.token, EXTRA, decision_id="d2"))
    await run.hear(CHANGED)
    await run.let_pass(UNDO)
    assert len(run.said_of(ReviewAnnulled)) == 1


async def test_a_change_after_the_approval_waits_for_the_refusal_of_production() -> None:
    run = await approved()
    await run.hear(CHANGED)
    assert run.state.standing is Standing.APPROVED
    await run.hear(refusal())
    lease = await take(run)
    assert await run.hear(decision(run, lease.token)) == Refusal(Code.CIRCUMSTANCE_CHANGED)
