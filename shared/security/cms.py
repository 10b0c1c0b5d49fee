"""Reading a CMS signature: one signer, SHA-256, signed attributes, over exactly the expected payload. No trust here."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from asn1crypto import algos, core
from asn1crypto import cms as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning

LARGEST: Final = 64 * 1024
"""Bytes of CMS beside the payload; a signature with its chain takes about 4 KiB."""

_WEAK: Final = ("sha1", "md5", "md2")

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What a reader of hostile ASN.1 may raise."""


class SignatureFault(StrEnum):
    """Why a signature is not accepted. Each has its own sentence for the citizen or the officer."""

    TOO_LARGE = "TOO_LARGE"
    NOT_CMS = "NOT_CMS"
    TWO_SIGNERS = "TWO_SIGNERS"
    WEAK_HASH = "WEAK_HASH"
    UNSUPPORTED_KEY = "UNSUPPORTED_KEY"
    NO_SIGNED_ATTRIBUTES = "NO_SIGNED_ATTRIBUTES"
    PAYLOAD_DIFFERS = "PAYLOAD_DIFFERS"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    BAD_CERTIFICATE = "BAD_CERTIFICATE"
    UNKNOWN_ISSUER = "UNKNOWN_ISSUER"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    NO_REVOCATION_DATA = "NO_REVOCATION_DATA"
    REVOKED = "REVOKED"
    NOT_SIGNING_KEY = "NOT_SIGNING_KEY"
    NOT_INDIVIDUAL = "NOT_INDIVIDUAL"
    NOT_OFFICER = "NOT_OFFICER"
    OTHER_IIN = "OTHER_IIN"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"


@dataclass(frozen=True, slots=True)
class Intact:
    """The payload is what this certificate's key signed. `claimed_at` is the signer's own word on when."""

    certificate: x509.Certificate
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outline:
    """A CMS of one signer that encloses the expected payload, or nothing. Nothing is verified yet.

    `algorithm` is the dotted number of the signature's.
    """

    algorithm: str
    attached: bool
    signed: Any


def outline(cms: bytes, payload: bytes) -> Outline | SignatureFault:
    """What can be said of a CMS whoever verifies it. DER only."""
    if len(cms) > LARGEST + len(payload):
        return SignatureFault.TOO_LARGE
    try:
        info = asn1.ContentInfo.load(cms, strict=True)
        if info["content_type"].native != "signed_data":
            return SignatureFault.NOT_CMS
        return _outline(info["content"], payload)
    except UNREADABLE:
        return SignatureFault.NOT_CMS


def algorithm_of(cms: bytes) -> str:
    """The dotted number of the first signature's algorithm; empty when it is no CMS."""
    if len(cms) > LARGEST * 16:
        return ""
    try:
        signers = asn1.ContentInfo.load(cms, strict=True)["content"]["signer_infos"]
        return str(signers[0]["signature_algorithm"]["algorithm"].dotted)
    except UNREADABLE:
        return ""


def read(cms: bytes, payload: bytes) -> Intact | SignatureFault:
    """Check the mathematics of a detached CMS, or of an attached one that holds exactly `payload`. DER only."""
    found = outline(cms, payload)
    try:
        return found if isinstance(found, SignatureFault) else _read(found.signed, payload)
    except UNREADABLE:
        return SignatureFault.NOT_CMS


def _outline(signed: Any, payload: bytes) -> Outline | SignatureFault:
    signers = signed["signer_infos"]
    if len(signers) != 1:
        return SignatureFault.TWO_SIGNERS if len(signers) else SignatureFault.NOT_CMS
    digest, scheme = (signers[0][name]["algorithm"].native for name in ("digest_algorithm", "signature_algorithm"))
    if digest in _WEAK or scheme.startswith(_WEAK):
        return SignatureFault.WEAK_HASH
    enclosed = signed["encap_content_info"]
    if enclosed["content_type"].native != "data":
        return SignatureFault.NOT_CMS
    content = enclosed["content"].native
    if content is not None and content != payload:
        return SignatureFault.PAYLOAD_DIFFERS
    return Outline(signers[0]["signature_algorithm"]["algorithm"].dotted, content is not None, signed)


