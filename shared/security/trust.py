"""Whom a signature is trusted through: the root, the issuing authorities under it, and their revocation lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

ROOT_FILE, ISSUING_FILE, REVOKED_FILE = "root.pem", "issuing.pem", "crl.pem"

_STRONG = (SHA256, SHA384, SHA512)


class TrustUnusable(RuntimeError):
    """A file of trust is missing or unreadable, or an issuing authority does not stand under the root."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Roots, issuing authorities whose chain has been checked, and revocation lists as they were read."""

    roots: tuple[x509.Certificate, ...]
    issuing: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]

    @classmethod
    def of(
        cls,
        roots: Sequence[x509.Certificate],
        issuing: Sequence[x509.Certificate],
        lists: Sequence[x509.CertificateRevocationList],
    ) -> Trust:
        """Raises `TrustUnusable` when an issuing authority is not directly under one of the roots."""
        for authority in issuing:
            if not (may_issue(authority) and any(may_issue(root) and issued(root, authority) for root in roots)):
                raise TrustUnusable("an issuing authority does not stand under the root")
        return cls(tuple(roots), tuple(issuing), tuple(lists))

    @classmethod
    def load(cls, folder: Path) -> Trust:
        """From `root.pem`, `issuing.pem` and `crl.pem`, each with one or more PEM blocks. Raises `TrustUnusable`."""
        try:
            roots = x509.load_pem_x509_certificates((folder / ROOT_FILE).read_bytes())
            issuing = x509.load_pem_x509_certificates((folder / ISSUING_FILE).read_bytes())
            lists = _lists((folder / REVOKED_FILE).read_bytes())
        except (OSError, ValueError) as fault:
            raise TrustUnusable(f"the files of trust cannot be read: {type(fault).__name__}") from None
        return cls.of(roots, issuing, lists)

    def issuer_of(self, leaf: x509.Certificate, moment: datetime) -> x509.Certificate | None:
        """The authority that signed `leaf` and stood under a root, both valid, at `moment`."""
        for authority in self.issuing:
            if not (valid_at(authority, moment) and issued(authority, leaf)):
                continue
            if any(valid_at(root, moment) and issued(root, authority) for root in self.roots):
                return authority
        return None

    def revocation_list(self, issuer: x509.Certificate, moment: datetime) -> x509.CertificateRevocationList | None:
        """The newest full list of `issuer` that is in force at `moment`."""
        newest: x509.CertificateRevocationList | None = None
        for each in self.lists:
            if each.issuer != issuer.subject or not _in_force(each, moment) or not _full(each):
                continue
            if not _signed(each, issuer):
                continue
            if newest is None or each.last_update_utc > newest.last_update_utc:
                newest = each
        return newest


class TrustFolder:
    """Trust that follows its folder: read again when the revocation list's file changes. Call it to get it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[int, Trust] | None = None

    def __call__(self) -> Trust:
        """Raises `TrustUnusable` when there has never been a readable folder; later, the last good one stands."""
        try:
            written = (self._folder / REVOKED_FILE).stat().st_mtime_ns
            if self._read is None or self._read[0] != written:
                self._read = (written, Trust.load(self._folder))
        except (OSError, TrustUnusable):
            if self._read is None:
                raise TrustUnusable("there is no readable folder of trust") from None
        return self._read[1]


def valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the authority's key made this certificate, with a hash that still holds."""
    if not isinstance(certificate.signature_hash_algorithm, _STRONG):
        return False
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def may_issue(certificate: x509.Certificate) -> bool:
    """Whether it is an authority's: basicConstraints CA and the key usage to sign certificates."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return constraints.ca and usage.key_cert_sign


def _in_force(revoked: x509.CertificateRevocationList, moment: datetime) -> bool:
    until = revoked.next_update_utc
    return until is not None and revoked.last_update_utc <= moment <= until


def _full(revoked: x509.CertificateRevocationList) -> bool:
    """Delta and partial lists name only some of the revoked: they cannot show that a certificate is good."""
    try:
        return not any(extension.critical for extension in revoked.extensions)
    except (x509.DuplicateExtension, ValueError):
        return False


def _signed(revoked: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        return isinstance(revoked.signature_hash_algorithm, _STRONG) and revoked.is_signature_valid(key)
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _lists(pem: bytes) -> list[x509.CertificateRevocationList]:
    end = b"-----END X509 CRL-----"
    return [x509.load_pem_x509_crl(block + end) for block in pem.split(end) if block.strip()]
