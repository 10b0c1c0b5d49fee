"""A certification authority for the sandbox: a root, an issuing authority, revocation lists, and keys on demand.

The same seed and moment give the same keys and certificates in every process. None of it is worth anything elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.sandbox.extensions import asked_at, made_by, subject_of, usage
from deploy.sandbox.signing import SigningKey, sign
from shared.security.eds import INDIVIDUAL, ORGANISATION, RIGHT_TO_SIGN
from shared.security.trust import ISSUING_FILE, REVOKED_FILE, ROOT_FILE, Trust

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_FROM, _UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256

_REVOKED_NUMBERS = range(1, 513)
"""Serial numbers kept for revoked certificates: they stand in the list from the start, so that it never changes."""
_LATELY_NUMBERS = range(513, 1025)
"""Revoked since the last list was made: OCSP alone tells."""


class Standing(StrEnum):
    """What is to be wrong with a key, if anything."""

    GOOD = "GOOD"
    REVOKED = "REVOKED"
    REVOKED_LATELY = "REVOKED_LATELY"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    TO_SIGN_IN = "TO_SIGN_IN"  # a key of authentication, not of signing


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person's key with its certificate."""

    key: SigningKey = field(repr=False)
    certificate: x509.Certificate

    def sign(
        self, payload: bytes, moment: datetime | None = None, *, attached: bool = False, digest: str = "sha256"
    ) -> bytes:
        """CMS (DER) over `payload`; `moment` is the signing time the signer claims."""
        return sign(payload, self.key, self.certificate, moment=moment, attached=attached, digest=digest)


