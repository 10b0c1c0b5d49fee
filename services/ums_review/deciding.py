"""The officer's decision (p.11): signed under a lease, undone within its time, then confirmed and said. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.ums_review.acts import Code, ConfirmDecision, Done, SignDecision, Signed, UndoDecision
from services.ums_review.domain import by_service, drop
from services.ums_review.leases import audited, refused, settled, stranger
from services.ums_review.notes import Note, signed
from services.ums_review.review import DECIDED, Review, Standing, Verdict
from shared.contracts.base import Sealed
from shared.contracts.ums_review import AnnulmentGround, CertifiedApplication, Choice, ReviewAnnulled, ReviewApproved
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Audited, Step
from shared.security.canonical import CanonicalDecision

SIGN, UNDO, CONFIRM = "sign-decision", "undo-decision", "confirm-decision"


def payload(
    review: Review, officer_id: str, choice: Choice, ground: AnnulmentGround | None, reasons: tuple[str, ...],
    documentation_code: str, decided_at: datetime,
) -> CanonicalDecision:  # fmt: skip
    """What the officer's CMS must cover: the decision, the citizen's canonical application and both images."""
    assert review.submission
    assert review.form
    return CanonicalDecision(
        application_id=review.application_id,
        round=review.round,
        documentation_code=documentation_code,
        decision=choice.value,
        ground=ground.value if ground else None,
        reasons=reasons,
        application_sha256=review.submission.canonical_sha256,
        photo_sha256=review.form.photo.sha256,
        signature_sample_sha256=review.form.signature_sample.sha256,
        officer=officer_id,
        moment=decided_at,
    )


def sign(review: Review, act: SignDecision, given: Given) -> Decision[Review]:
    """A valid decision waits for the time to undo, the case held until then. The same again: the same answer."""
    if _is_the_same(review, act):
        assert review.verdict
        return Decision(review, reply=Signed(act.decision_id, review.verdict.undo_until))
    code = stranger(review, act) or settled(review) or _unfit(review, act)
    if code is not None:
        return refused(review, act, SIGN, code)
    limits = given.rules.limits
    undo_until = act.at + limits.decision_undo
    verdict = Verdict(
        decision_id=act.decision_id,
        round=act.round,
        choice=act.choice,
        ground=act.ground,
        reasons=act.reasons,
        officer_id=act.officer_id,
        region=act.officer_region,
        lease_token=act.lease_token,
        decided_at=act.decided_at,
        signed_at=act.at,
        undo_until=undo_until,
        payload_sha256=act.payload_sha256,
        cms=act.cms,
        note=act.note,
        second=act.second_eyes and review.paid and act.choice is Choice.ANNUL,
    )
    held = replace(review, standing=Standing.SIGNED, verdict=verdict, lease_until=undo_until + limits.review_lease)
    rows: list[Any] = [audited(act, SIGN, act.choice.value)]
    if act.proof is not None:
        rows.append(act.proof)
    if act.note is not None:
        rows.append(Note(act.application_id, act.officer_id, SIGN, act.note))
    later = () if verdict.held else (confirming(verdict, held),)
    return Decision(held, later=later, appends=rows, reply=Signed(act.decision_id, undo_until))


def confirming(verdict: Verdict, review: Review) -> Later:
    confirm = ConfirmDecision(application_id=review.application_id, decision_id=verdict.decision_id)
    return Later(confirm, at=verdict.undo_until, clock="machine", key=f"confirm/{verdict.decision_id}")


def undo(review: Review, act: UndoDecision, given: Given) -> Decision[Review]:
    """Until it is confirmed the officer who signed takes it back, and holds the case again. Undone twice: done."""
    if act.decision_id in review.spent and review.standing not in DECIDED and stranger(review, act) is None:
        return Decision(review, reply=Done())
    code = stranger(review, act) or settled(review)
    if code is None and (review.verdict is None or review.verdict.decision_id != act.decision_id):
        code = Code.NO_SUCH_DECISION
    if code is None and review.verdict and review.verdict.officer_id != act.officer_id:
        code = Code.NOT_YOUR_DECISION
    if code is not None:
        return refused(review, act, UNDO, code)
    return Decision(drop(review, Standing.QUEUED), appends=(audited(act, UNDO),), reply=Done())


def confirm(review: Review, due: ConfirmDecision, given: Given) -> Decision[Review]:
    """The time to undo has passed. A decision undone, withdrawn or overtaken meanwhile stays silent."""
    verdict = review.verdict
    if review.standing is not Standing.SIGNED or verdict is None or verdict.decision_id != due.decision_id:
        return Decision(review)
    if verdict.held:
        return Decision(review)
    if not _holds(review, verdict):
        return Decision(drop(review, Standing.QUEUED).released(), appends=(by_service(review, CONFIRM, "LEASE_LOST"),))
    return _approved(review, verdict) if verdict.choice is Choice.APPROVE else _annulled(review, verdict)


def _is_the_same(review: Review, act: SignDecision) -> bool:
    verdict = review.verdict
    return (
        verdict is not None
        and verdict.decision_id == act.decision_id
        and verdict.officer_id == act.officer_id
        and verdict.payload_sha256 == act.payload_sha256
    )


def _unfit(review: Review, act: SignDecision) -> Code | None:
    """Why the decision cannot stand on this case as it is now."""
    assert review.registration
    checks = {
        Code.ALREADY_SIGNED: review.standing is Standing.SIGNED,
        Code.DECISION_ID_SPENT: act.decision_id in review.spent,
        Code.ROUND_CHANGED: act.round != review.round,
        Code.LEASE_LOST: not review.held_by(act.officer_id, act.lease_token, act.at),
        Code.DOCUMENTATION_CODE: act.documentation_code != review.registration.documentation_code,
        Code.CIRCUMSTANCE_CHANGED: review.circumstance is not None and act.ground is not AnnulmentGround.EXTRA_CHECKS,
    }
    return next((code for code, holds in checks.items() if holds), None)


def _holds(review: Review, verdict: Verdict) -> bool:
    """Lease, region and round once more, at the commit that says the decision."""
    return (
        review.lease_officer == verdict.officer_id
        and review.lease_token == verdict.lease_token
        and review.region == verdict.region
        and review.round == verdict.round
    )


def approval_of(review: Review, verdict: Verdict) -> ReviewApproved:
    """What is said, and said again, of an approved application."""
    assert review.person
    assert review.form
    assert review.submission
    assert review.registration
    certified = CertifiedApplication(
        person=review.person.value,
        birth_place=review.birth_place.value if review.birth_place else None,
        birth_country=review.birth_country or "",
        talon=review.registration.talon,
        documentation_code=review.registration.documentation_code,
        region=review.form.region,
        point=review.form.point,
        photo=review.form.photo,
        signature_sample=review.form.signature_sample,
        canonical_sha256=review.submission.canonical_sha256,
        cms=verdict.cms.value,
    )
    return ReviewApproved(
        application_id=review.application_id,
        decision_id=verdict.decision_id,
        round=review.round,
        officer_id=verdict.officer_id,
        region=verdict.region,
        point=review.form.point,
        talon=review.registration.talon,
        certified=Sealed(certified),
    )


def annulment_of(review: Review, verdict: Verdict) -> ReviewAnnulled:
    """What is said, and said again, of an annulled application."""
    assert verdict.ground
    return ReviewAnnulled(
        application_id=review.application_id,
        decision_id=verdict.decision_id,
        round=review.round,
        officer_id=verdict.officer_id,
        ground=verdict.ground,
        reasons=verdict.reasons,
        after_approval=review.approved_once,
        decided_at=verdict.decided_at,
    )


def _approved(review: Review, verdict: Verdict) -> Decision[Review]:
    """The pivot: from here all must end (S17 → S18)."""
    step = Step(review.application_id, "S17", "done")
    approved = review.released(standing=Standing.APPROVED, approved_once=True)
    return Decision(approved, approval_of(review, verdict), appends=_on_record(review, verdict, step))


def _annulled(review: Review, verdict: Verdict) -> Decision[Review]:
    assert verdict.ground
    step = Step(review.application_id, "S17", "refused", verdict.ground.value)
    annulled = review.released(standing=Standing.ANNULLED)
    return Decision(annulled, annulment_of(review, verdict), appends=_on_record(review, verdict, step))


def _on_record(review: Review, verdict: Verdict, step: Step) -> tuple[Any, ...]:
    who = f"officer:{verdict.officer_id}"
    audit = Audited(review.application_id, who, "ums-review", CONFIRM, verdict.choice.value)
    return signed(review.application_id, verdict), step, audit
