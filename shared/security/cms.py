"""Reading a CMS signature: one signer, SHA-256, signed attributes, over exactly the expected payload. No trust here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from asn1crypto import cms as asn1
from asn1crypto import tsp  # noqa: F401  its import teaches asn1crypto the attribute signing_certificate_v2
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

LARGEST: Final = 64 * 1024
"""Bytes of CMS beside the payload; a signature with its chain takes about 4 KiB."""

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


def read(cms: bytes, payload: bytes) -> Intact | SignatureFault:
    """Check the mathematics of a detached CMS, or of an attached one that holds exactly `payload`. DER only."""
    if len(cms) > LARGEST + len(payload):
        return SignatureFault.TOO_LARGE
    try:
        info = asn1.ContentInfo.load(cms, strict=True)
        if info["content_type"].native != "signed_data":
            return SignatureFault.NOT_CMS
        return _read(info["content"], payload)
    except UNREADABLE:
        return SignatureFault.NOT_CMS


def _read(signed: Any, payload: bytes) -> Intact | SignatureFault:
    signers = signed["signer_infos"]
    if len(signers) != 1:
        return SignatureFault.TWO_SIGNERS if len(signers) else SignatureFault.NOT_CMS
    signer = signers[0]
    if signer["digest_algorithm"]["algorithm"].native != "sha256":
        return SignatureFault.WEAK_HASH
    enclosed = signed["encap_content_info"]
    if enclosed["content_type"].native != "data":
        return SignatureFault.NOT_CMS
    if enclosed["content"].native is not None and enclosed["content"].native != payload:
        return SignatureFault.PAYLOAD_DIFFERS

    attributes = _attributes(signer)
    if attributes.get("content_type") != "data" or "message_digest" not in attributes:
        return SignatureFault.NO_SIGNED_ATTRIBUTES
    if attributes["message_digest"] != hashlib.sha256(payload).digest():
        return SignatureFault.PAYLOAD_DIFFERS

    held = _certificate(signed, signer["sid"])
    if held is None:
        return SignatureFault.BAD_CERTIFICATE
    named = attributes.get("signing_certificate_v2")
    if named is not None and not _names(named, held):
        return SignatureFault.BAD_SIGNATURE
    try:
        certificate = x509.load_der_x509_certificate(held)
    except ValueError:
        return SignatureFault.BAD_CERTIFICATE
    fault = _mathematics(signer, certificate)
    if fault is not None:
        return fault
    claimed = attributes.get("signing_time")
    return Intact(certificate, claimed if isinstance(claimed, datetime) else None)


def _attributes(signer: Any) -> dict[str, Any]:
    """Signed attributes by name. Raises `ValueError` when one is there twice or has several values."""
    found: dict[str, Any] = {}
    if signer["signed_attrs"].native is None:
        return found
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name in found or len(attribute["values"]) != 1:
            raise ValueError("ambiguous attribute")
        found[name] = attribute["values"][0].native
    return found


def _certificate(signed: Any, named: Any) -> bytes | None:
    """The one enclosed certificate that the signer names by issuer and serial number, or by key identifier."""
    matching = []
    for choice in signed["certificates"]:
        if choice.name != "certificate":
            continue
        held = choice.chosen
        if named.name == "issuer_and_serial_number":
            same_issuer = held.issuer == named.chosen["issuer"]
            fits = same_issuer and held.serial_number == named.chosen["serial_number"].native
        else:
            fits = held.key_identifier == named.chosen.native
        if fits:
            matching.append(held.dump())
    return matching[0] if len(set(matching)) == 1 else None


def _names(attribute: Any, certificate: bytes) -> bool:
    """CAdES: the certificate that the signer vouched for by hash is the one we found."""
    first = attribute["certs"][0]
    algorithm = first["hash_algorithm"]["algorithm"] if first["hash_algorithm"] else "sha256"
    return bool(algorithm == "sha256" and first["cert_hash"] == hashlib.sha256(certificate).digest())


def _mathematics(signer: Any, certificate: x509.Certificate) -> SignatureFault | None:
    signature = signer["signature"].native
    covered = b"\x31" + signer["signed_attrs"].dump()[1:]  # signed as SET OF, sent under an implicit tag
    scheme = signer["signature_algorithm"]["algorithm"].native
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
        elif scheme.startswith(("sha1_", "md5_", "md2_")):
            return SignatureFault.WEAK_HASH
        else:
            return SignatureFault.UNSUPPORTED_KEY
    except UnsupportedAlgorithm:
        return SignatureFault.UNSUPPORTED_KEY
    except InvalidSignature:
        return SignatureFault.BAD_SIGNATURE
    return None
