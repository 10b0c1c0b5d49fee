"""S10 and only then S11, for each revision of the form: is the photo fit, and is it of the person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.identity_verification.state import CompareFace, Identification, JudgePhoto, Phase, audit, key_of, step
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import (
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
    PhotoAccepted,
    PhotoMarks,
    PhotoRefused,
    PhotoReturned,
)
from shared.contracts.intake import FormAccepted
from shared.engine.decision import Decision, Given, Later, Outage, Overdue

Decided = Decision[Identification]
NOT_ALIKE = "FaceMismatch"
NOT_MEASURED = "NotMeasured"
"""What the officer is told of images over which our own measuring failed: they must look for themselves."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """S10: every defect of photo and signature sample that sends them back, what the officer is to be told of them
    (`flags`), and their scores (0–100)."""

    photo_reasons: tuple[str, ...]
    signature_reasons: tuple[str, ...]
    scores: Mapping[str, int]
    flags: tuple[str, ...] = ()
    signature_scores: Mapping[str, int] = field(default_factory=dict)
    signature_flags: tuple[str, ...] = ()
    marks: PhotoMarks | None = None


UNMEASURED = Judgement((), (), {}, (NOT_MEASURED,), signature_flags=(NOT_MEASURED,))
MEASURING = "laboratory"


@dataclass(frozen=True, slots=True)
class Likeness:
    """S11 by Digital-ID: score 0–100 and its decision; never the image or a template."""

    match: bool
    score: int


def form_accepted(state: Identification, said: FormAccepted) -> Decided:
    """A newer revision waits to be judged; an older one is passed over."""
    if state.closed or state.photo_over or said.revision <= state.revision:
        return Decision(state)
    kept = state.but(revision=said.revision, photo=said.photo, sample=said.signature_sample)
    return Decision(kept, later=(judging(kept),) if kept.awaits_photo else ())


def judging(state: Identification) -> Later:
    judge = JudgePhoto(application_id=state.application_id, revision=state.revision)
    return Later(judge, clock="machine", key=key_of(judge))


def photo_judged(state: Identification, said: JudgePhoto, given: Given) -> Decided:
    """Defects return the form with every reason; five spent attempts refuse (S10). Fit, or not measured: S11. Only
    measuring that has itself failed for ten minutes is waived; who waits for images waits on.
    """
    if not state.awaits_photo or said.revision != state.revision:
        return Decision(state)
    silent = given.answers.dependency if isinstance(given.answers, Outage | Overdue) else ""
    if silent and not (silent == MEASURING and MEASURING in given.outages):
        return Decision(state, later=(judging(state),))
    found: Judgement = UNMEASURED if silent else given.answers
    id, limits = state.application_id, given.rules.limits
    if not found.photo_reasons and not found.signature_reasons:
        compare = CompareFace(
            application_id=id,
            revision=said.revision,
            scores=dict(found.scores),
            flags=found.flags,
            signature_scores=dict(found.signature_scores),
            signature_flags=found.signature_flags,
            marks=Sealed(found.marks) if found.marks else None,
        )
        return Decision(state, later=(Later(compare, clock="machine", key=key_of(compare)),))
    misses = state.photo_misses + 1
    judged = state.but(judged=said.revision, photo_misses=misses)
    reasons = {"photo_reasons": found.photo_reasons, "signature_reasons": found.signature_reasons}
    if misses >= limits.photo_attempts:
        refused = PhotoRefused(application_id=id, revision=said.revision, **reasons)
        over = judged.but(photo_over=True, refused=refused)
        return Decision(over, refused, appends=(step(id, "S10", "refused"),))
    left = limits.photo_attempts - misses
    returned = PhotoReturned(application_id=id, revision=said.revision, attempts_left=left, **reasons)
    return Decision(judged.but(returned=returned), returned, appends=(step(id, "S10", "returned"),))


def face_compared(state: Identification, said: CompareFace, given: Given) -> Decided:
    """Alike: the photo is accepted. Not alike: another photo, three attempts in all (S11)."""
    if not state.awaits_photo or said.revision != state.revision:
        return Decision(state)
    id = state.application_id
    if isinstance(given.answers, Outage | Overdue):
        away = IdentityUnavailable(application_id=id, dependency=given.answers.dependency)
        return Decision(state.but(photo_over=True, silent=away.dependency), away)
    likeness: Likeness = given.answers
    judged = state.but(judged=said.revision)
    measured = step(id, "S10", "skipped", NOT_MEASURED) if NOT_MEASURED in said.flags else step(id, "S10")
    compared = audit(state, "compared with ГБД ФЛ", "alike" if likeness.match else "not alike")
    if likeness.match:
        assert state.photo is not None
        assert state.sample is not None
        accepted = PhotoAccepted(
            application_id=id,
            revision=said.revision,
            photo_sha256=state.photo.sha256,
            signature_sha256=state.sample.sha256,
            face_score=likeness.score,
            scores=said.scores,
            flags=said.flags,
            signature_scores=said.signature_scores,
            signature_flags=said.signature_flags,
            marks=said.marks,
        )
        done = (measured, step(id, "S11"), compared)
        return Decision(judged.but(accepted=accepted), accepted, appends=done)
    misses = state.likeness_misses + 1
    judged = judged.but(likeness_misses=misses)
    left = given.rules.limits.likeness_attempts - misses
    if left <= 0:
        refused = IdentityRefused(application_id=id, reason=IdentityRefusal.FACE_MISMATCH)
        over = judged.but(photo_over=True, refusal=refused.reason)
        return Decision(over, refused, appends=(measured, step(id, "S11", "refused"), compared))
    returned = PhotoReturned(application_id=id, revision=said.revision, photo_reasons=(NOT_ALIKE,), attempts_left=left)
    done = (measured, step(id, "S11", "returned"), compared)
    return Decision(judged.but(returned=returned), returned, appends=done)


def may_compare(state: Identification) -> bool:
    """S11 is asked only of a confirmed person whose form still waits."""
    return state.awaits_photo and state.phase is Phase.CONFIRMED
