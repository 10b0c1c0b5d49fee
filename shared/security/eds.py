"""Electronic signature (ЭЦП, S12, p.11): the port, the rules on who may sign, and the plainest of its adapters.

`LocalVerifier` knows RSA-2048 and ECDSA P-256 with SHA-256 and takes about a millisecond: it serves the simulation and
the tests as a second opinion. What runs in the services is `eds_x509.X509Verifier` and `gateways.eds_ncanode`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from shared.contracts.base import Sealed
from shared.security import cms as reading
from shared.security.cms import SignatureFault
from shared.security.evidence import NO_EVIDENCE, Evidence, KeptSignature, Proof, ProofKind
from shared.security.trust import Trust, may_issue

__all__ = [
    "EMPLOYEE",
    "FIRST_HEAD",
    "INDIVIDUAL",
    "ORGANISATION",
    "RIGHT_TO_SIGN",
    "Citizen",
    "LocalVerifier",
    "Officer",
    "SignatureFault",
    "SignatureVerifier",
    "Signer",
    "Verified",
    "kept_signature",
    "person",
    "purpose",
]

INDIVIDUAL: Final = x509.ObjectIdentifier("1.2.398.3.3.4.1.1")
ORGANISATION: Final = x509.ObjectIdentifier("1.2.398.3.3.4.1.2")
FIRST_HEAD: Final = x509.ObjectIdentifier("1.2.398.3.3.4.1.2.1")
RIGHT_TO_SIGN: Final = x509.ObjectIdentifier("1.2.398.3.3.4.1.2.2")
EMPLOYEE: Final = x509.ObjectIdentifier("1.2.398.3.3.4.1.2.5")

_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES,
}


@dataclass(frozen=True, slots=True)
class Citizen:
    """The signature must be this person's own, made with a key of an individual."""

    iin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Officer:
    """The signature must be of an employee with the right to sign, of one of these organisations.

    `iin` is absent only where the signature itself tells who knocks (signing in).
    """

    bins: frozenset[str]
    iin: str | None = field(default=None, repr=False)
    rights: frozenset[x509.ObjectIdentifier] = frozenset({FIRST_HEAD, RIGHT_TO_SIGN, EMPLOYEE})


Signer = Citizen | Officer


@dataclass(frozen=True, slots=True)
class Verified:
    """Who signed. `claimed_at` is the signer's word; the moment that counts is the one the check was made for."""

    iin: str = field(repr=False)
    bin: str | None
    name: str = field(repr=False)
    certificate_sha256: str
    serial_number: int
    claimed_at: datetime | None = None
    evidence: Evidence = NO_EVIDENCE


def kept_signature(
    application_id: UUID, what: str, signer: Verified, judged_for: datetime, payload_sha256: str, cms: Sealed[str]
) -> KeptSignature:
    """What is written for ever of a valid signature; `cms` is its base64."""
    return KeptSignature(
        application_id=application_id,
        what=what,
        judged_for=judged_for,
        claimed_at=signer.claimed_at,
        payload_sha256=payload_sha256,
        certificate_sha256=signer.certificate_sha256,
        cms=cms,
        checked_by=signer.evidence.checked_by,
        issuers=signer.evidence.issuers,
        proofs=signer.evidence.proofs,
    )


class SignatureVerifier(Protocol):
    """Tells whether `cms` is the expected signer's signature of `payload`, good at `moment` (aware, business time).

    A fault is an answer. Raises `Unavailable` of its adapter when the check could not be made at all.
    """

    async def verify(
        self, cms: bytes, payload: bytes, moment: datetime, expects: Signer
    ) -> Verified | SignatureFault: ...


class LocalVerifier:
    """Checks against a trust that is at hand: no network, and no good answer without a revocation list in force."""

    def __init__(self, trust: Callable[[], Trust]) -> None:
        self._trust = trust

    async def verify(self, cms: bytes, payload: bytes, moment: datetime, expects: Signer) -> Verified | SignatureFault:
        intact = reading.read(cms, payload)
        if isinstance(intact, SignatureFault):
            return intact
        try:
            found = _standing(intact.certificate, self._trust(), moment)
            if isinstance(found, SignatureFault):
                return found
            return purpose(intact.certificate, expects) or person(intact, expects, found)
        except BAD_CERTIFICATE:
            return SignatureFault.BAD_CERTIFICATE


