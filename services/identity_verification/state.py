"""What identity verification knows of one application, and the messages it says to itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Own, Sealed, routing_key
from shared.contracts.identity_verification import (
    ConsentToken,
    IdentityRefusal,
    PhotoAccepted,
    PhotoMarks,
    PhotoRefused,
    PhotoReturned,
)
from shared.contracts.values import FileRef
from shared.engine.service import Audited, Step
from shared.law.person import Person

PEOPLE, PHONES = "GBDFLUniversal_token", "MCDB_SERVICE"
ACCESS_NAMES = (PEOPLE, PHONES, "ZAGS_RECORD", "ADDRESS_REGISTER", "AIS_SIK")
"""Every access name that any step of the process will use: consent is asked once, for all of them."""


class Phase(StrEnum):
    """Where S1–S3 stand; the last four are final."""

    UNKNOWN = "UNKNOWN"
    CONSENT = "CONSENT"
    PERSON = "PERSON"
    PHONE = "PHONE"
    SESSION = "SESSION"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Identification:
    """`likeness_misses` and `photo_misses` count spent attempts of S11 and S10; `judged` the last revision judged.

    `consent_until` and `session_until` are set when the citizen can first answer: no system's silence uses them up.
    `session_id` names a session that may still be open; `answered_at` is when КДП or Digital-ID last answered.
    `refused_consents` are the digests (SHA-256) of the sets of tokens that a register did not take.
    `refusal`, `silent` (the system that was), and the last verdict on a photo are kept to be said again.
    """

    application_id: UUID
    phase: Phase = Phase.UNKNOWN
    closed: bool = False
    iin: Sealed[str] | None = None
    iin_index: str = ""
    phone: Sealed[str] | None = None
    consent_send: int = 0
    consent_until: datetime | None = None
    consents: Sealed[tuple[ConsentToken, ...]] | None = None
    refused_consents: tuple[str, ...] = ()
    person: Sealed[Person] | None = None
    session_id: str | None = None
    attempt: int = 0
    session_until: datetime | None = None
    answered_at: datetime | None = None
    revision: int = 0
    photo: FileRef | None = None
    sample: FileRef | None = None
    judged: int = 0
    photo_misses: int = 0
    likeness_misses: int = 0
    photo_over: bool = False
    refusal: IdentityRefusal | None = None
    silent: str = ""
    accepted: PhotoAccepted | None = None
    returned: PhotoReturned | None = None
    refused: PhotoRefused | None = None

    @property
    def over(self) -> bool:
        """Nothing more will be said of S1–S3."""
        return self.closed or self.phase in (Phase.CONFIRMED, Phase.REFUSED, Phase.UNAVAILABLE)

    @property
    def awaits_photo(self) -> bool:
        """A form waits to be judged, and may be: S10 never before S3."""
        ready = self.phase is Phase.CONFIRMED and not self.closed and not self.photo_over
        return ready and self.revision > self.judged

    def but(self, **changes: Any) -> Identification:
        return replace(self, **changes)


class RequestConsent(Own):
    """S1: have КДП send its SMS for the `send`-th time."""

    send: int


class CheckConsent(Own):
    """S1: has the citizen answered? `look` counts the looks."""

    send: int
    look: int = 0


class IdentifyPerson(Own):
    """S2: the person, as ГБД ФЛ knows them."""


class ConfirmPhone(Own):
    """S2: is the phone the citizen's, by БМГ."""


class OpenSession(Own):
    """S3: a session of Digital-ID."""

    attempt: int


class CheckSession(Own):
    attempt: int
    look: int = 0


class GiveUpIdentification(Own):
    """The application has been unidentified for too long."""


class JudgePhoto(Own):
    """S10 of one revision."""

    revision: int


class CompareFace(Own):
    """S11 of one revision, whose S10 gave scores and flags."""

    revision: int
    scores: dict[str, int]
    flags: tuple[str, ...] = ()
    signature_scores: dict[str, int] = Field(default_factory=dict)
    signature_flags: tuple[str, ...] = ()
    marks: Sealed[PhotoMarks] | None = None


class CancelSession(Own):
    """An outside effect that came after the ending is undone; without an id it is the session of that attempt, which
    may have been opened unheard.
    """

    session_id: str = ""
    attempt: int = 0


Question = (
    RequestConsent | CheckConsent | IdentifyPerson | ConfirmPhone | OpenSession | CheckSession | JudgePhoto
    | CompareFace | CancelSession
)  # fmt: skip


def key_of(question: Question) -> str:
    """One row for one question, however often it is asked for."""
    match question:
        case RequestConsent() | CheckConsent():
            number: object = question.send
        case OpenSession() | CheckSession():
            number = question.attempt
        case JudgePhoto() | CompareFace():
            number = question.revision
        case CancelSession():
            number = question.session_id or f"attempt {question.attempt}"
        case _:
            number = 1
    return f"{routing_key(question)}/{number}"


def step(application_id: UUID, name: str, result: str = "done", reason: str = "") -> Step:
    return Step(application_id, name, result, reason)


def audit(state: Identification, what: str, result: str) -> Audited:
    """A request for personal data is an act like any other (order p.4.1)."""
    return Audited(state.application_id, "service", "identity-verification", what, result)