class Authority:
    """Makes keys and certificates good at `now` (aware, business time) and in all the years of the sandbox."""

    def __init__(self, now: datetime, seed: bytes | None = None) -> None:
        self._now = now.astimezone(UTC)
        self._seed = seed if seed is not None else secrets.token_bytes(32)
        self._since = min(_FROM, self._now - timedelta(days=366)).replace(microsecond=0)
        self._until = max(_UNTIL, self._now + timedelta(days=1826)).replace(microsecond=0)
        self._made: dict[tuple[str, ...], Signatory] = {}
        self._root_key, self._issuing_key = self._key("root"), self._key("issuing")
        self.root = self._authority("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (SANDBOX)", self._root_key, None)
        self.issuing = self._authority("ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (SANDBOX)", self._issuing_key, self.root)
        self.revoked = self._revocation_list(self._since, self._until)
        self._lists: dict[tuple[datetime, bool], x509.CertificateRevocationList] = {}

    @classmethod
    def kept_in(cls, folder: Path, now: datetime) -> Authority:
        """The authority of an installation: its seed lies in `authority.seed` (0600), made on the first start."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "authority.seed"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
        except FileExistsError:
            pass
        return cls(now, path.read_bytes())

    def citizen(self, iin: str, standing: Standing = Standing.GOOD, name: str = "ТЕСТОВ СЫНАҚ") -> Signatory:
        """The key of an individual."""
        return self._signatory(subject_of(name, iin), [INDIVIDUAL], standing)

    def officer(
        self, iin: str, bin: str, standing: Standing = Standing.GOOD, name: str = "ҚЫЗМЕТКЕР СЫНАҚ"
    ) -> Signatory:
        """The key of an employee of the organisation `bin`, with the right to sign."""
        return self._signatory(subject_of(name, iin, bin), [ORGANISATION, RIGHT_TO_SIGN], standing)

    def revoked_at(self, number: int) -> datetime | None:
        """When the certificate of that serial number was revoked."""
        return self._since if number in _REVOKED_NUMBERS or number in _LATELY_NUMBERS else None

    def list_at(self, now: datetime, *, of_root: bool = False) -> x509.CertificateRevocationList:
        """The list of that hour, good for a day: the issuing authority's, or the root's (which revoked nobody)."""
        since = now.replace(minute=0, second=0, microsecond=0)
        known = self._lists.get((since, of_root))
        if known is None:
            self._lists = {key: made for key, made in self._lists.items() if key[0] == since}
            known = self._revocation_list(since, since + timedelta(days=1), of_root=of_root)
            self._lists[since, of_root] = known
        return known

    def system(self, name: str, bin: str, key: PublicKey) -> x509.Certificate:
        """A certificate for the key of an information system of the organisation `bin`, to sign with."""
        number = self._number(f"system {name} {key.public_numbers()}", Standing.GOOD)
        return self._certificate(subject_of(name, "0" * 12, bin), [ORGANISATION], Standing.GOOD, key, number)

    def sign_ocsp(self, building: ocsp.OCSPResponseBuilder) -> ocsp.OCSPResponse:
        """An answer of the issuing authority itself."""
        return building.sign(self._issuing_key, SHA256())

    def trust(self) -> Trust:
        return Trust.of([self.root], [self.issuing], [self.revoked])

    def write_trust(self, folder: Path) -> None:
        """Write `root.pem`, `issuing.pem` and `crl.pem` for the services."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, document in ((ROOT_FILE, self.root), (ISSUING_FILE, self.issuing), (REVOKED_FILE, self.revoked)):
            draft = folder / f".{name}"
            draft.write_bytes(document.public_bytes(Encoding.PEM))
            draft.replace(folder / name)

    def _signatory(self, subject: x509.Name, holder: list[x509.ObjectIdentifier], standing: Standing) -> Signatory:
        called = (subject.rfc4514_string(), standing)
        known = self._made.get(called)
        if known is None:
            known = self._made[called] = self._certify(subject, holder, standing)
        return known

    def _certify(self, subject: x509.Name, holder: list[x509.ObjectIdentifier], standing: Standing) -> Signatory:
        named = f"{subject.rfc4514_string()} {standing}"
        key = self._key(named)
        number = self._number(named, standing)
        return Signatory(key, self._certificate(subject, holder, standing, key.public_key(), number))

    def _certificate(
        self, subject: x509.Name, holder: list[x509.ObjectIdentifier], standing: Standing, key: PublicKey, number: int
    ) -> x509.Certificate:
        signs = standing is not Standing.TO_SIGN_IN
        purpose = ExtendedKeyUsageOID.EMAIL_PROTECTION if signs else ExtendedKeyUsageOID.CLIENT_AUTH
        since = self._now + timedelta(days=30) if standing is Standing.NOT_YET_VALID else self._since
        until = self._now - timedelta(days=1) if standing is Standing.EXPIRED else self._until
        return (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self.issuing.subject)
            .public_key(key)
            .serial_number(number)
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(usage(signs=signs, enciphers=not signs), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose, *holder]), critical=False)
            .add_extension(made_by(self._issuing_key), critical=False)
            .add_extension(asked_at(), critical=False)
            .sign(self._issuing_key, SHA256(), ecdsa_deterministic=True)
        )

    def _authority(
        self, name: str, key: ec.EllipticCurvePrivateKey, above: x509.Certificate | None
    ) -> x509.Certificate:
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )
        return (
            x509.CertificateBuilder(subject_name=subject, issuer_name=above.subject if above else subject)
            .public_key(key.public_key())
            .serial_number(self._number(name, Standing.GOOD))
            .not_valid_before(self._since)
            .not_valid_after(self._until)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0 if above else 1), critical=True)
            .add_extension(usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(made_by(self._root_key), critical=False)
            .sign(self._root_key, SHA256(), ecdsa_deterministic=True)
        )

    def _revocation_list(
        self, since: datetime, until: datetime, *, of_root: bool = False
    ) -> x509.CertificateRevocationList:
        key = self._root_key if of_root else self._issuing_key
        building = (
            x509.CertificateRevocationListBuilder(issuer_name=(self.root if of_root else self.issuing).subject)
            .last_update(since)
            .next_update(until)
            .add_extension(x509.CRLNumber(int(since.timestamp())), critical=False)
            .add_extension(made_by(key), critical=False)
        )
        for number in () if of_root else _REVOKED_NUMBERS:
            entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(self._since)
            building = building.add_revoked_certificate(entry.build())
        return building.sign(key, SHA256(), ecdsa_deterministic=True)

    def _number(self, named: str, standing: Standing) -> int:
        number = int.from_bytes(self._bytes(f"number {named}")[:16])
        if standing is Standing.REVOKED:
            return _REVOKED_NUMBERS[number % len(_REVOKED_NUMBERS)]
        if standing is Standing.REVOKED_LATELY:
            return _LATELY_NUMBERS[number % len(_LATELY_NUMBERS)]
        return number | 1 << 120

    def _key(self, named: str) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self._bytes(f"key {named}")) % (_ORDER - 1) + 1, ec.SECP256R1())

    def _bytes(self, purpose: str) -> bytes:
        return hashlib.sha256(self._seed + purpose.encode()).digest()
