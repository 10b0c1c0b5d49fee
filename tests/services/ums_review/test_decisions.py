"""The officer's decision: what makes it stand, and what makes it fall."""

from __future__ import annotations

from datetime import timedelta

from services.ums_review import acts
from services.ums_review.acts import Code, ConfirmDecision, Refusal
from services.ums_review.deciding import payload
from services.ums_review.notes import Note, SignedDecision
from services.ums_review.review import Standing
from shared.contracts.base import Sealed
from shared.contracts.ums_review import AnnulmentGround, Choice, ReviewAnnulled, ReviewApproved, ReviewQueued
from shared.engine.service import Step
from tests.law.people import a_person
from tests.services.running import APPLICATION
from tests.services.ums_review.cases import (
    CMS,
    CODE,
    PHOTO,
    POINT,
    REGION,
    SAMPLE,
    TALON,
    annulment,
    approved,
    audits,
    by,
    decision,
    queued,
    refusal,
    signed,
    take,
)  # fmt: skip

UNDO = timedelta(seconds=10)
EXTRA = AnnulmentGround.EXTRA_CHECKS


async def test_an_approval_is_said_only_when_the_time_to_undo_has_passed() -> None:
    run = await queued()
    reply = await signed(run)
    assert reply == acts.Signed("d1", run.now + UNDO)
    await run.let_pass(UNDO - timedelta(seconds=1))
    assert run.said_of(ReviewApproved) == []
    await run.let_pass(timedelta(seconds=1))
    [said] = run.said_of(ReviewApproved)
    assert (said.decision_id, said.round, said.officer_id, said.region, said.point, said.talon) == (
        "d1", 1, "17", REGION, POINT, TALON,
    )  # fmt: skip
    assert run.state.standing is Standing.APPROVED


async def test_what_was_certified_goes_on_unaltered_with_the_officers_signature() -> None:
    [said] = (await approved()).said_of(ReviewApproved)
    certified = said.certified.value
    assert certified.person == a_person()
    assert (certified.photo.sha256, certified.signature_sample.sha256) == (PHOTO, SAMPLE)
    assert (certified.documentation_code, certified.canonical_sha256, certified.cms) == (CODE, "e" * 64, CMS)
    assert "900115390019" not in repr(said)


async def test_an_annulment_has_its_ground_and_reasons() -> None:
    run = await queued()
    lease = await take(run)
    await run.hear(annulment(run, lease.token))
    await run.let_pass(UNDO)
    [said] = run.said_of(ReviewAnnulled)
    assert (said.ground, said.reasons, said.after_approval) == (AnnulmentGround.PHOTO, ("PHOTO_BLURRED",), False)
    assert run.appended_of(Step) == [Step(APPLICATION, "S17", "refused", "PHOTO")]


async def test_a_confirmed_decision_stands_in_the_file_with_its_signature_and_lease() -> None:
    run = await approved()
    [row] = run.appended_of(SignedDecision)
    assert (row.decision_id, row.officer_id, row.region, row.cms) == ("d1", "17", REGION, Sealed(CMS))
    assert row.lease_token
    assert ("officer:17", "confirm-decision", "APPROVE") in audits(run)


async def test_a_decision_undone_in_time_is_never_said_and_the_case_is_still_held() -> None:
    run = await queued()
    await signed(run)
    assert await run.hear(acts.UndoDecision(**by(run), decision_id="d1")) == acts.Done()
    assert await run.hear(acts.UndoDecision(**by(run), decision_id="d1")) == acts.Done()
    await run.let_pass(UNDO)
    assert [type(word) for word in run.said] == [ReviewQueued]
    assert (run.state.standing, run.state.lease_officer) == (Standing.QUEUED, "17")


async def test_a_decision_that_was_undone_does_not_rise_again_when_its_call_is_repeated() -> None:
    run = await queued()
    lease = await take(run)
    await run.hear(decision(run, lease.token))
    await run.hear(acts.UndoDecision(**by(run), decision_id="d1"))
    assert await run.hear(decision(run, lease.token)) == Refusal(Code.DECISION_ID_SPENT)
    assert isinstance(await run.hear(decision(run, lease.token, decision_id="d1b")), acts.Signed)
    await run.let_pass(UNDO)
    assert [said.decision_id for said in run.said_of(ReviewApproved)] == ["d1b"]


async def test_a_confirmed_decision_cannot_be_undone() -> None:
    run = await approved()
    assert await run.hear(acts.UndoDecision(**by(run), decision_id="d1")) == Refusal(Code.DECIDED)


