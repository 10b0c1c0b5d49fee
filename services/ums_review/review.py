"""What this service keeps of one application: what was gathered, who holds it, what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Sealed, Value
from shared.contracts.identity_verification import PhotoMarks
from shared.contracts.intake import Circumstance
from shared.contracts.ums_review import AnnulmentGround, Choice
from shared.contracts.values import Contacts, DocumentKind, FileRef
from shared.law.birth_place import RecordedBirthPlace
from shared.law.person import Person


class Standing(StrEnum):
    """Where the case stands here. SIGNED is a decision within its time to undo; what follows it is final."""

    GATHERING = "GATHERING"
    QUEUED = "QUEUED"
    SIGNED = "SIGNED"
    APPROVED = "APPROVED"
    ANNULLED = "ANNULLED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


UNDECIDED = (Standing.QUEUED, Standing.SIGNED)
DECIDED = (Standing.APPROVED, Standing.ANNULLED)


class Form(Value):
    """The accepted revision, without the refund account: it is no business of the review."""

    revision: int
    region: str
    point: str
    contacts: Sealed[Contacts]
    photo: FileRef
    signature_sample: FileRef


class PhotoCheck(Value):
    """S10, S11 as they passed."""

    revision: int
    photo_sha256: str
    signature_sha256: str
    face_score: int
    scores: dict[str, int]
    flags: tuple[str, ...] = ()
    signature_scores: dict[str, int] = Field(default_factory=dict)
    signature_flags: tuple[str, ...] = ()
    marks: Sealed[PhotoMarks] | None = None


class Submission(Value):
    """S12: what the citizen signed."""

    revision: int
    received_on: date
    canonical_sha256: str


class Registration(Value):
    """S13."""

    talon: str
    documentation_code: str
    registered_on: date


class Verdict(Value):
    """An officer's signed decision. `signed_at` and `undo_until` are machine time, `decided_at` business time."""

    decision_id: str
    round: int
    choice: Choice
    ground: AnnulmentGround | None = None
    reasons: tuple[str, ...] = ()
    officer_id: str
    region: str
    lease_token: str
    decided_at: datetime
    signed_at: datetime
    undo_until: datetime
    payload_sha256: str
    cms: Sealed[str]
    note: Sealed[str] | None = None
    second: bool = False
    """Another officer must agree before it is confirmed; `seconded_by` says who did."""
    seconded_by: str | None = None

    @property
    def held(self) -> bool:
        """It waits for a second pair of eyes."""
        return self.second and self.seconded_by is None


@dataclass(frozen=True, slots=True)
class Review:
    """`lease_until` is machine time; `spent` are ids of decisions that were signed and came to nothing."""

    application_id: UUID
    standing: Standing = Standing.GATHERING
    round: int = 0
    region: str | None = None
    talon: str | None = None
    queued_at: datetime | None = None
    due_on: date | None = None
    warned: int = 0
    lease_officer: str | None = None
    lease_token: str | None = None
    lease_until: datetime | None = None
    iin_index: str | None = None
    iin: Sealed[str] | None = None
    document: DocumentKind | None = None
    person: Sealed[Person] | None = None
    eligible: bool = False
    expires: date | None = None
    birth_place: Sealed[RecordedBirthPlace] | None = None
    birth_country: str | None = None
    form: Form | None = None
    photo: PhotoCheck | None = None
    submission: Submission | None = None
    registration: Registration | None = None
    settled: bool = False
    paid: bool = False
    """Settled by payment: an annulment will send money back. No officer is shown it."""
    asked: bool = False
    circumstance: Circumstance | None = None
    made: bool = False
    closed: bool = False
    verdict: Verdict | None = None
    spent: tuple[str, ...] = ()
    approved_once: bool = False
    name_indexes: tuple[str, ...] = ()
    """What stands for the name in the search of its region (`naming.py`), from the queue on."""
    address_index: str | None = None
    """What stands for the address of registration (`shared.law.address`), from the queue on."""
    withdrawal: str | None = None
    """What `WithdrawReview` was answered: WITHDRAWN, or the decision that stood in its way."""

    @property
    def complete(self) -> bool:
        """All that review needs is here, of one and the same revision, and the duty is settled (p.5.3, p.10)."""
        gathered = (self.iin_index, self.person, self.form, self.photo, self.submission, self.registration)
        if any(part is None for part in gathered) or not (self.eligible and self.settled and self.asked):
            return False
        assert self.form
        assert self.photo
        assert self.submission
        return (
            self.form.revision == self.photo.revision == self.submission.revision
            and self.form.photo.sha256 == self.photo.photo_sha256
            and self.form.signature_sample.sha256 == self.photo.signature_sha256
        )

    def held_by(self, officer_id: str, token: str, at: datetime) -> bool:
        """Whether that officer holds the case with that lease at that machine time."""
        return (
            self.lease_officer == officer_id
            and self.lease_token == token
            and self.lease_until is not None
            and at < self.lease_until
        )

    def is_home_of(self, address: str | None) -> bool:
        """Whether the applicant is registered where that index of an officer's account stands for."""
        return address is not None and address == self.address_index

    def held_by_another(self, officer_id: str, at: datetime) -> bool:
        return self.lease_until is not None and at < self.lease_until and self.lease_officer != officer_id

    def released(self, **changes: Any) -> Review:
        """The same with nobody holding it."""
        return replace(self, lease_officer=None, lease_token=None, lease_until=None, **changes)
