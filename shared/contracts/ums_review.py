"""УМС review: the officers' queue of a region and their signed decisions (S17, p.10, p.11)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from shared.contracts.base import Command, Event, Sealed, Value
from shared.contracts.values import FileRef
from shared.law.birth_place import RecordedBirthPlace
from shared.law.person import Person


class Choice(StrEnum):
    """What an officer decides."""

    APPROVE = "APPROVE"
    ANNUL = "ANNUL"


class AnnulmentGround(StrEnum):
    """p.11 knows three; wrong filling is EXTRA_CHECKS with a sub-reason."""

    PHOTO = "PHOTO"
    SIGNATURE = "SIGNATURE"
    EXTRA_CHECKS = "EXTRA_CHECKS"


class CertifiedApplication(Value):
    """What the officer certified: it goes to the central node unaltered."""

    person: Person
    birth_place: RecordedBirthPlace | None
    birth_country: str
    talon: str
    documentation_code: str
    region: str
    point: str
    photo: FileRef
    signature_sample: FileRef
    canonical_sha256: str
    cms: str


class ReviewQueued(Event):
    """The region ends its routing key: so a region's workstation has a feed of its own cases."""

    ends_with: ClassVar[str] = "region"
    region: str
    talon: str
    round: int
    due_on: date


class ReviewApproved(Event):
    """The pivot: from here all must end. `certified` bears the officer's CMS."""

    decision_id: str
    round: int
    officer_id: str
    region: str
    point: str
    talon: str
    certified: Sealed[CertifiedApplication]


class ReviewAnnulled(Event):
    """p.11: annulled with a ground; `reasons` are codes whose texts go to the citizen word for word. `decided_at`
    (business time) is the officer's decision's, however late it is said.
    """

    decision_id: str
    round: int
    officer_id: str
    ground: AnnulmentGround
    reasons: tuple[str, ...] = ()
    after_approval: bool = False
    decided_at: datetime | None = None


class ReviewWithdrawn(Event):
    pass


class WithdrawalRefused(Event):
    """Decided already: too late to withdraw, and the citizen is told so."""

    decision: str


class WithdrawReview(Command):
    pass


class ResumeReview(Command):
    """Go on from where it stands: what was said is said again; a signed decision is confirmed. Changes nothing."""
