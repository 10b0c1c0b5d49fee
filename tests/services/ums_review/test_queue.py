"""What enters review, when, and what its term does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.ums_review.domain import Alert
from services.ums_review.review import Standing
from shared.contracts.intake import ApplicationClosed, FormAccepted
from shared.contracts.payment import FeePaid, FeeWaived, WaiverGround
from shared.contracts.ums_review import ReviewQueued
from shared.contracts.values import Ending, FileRef
from shared.engine.service import Step
from tests.services.running import APPLICATION, NOW
from tests.services.ums_review.cases import (
    DUE,
    REGION,
    TALON,
    a_run,
    approved,
    audits,
    facts,
    form,
    photo,
    queued,
    submitted,
)  # fmt: skip


async def test_when_all_is_there_it_is_queued_in_the_region_the_applicant_chose() -> None:
    run = await queued()
    assert run.said == [ReviewQueued(application_id=APPLICATION, region=REGION, talon=TALON, round=1, due_on=DUE)]
    assert (run.state.standing, run.state.round) == (Standing.QUEUED, 1)


@pytest.mark.parametrize("missing", range(9))
async def test_nothing_is_queued_while_anything_is_missing(missing: int) -> None:
    run = await a_run().hear_all([fact for number, fact in enumerate(facts()) if number != missing])
    assert run.said == []
    assert run.state.standing is Standing.GATHERING


async def test_nothing_enters_review_unless_the_duty_is_settled() -> None:
    unpaid = [fact for fact in facts() if not isinstance(fact, FeePaid)]
    run = await a_run().hear_all(unpaid)
    assert run.said == []
    await run.hear(FeeWaived(application_id=APPLICATION, ground=WaiverGround.EXEMPT))
    assert [type(word) for word in run.said] == [ReviewQueued]


async def test_neither_sum_nor_exemption_nor_refund_account_is_kept() -> None:
    run = await a_run().hear_all(facts())
    waived = await a_run().hear_all(
        [FeeWaived(application_id=APPLICATION, ground=WaiverGround.EXEMPT) if isinstance(f, FeePaid) else f
         for f in facts()]
    )  # fmt: skip
    assert (run.state.paid, waived.state.paid) == (True, False), "for the second pair of eyes, and no more of the money"
    assert replace(run.state, paid=False) == waived.state
    assert run.state.form is not None
    assert "refund_account" not in type(run.state.form).model_fields


async def test_the_last_revision_counts_in_whatever_order_it_is_heard() -> None:
    newer = facts(revision=2)
    run = await a_run().hear_all([*newer[:8], form(1, region="75"), photo(1), newer[8]])
    assert run.state.form.revision == 2
    assert run.state.region == REGION


async def test_a_revision_that_was_not_signed_does_not_enter_review() -> None:
    others = [fact for fact in facts() if not isinstance(fact, FormAccepted)]
    run = await a_run().hear_all([*others, form(2)])
    assert run.said == []


async def test_images_other_than_those_that_were_checked_do_not_enter_review() -> None:
    others = [fact for fact in facts() if not isinstance(fact, FormAccepted)]
    run = await a_run().hear_all([*others, form(photo=FileRef(reference="c.jpg", sha256="9" * 64))])
    assert run.said == []


async def test_facts_heard_again_or_late_change_nothing_and_say_nothing() -> None:
    run = await queued()
    before = run.state
    await run.hear_all([*facts(), form(7), photo(7), submitted(7)])
    assert run.state == before
    assert len(run.said) == 1


async def test_a_closed_application_never_enters_review() -> None:
    run = a_run()
    await run.hear(ApplicationClosed(application_id=APPLICATION, ending=Ending.UNPAID, closed_at=NOW))
    await run.hear_all(facts())
    assert run.said == []
    assert run.state.standing is Standing.CLOSED


async def test_closing_takes_an_undecided_case_out_of_the_queue_and_leaves_a_decision_standing() -> None:
    ended = ApplicationClosed(application_id=APPLICATION, ending=Ending.ABANDONED, closed_at=NOW)
    run = await queued()
    await run.hear(ended)
    assert run.state.standing is Standing.CLOSED
    decided = await approved()
    await decided.hear(ended)
    assert (decided.state.standing, decided.state.closed) == (Standing.APPROVED, True)


async def test_the_term_warns_officer_head_and_operations_and_decides_nothing() -> None:
    run = await queued()
    await run.let_pass(timedelta(days=30))
    assert [(row.percent, row.whom, row.region) for row in run.appended_of(Alert)] == [
        (70, "officer", REGION), (90, "head", REGION), (100, "operations", REGION),
    ]  # fmt: skip
    assert [row for row in audits(run) if row[1] == "warn"]
    assert run.state.standing is Standing.QUEUED
    assert len(run.said) == 1


async def test_no_one_is_warned_of_a_decided_case() -> None:
    run = await approved()
    await run.let_pass(timedelta(days=30))
    assert run.appended_of(Alert) == []


async def test_a_warning_of_an_earlier_round_is_stale() -> None:
    run = await queued()
    run.state = replace(run.state, round=2)
    await run.let_pass(timedelta(days=30))
    assert run.appended_of(Alert) == []


async def test_the_stage_record_has_s17_once_it_is_decided() -> None:
    run = await queued()
    assert run.appended_of(Step) == []
    await approved(run)
    assert run.appended_of(Step) == [Step(APPLICATION, "S17", "done")]
