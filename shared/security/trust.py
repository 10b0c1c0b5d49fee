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

STRONG = (SHA256, SHA384, SHA512)


class TrustUnusable(RuntimeError):
    """A file of trust is missing or unreadable, or an issuing authority does not stand under the root."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Made by `of`: issuing authorities, each with the root that vouches for it, and lists, each with its signer."""

    issuing: tuple[tuple[x509.Certificate, x509.Certificate], ...]
    lists: tuple[tuple[x509.CertificateRevocationList, x509.Certificate], ...]

    @classmethod
    def of(
        cls,
        roots: Sequence[x509.Certificate],
        issuing: Sequence[x509.Certificate],
        lists: Sequence[x509.CertificateRevocationList],
    ) -> Trust:
        """Raises `TrustUnusable` when an issuing authority is not directly under one of the roots."""
        pairs = []
        for authority in issuing:
            above = [root for root in roots if may_issue(root) and issued(root, root) and issued(root, authority)]
            if not may_issue(authority) or not above:
                raise TrustUnusable("an issuing authority does not stand under the root")
            pairs.append((authority, above[0]))
        sound = [(each, signer) for each in lists if is_full(each) for signer in issuing if signed_list(each, signer)]
        return cls(tuple(pairs), tuple(sound))

    @classmethod
    def load(cls, folder: Path) -> Trust:
        """From `root.pem`, `issuing.pem` and, if there is one, `crl.pem`, each with one or more PEM blocks.

        Raises `TrustUnusable`.
        """
        try:
            roots = x509.load_pem_x509_certificates((folder / ROOT_FILE).read_bytes())
            issuing = x509.load_pem_x509_certificates((folder / ISSUING_FILE).read_bytes())
            lists = _lists((folder / REVOKED_FILE).read_bytes()) if (folder / REVOKED_FILE).exists() else []
        except (OSError, ValueError) as fault:
            raise TrustUnusable(f"the files of trust cannot be read: {type(fault).__name__}") from None
        return cls.of(roots, issuing, lists)

    @property
    def authorities(self) -> tuple[x509.Certificate, ...]:
        """All whose lists count: the issuing authorities and their roots."""
        return tuple(dict.fromkeys(each for pair in self.issuing for each in pair))

    def chain_of(self, leaf: x509.Certificate, moment: datetime) -> tuple[x509.Certificate, x509.Certificate] | None:
        """The authority that signed `leaf` and the root above it, both valid at `moment`."""
        for authority, root in self.issuing:
            if valid_at(authority, moment) and valid_at(root, moment) and issued(authority, leaf):
                return authority, root
        return None

    def issuer_of(self, leaf: x509.Certificate, moment: datetime) -> x509.Certificate | None:
        """The authority that signed `leaf` and that, with its root, was valid at `moment`."""
        chain = self.chain_of(leaf, moment)
        return chain[0] if chain is not None else None

    def revocation_list(self, issuer: x509.Certificate, moment: datetime) -> x509.CertificateRevocationList | None:
        """The newest full list of `issuer` that is in force at `moment`."""
        lists = [each for each, signer in self.lists if signer == issuer and _in_force(each, moment)]
        return max(lists, key=lambda each: each.last_update_utc, default=None)


class TrustFolder:
    """Trust that follows its folder: read again when one of its files changes. Call it to get it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[tuple[int, ...], Trust] | None = None

    def __call__(self) -> Trust:
        """Raises `TrustUnusable` when there has never been a readable folder; later, the last good one stands."""
        try:
            names = (ROOT_FILE, ISSUING_FILE, REVOKED_FILE)
            found = [self._folder / name for name in names if (self._folder / name).exists()]
            written = tuple(path.stat().st_mtime_ns for path in found)
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
    if not isinstance(certificate.signature_hash_algorithm, STRONG):
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


def is_full(revoked: x509.CertificateRevocationList) -> bool:
    """Delta and partial lists name only some of the revoked: they cannot show that a certificate is good."""
    try:
        return not any(extension.critical for extension in revoked.extensions)
    except (x509.DuplicateExtension, ValueError):
        return False


def signed_list(revoked: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if revoked.issuer != issuer.subject or not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        return isinstance(revoked.signature_hash_algorithm, STRONG) and revoked.is_signature_valid(key)
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _lists(pem: bytes) -> list[x509.CertificateRevocationList]:
    end = b"-----END X509 CRL-----"
    return [x509.load_pem_x509_crl(block + end) for block in pem.split(end) if block.strip()]
