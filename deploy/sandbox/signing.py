"""Signing for citizens and officers of the sandbox, as their own software would: CAdES-BES in a CMS."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def sign(
    payload: bytes,
    key: SigningKey,
    certificate: x509.Certificate,
    *,
    moment: datetime | None = None,
    attached: bool = False,
    digest: str = "sha256",
) -> bytes:
    """DER of a CMS over `payload`, detached unless `attached`. `digest` may be `sha1` to show that it is refused."""
    held = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    attributes = [
        _attribute("content_type", "data"),
        _attribute("message_digest", hashlib.new(digest, payload).digest()),
        _attribute(
            "signing_certificate_v2",
            tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(held.dump()).digest()}]}),
        ),
    ]
    if moment is not None:
        attributes.append(_attribute("signing_time", cms.Time({"utc_time": moment})))
    signed = cms.CMSAttributes(attributes)
    scheme = f"{digest}_ecdsa" if isinstance(key, ec.EllipticCurvePrivateKey) else f"{digest}_rsa"
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": held.issuer, "serial_number": held.serial_number}
                    )
                }
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
            "signed_attrs": signed,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": scheme}),
            "signature": _raw(signed.dump(), key, digest),
        }
    )
    enclosed: dict[str, Any] = {"content_type": "data"}
    if attached:
        enclosed["content"] = payload
    content = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": digest})],
            "encap_content_info": enclosed,
            "certificates": [held],
            "signer_infos": [signer],
        }
    )
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": content}).dump()
    return der


def _attribute(name: str, value: Any) -> Any:
    return cms.CMSAttribute({"type": name, "values": [value]})


def _raw(covered: bytes, key: SigningKey, digest: str) -> bytes:
    algorithm = SHA1() if digest == "sha1" else SHA256()  # noqa: S303  only to show that it is refused
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(covered, ec.ECDSA(algorithm, deterministic_signing=True))
    return key.sign(covered, padding.PKCS1v15(), algorithm)