async def test_only_who_signed_undoes() -> None:
    run = await queued()
    await signed(run)
    assert await run.hear(acts.UndoDecision(**by(run, officer="18"), decision_id="d1")) == Refusal(
        Code.NOT_YOUR_DECISION
    )
    assert await run.hear(acts.UndoDecision(**by(run), decision_id="other")) == Refusal(Code.NO_SUCH_DECISION)


async def test_the_same_decision_sent_again_gets_the_same_answer_before_and_after_it_is_confirmed() -> None:
    run = await queued()
    lease = await take(run)
    sent = decision(run, lease.token)
    first = await run.hear(sent)
    assert await run.hear(sent) == first
    await run.let_pass(UNDO)
    assert await run.hear(sent) == first
    assert len(run.said_of(ReviewApproved)) == 1


async def test_a_second_decision_is_refused_while_one_waits_and_after_it() -> None:
    run = await queued()
    lease = await take(run)
    await run.hear(decision(run, lease.token))
    other = annulment(run, lease.token, decision_id="d2", payload_sha256="0" * 64)
    assert await run.hear(other) == Refusal(Code.ALREADY_SIGNED)
    await run.let_pass(UNDO)
    assert await run.hear(other) == Refusal(Code.DECIDED)
    assert run.said_of(ReviewAnnulled) == []


async def test_a_decision_without_a_running_lease_is_refused() -> None:
    run = await queued()
    lease = await take(run)
    assert await run.hear(decision(run, "another-token")) == Refusal(Code.LEASE_LOST)
    assert await run.hear(decision(run, lease.token, officer="18")) == Refusal(Code.LEASE_LOST)
    await run.let_pass(timedelta(minutes=15))
    assert await run.hear(decision(run, lease.token)) == Refusal(Code.LEASE_LOST)
    assert run.state.verdict is None


async def test_a_decision_of_an_officer_whose_lease_passed_to_another_is_refused() -> None:
    run = await queued()
    lease = await take(run)
    await run.let_pass(timedelta(minutes=15))
    await take(run, officer="18")
    assert await run.hear(decision(run, lease.token)) == Refusal(Code.LEASE_LOST)


async def test_a_decision_must_name_the_documentation_code_and_the_round() -> None:
    run = await queued()
    lease = await take(run)
    assert await run.hear(decision(run, lease.token, documentation_code="x")) == Refusal(Code.DOCUMENTATION_CODE)
    assert await run.hear(decision(run, lease.token, round=2)) == Refusal(Code.ROUND_CHANGED)


async def test_a_lease_lost_before_the_confirmation_brings_the_case_back() -> None:
    run = await queued()
    await signed(run)
    run.state = run.state.released()
    await run.let_pass(UNDO)
    assert run.said_of(ReviewApproved) == []
    assert run.state.standing is Standing.QUEUED


async def test_a_stale_confirmation_is_silent() -> None:
    run = await approved()
    before = run.state
    await run.hear(ConfirmDecision(application_id=APPLICATION, decision_id="d1"))
    await run.hear(ConfirmDecision(application_id=APPLICATION, decision_id="d0"))
    assert run.state == before
    assert len(run.said_of(ReviewApproved)) == 1


async def test_a_note_is_sealed_and_stays_here() -> None:
    run = await queued()
    await signed(run, note=Sealed("looks tired"))
    await run.let_pass(UNDO)
    assert run.appended_of(Note) == [Note(APPLICATION, "17", "sign-decision", Sealed("looks tired"))]
    assert "tired" not in repr(run.said) + repr(run.state)


async def test_the_signature_covers_decision_application_images_round_and_moment() -> None:
    run = await queued()

    def covered(**changes: object) -> str:
        fields = {"officer_id": "17", "choice": Choice.APPROVE, "ground": None, "reasons": (),
                  "documentation_code": CODE, "decided_at": run.now}  # fmt: skip
        return payload(run.state, **{**fields, **changes}).sha256()  # type: ignore[arg-type]

    plain = covered()
    assert plain == covered()
    changes: list[dict[str, object]] = [
        {"officer_id": "18"},
        {"choice": Choice.ANNUL},
        {"ground": EXTRA},
        {"reasons": ("A",)},
        {"documentation_code": "x"},
        {"decided_at": run.now + UNDO},
    ]
    assert plain not in [covered(**change) for change in changes]
    await approved(run)
    await run.hear(refusal())
    assert covered() != plain
