"""S10 and only then S11, revision by revision: reasons, attempts, and what overtakes what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.identity_verification.likeness import NOT_ALIKE, NOT_MEASURED, Judgement, Likeness
from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.signature_sample import SampleFault, Sign
from services.identity_verification.state import CompareFace, JudgePhoto
from shared.contracts.identity_verification import (
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
    PhotoAccepted,
    PhotoRefused,
    PhotoReturned,
)
from shared.engine.decision import Outage, Overdue
from shared.engine.service import Step
from tests.services.identity_verification.outside import (
    BLURRED,
    DARK,
    IIN,
    MINUTE,
    Outside,
    a_run,
    acts,
    closed,
    form,
    identified,
    opened,
    steps,
)
from tests.services.running import APPLICATION, Run

ALIKE, NOT = Likeness(match=True, score=91), Likeness(match=False, score=34)


async def judged(outside: Outside, *forms: Any) -> Run:
    """Each form is judged before the next comes."""
    run = await identified(outside)
    for one in forms:
        await run.hear(one)
        await run.let_pass(timedelta())
    return run


async def test_a_fit_photo_of_the_person_is_accepted_with_hashes_and_scores() -> None:
    run = await judged(outside := Outside(), form(1))
    (said,) = run.said_of(PhotoAccepted)
    assert (said.revision, said.photo_sha256, said.signature_sha256) == (1, f"{1:064x}", f"{101:064x}")
    assert said.face_score == 91
    assert said.scores[PhotoFault.SHARPNESS] > 0
    assert {"faces", "eyes", "mouth", "chin", "crown", "axis", "wall"} == said.marks.value.points.keys()
    assert outside.asked_for("compare") == [(f"{APPLICATION}/face/1", IIN)]
    assert steps(run)[3:] == ["S10 done", "S11 done"]
    assert acts(run)[-1] == "compared with ГБД ФЛ: alike"


async def test_a_defect_returns_the_form_with_its_reasons_and_no_face_is_compared() -> None:
    run = await judged(outside := Outside(), form(1, DARK))
    (said,) = run.said_of(PhotoReturned)
    assert PhotoFault.LUMINANCE_MEAN in said.photo_reasons
    assert (said.revision, said.signature_reasons, said.attempts_left) == (1, (), 4)
    assert not outside.asked_for("compare")
    assert steps(run)[3:] == ["S10 returned"]


async def test_every_defect_of_photo_and_signature_sample_is_told_at_once() -> None:
    run = await judged(Outside(), form(1, DARK, "blank"))
    (said,) = run.said_of(PhotoReturned)
    assert PhotoFault.LUMINANCE_MEAN in said.photo_reasons
    assert SampleFault.BLANK in said.signature_reasons


async def test_what_is_soft_goes_to_the_officer_with_the_scores_and_costs_no_attempt() -> None:
    run = await judged(Outside(), form(1, BLURRED, "cross"))
    (said,) = run.said_of(PhotoAccepted)
    assert said.flags == (PhotoFault.SHARPNESS,)
    assert said.signature_flags == (SampleFault.FEW_STROKES,)
    assert said.scores[PhotoFault.SHARPNESS] < 60
    assert said.signature_scores[Sign.STROKES] < 50
    assert run.state.photo_misses == 0


async def test_images_that_we_fail_to_measure_go_to_the_officer_unmeasured_and_cost_no_attempt() -> None:
    run = await identified(outside := Outside())
    await run.hear(form(1, DARK))
    run.outages = frozenset({"laboratory"})
    await run.hear(JudgePhoto(application_id=APPLICATION, revision=1), answers=Overdue("laboratory"))
    await run.fire(CompareFace)
    (said,) = run.said_of(PhotoAccepted)
    assert (said.flags, said.signature_flags) == ((NOT_MEASURED,), (NOT_MEASURED,))
    assert (said.scores, said.signature_scores, said.face_score, said.marks) == ({}, {}, 91, None)
    assert (run.state.photo_misses, len(outside.asked_for("compare"))) == (0, 1)
    assert [(row.result, row.reason) for row in run.appended_of(Step) if row.step == "S10"] == [
        ("skipped", NOT_MEASURED)
    ]


@pytest.mark.parametrize(
    ("silent", "outages"),
    [
        ("objects", {"objects"}),
        ("objects", {"laboratory"}),
        ("laboratory", set()),  # the row is old; the laboratory failed but now
    ],
)
async def test_measuring_is_waived_for_nothing_but_a_laboratory_that_fails_for_long(
    silent: str, outages: set[str]
) -> None:
    run = await identified(outside := Outside())
    await run.hear(form(1, DARK))
    run.waiting.clear()
    run.outages = frozenset(outages)
    for _ in range(3):
        await run.hear(JudgePhoto(application_id=APPLICATION, revision=1), answers=Overdue(silent))
    assert not outside.asked_for("compare")
    assert [type(later.message) for _, later in run.waiting] == [JudgePhoto]
    await run.fire(JudgePhoto)
    assert len(run.said_of(PhotoReturned)) == 1, "measured in the end"


async def test_a_signature_sample_alone_returns_the_form() -> None:
    run = await judged(Outside(), form(1, sample="blank"))
    (said,) = run.said_of(PhotoReturned)
    assert (said.photo_reasons, bool(said.signature_reasons)) == ((), True)


async def test_five_unfit_photos_refuse() -> None:
    run = await judged(Outside(), *(form(revision, DARK) for revision in range(1, 7)))
    assert [said.attempts_left for said in run.said_of(PhotoReturned)] == [4, 3, 2, 1]
    assert [said.revision for said in run.said_of(PhotoRefused)] == [5]
    assert steps(run)[3:] == ["S10 returned"] * 4 + ["S10 refused"]


async def test_a_photo_of_another_is_returned_and_the_third_refuses() -> None:
    run = await judged(outside := Outside(likenesses=[NOT]), *(form(revision) for revision in range(1, 5)))
    assert [(said.photo_reasons, said.attempts_left) for said in run.said_of(PhotoReturned)] == [
        ((NOT_ALIKE,), 2), ((NOT_ALIKE,), 1),
    ]  # fmt: skip
    assert run.said_of(IdentityRefused) == [
        IdentityRefused(application_id=APPLICATION, reason=IdentityRefusal.FACE_MISMATCH)
    ]
    assert len(outside.asked_for("compare")) == 3
    assert steps(run)[-2:] == ["S10 done", "S11 refused"]


async def test_only_score_and_decision_of_a_comparison_are_kept() -> None:
    run = await judged(Outside(likenesses=[NOT, NOT, NOT]), *(form(revision) for revision in range(1, 4)))
    assert [act for act in acts(run) if act.startswith("compared")] == ["compared with ГБД ФЛ: not alike"] * 3
    assert run.state.likeness_misses == 3
    assert "34" not in repr(run.state)


async def test_the_attempts_of_s10_and_s11_are_counted_apart() -> None:
    forms = [form(1, DARK), form(2), form(3, DARK), form(4), form(5, DARK), form(6, DARK), form(7)]
    run = await judged(Outside(likenesses=[NOT, NOT, ALIKE]), *forms)
    assert [said.attempts_left for said in run.said_of(PhotoReturned)] == [4, 2, 3, 1, 2, 1]
    assert [said.revision for said in run.said_of(PhotoAccepted)] == [7]


async def test_nothing_is_judged_before_the_person_is_confirmed() -> None:
    run = a_run(outside := Outside(sessions=["PROGRESS", "PROGRESS", "PROGRESS", "PASSED"]))
    await run.hear_all([form(1), opened()])
    await run.let_pass(run.rules.poll)
    assert not run.said_of(PhotoAccepted)
    await run.let_pass(MINUTE)
    assert outside.questions()[-1] == "compare"
    assert len(run.said_of(PhotoAccepted)) == 1


async def test_a_form_of_somebody_never_confirmed_is_never_judged() -> None:
    run = a_run(outside := Outside(person=None))
    await run.hear_all([form(1), opened()])
    await run.let_pass(MINUTE)
    await run.hear(JudgePhoto(application_id=APPLICATION, revision=1))
    assert "compare" not in outside.questions()
    assert {type(said).__name__ for said in run.said} == {"ConsentRequested", "IdentityRefused"}


async def test_a_stale_revision_is_passed_over() -> None:
    run = await judged(Outside(), form(2), form(1))
    assert [said.revision for said in run.said_of(PhotoAccepted)] == [2]


async def test_a_revision_heard_again_is_silent() -> None:
    run = await judged(outside := Outside(), form(1), form(1))
    await run.hear(JudgePhoto(application_id=APPLICATION, revision=1))
    await run.hear(CompareFace(application_id=APPLICATION, revision=1, scores={}))
    assert len(run.said_of(PhotoAccepted)) == 1
    assert len(outside.asked_for("compare")) == 1


async def test_a_newer_revision_while_the_older_is_judged_takes_its_place_and_costs_no_attempt() -> None:
    run = await identified(Outside())
    await run.hear_all([form(1, DARK), form(2)])
    dark = Judgement((PhotoFault.UNDER_EXPOSURE,), (), {})
    await run.hear(JudgePhoto(application_id=APPLICATION, revision=1), answers=dark)
    assert run.state.photo_misses == 0
    await run.let_pass(timedelta())
    assert not run.said_of(PhotoReturned)
    assert [said.revision for said in run.said_of(PhotoAccepted)] == [2]


async def test_a_newer_revision_while_the_older_face_is_compared_takes_its_place() -> None:
    run = await identified(Outside())
    await run.hear(form(1))
    await run.fire(JudgePhoto)
    await run.hear(form(2))
    await run.hear(CompareFace(application_id=APPLICATION, revision=1, scores={}), answers=NOT)
    assert run.state.likeness_misses == 0
    await run.let_pass(timedelta())
    assert [said.revision for said in run.said_of(PhotoAccepted)] == [2]


@pytest.mark.parametrize("silence", [Outage("digital-id"), Overdue("digital-id")])
async def test_an_outage_at_s11_redirects_and_late_answers_change_nothing(silence: object) -> None:
    run = await identified(Outside())
    await run.hear(form(1))
    await run.fire(JudgePhoto)
    await run.hear(CompareFace(application_id=APPLICATION, revision=1, scores={}), answers=silence)
    assert run.said_of(IdentityUnavailable) == [
        IdentityUnavailable(application_id=APPLICATION, dependency="digital-id")
    ]
    state, said = run.state, list(run.said)
    await run.hear(CompareFace(application_id=APPLICATION, revision=1, scores={}), answers=ALIKE)
    await run.hear(form(2))
    await run.let_pass(MINUTE)
    assert (run.state, run.said) == (state, said)


@pytest.mark.parametrize("when", ["before the judgement", "before the comparison"])
async def test_after_the_ending_no_photo_is_judged(when: str) -> None:
    run = await identified(outside := Outside())
    await run.hear(form(1))
    if when == "before the comparison":
        await run.fire(JudgePhoto)
    await run.hear(closed())
    await run.hear(CompareFace(application_id=APPLICATION, revision=1, scores={}), answers=ALIKE)
    await run.hear(form(2))
    await run.let_pass(MINUTE)
    assert not run.said_of(PhotoAccepted)
    assert not outside.asked_for("compare")


async def test_scores_and_decisions_are_kept_and_never_an_image() -> None:
    run = await judged(Outside(), form(1))
    kept = repr(run.state) + repr(run.appended) + repr(run.said)
    assert "JFIF" not in kept
    assert len(kept) < 8000
