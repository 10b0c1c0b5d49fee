"""Intake: the door, S8, S9, S12, S13, S16, the live claim on the IIN, and the ending."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from shared.contracts.base import Command, Event, Sealed, Value
from shared.contracts.values import (
    Channel,
    Contacts,
    DocumentKind,
    Ending,
    Fault,
    FileRef,
    Instruction,
    Locale,
    RefundAccount,
    Stage,
)


class DoorRefusal(StrEnum):
    """Why an application was not opened. NOT_AVAILABLE is the order's text (p.7, p.12)."""

    IIN_INVALID = "IIN_INVALID"
    IIN_OF_ANOTHER = "IIN_OF_ANOTHER"
    PHONE_INVALID = "PHONE_INVALID"
    EMAIL_INVALID = "EMAIL_INVALID"
    OUTSIDE_PILOT = "OUTSIDE_PILOT"
    OTHER_REASON = "OTHER_REASON"
    OTHER_DOCUMENT = "OTHER_DOCUMENT"
    OUTAGE = "OUTAGE"
    TOO_MANY_REFUSALS = "TOO_MANY_REFUSALS"
    LIVE_APPLICATION = "LIVE_APPLICATION"


class Resume(Value):
    """The live application of the same person, to go on with."""

    application_id: str
    stage: Stage


class SignatureProblem(StrEnum):
    STALE = "STALE"
    NOT_ACCEPTED_YET = "NOT_ACCEPTED_YET"
    ALREADY_SIGNED = "ALREADY_SIGNED"
    INVALID = "INVALID"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    OUTSIDE_PILOT = "OUTSIDE_PILOT"


class ApplicationOpened(Event):
    iin: Sealed[str]
    iin_index: str
    phone: Sealed[str]
    email: Sealed[str] | None = None
    document: DocumentKind
    channel: Channel
    locale: Locale


class ApplicationRefused(Event):
    """Refused at the door: every ground at once; nothing was opened."""

    grounds: tuple[DoorRefusal, ...]
    locale: Locale
    resume: Resume | None = None


class FormAccepted(Event):
    revision: int
    region: str
    point: str
    contacts: Sealed[Contacts]
    photo: FileRef
    signature_sample: FileRef
    refund_account: Sealed[RefundAccount] | None = None
    refund_application: bool = False
    instruction: Instruction


class FormReturned(Event):
    revision: int
    faults: tuple[Fault, ...]


class ApplicationSubmitted(Event):
    """S12 passed: a valid ЭЦП over the canonical application; no revision follows."""

    revision: int
    received_on: date
    canonical_sha256: str
    cms: Sealed[str]


class SignatureReturned(Event):
    """`current` is the revision of the form that stands, which may be another than the one signed."""

    revision: int
    problem: SignatureProblem
    detail: str | None = None
    current: int | None = None


class ApplicationRegistered(Event):
    """S13: ППО РП ДРН gave the talon and the documentation code (p.4.1)."""

    talon: str
    documentation_code: str
    region: str
    point: str
    registered_on: date
    expires: date


class RegistrationRefused(Event):
    code: str
    text_kk: str
    text_ru: str


class RegistrationUnavailable(Event):
    """S13: РП ДРН was silent past the step's own deadline; whatever it may have registered is recalled."""

    dependency: str


class ResultRequested(Event):
    """S16: РП ДРН asks for the result of the service under the talon."""

    talon: str
    request_id: str


class WithdrawalRequested(Event):
    signed: bool = False


class FeedbackReceived(Event):
    rating: int
    text: Sealed[str] | None = None


class RefundAccountChanged(Event):
    refund_account: Sealed[RefundAccount]


class ApplicationClosed(Event):
    """The one ending."""

    ending: Ending
    closed_at: datetime


class CloseRefused(Event):
    """The referee row moved meanwhile (signed in time): the application goes on."""

    ending: Ending
    stage: Stage


class RegistrationRecalled(Event):
    """Nothing is registered (any more): `talon` is absent when nothing ever was."""

    talon: str | None = None


class RecallRefused(Event):
    """РП ДРН refuses the recall: operations take it."""

    talon: str
    reason: str


class Circumstance(StrEnum):
    """What РП ДРН may tell later of a person under a live talon."""

    DEATH = "DEATH"
    CITIZENSHIP_LOST = "CITIZENSHIP_LOST"
    RECORD_CHANGED = "RECORD_CHANGED"


class CircumstanceChanged(Event):
    """РП ДРН tells of a later change: undecided → the officer annuls; approved, not made → not made."""

    circumstance: Circumstance


class CloseApplication(Command):
    ending: Ending


class RecallRegistration(Command):
    pass


class ResumeApplication(Command):
    """Go on from where it stands: what was said is said again, what is waited for is asked again. Changes nothing."""
