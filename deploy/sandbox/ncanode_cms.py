"""The stand-in for NCANode v3, its `/cms/…`: as its public code does it, with what it leaves to its caller.

It takes the data beside a CMS only when nothing is enclosed, asks nobody for revocations unless told to, and judges by
its own clock. GOST is what `signing` makes of it: the names of the algorithms, ECDSA with SHA-512 behind them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from asn1crypto import cms as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.sandbox.authority import Authority
from deploy.sandbox.ncanode import Does
from shared.security.trust import issued

Answer = dict[str, Any]
GOST_512 = "1.2.398.3.10.1.3.3"
_USERS = {
    "1.2.398.3.3.4.1.1": "INDIVIDUAL",
    "1.2.398.3.3.4.1.2": "ORGANIZATION",
    "1.2.398.3.3.4.1.2.1": "CEO",
    "1.2.398.3.3.4.1.2.2": "CAN_SIGN",
    "1.2.398.3.3.4.1.2.5": "EMPLOYEE",
}


def cms_of(authority: Authority, now: Callable[[], datetime]) -> Mapping[str, Does]:
    """`/cms/verify` and `/cms/extract`, for `ncanode_routes`; `now` is the clock it judges by."""

    def verify(body: Answer) -> Answer:
        signed = _signed(body)
        content = _content(signed)
        if content is None:
            content = base64.b64decode(body["data"])
        asked = tuple(body.get("revocationCheck") or ())
        signers, valid = [], True
        for signer in signed["signer_infos"]:
            certificates = []
            for certificate in _certificates(signed, signer):
                info = _info(authority, certificate, asked, now())
                valid = valid and info["valid"] and _holds(signer, certificate, content)
                certificates.append(info)
            signers.append({"certificates": certificates})
        return {"valid": valid, "signers": signers}

    def extract(body: Answer) -> Answer:
        content = _content(_signed(body))
        if content is None:
            raise ValueError
        return {"data": base64.b64encode(content).decode()}

    return {"/cms/verify": verify, "/cms/extract": extract}


def _signed(body: Answer) -> Any:
    return asn1.ContentInfo.load(base64.b64decode(body["cms"]))["content"]


def _content(signed: Any) -> bytes | None:
    content: bytes | None = signed["encap_content_info"]["content"].native
    return content


def _certificates(signed: Any, signer: Any) -> list[x509.Certificate]:
    held = [each.chosen for each in signed["certificates"]]
    number = signer["sid"].chosen["serial_number"].native
    return [x509.load_der_x509_certificate(each.dump()) for each in held if each.serial_number == number]


def _holds(signer: Any, certificate: x509.Certificate, content: bytes) -> bool:
    gost = signer["digest_algorithm"]["algorithm"].dotted == GOST_512
    hashed: HashAlgorithm = SHA512() if gost else SHA256()
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    covered = b"\x31" + signer["signed_attrs"].dump()[1:]
    key, raw = certificate.public_key(), signer["signature"].native
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, covered, ec.ECDSA(hashed))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, covered, padding.PKCS1v15(), hashed)
    except InvalidSignature:
        return False
    return bool(attributes["message_digest"][0].native == hashlib.new(hashed.name, content).digest())


def _info(authority: Authority, certificate: x509.Certificate, asked: tuple[str, ...], now: datetime) -> Answer:
    """CertificateInfo."""
    revocations = [_revocation(authority, certificate, by, now) for by in asked]
    in_time = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    ours = issued(authority.issuing, certificate)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    signs = ExtendedKeyUsageOID.EMAIL_PROTECTION in usage
    return {
        "valid": ours and in_time and not any(each["revoked"] for each in revocations),
        "revocations": revocations,
        "notBefore": certificate.not_valid_before_utc.isoformat(timespec="milliseconds"),
        "notAfter": certificate.not_valid_after_utc.isoformat(timespec="milliseconds"),
        "keyUsage": "SIGN" if signs else "AUTH",
        "serialNumber": f"{certificate.serial_number:x}",
        "keyUser": [_USERS[each.dotted_string] for each in usage if each.dotted_string in _USERS],
        "subject": _subject(certificate.subject),
    }


def _revocation(authority: Authority, certificate: x509.Certificate, by: str, now: datetime) -> Answer:
    number = certificate.serial_number
    if by == "CRL":
        entry = authority.list_at(now).get_revoked_certificate_by_serial_number(number)
        at = entry.revocation_date_utc if entry is not None else None
    else:
        at = authority.revoked_at(number)
    told = {"revoked": at is not None, "by": by, "reason": "OK"}
    return told if at is None else {**told, "revocationTime": at.isoformat(timespec="milliseconds")}


def _subject(name: x509.Name) -> Answer:
    """As NCANode reads it: `lastName` is the patronymic; any OU is taken for a BIN."""
    places = {
        NameOID.COMMON_NAME: "commonName",
        NameOID.SURNAME: "surName",
        NameOID.GIVEN_NAME: "lastName",
        NameOID.SERIAL_NUMBER: "iin",
        NameOID.ORGANIZATION_NAME: "organization",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "bin",
        NameOID.COUNTRY_NAME: "country",
    }
    told = {places[each.oid]: str(each.value) for each in name if each.oid in places}
    return {key: text.removeprefix("IIN").removeprefix("BIN") if key in ("iin", "bin") else text
            for key, text in told.items()}  # fmt: skip
