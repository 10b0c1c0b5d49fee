"""Ways to tamper with a CMS signature, each a change of its structure, for the table of attacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asn1crypto import cms, core

Change = Callable[[Any], None]

CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{last}" for last in (3, 4, 5))
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"


def changed(der: bytes, change: Change) -> bytes:
    """The same CMS after `change` had its SignedData."""
    info = cms.ContentInfo.load(der)
    change(info["content"])
    altered: bytes = info.dump(force=True)
    return altered


def signer(signed: Any) -> Any:
    return signed["signer_infos"][0]


def second_signer(signed: Any) -> None:
    signed["signer_infos"].append(signer(signed).copy())


def no_signer(signed: Any) -> None:
    signed["signer_infos"] = cms.SignerInfos([])


def no_attributes(signed: Any) -> None:
    bare = signer(signed)
    signed["signer_infos"] = cms.SignerInfos(
        [
            cms.SignerInfo(
                {
                    name: bare[name]
                    for name in ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
                }
            )
        ]
    )


def without(attribute: str) -> Change:
    def change(signed: Any) -> None:
        kept = [each for each in signer(signed)["signed_attrs"] if each["type"].dotted != attribute]
        signer(signed)["signed_attrs"] = cms.CMSAttributes(kept)

    return change


def twice(attribute: str) -> Change:
    def change(signed: Any) -> None:
        held = list(signer(signed)["signed_attrs"])
        held += [each.copy() for each in held if each["type"].dotted == attribute]
        signer(signed)["signed_attrs"] = cms.CMSAttributes(held)

    return change


def other_digest(digest: bytes) -> Change:
    """Claim in the attributes that another payload was signed."""

    def change(signed: Any) -> None:
        attributes = [each.copy() for each in signer(signed)["signed_attrs"]]
        for each in attributes:
            if each["type"].dotted == MESSAGE_DIGEST:
                each["values"] = [core.OctetString(digest)]
        signer(signed)["signed_attrs"] = cms.CMSAttributes(attributes)

    return change


def broken_signature(signed: Any) -> None:
    raw = bytearray(signer(signed)["signature"].native)
    raw[-1] ^= 1
    signer(signed)["signature"] = bytes(raw)


def no_certificate(signed: Any) -> None:
    signed["certificates"] = cms.CertificateSet([])


def with_certificate(der: bytes) -> Change:
    """Put another certificate in place of the signer's, and name it."""

    def change(signed: Any) -> None:
        held = cms.Certificate.load(der)
        signed["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", held)])
        signer(signed)["sid"] = cms.SignerIdentifier(
            "issuer_and_serial_number",
            cms.IssuerAndSerialNumber({"issuer": held.issuer, "serial_number": held.serial_number}),
        )

    return change


def with_content(content: bytes) -> Change:
    def change(signed: Any) -> None:
        signed["encap_content_info"] = cms.ContentInfo({"content_type": "data", "content": content})

    return change


def digest_named(name: str) -> Change:
    def change(signed: Any) -> None:
        signer(signed)["digest_algorithm"] = cms.DigestAlgorithm({"algorithm": name})

    return change


def scheme_named(name: str) -> Change:
    def change(signed: Any) -> None:
        signer(signed)["signature_algorithm"] = cms.SignedDigestAlgorithm({"algorithm": name})

    return change
