"""A second pair of eyes on the annulment of a paid application, where the head of the region has asked for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.ums_review.acts import Code, Done, SecondDecision, SwitchSecondEyes
from services.ums_review.deciding import confirming
from services.ums_review.domain import drop
from services.ums_review.leases import audited, refused, settled, stranger
from services.ums_review.notes import Note, SecondWord
from services.ums_review.review import Review, Standing, Verdict
from shared.engine.decision import Decision, Given
from shared.security.canonical import CanonicalSecondWord

SECOND, SWITCH = "second-decision", "switch-second-eyes"
AGREES, REFUSES = "AGREES", "REFUSES"


@dataclass(frozen=True, slots=True)
class SecondEyes:
    """What the head of a region has ordered; the last row of a region counts."""

    application_id: UUID
    region: str
    wanted: bool
    officer_id: str


@dataclass(frozen=True, slots=True)
class Unseconded:
    """A signed annulment that waits for another officer to look at it."""

    application_id: UUID
    talon: str
    officer_id: str
    due_on: date


def payload(
    review: Review, verdict: Verdict, officer_id: str, moment: datetime, *, agrees: bool, reason: str | None
) -> CanonicalSecondWord:
    """What the second officer's CMS must cover: the word, and the very decision that was looked at."""
    return CanonicalSecondWord(
        application_id=review.application_id,
        decision_id=verdict.decision_id,
        decision_sha256=verdict.payload_sha256,
        agrees=agrees,
        reason=reason,
        officer=officer_id,
        moment=moment,
    )


def second(review: Review, act: SecondDecision, given: Given) -> Decision[Review]:
    """Agreed: the time to undo begins, then it is confirmed. Refused: it comes to nothing and the case is free."""
    code = stranger(review, act) or settled(review)
    verdict = review.verdict
    if code is None and (verdict is None or verdict.decision_id != act.decision_id or not verdict.second):
        code = Code.NO_SUCH_DECISION
    if code is None and verdict and verdict.officer_id == act.officer_id:
        code = Code.OWN_DECISION
    if code is None and verdict and verdict.seconded_by not in (None, act.officer_id):
        code = Code.ALREADY_SIGNED
    if code is not None:
        return refused(review, act, SECOND, code)
    assert verdict
    if not act.agrees:
        note = () if act.reason is None else (Note(act.application_id, act.officer_id, SECOND, act.reason),)
        back = drop(review, Standing.QUEUED).released()
        return Decision(back, appends=(*note, *_on_record(act), audited(act, SECOND, REFUSES)), reply=Done())
    if not verdict.held:
        return Decision(review, reply=Done())
    agreed = verdict.model_copy(
        update={"seconded_by": act.officer_id, "undo_until": act.at + given.rules.limits.decision_undo}
    )
    stands = replace(review, verdict=agreed)
    later = (confirming(agreed, stands),)
    return Decision(stands, later=later, appends=(*_on_record(act), audited(act, SECOND, AGREES)), reply=Done())


def _on_record(act: SecondDecision) -> tuple[Any, ...]:
    """The word, and the signature over it."""
    word = SecondWord(act.application_id, act.decision_id, act.officer_id, act.agrees, act.decided_at)
    return (word,) if act.proof is None else (word, act.proof)


def switch(state: Review, act: SwitchSecondEyes, given: Given) -> Decision[Review]:
    """It changes no case: decisions that were signed before stand as they were signed."""
    row = SecondEyes(act.application_id, act.officer_region, act.wanted, act.officer_id)
    return Decision(state, appends=(row, audited(act, SWITCH, "on" if act.wanted else "off")), reply=Done())
