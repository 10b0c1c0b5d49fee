"""Who is revoked: lists (CRL) and answers (OCSP), each believed only when its authority signed it; no network here.

A list or an answer counts for a moment when it is not stale by then. One made after the moment serves too: it names
every revocation with its date, and only those up to the moment count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from shared.security.evidence import Proof, ProofKind
from shared.security.trust import STRONG, is_full, issued, signed_list, valid_at

ANSWER_LASTS: Final = timedelta(minutes=30)
"""How long an OCSP answer holds that does not say it itself."""

_BROKEN = (ValueError, TypeError, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A full list of one authority."""

    authority: x509.Certificate
    der: bytes = field(repr=False)
    content: x509.CertificateRevocationList = field(repr=False)
    sha256: str
    since: datetime
    until: datetime

    def revokes(self, certificate: x509.Certificate, moment: datetime) -> bool:
        entry = self.content.get_revoked_certificate_by_serial_number(certificate.serial_number)
        return entry is not None and entry.revocation_date_utc <= moment

    def proof(self) -> Proof:
        return Proof(ProofKind.CRL, self.sha256, self.since, self.until)


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """What OCSP says of one certificate."""

    der: bytes = field(repr=False)
    since: datetime
    until: datetime
    revoked_at: datetime | None

    def revokes(self, moment: datetime) -> bool:
        return self.revoked_at is not None and self.revoked_at <= moment


@dataclass(frozen=True, slots=True)
class Known:
    """All that is at hand of a certificate and of those above it, stale or not."""

    lists: tuple[RevocationList, ...] = ()
    answer: StatusAnswer | None = None

    def list_of(self, authority: x509.Certificate, moment: datetime) -> RevocationList | None:
        """The newest that is not stale at the moment."""
        good = [each for each in self.lists if each.authority == authority and moment <= each.until]
        return max(good, key=lambda each: each.since, default=None)

    def answer_at(self, moment: datetime) -> StatusAnswer | None:
        return self.answer if self.answer is not None and moment <= self.answer.until else None


def read_list(content: bytes, authorities: Iterable[x509.Certificate]) -> RevocationList | None:
    """A list (DER or PEM) that one of the authorities signed; None when it is anything else, or has no end."""
    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            found = x509.load_pem_x509_crl(content)
        else:
            found = x509.load_der_x509_crl(content)
        since, until = found.last_update_utc, found.next_update_utc
        signer = next((each for each in authorities if signed_list(found, each)), None)
        if signer is None or until is None or not is_full(found):
            return None
        der = found.public_bytes(Encoding.DER)
    except _BROKEN:
        return None
    return RevocationList(signer, der, found, hashlib.sha256(der).hexdigest(), since, until)


def question(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """The OCSP request (DER) about a certificate."""
    from cryptography.hazmat.primitives.hashes import SHA1  # RFC 5019: names a certificate, protects nothing

    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())  # noqa: S303
    return asked.build().public_bytes(Encoding.DER)


def read_answer(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> StatusAnswer | None:
    """The answer about that certificate, signed by its issuer or by whom the issuer appointed; None for all else."""
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        if not _is_about(response, certificate, issuer) or not _is_signed(response, issuer):
            return None
        since = response.this_update_utc
        until = response.next_update_utc or since + ANSWER_LASTS
        if response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            return None
        return StatusAnswer(der, since, until, response.revocation_time_utc)
    except _BROKEN:
        return None


def proof_of(answer: StatusAnswer, content: str) -> Proof:
    """`content`: the answer's DER in base64."""
    return Proof(ProofKind.OCSP, hashlib.sha256(answer.der).hexdigest(), answer.since, answer.until, content)


def _is_about(response: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    expected = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, response.hash_algorithm).build()
    return (
        response.serial_number == certificate.serial_number
        and response.issuer_key_hash == expected.issuer_key_hash
        and response.issuer_name_hash == expected.issuer_name_hash
    )


def _is_signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    if not isinstance(response.signature_hash_algorithm, STRONG):
        return False
    appointed = [each for each in response.certificates if _appointed(each, issuer, response.this_update_utc)]
    return any(_made_by(response, each) for each in (issuer, *appointed))


def _appointed(certificate: x509.Certificate, issuer: x509.Certificate, moment: datetime) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return (
        ExtendedKeyUsageOID.OCSP_SIGNING in purposes and valid_at(certificate, moment) and issued(issuer, certificate)
    )


def _made_by(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, hashed = signer.public_key(), response.signature_hash_algorithm
    assert hashed is not None
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), hashed)
        else:
            return False
    except InvalidSignature:
        return False
    return True
