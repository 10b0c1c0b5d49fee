"""GOST signatures, which only certified libraries verify: NCANode v3 does so over HTTP. Who may sign is judged here.

What NCANode leaves to its caller is settled on our side: that there is one signer and no other content than ours, that
revocation was asked for and answered, the moment, the kind of key, the person.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from shared.engine.rows import Unavailable
from shared.security import cms as reading
from shared.security.cms import SignatureFault
from shared.security.eds import (
    EMPLOYEE,
    FIRST_HEAD,
    INDIVIDUAL,
    ORGANISATION,
    RIGHT_TO_SIGN,
    Signer,
    Verified,
    holder,
    named,
    number_in,
)
from shared.security.evidence import Evidence, Proof, ProofKind

DEPENDENCY: Final = "ncanode"
ASKED: Final = ("OCSP", "CRL")
"""By its default NCANode asks nobody, and calls a revoked certificate valid."""
SECONDS: Final = 8.0
_FINE: Final = (None, "", "OK")
_USERS: Final = {
    "INDIVIDUAL": INDIVIDUAL,
    "ORGANIZATION": ORGANISATION,
    "CEO": FIRST_HEAD,
    "CAN_SIGN": RIGHT_TO_SIGN,
    "EMPLOYEE": EMPLOYEE,
}


class _Answer(BaseModel):
    model_config = ConfigDict(
        extra="ignore", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class _Revocation(_Answer):
    revoked: bool
    by: str
    revocation_time: AwareDatetime | None = None
    reason: str | None = None


class _Subject(_Answer):
    """`last_name` is the patronymic (GN); surname and given name stand in `common_name`."""

    common_name: str = ""
    last_name: str = ""
    iin: str = ""
    bin: str = ""


class _Certificate(_Answer):
    valid: bool
    revocations: tuple[_Revocation, ...] = ()
    not_before: AwareDatetime
    not_after: AwareDatetime
    key_usage: str = "UNKNOWN"
    key_user: tuple[str, ...] = ()
    serial_number: str
    subject: _Subject


class _Signer(_Answer):
    certificates: tuple[_Certificate, ...] = ()


class _Verdict(_Answer):
    valid: bool
    signers: tuple[_Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class NcanodeVerifier:
    """`now` is business time. Raises `Unavailable("ncanode")` when it does not answer, or not in its language."""

    http: httpx.AsyncClient
    url: str
    now: Callable[[], datetime]

    async def verify(self, cms: bytes, payload: bytes, moment: datetime, expects: Signer) -> Verified | SignatureFault:
        found = reading.outline(cms, payload)
        if isinstance(found, SignatureFault):
            return found
        body: dict[str, Any] = {"cms": _text(cms), "revocationCheck": list(ASKED)}
        if not found.attached:
            body["data"] = _text(payload)
        verdict = await self._verdict(body)
        if verdict is None:
            return SignatureFault.NOT_CMS
        if len(verdict.signers) != 1 or len(verdict.signers[0].certificates) != 1:
            return SignatureFault.BAD_CERTIFICATE
        certificate = verdict.signers[0].certificates[0]
        der = _der_of(found, certificate.serial_number)
        if der is None:
            return SignatureFault.BAD_CERTIFICATE
        fault = _standing(certificate, verdict, moment) or _purpose(certificate, expects)
        return fault or named(_signer(certificate, der, self.now()), expects)

    async def _verdict(self, body: dict[str, Any]) -> _Verdict | None:
        """None when it cannot make anything of the CMS."""
        try:
            answer = await self.http.post(f"{self.url.rstrip('/')}/cms/verify", json=body, timeout=SECONDS)
            if answer.status_code == httpx.codes.BAD_REQUEST:
                return None
            answer.raise_for_status()
            return _Verdict.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError):
            raise Unavailable(DEPENDENCY) from None


def _standing(certificate: _Certificate, verdict: _Verdict, moment: datetime) -> SignatureFault | None:
    """NCANode judges by its own clock; the moment that counts is ours."""
    if any(each.revoked and (each.revocation_time or moment) <= moment for each in certificate.revocations):
        return SignatureFault.REVOKED
    if moment < certificate.not_before:
        return SignatureFault.NOT_YET_VALID
    if moment > certificate.not_after:
        return SignatureFault.EXPIRED
    told = {each.by for each in certificate.revocations if not each.revoked and each.reason in _FINE}
    if not told.issuperset(ASKED):
        return SignatureFault.NO_REVOCATION_DATA
    if not certificate.valid:
        return SignatureFault.UNKNOWN_ISSUER
    return None if verdict.valid else SignatureFault.BAD_SIGNATURE


def _purpose(certificate: _Certificate, expects: Signer) -> SignatureFault | None:
    if certificate.key_usage != "SIGN":
        return SignatureFault.NOT_SIGNING_KEY
    return holder({_USERS[each] for each in certificate.key_user if each in _USERS}, expects)


def _signer(certificate: _Certificate, der: bytes, checked_at: datetime) -> Verified:
    subject = certificate.subject
    proofs = tuple(
        Proof(ProofKind(each.by), "", checked_at, checked_at) for each in certificate.revocations if each.by in ASKED
    )
    return Verified(
        iin=number_in([f"IIN{subject.iin}"], "IIN") or "",
        bin=number_in([f"BIN{subject.bin}"], "BIN"),
        name=f"{subject.common_name} {subject.last_name}".strip(),
        certificate_sha256=hashlib.sha256(der).hexdigest(),
        serial_number=int(certificate.serial_number, 16),
        evidence=Evidence(DEPENDENCY, (), proofs),
    )


def _der_of(found: reading.Outline, serial_number: str) -> bytes | None:
    """The enclosed certificate that NCANode speaks of."""
    try:
        held = [each.chosen for each in found.signed["certificates"] if each.name == "certificate"]
        named_so = [each.dump() for each in held if each.serial_number == int(serial_number, 16)]
    except reading.UNREADABLE:
        return None
    return bytes(named_so[0]) if len(named_so) == 1 else None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
