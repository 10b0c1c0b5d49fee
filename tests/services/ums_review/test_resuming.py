"""The review goes on when a row or a fact was lost: the queue keeps its cases, a signed decision is confirmed once."""

from __future__ import annotations

from datetime import timedelta

from services.ums_review.acts import ConfirmDecision, PassTerm
from services.ums_review.domain import Alert
from services.ums_review.resuming import awaited
from services.ums_review.review import Standing
from shared.contracts.intake import ApplicationClosed
from shared.contracts.ums_review import ResumeReview, ReviewAnnulled, ReviewApproved, ReviewQueued
from shared.contracts.values import Ending
from shared.engine.decision import Given
from tests.services.healing import Life, unmet
from tests.services.running import APPLICATION, NOW, Run
from tests.services.ums_review.cases import a_run, annulment, approved, facts, queued, refusal, signed, take

RESUME = ResumeReview(application_id=APPLICATION)
UNDO = timedelta(seconds=10)


def missing(run: Run) -> list[str]:
    return unmet(run, awaited(run.state, Given(now=run.now)))


async def test_gathering_goes_on_with_what_comes_and_is_queued_once() -> None:
    life = Life(a_run, facts(), RESUME, lambda run: awaited(run.state, Given(now=run.now)))
    for place in range(len(facts())):
        run = await life.lived(place, twice=True)
        assert len({repr(said) for said in run.said_of(ReviewQueued)}) == 1
        assert (run.state.standing, run.state.round) == (Standing.QUEUED, 1)


async def test_a_queued_case_is_queued_again_word_for_word() -> None:
    run = await queued()
    await run.hear(RESUME)
    first, again = run.said_of(ReviewQueued)
    assert first == again


async def test_a_lost_confirmation_is_made_anew_and_the_decision_is_said_once() -> None:
    run = await queued()
    await signed(run)
    run.waiting.clear()
    assert missing(run) == ["confirm-decision"]
    await run.hear_all([RESUME, RESUME])
    assert missing(run) == []
    assert await run.fire(ConfirmDecision) == 1
    assert len(run.said_of(ReviewApproved)) == 1


async def test_a_confirmation_made_anew_does_not_shorten_the_time_to_undo() -> None:
    run = await queued()
    reply = await signed(run)
    run.waiting.clear()
    await run.hear(RESUME)
    (at,) = (at for at, later in run.waiting if isinstance(later.message, ConfirmDecision))
    assert at == reply.undo_until


async def test_warnings_that_were_lost_are_made_anew_and_given_once() -> None:
    run = await queued()
    run.waiting.clear()
    await run.hear(RESUME)
    timers = [later.message for _, later in run.waiting if isinstance(later.message, PassTerm)]
    assert [timer.percent for timer in timers] == [70, 90, 100]
    await run.fire(PassTerm)
    await run.hear(RESUME)
    await run.fire(PassTerm)
    assert [alert.percent for alert in run.appended_of(Alert)] == [70, 90, 100]


async def test_a_decision_is_said_again_word_for_word() -> None:
    run = await approved()
    await run.hear(RESUME)
    first, again = run.said_of(ReviewApproved)
    assert first == again
    assert first.certified.value == again.certified.value


async def test_an_annulment_is_said_again_also_after_the_ending_for_the_refund_stands_on_it() -> None:
    run = await queued()
    lease = await take(run)
    await run.hear(annulment(run, lease.token))
    await run.let_pass(UNDO)
    await run.hear(ApplicationClosed(application_id=APPLICATION, ending=Ending.ANNULLED, closed_at=NOW))
    await run.hear(RESUME)
    first, again = run.said_of(ReviewAnnulled)
    assert first == again
    assert again.decided_at == run.state.verdict.decided_at


async def test_what_production_sent_back_is_queued_again_in_its_new_round() -> None:
    run = await approved()
    await run.hear(refusal())
    await run.hear(RESUME)
    assert [said.round for said in run.said_of(ReviewQueued)] == [1, 2, 2]
    assert len(run.said_of(ReviewApproved)) == 1


async def test_after_an_approved_application_has_ended_nothing_is_said() -> None:
    run = await approved()
    await run.hear(ApplicationClosed(application_id=APPLICATION, ending=Ending.ISSUED, closed_at=NOW))
    run.said.clear()
    await run.hear(RESUME)
    assert run.said == []
