"""The one spelling of what is signed: RFC 8785 canonical JSON, and the things people sign here.

Two parties that agree on the values agree on every byte: a hash in a signature names the whole form (S12, p.8, p.11).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from shared.contracts.base import Value
from shared.contracts.intake import FormAccepted
from shared.contracts.portal import FormFilled

Canonical = str | int | bool | None | Sequence["Canonical"] | Mapping[str, "Canonical"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Personal = Annotated[str, Field(repr=False)]

_EXACT = 2**53 - 1


class NotCanonical(ValueError):
    """The value has no canonical spelling (a float, too large a number, half of a surrogate pair). Never quotes it."""


def canonical_json(value: Mapping[str, Canonical]) -> bytes:
    """RFC 8785 bytes. Raises `NotCanonical`; floats are refused: nothing signed here has one."""
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise NotCanonical("text is not Unicode") from None


def _ordered(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _EXACT:
            raise NotCanonical("number cannot be exact in every reader")
        return value
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise NotCanonical("key is not text")
        plain = all(key.isascii() for key in value)  # then the order of UTF-16 units is that of the text
        return {key: _ordered(value[key]) for key in (sorted(value) if plain else sorted(value, key=_utf16))}
    raise NotCanonical(f"{type(value).__name__} has no canonical spelling")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


class Signable(Value):
    """What a person puts a signature under. `kind` keeps one kind from ever passing for another."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    kind: ClassVar[str] = ""

    def canonical(self) -> bytes:
        """The bytes to sign: UTF-8, RFC 8785, moments in UTC to the millisecond, absent fields as null."""
        fields: dict[str, Canonical] = {"kind": self.kind}
        for name in type(self).model_fields:
            fields[name] = _plain(getattr(self, name))
        return canonical_json(fields)

    def sha256(self) -> str:
        """Hex SHA-256 of `canonical()`."""
        return hashlib.sha256(self.canonical()).hexdigest()


def _plain(value: object) -> Canonical:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise NotCanonical(f"{type(value).__name__} has no canonical spelling")


class CanonicalApplication(Signable):
    """One revision of the form as the citizen signs it (S12)."""

    kind: ClassVar[str] = "application"

    application_id: UUID
    iin: Personal
    revision: int = Field(ge=1)
    region: str
    point: str
    phone: Personal
    email: str | None = Field(default=None, repr=False)
    photo_sha256: Sha256
    signature_sample_sha256: Sha256
    refund_iban: str | None = Field(default=None, repr=False)
    refund_holder_iin: str | None = Field(default=None, repr=False)
    refund_application: bool
    instruction_version: str
    instruction_language: str

    @classmethod
    def of(cls, iin: str, form: FormFilled | FormAccepted) -> CanonicalApplication:
        """What the form of this revision says. Raises `SealBroken` when its personal data is not open here."""
        contacts = form.contacts.value
        account = form.refund_account.value if form.refund_account else None
        return cls(
            application_id=form.application_id,
            iin=iin,
            revision=form.revision,
            region=form.region,
            point=form.point,
            phone=contacts.phone,
            email=contacts.email,
            photo_sha256=form.photo.sha256,
            signature_sample_sha256=form.signature_sample.sha256,
            refund_iban=account.iban if account else None,
            refund_holder_iin=account.holder_iin if account else None,
            refund_application=form.refund_application,
            instruction_version=form.instruction.version,
            instruction_language=form.instruction.language,
        )


class CanonicalDecision(Signable):
    """An officer's decision as the officer signs it (p.11). `ground` and `reasons` stand only on an annulment.

    `round` keeps a signature of one round from ever serving in the next; the documentation code is checked (p.4.1).
    """

    kind: ClassVar[str] = "decision"

    application_id: UUID
    round: int = Field(default=1, ge=1)
    documentation_code: str | None = None
    decision: str
    ground: str | None = None
    reasons: tuple[str, ...] = ()
    application_sha256: Sha256
    photo_sha256: Sha256
    signature_sample_sha256: Sha256
    officer: Personal
    moment: AwareDatetime


class CanonicalSecondWord(Signable):
    """What a second officer signs of another's decision: that it goes on, or why it does not (a reason for the file).

    `decision_sha256` is the hash of the canonical decision that was looked at.
    """

    kind: ClassVar[str] = "second-word"

    application_id: UUID
    decision_id: str
    decision_sha256: Sha256
    agrees: bool
    reason: str | None = Field(default=None, repr=False)
    officer: Personal
    moment: AwareDatetime


class CanonicalSignIn(Signable):
    """What an officer signs to sign in: this issuer's challenge, for this one sign-in, at this moment."""

    kind: ClassVar[str] = "sign-in"

    issuer: str
    session_sha256: Sha256
    challenge: str = Field(min_length=32)
    officer: Personal
    moment: AwareDatetime


class CanonicalHandOver(Signable):
    """What an officer of the issue desk signs (S19, p.4.3): the card was handed to its owner, or why it was not.

    `reason` stands only where it was not; the photo is the one by which the person was established.
    """

    kind: ClassVar[str] = "hand-over"

    application_id: UUID
    talon: str
    point: str
    handed_over: bool
    reason: str | None = None
    old_card_taken: bool
    photo_sha256: Sha256
    officer: Personal
    moment: AwareDatetime


def withdrawal(application_id: UUID) -> bytes:
    """What a citizen signs to withdraw a registered application."""
    return f"withdraw:{application_id}".encode()