def _read(signed: Any, payload: bytes) -> Intact | SignatureFault:
    signer = signed["signer_infos"][0]
    if signer["digest_algorithm"]["algorithm"].native != "sha256":
        return SignatureFault.WEAK_HASH

    # signed as SET OF, sent under an implicit tag; the bytes are kept as they came, never encoded again
    covered = b"\x31" + signer["signed_attrs"].dump()[1:]
    attributes = _attributes(covered) if len(covered) > 1 else {}
    if attributes.get("content_type") != "data" or "message_digest" not in attributes:
        return SignatureFault.NO_SIGNED_ATTRIBUTES
    if attributes["message_digest"] != hashlib.sha256(payload).digest():
        return SignatureFault.PAYLOAD_DIFFERS

    certificate = _certificate(signed, signer["sid"])
    if certificate is None:
        return SignatureFault.BAD_CERTIFICATE
    vouched = attributes.get("signing_certificate_v2")
    if vouched is not None and vouched != certificate.fingerprint(SHA256()):
        return SignatureFault.BAD_SIGNATURE
    scheme = signer["signature_algorithm"]["algorithm"].native
    fault = _mathematics(certificate, scheme, signer["signature"].native, covered)
    return fault or Intact(certificate, attributes.get("signing_time"))


class _Vouched(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields: ClassVar = [
        ("hash_algorithm", algos.DigestAlgorithm, {"optional": True}),  # absent: SHA-256
        ("cert_hash", core.OctetString),
        ("issuer_serial", core.Any, {"optional": True}),
    ]


class _Vouching(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """SigningCertificateV2 of CAdES: the signer names its certificate by hash, so that no other can take its place."""

    _fields: ClassVar = [("first", core.Any), ("policies", core.Any, {"optional": True})]

    def certificate_hash(self) -> bytes:
        """SHA-256 of the signer's certificate, the first that is listed. Raises `ValueError` for another hash."""
        listed = _Vouched.load(self["first"].contents)
        algorithm = listed["hash_algorithm"].native
        if algorithm is not None and algorithm["algorithm"] != "sha256":
            raise ValueError("another hash")
        return bytes(listed["cert_hash"].native)


_READ: Final[dict[str, Callable[[bytes], Any]]] = {
    "1.2.840.113549.1.9.3": lambda der: asn1.ContentType.load(der, strict=True).native,
    "1.2.840.113549.1.9.4": lambda der: core.OctetString.load(der, strict=True).native,
    "1.2.840.113549.1.9.5": lambda der: asn1.Time.load(der, strict=True).native,
    "1.2.840.113549.1.9.16.2.47": lambda der: _Vouching.load(der, strict=True).certificate_hash(),
}
_NAMES: Final = dict(
    zip(_READ, ("content_type", "message_digest", "signing_time", "signing_certificate_v2"), strict=True)
)


def _attributes(der: bytes) -> dict[str, Any]:
    """The signed attributes that matter, by name. Raises `ValueError` when one is there twice or has several values."""
    found: dict[str, Any] = {}
    for attribute in asn1.CMSAttributes.load(der, strict=True):
        number = attribute["type"].dotted
        if number in _READ:
            if _NAMES[number] in found:
                raise ValueError("ambiguous attribute")
            found[_NAMES[number]] = _READ[number](attribute["values"].contents)
    return found


def _certificate(signed: Any, named: Any) -> x509.Certificate | None:
    """The one enclosed certificate that the signer names by issuer and serial number, or by key identifier."""
    matching: set[x509.Certificate] = set()
    for choice in signed["certificates"]:
        if choice.name == "certificate":
            held = _loaded(choice.chosen.dump())
            if _is_named(held, named):
                matching.add(held)
    return matching.pop() if len(matching) == 1 else None


def _loaded(der: bytes) -> x509.Certificate:
    """The certificate, if RFC 5280 allows it: what the library only warns of is refused too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            return x509.load_der_x509_certificate(der)
    except (x509.InvalidVersion, CryptographyDeprecationWarning):
        raise ValueError("a certificate that RFC 5280 does not allow") from None


def _is_named(held: x509.Certificate, named: Any) -> bool:
    if named.name == "issuer_and_serial_number":
        same_number = held.serial_number == named.chosen["serial_number"].native
        return bool(same_number and held.issuer.public_bytes() == named.chosen["issuer"].dump())
    try:
        identifier = held.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return False
    return bool(identifier.digest == named.chosen.native)


def _mathematics(certificate: x509.Certificate, scheme: str, signature: bytes, covered: bytes) -> SignatureFault | None:
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048 and scheme in ("rsassa_pkcs1v15", "sha256_rsa"):
            key.verify(signature, covered, padding.PKCS1v15(), SHA256())
        elif (
            isinstance(key, ec.EllipticCurvePublicKey)
            and isinstance(key.curve, ec.SECP256R1)
            and scheme == "sha256_ecdsa"
        ):
            key.verify(signature, covered, ec.ECDSA(SHA256()))
        else:
            return SignatureFault.UNSUPPORTED_KEY
    except UnsupportedAlgorithm:
        return SignatureFault.UNSUPPORTED_KEY
    except InvalidSignature:
        return SignatureFault.BAD_SIGNATURE
    return None