BAD_CERTIFICATE = (x509.DuplicateExtension, x509.ExtensionNotFound, x509.UnsupportedGeneralNameType, ValueError)
"""What reading a hostile certificate may raise."""


def _standing(certificate: x509.Certificate, trust: Trust, moment: datetime) -> Evidence | SignatureFault:
    """Chain, validity and revocation at `moment`."""
    issuer = trust.issuer_of(certificate, moment)
    if issuer is None or may_issue(certificate):
        return SignatureFault.UNKNOWN_ISSUER
    if fault := out_of_time(certificate, moment):
        return fault
    revoked = trust.revocation_list(issuer, moment)
    if revoked is None:
        return SignatureFault.NO_REVOCATION_DATA
    entry = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None and entry.revocation_date_utc <= moment:
        return SignatureFault.REVOKED
    until = revoked.next_update_utc
    assert until is not None
    proof = Proof(ProofKind.CRL, revoked.fingerprint(SHA256()).hex(), revoked.last_update_utc, until)
    return Evidence("local", (issuer.fingerprint(SHA256()).hex(),), (proof,))


def out_of_time(certificate: x509.Certificate, moment: datetime) -> SignatureFault | None:
    if moment < certificate.not_valid_before_utc:
        return SignatureFault.NOT_YET_VALID
    return SignatureFault.EXPIRED if moment > certificate.not_valid_after_utc else None


def purpose(certificate: x509.Certificate, expects: Signer) -> SignatureFault | None:
    """A key to sign with, of the expected kind of holder (domain of EKU and key usage). May raise `BAD_CERTIFICATE`."""
    extensions = certificate.extensions
    if any(each.critical and each.oid not in _UNDERSTOOD for each in extensions):
        return SignatureFault.BAD_CERTIFICATE
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return SignatureFault.NOT_SIGNING_KEY
    signs = usage.digital_signature and usage.content_commitment
    if not signs or ExtendedKeyUsageOID.EMAIL_PROTECTION not in purposes:
        return SignatureFault.NOT_SIGNING_KEY
    return holder(purposes, expects)


def holder(purposes: Collection[x509.ObjectIdentifier], expects: Signer) -> SignatureFault | None:
    """Whether such a key is an individual's, or an employee's with the right to sign."""
    if isinstance(expects, Citizen):
        return None if INDIVIDUAL in purposes else SignatureFault.NOT_INDIVIDUAL
    return None if expects.rights.intersection(purposes) else SignatureFault.NOT_OFFICER


def person(intact: reading.Intact, expects: Signer, evidence: Evidence) -> Verified | SignatureFault:
    """Whose key it is, by the subject of its certificate."""
    subject = intact.certificate.subject
    return named(
        Verified(
            iin=number_in(_texts(subject, NameOID.SERIAL_NUMBER), "IIN") or "",
            bin=number_in(_texts(subject, NameOID.ORGANIZATIONAL_UNIT_NAME), "BIN"),
            name=" ".join(_texts(subject, NameOID.COMMON_NAME)),
            certificate_sha256=intact.certificate.fingerprint(SHA256()).hex(),
            serial_number=intact.certificate.serial_number,
            claimed_at=intact.claimed_at,
            evidence=evidence,
        ),
        expects,
    )


def named(signer: Verified, expects: Signer) -> Verified | SignatureFault:
    """The signer, if it is the expected one: the IIN equal, the BIN in the allow-list."""
    if not signer.iin or (expects.iin is not None and signer.iin != expects.iin):
        return SignatureFault.OTHER_IIN
    if isinstance(expects, Officer) and signer.bin not in expects.bins:
        return SignatureFault.OTHER_ORGANISATION
    return signer


def number_in(texts: Sequence[str], prefix: str) -> str | None:
    """Twelve digits after `IIN` or `BIN`; None when there is none or more than one."""
    numbers = [text.removeprefix(prefix) for text in texts if text.startswith(prefix)]
    if len(numbers) != 1 or not re.fullmatch(r"\d{12}", numbers[0], re.ASCII):
        return None
    return numbers[0]


def _texts(subject: x509.Name, place: x509.ObjectIdentifier) -> list[str]:
    return [each.value for each in subject.get_attributes_for_oid(place) if isinstance(each.value, str)]
