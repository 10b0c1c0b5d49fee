"""Signing for citizens and officers of the sandbox, as their own software would: CAdES-BES in a CMS, written as DER.

A `gost` signature carries the names of the GOST 2015 algorithms; the arithmetic behind them is SHA-512 with ECDSA, as
the real one needs a library that may not be given away. Only the stand-in for NCANode takes it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_INTEGER, _OCTETS, _NULL, _OID, _TIME, _SEQUENCE, _SET, _ZERO = 0x02, 0x04, 0x05, 0x06, 0x17, 0x30, 0x31, 0xA0


def _tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes((tag, 128 | len(size))) + size + body


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = bytes((first * 40 + second,))
    for arc in rest:
        low = [arc & 127]
        while arc := arc >> 7:
            low.append(128 | arc & 127)
        body += bytes(reversed(low))
    return _tlv(_OID, body)


def _integer(number: int) -> bytes:
    return _tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


_DATA: Final = _oid("1.2.840.113549.1.7.1")
_SIGNED_DATA: Final = _oid("1.2.840.113549.1.7.2")
_DIGESTS: Final = {
    "sha256": _tlv(_SEQUENCE, _oid("2.16.840.1.101.3.4.2.1")),
    "sha1": _tlv(_SEQUENCE, _oid("1.3.14.3.2.26")),
    "gost": _tlv(_SEQUENCE, _oid("1.2.398.3.10.1.3.3")),
}
_ECDSA: Final = {
    "sha256": _oid("1.2.840.10045.4.3.2"),
    "sha1": _oid("1.2.840.10045.4.1"),
    "gost": _oid("1.2.398.3.10.1.1.2.3.2"),
}
_HASHED: Final[dict[str, HashAlgorithm]] = {"sha256": SHA256(), "sha1": SHA1(), "gost": SHA512()}  # noqa: S303  sha1: to show that it is refused
_RSA: Final = {"sha256": _oid("1.2.840.113549.1.1.11"), "sha1": _oid("1.2.840.113549.1.1.5")}
_CONTENT_TYPE: Final = _oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = _oid("1.2.840.113549.1.9.4")
_SIGNING_TIME: Final = _oid("1.2.840.113549.1.9.5")
_SIGNING_CERTIFICATE_V2: Final = _oid("1.2.840.113549.1.9.16.2.47")


def sign(
    payload: bytes,
    key: SigningKey,
    certificate: x509.Certificate,
    *,
    moment: datetime | None = None,
    attached: bool = False,
    digest: str = "sha256",
) -> bytes:
    """DER of a CMS over `payload`, detached unless `attached`. `digest`: `sha256`, `gost`, or the refused `sha1`."""
    held = certificate.public_bytes(Encoding.DER)
    attributes = signed_attributes(payload, held, moment, digest)
    scheme = _ECDSA[digest] if isinstance(key, ec.EllipticCurvePrivateKey) else _RSA[digest] + _tlv(_NULL)
    signer = _tlv(
        _SEQUENCE,
        _integer(1),
        _tlv(_SEQUENCE, certificate.issuer.public_bytes(), _integer(certificate.serial_number)),
        _DIGESTS[digest],
        _tlv(_ZERO, attributes),
        _tlv(_SEQUENCE, scheme),
        _tlv(_OCTETS, _raw(_tlv(_SET, attributes), key, digest)),
    )
    enclosed = _tlv(_ZERO, _tlv(_OCTETS, payload)) if attached else b""
    signed = _tlv(
        _SEQUENCE,
        _integer(1),
        _tlv(_SET, _DIGESTS[digest]),
        _tlv(_SEQUENCE, _DATA, enclosed),
        _tlv(_ZERO, held),
        _tlv(_SET, signer),
    )
    return _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(_ZERO, signed))


def signed_attributes(payload: bytes, certificate: bytes, moment: datetime | None, digest: str = "sha256") -> bytes:
    """The body of the SET of attributes that is signed, in DER order."""
    vouched = _tlv(_SEQUENCE, _tlv(_OCTETS, hashlib.sha256(certificate).digest()))
    attributes = [
        (_CONTENT_TYPE, _DATA),
        (_MESSAGE_DIGEST, _tlv(_OCTETS, hashlib.new(_HASHED[digest].name, payload).digest())),
        (_SIGNING_CERTIFICATE_V2, _tlv(_SEQUENCE, _tlv(_SEQUENCE, vouched))),
    ]
    if moment is not None:
        attributes.append((_SIGNING_TIME, _tlv(_TIME, f"{moment.astimezone(UTC):%y%m%d%H%M%SZ}".encode())))
    return b"".join(sorted(_tlv(_SEQUENCE, kind, _tlv(_SET, value)) for kind, value in attributes))


def _raw(covered: bytes, key: SigningKey, digest: str) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(covered, ec.ECDSA(_HASHED[digest], deterministic_signing=True))
    return key.sign(covered, padding.PKCS1v15(), _HASHED[digest])
