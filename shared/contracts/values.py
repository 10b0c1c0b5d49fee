"""The parts that messages share."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.contracts.base import Value
from shared.law.pilot import DocumentKind, Reason

__all__ = [
    "Channel", "Contacts", "DocumentKind", "Ending", "Fault", "FileRef", "Instruction", "Locale", "Reason",
    "RefundAccount", "Stage",
]  # fmt: skip


class Channel(StrEnum):
    PORTAL = "PORTAL"
    MOBILE = "MOBILE"


class Locale(StrEnum):
    KK = "kk"
    RU = "ru"


class Stage(StrEnum):
    """Where an application stands, in the order of the nineteen steps."""

    OPENED = "OPENED"  # S1–S3
    IDENTIFIED = "IDENTIFIED"  # S4–S7
    ELIGIBLE = "ELIGIBLE"  # S8–S11
    FORM_ACCEPTED = "FORM_ACCEPTED"
    PHOTO_ACCEPTED = "PHOTO_ACCEPTED"  # S12
    SUBMITTED = "SUBMITTED"  # S13
    REGISTERED = "REGISTERED"  # S14–S15
    SETTLED = "SETTLED"  # S16
    IN_REVIEW = "IN_REVIEW"  # S17
    APPROVED = "APPROVED"  # S18
    IN_PRODUCTION = "IN_PRODUCTION"
    READY = "READY"  # S19
    CLOSED = "CLOSED"


class Ending(StrEnum):
    ISSUED = "issued"
    REFUSED = "refused"
    ANNULLED = "annulled"
    WITHDRAWN = "withdrawn"
    UNPAID = "unpaid"
    ABANDONED = "abandoned"
    REDIRECTED = "redirected"
    NOT_MADE = "not made"
    NOT_COLLECTED = "not collected"


class Fault(Value):
    """One thing that is wrong with what was sent: `field` is its path, `problem` a stable code."""

    field: str
    problem: str


class FileRef(Value):
    """A claim check: the file lies in the object store, only its name and SHA-256 (hex) travel."""

    reference: str = Field(max_length=128, pattern=r"^[A-Za-z0-9._/-]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Contacts(Value):
    phone: str = Field(max_length=32)
    email: str | None = Field(default=None, max_length=254)


class RefundAccount(Value):
    """Where a refund would go; only an account in the applicant's own name serves."""

    iban: str = Field(max_length=34)
    holder_iin: str = Field(max_length=12)


class Instruction(Value):
    """The instruction on photo and signature sample that was shown (S9)."""

    version: str = Field(max_length=32)
    language: Locale
