"""S12: the accepted revision, in the window and the pilot on the day of receipt, validly signed by the applicant."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta

import pytest

from deploy.sandbox.authority import Authority
from services.intake.app import SERVICE
from services.intake.domain.citizen import Reason
from services.intake.domain.own import RegisterApplication, SeekRegistration, VerifySignature
from shared.contracts.base import Sealed
from shared.contracts.intake import ApplicationSubmitted, SignatureProblem, SignatureReturned
from shared.contracts.portal import MessageRejected
from shared.contracts.values import Stage
from shared.engine.decision import ALMATY
from shared.engine.rows import Unavailable
from shared.engine.service import Step
from shared.gateways.policies import POLICIES
from shared.security.canonical import CanonicalApplication
from shared.security.cms import SignatureFault
from shared.security.evidence import KeptSignature
from tests.services.intake.cases import (
    ID,
    IIN,
    OTHER_IIN,
    PLACE,
    a_form,
    a_photo_accepted,
    a_run,
    a_submitted,
    an_eligible,
    another,
    eligible,
    only,
    photo_accepted,
    photo_returned,
    signed,
    started,
    upload,
)
from tests.services.running import NOW, Run


def problem(run: Run) -> SignatureProblem:
    found: SignatureProblem = only(run, SignatureReturned).problem
    return found


async def test_a_valid_signature_of_the_accepted_revision_submits() -> None:
    run = await a_submitted()
    submitted = only(run, ApplicationSubmitted)
    assert (submitted.revision, submitted.received_on, submitted.cms.value) == (1, date(2025, 10, 6), "Q01T")
    assert run.state.stage is Stage.SUBMITTED
    assert run.appended_of(Step)[-1].step == "S12"


async def test_a_valid_signature_is_kept_with_its_moment_and_an_invalid_one_is_not() -> None:
    run = await a_submitted()
    (kept,) = run.appended_of(KeptSignature)
    canonical = CanonicalApplication.of(IIN, a_form())
    assert (kept.what, kept.payload_sha256, kept.cms.value) == ("application", canonical.sha256(), "Q01T")
    assert kept.judged_for == run.world.verifier.moments[0]
    bad = await a_photo_accepted()
    bad.world.verifier.fault = SignatureFault.OTHER_IIN
    await bad.hear(signed())
    await bad.fire(VerifySignature)
    assert bad.appended_of(KeptSignature) == []


async def test_a_gost_signature_waits_for_ncanode_and_not_for_our_own_lists() -> None:
    authority = Authority(NOW, b"gost")
    cms = base64.b64encode(authority.citizen(IIN).sign(b"payload", digest="gost")).decode()
    run = await a_photo_accepted()
    await run.hear(signed(cms=Sealed(cms)))
    check = VerifySignature(application_id=ID, number=1, iin_index="i")
    reaction = SERVICE.by_key["verify-signature"]
    assert reaction.policy_for(run.state, check) == POLICIES["ncanode"]
    run.world.verifier.fault = SignatureFault.NO_REVOCATION_DATA
    with pytest.raises(Unavailable, match="ncanode"):
        await run.fire(VerifySignature)
    assert reaction.policy_for((await a_submitted()).state, check) == POLICIES["eds"]


async def test_the_signature_is_checked_over_the_canonical_application_of_our_own_state() -> None:
    run = await a_submitted()
    canonical = CanonicalApplication.of(IIN, a_form())
    assert run.world.verifier.payloads == [canonical.canonical()]
    assert only(run, ApplicationSubmitted).canonical_sha256 == canonical.sha256()


async def test_the_signature_is_checked_for_the_moment_of_receipt() -> None:
    run = await a_photo_accepted()
    said_at = run.now
    await run.let_pass(timedelta(hours=2))
    await run.hear(signed(), said_at=said_at)
    await run.fire(VerifySignature)
    assert run.world.verifier.moments == [said_at]


async def test_an_invalid_signature_goes_back_with_its_fault_and_may_be_made_again() -> None:
    run = await a_photo_accepted()
    run.world.verifier.fault = SignatureFault.OTHER_IIN
    await run.hear(signed())
    await run.fire(VerifySignature)
    assert (problem(run), only(run, SignatureReturned).detail) == (SignatureProblem.INVALID, "OTHER_IIN")
    assert PLACE not in run.owners
    run.world.verifier.fault = None
    await run.hear(signed())
    await run.fire(VerifySignature)
    assert run.said_of(ApplicationSubmitted)


async def test_what_is_no_cms_goes_back() -> None:
    run = await a_photo_accepted()
    await run.hear(signed(cms=Sealed("not base64!")))
    await run.fire(VerifySignature)
    assert only(run, SignatureReturned).detail == SignatureFault.NOT_CMS


async def test_without_a_revocation_list_nothing_is_decided() -> None:
    run = await a_photo_accepted()
    run.world.verifier.fault = SignatureFault.NO_REVOCATION_DATA
    await run.hear(signed())
    with pytest.raises(Unavailable):
        await run.fire(VerifySignature)


async def test_a_signature_of_an_older_revision_is_stale() -> None:
    run = await a_photo_accepted()
    await run.hear_all([a_form(2), photo_accepted(2), signed(1)])
    assert problem(run) is SignatureProblem.STALE


async def test_a_signature_of_a_revision_nobody_has_accepted_goes_back() -> None:
    run = await a_photo_accepted()
    await run.hear(signed(2))
    assert problem(run) is SignatureProblem.NOT_ACCEPTED_YET


async def test_a_signature_whose_photo_was_returned_goes_back() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), photo_returned(), signed()])
    assert problem(run) is SignatureProblem.NOT_ACCEPTED_YET


async def test_a_signature_that_comes_before_the_verdict_on_the_photo_waits_for_it() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), signed()])
    assert await run.fire(VerifySignature) == 0
    await run.hear(photo_accepted())
    await run.fire(VerifySignature)
    assert run.said_of(ApplicationSubmitted)


async def test_a_signature_that_comes_before_a_bad_verdict_goes_back_with_it() -> None:
    run = await an_eligible()
    await run.hear_all([a_form(), signed(), photo_returned()])
    assert (problem(run), run.state.signature) == (SignatureProblem.NOT_ACCEPTED_YET, None)


async def test_one_signs_once() -> None:
    run = await a_submitted()
    await run.hear(signed())
    assert problem(run) is SignatureProblem.ALREADY_SIGNED


async def test_a_second_signature_while_the_first_is_checked_goes_back() -> None:
    run = await a_photo_accepted()
    await run.hear_all([signed(), signed()])
    assert problem(run) is SignatureProblem.ALREADY_SIGNED


async def test_of_an_unknown_application_nothing_is_signed() -> None:
    run = a_run()
    await run.hear(signed())
    assert only(run, MessageRejected).reason == Reason.UNKNOWN_APPLICATION


async def test_only_the_applicant_signs() -> None:
    run = await a_photo_accepted()
    await run.hear(signed(authenticated_iin=Sealed(OTHER_IIN)))
    assert only(run, MessageRejected).reason == Reason.NOT_YOURS


@pytest.mark.parametrize(("days_left", "in_window"), [(31, False), (30, True), (0, True), (-10, True), (-11, False)])
async def test_the_window_is_judged_on_the_day_of_receipt(days_left: int, in_window: bool) -> None:
    run = a_run()
    await run.hear_all([started(), eligible(NOW.astimezone(ALMATY).date() + timedelta(days=days_left))])
    await upload(run)
    await run.hear_all([a_form(), photo_accepted(), signed()])
    await run.fire(VerifySignature)
    assert bool(run.said_of(ApplicationSubmitted)) is in_window
    assert in_window or problem(run) is SignatureProblem.OUTSIDE_WINDOW


@pytest.mark.parametrize(("hour", "in_time"), [(23, True), (24, False)])
async def test_the_day_of_receipt_ends_at_midnight_in_almaty(hour: int, in_time: bool) -> None:
    last = datetime(2025, 10, 30, 12, 0, tzinfo=ALMATY)
    run = a_run(started=last)
    await run.hear_all([started(), eligible()])
    await upload(run)
    await run.hear_all([a_form(), photo_accepted()])
    await run.let_pass(timedelta(hours=hour - 12))
    await run.hear(signed())
    await run.fire(VerifySignature)
    assert bool(run.said_of(ApplicationSubmitted)) is in_time
    assert in_time or problem(run) is SignatureProblem.OUTSIDE_WINDOW


@pytest.mark.parametrize(("late", "in_time"), [(timedelta(), True), (timedelta(days=1), False)])
async def test_the_pilot_is_judged_on_the_day_of_receipt(late: timedelta, in_time: bool) -> None:
    run = a_run(started=datetime(2026, 3, 31, 20, 0, tzinfo=ALMATY))
    await run.hear_all([started(), eligible(date(2026, 4, 10))])
    await upload(run)
    await run.hear_all([a_form(), photo_accepted()])
    await run.let_pass(late)
    await run.hear(signed())
    await run.fire(VerifySignature)
    assert bool(run.said_of(ApplicationSubmitted)) is in_time
    assert in_time or problem(run) is SignatureProblem.OUTSIDE_PILOT


async def test_what_was_received_in_time_is_carried_on_however_late_it_is_heard() -> None:
    run = await a_photo_accepted()
    said_at = run.now
    await run.let_pass(timedelta(days=60))
    await run.hear(signed(), said_at=said_at)
    await run.fire(VerifySignature)
    assert only(run, ApplicationSubmitted).received_on == date(2025, 10, 6)


async def test_a_signature_said_after_the_time_for_signing_loses() -> None:
    run = await a_photo_accepted()
    await run.let_pass(timedelta(hours=24, seconds=1))
    await run.hear(signed())
    assert only(run, MessageRejected).reason == Reason.DEADLINE_PASSED


async def test_s13_waits_while_an_earlier_registration_of_the_person_stands() -> None:
    run = await a_photo_accepted()
    run.owners[PLACE] = another(1)
    await run.hear(signed())
    await run.fire(VerifySignature)
    await run.fire(SeekRegistration)
    assert (run.state.stage, await run.fire(RegisterApplication)) == (Stage.SUBMITTED, 0)
    del run.owners[PLACE]
    await run.fire(SeekRegistration)
    assert (await run.fire(RegisterApplication), run.owners[PLACE], run.state.stage) == (1, ID, Stage.REGISTERED)
