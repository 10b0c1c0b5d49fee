"""Intake goes on when rows or facts were lost: nothing changes, nothing is registered twice, and it ends the same."""

from __future__ import annotations

import pytest

from services.intake.domain.own import (
    RegisterApplication,
    SettleAbandonment,
    TidyTalons,
    VerifySignature,
    VerifyWithdrawal,
)
from services.intake.domain.registration import Refused
from services.intake.domain.resuming import awaited
from shared.contracts.base import Message, Sealed
from shared.contracts.identity_verification import IdentityRefusal, IdentityRefused
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationOpened,
    ApplicationRegistered,
    ApplicationSubmitted,
    CloseApplication,
    FormAccepted,
    RecallRegistration,
    RegistrationRefused,
    ResultRequested,
    ResumeApplication,
    WithdrawalRequested,
)
from shared.contracts.values import Ending
from shared.security.cms import SignatureFault
from tests.services.healing import Life, ends_the_same, says_nothing_new, unmet
from tests.services.intake.cases import (
    ID,
    a_photo_accepted,
    a_registered,
    a_run,
    a_settled,
    a_submitted,
    an_eligible,
    an_opened,
    only,
    signed,
    started,
    upload,
)
from tests.services.intake.test_permutations import ANNULLED, ISSUED, RETURNED, _essence, work_off
from tests.services.intake.test_requests import withdrawn
from tests.services.running import Run

RESUME = ResumeApplication(application_id=ID)


async def uploaded(run: Run) -> None:
    if run.state.opened and not run.state.uploads:
        await upload(run)


def life(told: tuple[Message, ...]) -> Life:
    return Life(a_run, told, RESUME, lambda run: awaited(run.state), work_off, uploaded)


LIVES = pytest.mark.parametrize("told", [ISSUED, RETURNED, ANNULLED], ids=["issued", "returned", "annulled"])


@LIVES
async def test_rows_lost_at_any_step_are_made_anew_and_it_ends_the_same(told: tuple[Message, ...]) -> None:
    await ends_the_same(life(told), _essence)


@LIVES
async def test_going_on_says_nothing_that_was_not_said_and_changes_nothing(told: tuple[Message, ...]) -> None:
    await says_nothing_new(life(told))


async def test_what_others_may_not_have_heard_is_said_again() -> None:
    run = await a_settled()
    run.said.clear()
    await run.hear(RESUME)
    assert [type(said) for said in run.said] == [
        ApplicationOpened, FormAccepted, ApplicationSubmitted, ApplicationRegistered, ResultRequested,
    ]  # fmt: skip


async def test_the_opening_is_said_again_word_for_word() -> None:
    run = await an_opened()
    await run.hear(RESUME)
    first, again = run.said_of(ApplicationOpened)
    assert first == again
    assert again.phone.value == "+77011234567"


async def test_a_signature_in_check_is_checked_once_more_after_its_row_was_lost() -> None:
    run = await a_photo_accepted()
    await run.hear(signed())
    run.waiting.clear()
    await run.hear_all([RESUME, RESUME])
    assert await run.fire(VerifySignature) == 1
    assert run.state.submitted


async def test_a_lost_registration_is_asked_for_again_and_gives_one_talon() -> None:
    run = await a_submitted()
    run.waiting.clear()
    await run.hear_all([RESUME, RESUME])
    assert await run.fire(RegisterApplication) == 1
    assert len(run.world.register.standing) == 1
    assert only(run, ApplicationRegistered).talon == run.world.register.standing[0]


async def test_after_the_registration_the_submission_is_said_again_without_the_cms() -> None:
    run = await a_registered()
    await run.hear(RESUME)
    first, again = run.said_of(ApplicationSubmitted)
    assert first.cms.value
    assert again == first.model_copy(update={"cms": again.cms})
    assert again.cms.value == ""


async def test_a_refusal_of_the_register_is_said_again_with_its_texts() -> None:
    run = await a_submitted()
    run.world.register.refuses = Refused("RN-1", "kk", "ru")
    await run.fire(RegisterApplication)
    await run.hear(RESUME)
    first, again = run.said_of(RegistrationRefused)
    assert (first, again.text_kk) == (again, "kk")


async def test_a_lost_grace_still_ends_what_was_abandoned() -> None:
    run = await an_eligible()
    await run.hear(CloseApplication(application_id=ID, ending=Ending.REDIRECTED))
    assert run.state.ending is Ending.REDIRECTED
    run = await an_eligible()
    run.moved += run.rules.limits.form
    await run.hear(CloseApplication(application_id=ID, ending=Ending.ABANDONED))
    run.waiting.clear()
    await run.hear(RESUME)
    assert await run.fire(SettleAbandonment) == 1
    assert run.state.ending is Ending.ABANDONED


async def test_after_the_ending_only_the_ending_is_said_again_and_a_lost_recall_is_made_anew() -> None:
    run = await a_registered()
    await run.hear(CloseApplication(application_id=ID, ending=Ending.ANNULLED))
    run.said.clear()
    await run.hear(RESUME)
    assert [type(said) for said in run.said] == [ApplicationClosed]
    await run.hear(RecallRegistration(application_id=ID))
    run.waiting.clear()
    await run.hear(RESUME)
    assert await run.fire(TidyTalons) == 1
    assert run.world.register.standing == []


async def test_a_withdrawal_in_check_is_checked_though_its_row_was_lost_and_is_said_again_after_it() -> None:
    run = await a_registered()
    await run.hear(withdrawn(cms=Sealed("Q01T")))
    assert unmet(run, awaited(run.state)) == []
    run.waiting.clear()
    await run.hear_all([RESUME, RESUME])
    assert await run.fire(VerifyWithdrawal) == 1
    assert run.state.withdrawal is not None
    assert run.state.withdrawal.cms is None
    await run.hear(RESUME)
    first, again = run.said_of(WithdrawalRequested)
    assert (first, again.signed) == (again, True)


async def test_a_withdrawal_that_was_not_signed_rightly_is_not_said_again() -> None:
    run = await a_registered()
    run.world.verifier.fault = SignatureFault.OTHER_IIN
    await run.hear(withdrawn(cms=Sealed("Q01T")))
    await run.fire(VerifyWithdrawal)
    await run.hear(RESUME)
    assert (run.said_of(WithdrawalRequested), run.state.withdrawal) == ([], None)


async def test_an_unknown_application_stays_unknown() -> None:
    run = a_run()
    await run.hear(RESUME)
    assert (run.said, run.waiting, run.state.opened) == ([], [], False)
    await run.hear(started())
    assert run.state.opened


async def test_an_identity_refused_and_said_again_is_counted_once() -> None:
    run = await an_opened()
    refused = IdentityRefused(application_id=ID, reason=IdentityRefusal.IDENTIFICATION_FAILED)
    await run.hear_all([refused, refused])
    assert len([row for row in run.appended if type(row).__name__ == "IdentityRefusal"]) == 1
