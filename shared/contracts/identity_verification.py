"""Identity verification: consent, the person, the phone, Digital-ID, photo and face (S1–S3, S10, S11)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.contracts.base import Command, Event, Sealed, Value
from shared.law.person import Person


class IdentityRefusal(StrEnum):
    CONSENT_DENIED = "CONSENT_DENIED"
    CONSENT_EXPIRED = "CONSENT_EXPIRED"
    PERSON_NOT_FOUND = "PERSON_NOT_FOUND"
    PHONE_ABSENT = "PHONE_ABSENT"
    PHONE_OF_ANOTHER = "PHONE_OF_ANOTHER"
    IDENTIFICATION_FAILED = "IDENTIFICATION_FAILED"
    IDENTIFICATION_EXPIRED = "IDENTIFICATION_EXPIRED"
    UNIDENTIFIED_TOO_LONG = "UNIDENTIFIED_TOO_LONG"
    FACE_MISMATCH = "FACE_MISMATCH"


class ConsentToken(Value):
    """A token of КДП for one `access_name`; a secret, good until `expires_at`."""

    access_name: str
    token: str
    public_key: str
    expires_at: datetime


class ConsentRequested(Event):
    """S1: SMS from 1414 was sent, the citizen is to answer by `until` (business time)."""

    send: int
    until: datetime


class IdentificationRequested(Event):
    """S3: the page of Digital-ID awaits the citizen."""

    url: str
    attempt: int
    attempts_left: int
    until: datetime


class IdentityConfirmed(Event):
    """S1–S3 passed: the phone is the citizen's (БМГ), the person is as ГБД ФЛ says."""

    person: Sealed[Person]
    consents: Sealed[tuple[ConsentToken, ...]]


class IdentityRefused(Event):
    reason: IdentityRefusal


class IdentityUnavailable(Event):
    """p.12: the dependency has had an outage, or before registration was silent past its deadline."""

    dependency: str


class PhotoMarks(Value):
    """Where the measures of S10 were taken: points by name (`eyes`, `mouth`, `chin`, `crown`, `axis`: one line each;
    `faces`: opposite corners) in pixels of the upright picture of `width` × `height`.
    """

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    points: dict[str, tuple[tuple[float, float], ...]]


class PhotoAccepted(Event):
    """S10, S11 passed for that revision; scores are whole numbers 0–100 by measure, flags what the officer is told,
    marks where it was measured, if it was.
    """

    revision: int
    photo_sha256: str
    signature_sha256: str
    face_score: int
    scores: dict[str, int] = Field(default_factory=dict)
    flags: tuple[str, ...] = ()
    signature_scores: dict[str, int] = Field(default_factory=dict)
    signature_flags: tuple[str, ...] = ()
    marks: Sealed[PhotoMarks] | None = None


class PhotoReturned(Event):
    """S10 found defects: every reason; the citizen files a new revision."""

    revision: int
    photo_reasons: tuple[str, ...] = ()
    signature_reasons: tuple[str, ...] = ()
    attempts_left: int


class PhotoRefused(Event):
    """S10's attempts are spent; the way to a human is ЦОН."""

    revision: int
    photo_reasons: tuple[str, ...] = ()
    signature_reasons: tuple[str, ...] = ()


class ResumeIdentification(Command):
    """Go on from where it stands: what was said is said again, what is waited for is asked again. Changes nothing."""
