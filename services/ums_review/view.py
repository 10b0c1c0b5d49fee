"""What an officer sees: the citizen's fields beside what ГБД ФЛ says, the checks that passed, and no more.

Never here: the exemption's category, legal capacity, consent tokens, the refund account (p.11, law on personal data).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.ums_review.acts import Leased
from services.ums_review.review import Review, Verdict
from shared.contracts.identity_verification import PhotoMarks
from shared.law.calendar import Overrides, working_days_between
from shared.law.person import Address, Entry, IdentityDocument


class Applicant(BaseModel):
    """What the citizen said and signed."""

    iin: str
    phone: str
    email: str | None
    region: str
    point: str
    document: str
    revision: int
    signed_on: date


class BirthPlaceShown(BaseModel):
    """Word for word, with its source (p.5.4); only the country is printed."""

    text: str
    source: str
    country: str


class OnRecord(BaseModel):
    """What ГБД ФЛ says of the person."""

    iin: str
    surname: str
    name: str
    patronymic: str | None
    latin_surname: str | None
    latin_name: str | None
    birth_date: date
    gender: Entry
    nationality: Entry
    citizenship: Entry
    registration: Address | None
    card: IdentityDocument | None


class Images(BaseModel):
    """What S10 and S11 found: scores 0–100 by measure, flags, the measures to look at with one's own eyes, and marks,
    where in the photo they were taken.
    """

    photo_sha256: str
    signature_sample_sha256: str
    face_score: int
    scores: dict[str, int]
    flags: tuple[str, ...]
    signature_scores: dict[str, int]
    signature_flags: tuple[str, ...]
    marks: PhotoMarks | None


class DecisionShown(BaseModel):
    """`undo_until` is machine time; `held`: it waits for a second officer, whose word is about `payload_sha256`."""

    decision_id: str
    round: int
    decision: str
    ground: str | None
    reasons: tuple[str, ...]
    officer_id: str
    decided_at: datetime
    undo_until: datetime
    held: bool
    payload_sha256: str


class Case(BaseModel):
    """One case as it stands. `days_left` are working days; negative never: at 0 the last day has come or gone."""

    application_id: UUID
    standing: str
    round: int
    region: str
    talon: str
    documentation_code: str
    registered_on: date
    queued_at: datetime
    due_on: date
    days_left: int
    duty_settled: bool
    canonical_application_sha256: str
    applicant: Applicant
    on_record: OnRecord
    birth_place: BirthPlaceShown | None
    birth_country: str
    images: Images
    circumstance: str | None
    approved_before: bool
    held_by: str | None
    same_address: bool
    """The applicant is registered where the officer is who asks: another one decides."""
    decision: DecisionShown | None


class Lease(BaseModel):
    """`until` is machine time."""

    lease_token: str
    until: datetime


class TakenCase(Lease):
    case: Case
    canonical_application_sha256: str


def case_of(review: Review, today: date, overrides: Overrides, address: str | None = None) -> Case:
    """Of a case that has been queued; its personal data must be open here. `address` stands for the officer's."""
    assert review.registration
    assert review.submission
    assert review.queued_at
    assert review.due_on
    return Case(
        application_id=review.application_id,
        standing=review.standing.value,
        round=review.round,
        region=review.region or "",
        talon=review.registration.talon,
        documentation_code=review.registration.documentation_code,
        registered_on=review.registration.registered_on,
        queued_at=review.queued_at,
        due_on=review.due_on,
        days_left=working_days_between(today, review.due_on, overrides),
        duty_settled=review.settled,
        canonical_application_sha256=review.submission.canonical_sha256,
        applicant=_applicant(review),
        on_record=_on_record(review),
        birth_place=_birth_place(review),
        birth_country=review.birth_country or "",
        images=_images(review),
        circumstance=review.circumstance.value if review.circumstance else None,
        approved_before=review.approved_once,
        held_by=review.lease_officer,
        same_address=review.is_home_of(address),
        decision=decision_of(review.verdict) if review.verdict else None,
    )


def taken(review: Review, lease: Leased, today: date, overrides: Overrides) -> TakenCase:
    case = case_of(review, today, overrides)
    return TakenCase(
        lease_token=lease.token,
        until=lease.until,
        case=case,
        canonical_application_sha256=case.canonical_application_sha256,
    )


def decision_of(verdict: Verdict) -> DecisionShown:
    return DecisionShown(
        decision_id=verdict.decision_id,
        round=verdict.round,
        decision=verdict.choice.value,
        ground=verdict.ground.value if verdict.ground else None,
        reasons=verdict.reasons,
        officer_id=verdict.officer_id,
        decided_at=verdict.decided_at,
        undo_until=verdict.undo_until,
        held=verdict.held,
        payload_sha256=verdict.payload_sha256,
    )


def _applicant(review: Review) -> Applicant:
    assert review.form
    assert review.iin
    assert review.submission
    contacts = review.form.contacts.value
    return Applicant(
        iin=review.iin.value,
        phone=contacts.phone,
        email=contacts.email,
        region=review.form.region,
        point=review.form.point,
        document=review.document.value if review.document else "",
        revision=review.form.revision,
        signed_on=review.submission.received_on,
    )


def _on_record(review: Review) -> OnRecord:
    assert review.person
    person = review.person.value
    shown = {name: getattr(person, name) for name in OnRecord.model_fields if name != "card"}
    cards = person.valid_cards
    return OnRecord(**shown, card=cards[0] if cards else None)


def _birth_place(review: Review) -> BirthPlaceShown | None:
    if review.birth_place is None:
        return None
    place = review.birth_place.value
    return BirthPlaceShown(text=place.text, source=place.source.value, country=review.birth_country or "")


def _images(review: Review) -> Images:
    assert review.form
    assert review.photo
    return Images(
        photo_sha256=review.form.photo.sha256,
        signature_sample_sha256=review.form.signature_sample.sha256,
        face_score=review.photo.face_score,
        scores=review.photo.scores,
        flags=review.photo.flags,
        signature_scores=review.photo.signature_scores,
        signature_flags=review.photo.signature_flags,
        marks=review.photo.marks.value if review.photo.marks else None,
    )
