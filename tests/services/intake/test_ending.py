"""The one ending, and the referee between signed in time and abandoned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain.citizen import Reason
from services.intake.domain.own import SettleAbandonment, VerifySignature
from shared.contracts.base import Message
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationSubmitted,
    CloseApplication,
    CloseRefused,
    SignatureReturned,
)
from shared.contracts.portal import MessageRejected
from shared.contracts.values import Ending, Stage
from shared.security.cms import SignatureFault
from tests.services.intake.cases import (
    ID,
    PERSON,
    a_form,
    a_photo_accepted,
    a_registered,
    a_run,
    a_settled,
    a_submitted,
    an_eligible,
    an_opened,
    eligible,
    only,
    photo_accepted,
    photo_returned,
    signed,
    started,
)
from tests.services.running import Run

DAY = timedelta(hours=24)


def close(ending: Ending) -> CloseApplication:
    return CloseApplication(application_id=ID, ending=ending)


ABANDON = close(Ending.ABANDONED)


async def ended(run: Run) -> Ending | None:
    """What becomes of it when the grace is over."""
    await run.fire(SettleAbandonment)
    ending: Ending | None = run.state.ending
    return ending


async def test_closed_it_says_its_ending_and_frees_the_person() -> None:
    run = await an_opened()
    await run.hear(close(Ending.REFUSED))
    assert (only(run, ApplicationClosed).ending, run.owners, run.state.stage) == (Ending.REFUSED, {}, Stage.CLOSED)
    assert PERSON not in run.owners


async def test_the_first_ending_stands_and_is_said_again_when_ordered_again() -> None:
    run = await an_opened()
    await run.hear_all([close(Ending.REFUSED), close(Ending.WITHDRAWN)])
    first, second = run.said_of(ApplicationClosed)
    assert first == second


async def test_an_unknown_application_is_closed_for_good_and_answered() -> None:
    run = a_run()
    await run.hear(ABANDON)
    await run.hear(started())
    assert only(run, ApplicationClosed).ending is Ending.ABANDONED
    assert run.state.stage is Stage.CLOSED


async def test_closing_an_earlier_application_does_not_free_the_one_that_lives() -> None:
    run = await an_opened()
    await run.hear(close(Ending.REFUSED))
    run.owners[PERSON] = ID.__class__(int=9)
    await run.hear(close(Ending.REFUSED))
    assert run.owners[PERSON].int == 9


async def test_nobody_filled_a_form_in_time() -> None:
    run = await an_eligible()
    await run.let_pass(DAY)
    await run.hear(ABANDON)
    assert await ended(run) is Ending.ABANDONED


async def test_nobody_signed_in_time() -> None:
    run = await a_photo_accepted()
    await run.let_pass(DAY)
    await run.hear(ABANDON)
    assert await ended(run) is Ending.ABANDONED


async def test_an_unidentified_application_is_abandoned_without_a_form() -> None:
    run = await an_opened()
    await run.hear(ABANDON)
    assert await ended(run) is Ending.ABANDONED


@pytest.mark.parametrize("form", [a_form(), a_form(region="99")], ids=["accepted", "returned"])
async def test_a_form_said_in_time_but_heard_after_the_order_keeps_the_application_alive(form: Message) -> None:
    run = await an_eligible()
    in_time = run.now + DAY
    await run.let_pass(DAY + timedelta(seconds=5))
    await run.hear(ABANDON)
    await run.hear(form, said_at=in_time)
    assert only(run, CloseRefused).ending is Ending.ABANDONED
    assert await ended(run) is None


async def test_a_form_said_too_late_does_not_keep_it_alive() -> None:
    run = await an_eligible()
    await run.let_pass(DAY + timedelta(seconds=5))
    await run.hear_all([ABANDON, a_form()])
    assert only(run, MessageRejected).reason == Reason.DEADLINE_PASSED
    assert await ended(run) is Ending.ABANDONED


async def test_signed_in_time_and_valid_it_goes_on() -> None:
    run = await a_photo_accepted()
    in_time = run.now + DAY
    await run.let_pass(DAY + timedelta(seconds=5))
    await run.hear(ABANDON)
    await run.hear(signed(), said_at=in_time)
    assert await ended(run) is None
    await run.fire(VerifySignature)
    assert (only(run, CloseRefused).stage, bool(run.said_of(ApplicationSubmitted))) == (Stage.SUBMITTED, True)


async def test_signed_in_time_but_not_validly_it_is_abandoned_with_the_verdict() -> None:
    run = await a_photo_accepted()
    run.world.verifier.fault = SignatureFault.REVOKED
    await run.hear(signed())
    await run.hear(ABANDON)
    assert await ended(run) is None
    await run.fire(VerifySignature)
    assert [type(said) for said in run.said[-2:]] == [SignatureReturned, ApplicationClosed]


async def test_an_order_while_the_photo_is_looked_at_is_refused() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), ABANDON])
    assert only(run, CloseRefused).stage is Stage.FORM_ACCEPTED


async def test_an_order_for_the_deadline_before_is_refused_while_a_newer_one_runs() -> None:
    run = await an_eligible()
    await run.let_pass(DAY - timedelta(minutes=1))
    await run.hear_all([a_form(), photo_returned()])
    await run.let_pass(timedelta(minutes=2))
    await run.hear(ABANDON)
    assert only(run, CloseRefused).stage is Stage.ELIGIBLE


async def test_ordered_twice_while_it_waits_it_is_answered_once() -> None:
    run = await an_eligible()
    await run.let_pass(DAY)
    await run.hear_all([ABANDON, ABANDON])
    assert await ended(run) is Ending.ABANDONED
    assert len(run.said_of(ApplicationClosed)) == 1


@pytest.mark.parametrize("ending", [Ending.ABANDONED, Ending.REDIRECTED])
async def test_submitted_it_is_neither_abandoned_nor_redirected(ending: Ending) -> None:
    run = await a_submitted()
    await run.hear(close(ending))
    assert only(run, CloseRefused).stage is Stage.SUBMITTED


@pytest.mark.parametrize("ending", [Ending.ABANDONED, Ending.REDIRECTED, Ending.REFUSED])
async def test_registered_it_never_closes_by_itself(ending: Ending) -> None:
    run = await a_registered()
    await run.hear(close(ending))
    assert only(run, CloseRefused).stage is Stage.REGISTERED


@pytest.mark.parametrize(
    "ending", [Ending.ISSUED, Ending.ANNULLED, Ending.WITHDRAWN, Ending.UNPAID, Ending.NOT_MADE, Ending.NOT_COLLECTED]
)
async def test_registered_it_closes_as_its_story_orders(ending: Ending) -> None:
    run = await a_settled()
    await run.hear(close(ending))
    assert only(run, ApplicationClosed).ending is ending


async def test_redirected_while_a_signature_is_checked_waits_for_the_verdict() -> None:
    run = await a_photo_accepted()
    await run.hear_all([signed(), close(Ending.REDIRECTED)])
    await run.fire(VerifySignature)
    assert only(run, CloseRefused).ending is Ending.REDIRECTED


async def test_redirected_without_a_signature_it_ends() -> None:
    run = await a_photo_accepted()
    await run.hear(close(Ending.REDIRECTED))
    assert only(run, ApplicationClosed).ending is Ending.REDIRECTED


async def test_refused_while_an_early_signature_waits_it_ends() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), signed(), close(Ending.REFUSED)])
    assert only(run, ApplicationClosed).ending is Ending.REFUSED


async def test_after_the_ending_late_facts_change_nothing() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), close(Ending.REFUSED)])
    said = len(run.said)
    await run.hear_all([photo_accepted(), eligible()])
    assert (len(run.said), run.state.stage) == (said, Stage.CLOSED)


async def test_after_the_ending_the_portal_is_told_so() -> None:
    run = await a_photo_accepted()
    await run.hear_all([close(Ending.REFUSED), a_form(2), signed()])
    assert [said.reason for said in run.said_of(MessageRejected)] == [Reason.CLOSED, Reason.CLOSED]


async def test_a_form_that_waited_is_answered_when_the_application_ends() -> None:
    run = await an_opened()
    await run.hear_all([a_form(), close(Ending.REFUSED)])
    assert only(run, MessageRejected).reason == Reason.CLOSED
