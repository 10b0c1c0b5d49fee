"""A stand-in for NCANode v3: `/wsse/…`, `/xml/…` and `/actuator/health` as its public API describes them.

Envelopes carry the names of the GOST 2015 algorithms; the arithmetic behind them is ECDSA over P-256 with SHA-512,
because the real one needs a library that may not be given away. It shows that our side speaks with NCANode rightly,
and proves nothing about GOST itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.security.signed_text import canonicalised
from shared.security.wsse import BASE64, SOAP, WSSE, WSU, X509
from shared.security.xmldsig import DS, ENVELOPED, EXCLUSIVE, INCLUSIVE, INCLUSIVE_WITH_COMMENTS

_PKI = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
METHOD, DIGEST = f"{_PKI}gostr34102015-gostr34112015-512", f"{_PKI}gostr34112015-512"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>\s*")


Does = Callable[[dict[str, Any]], dict[str, Any]]
"""What one address answers to a body; what it cannot make anything of it raises."""


class Unusable(Exception):
    """HTTP 400 with a message."""


MALFORMED = (Unusable, KeyError, ValueError, TypeError, AttributeError, IndexError)


def ncanode_routes(
    revoked: Collection[int] = (), prefix: str = "/ncanode", more: Mapping[str, Does] | None = None
) -> list[Route]:
    """`revoked`: serial numbers that OCSP would name; told only when `revocationCheck` asks. `more`: `/cms/…`."""

    def route(path: str, does: Does) -> Route:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse({"status": 200, "message": "OK", **does(await request.json())})
            except (*MALFORMED, etree.XMLSyntaxError) as fault:
                return JSONResponse({"status": 400, "message": type(fault).__name__}, 400)

        return Route(f"{prefix}{path}", answer, methods=["POST"])

    def verdict(body: dict[str, Any], signature: etree._Element, info: bytes, covered: bytes) -> dict[str, Any]:
        certificate = x509.load_der_x509_certificate(base64.b64decode(_text(signature, f"{{{DS}}}KeyInfo")))
        told = bool(body.get("revocationCheck")) and certificate.serial_number in revoked
        valid = _holds(signature, certificate, info, covered) and not told
        return {"valid": valid, "signers": [{"valid": valid, "keyUsage": "SIGN"}]}

    def wsse_verify(body: dict[str, Any]) -> dict[str, Any]:
        root = etree.fromstring(body["xml"].encode())
        signature, reference = (root.find(f".//{{{DS}}}{name}") for name in ("Signature", "Reference"))
        if signature is None or reference is None:
            raise Unusable
        wanted = reference.get("URI", "")[1:]
        covered = [canonicalised(each, EXCLUSIVE) for each in root.iter() if wanted in each.attrib.values()]
        return verdict(body, signature, canonicalised(signature[0], EXCLUSIVE), b"".join(covered))

    def xml_verify(body: dict[str, Any]) -> dict[str, Any]:
        root = etree.fromstring(body["xml"].encode())
        signature = root.find(f"{{{DS}}}Signature")
        if signature is None:
            raise Unusable
        info = canonicalised(signature[0], INCLUSIVE)
        root.remove(signature)
        return verdict(body, signature, info, canonicalised(root, INCLUSIVE_WITH_COMMENTS))

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "UP"})

    return [
        *(route(path, does) for path, does in (more or {}).items()),
        route("/wsse/sign", _wsse_sign),
        route("/wsse/verify", wsse_verify),
        route("/xml/sign", _xml_sign),
        route("/xml/verify", xml_verify),
        Route(f"{prefix}/actuator/health", health),
    ]


def _wsse_sign(body: dict[str, Any]) -> dict[str, Any]:
    key, certificate = _key(body)
    root = etree.fromstring(body["xml"].encode())
    header, found = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
    if header is None or found is None:
        raise Unusable
    found.set(f"{{{WSU}}}Id", f"id-{uuid4()}")
    reference = _reference(f"#{found.get(f'{{{WSU}}}Id')}", (EXCLUSIVE,), canonicalised(found, EXCLUSIVE))
    holder = (
        f'<wsse:SecurityTokenReference xmlns:wsse="{WSSE}"><wsse:KeyIdentifier EncodingType="{BASE64}" '
        f'ValueType="{X509}">{certificate}</wsse:KeyIdentifier></wsse:SecurityTokenReference>'
    )
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    signature = etree.fromstring(_signature(EXCLUSIVE, reference, holder))
    security.append(signature)
    _seal(signature, key, canonicalised(signature[0], EXCLUSIVE))
    return {"xml": etree.tostring(root, encoding="unicode")}


def _xml_sign(body: dict[str, Any]) -> dict[str, Any]:
    (signer,) = body["signers"]
    key, certificate = _key(signer)
    root = etree.fromstring(_DECLARATION.sub("", body["xml"]).encode())
    reference = _reference("", (ENVELOPED, INCLUSIVE_WITH_COMMENTS), canonicalised(root, INCLUSIVE_WITH_COMMENTS))
    holder = f"<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>"
    signature = etree.fromstring(_signature(INCLUSIVE, reference, holder))
    root.append(signature)
    _seal(signature, key, canonicalised(signature[0], INCLUSIVE))
    return {"xml": '<?xml version="1.0" encoding="UTF-8"?>' + etree.tostring(root, encoding="unicode")}


def _key(body: dict[str, Any]) -> tuple[ec.EllipticCurvePrivateKey, str]:
    key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(body["key"]), body["password"].encode())
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate is None:
        raise Unusable
    return key, base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _reference(uri: str, transforms: tuple[str, ...], covered: bytes) -> str:
    digest = base64.b64encode(hashlib.sha512(covered).digest()).decode()
    steps = "".join(f'<ds:Transform Algorithm="{each}"/>' for each in transforms)
    return (
        f'<ds:Reference URI="{uri}">\n<ds:Transforms>\n{steps}\n</ds:Transforms>\n'
        f'<ds:DigestMethod Algorithm="{DIGEST}"/>\n<ds:DigestValue>{digest}</ds:DigestValue>\n</ds:Reference>'
    )


def _signature(canonicalisation: str, reference: str, holder: str) -> str:
    """With the line breaks that Apache Santuario leaves."""
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>\n<ds:CanonicalizationMethod Algorithm="{canonicalisation}"/>\n'
        f'<ds:SignatureMethod Algorithm="{METHOD}"/>\n{reference}\n</ds:SignedInfo><ds:SignatureValue/>'
        f"<ds:KeyInfo>\n{holder}\n</ds:KeyInfo></ds:Signature>"
    )


def _seal(signature: etree._Element, key: ec.EllipticCurvePrivateKey, info: bytes) -> None:
    raw = base64.b64encode(key.sign(info, ec.ECDSA(SHA512()))).decode()
    signature[1].text = "\n" + "\n".join(raw[at : at + 76] for at in range(0, len(raw), 76)) + "\n"


def _holds(signature: etree._Element, certificate: x509.Certificate, info: bytes, covered: bytes) -> bool:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(base64.b64decode(_text(signature, f"{{{DS}}}SignatureValue")), info, ec.ECDSA(SHA512()))
    except InvalidSignature:
        return False
    return base64.b64decode(_text(signature, f".//{{{DS}}}DigestValue")) == hashlib.sha512(covered).digest()


def _text(signature: etree._Element, path: str) -> str:
    """All text at that place, without white space."""
    found = signature.find(path)
    if found is None:
        raise Unusable
    return "".join("".join(map(str, found.itertext())).split())
