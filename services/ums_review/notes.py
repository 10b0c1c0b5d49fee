"""What is written into the file for ever, beside the audit trail: signed decisions and words, and sealed notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ums_review.review import Verdict
from shared.contracts.base import Sealed


@dataclass(frozen=True, slots=True)
class Note:
    """An officer's free words about a case. They are sealed and never leave this service."""

    application_id: UUID
    officer_id: str
    about: str
    text: Sealed[str]


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """A confirmed decision with the CMS that proves it (p.11). `decided_at` is the moment the officer signed for."""

    application_id: UUID
    decision_id: str
    round: int
    choice: str
    ground: str
    reasons: tuple[str, ...]
    officer_id: str
    region: str
    lease_token: str
    decided_at: datetime
    payload_sha256: str
    cms: Sealed[str]


@dataclass(frozen=True, slots=True)
class SecondWord:
    """What a second officer said of a decision; the signature over it is kept as `second/<decision_id>`.

    `decided_at` is the moment the officer signed for, a reason stands among the notes.
    """

    application_id: UUID
    decision_id: str
    officer_id: str
    agrees: bool
    decided_at: datetime


def signed(application_id: UUID, verdict: Verdict) -> SignedDecision:
    return SignedDecision(
        application_id=application_id,
        decision_id=verdict.decision_id,
        round=verdict.round,
        choice=verdict.choice.value,
        ground=verdict.ground.value if verdict.ground else "",
        reasons=verdict.reasons,
        officer_id=verdict.officer_id,
        region=verdict.region,
        lease_token=verdict.lease_token,
        decided_at=verdict.decided_at,
        payload_sha256=verdict.payload_sha256,
        cms=verdict.cms,
    )
