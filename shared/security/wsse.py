"""WS-Security over the Body of a SOAP 1.1 envelope, as ШЭП has it (domain.md 2.2): one signature, one Reference.

What is read is parsed anew from the very bytes that were digested, so that nothing unsigned can be taken for signed.
A Timestamp in the header would be outside the one Reference: the age of a message is judged by the date in its Body.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Protocol

from lxml import etree

from shared.security import xmldsig
from shared.security.distrust import (
    Altered,
    NotAnEnvelope,
    SeveralBodies,
    SeveralSignatures,
    UnknownSigner,
    Unsigned,
    Wrapped,
    WrongAlgorithm,
)
from shared.security.safe_xml import canonical, parse_for_reading
from shared.security.xmldsig import DS, EXCLUSIVE, RSA_SHA256, SHA_256, Claim, Now, Pinned, SigningKey

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_OASIS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE: Final = f"{_OASIS}-wssecurity-secext-1.0.xsd"
WSU: Final = f"{_OASIS}-wssecurity-utility-1.0.xsd"
BASE64: Final = f"{_OASIS}-soap-message-security-1.0#Base64Binary"
X509: Final = f"{_OASIS}-x509-token-profile-1.0#X509v3"

_IDS = etree.XPath("//*[@*[local-name()='Id' or local-name()='ID' or local-name()='id']=$id]")
_BODIES = etree.XPath("count(//*[local-name()='Body' and namespace-uri()=$soap])")

SECURITY: Final = (
    f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:s="{SOAP}" s:mustUnderstand="1"><ds:Signature xmlns:ds="{DS}">{{info}}'
    f"<ds:SignatureValue>{{value}}</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference>"
    f'<wsse:KeyIdentifier EncodingType="{BASE64}" ValueType="{X509}">{{certificate}}</wsse:KeyIdentifier>'
    f"</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security>"
)
SIGNED_INFO: Final = (  # already in its canonical form: it needs no tree of its own
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
    f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"></ds:SignatureMethod><ds:Reference URI="#{{id}}"><ds:Transforms>'
    f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="{SHA_256}">'
    f"</ds:DigestMethod><ds:DigestValue>{{digest}}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)


class EnvelopeSeal(Protocol):
    """How envelopes are signed and opened."""

    async def sign(self, envelope: etree._Element, name: str) -> bytes:
        """The envelope with its Body signed; `name` is unique to the message."""
        ...

    async def open(self, root: etree._Element, content: bytes) -> etree._Element:
        """The signed Body of `content`, whose root `root` is. Raises `Distrusted`."""
        ...


@dataclass(frozen=True, slots=True)
class LocalSeal:
    """RSA-SHA256 in this process."""

    key: SigningKey
    pinned: Pinned
    now: Now

    async def sign(self, envelope: etree._Element, name: str) -> bytes:
        body, header = envelope.find(f"{{{SOAP}}}Body"), envelope.find(f"{{{SOAP}}}Header")
        assert body is not None
        assert header is not None
        body.set(f"{{{WSU}}}Id", f"id-{name}")
        info = SIGNED_INFO.format(id=f"id-{name}", digest=xmldsig.sha256(canonical(body)))
        security = SECURITY.format(info=info, value=self.key.sign(info.encode()), certificate=self.key.certificate64)
        header.append(etree.fromstring(security))
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    async def open(self, root: etree._Element, content: bytes) -> etree._Element:
        signed = signed_body(root, xmldsig.LOCAL_ALGORITHMS)
        claim, signed_bytes = signed.claim, signed.canonical()
        if not hmac.compare_digest(hashlib.sha256(signed_bytes).digest(), claim.digest):
            raise Altered
        info = canonical(claim.info, prefixes=claim.info_prefixes)
        self.pinned.verify(signed.certificate, claim.value, info, self.now())
        return parse_for_reading(signed_bytes)


@dataclass(frozen=True, slots=True)
class SignedBody:
    """The one Body, the one claim that is about it, and the certificate (DER) it names; nothing verified yet."""

    body: etree._Element
    claim: Claim
    certificate: bytes

    def canonical(self) -> bytes:
        return canonical(self.body, prefixes=self.claim.transforms[0][1])


def body_of(root: etree._Element) -> etree._Element:
    """The one Body, whatever the prefix. Raises `NotAnEnvelope`, `SeveralBodies`."""
    if root.tag != f"{{{SOAP}}}Envelope":
        raise NotAnEnvelope
    bodies = root.findall(f"{{{SOAP}}}Body")
    if len(bodies) != 1:
        raise SeveralBodies
    return bodies[0]


def signed_body(root: etree._Element, algorithms: frozenset[tuple[str, str]]) -> SignedBody:
    """Judge the structure: whatever is not exactly one signature over exactly this Body is refused."""
    body = body_of(root)
    if _BODIES(root, soap=SOAP) != 1:
        raise Wrapped
    signature = _signature(root, body)
    claim = xmldsig.claim_of(signature)
    if not claim.uri.startswith("#") or _IDS(root, id=claim.uri[1:]) != [body]:
        raise Wrapped
    if body.get(f"{{{WSU}}}Id", body.get("Id")) != claim.uri[1:]:
        raise Wrapped
    exclusive = claim.canonicalisation == EXCLUSIVE and [name for name, _ in claim.transforms] == [EXCLUSIVE]
    if not exclusive or (claim.method, claim.digest_method) not in algorithms:
        raise WrongAlgorithm
    return SignedBody(body, claim, _certificate(claim.key_info, signature))


def _signature(root: etree._Element, body: etree._Element) -> etree._Element:
    """The one in the one Security of the one Header; those inside the Body are business data."""
    found = [each for each in root.iter(f"{{{DS}}}Signature") if body not in each.iterancestors()]
    placed = root.findall(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature")
    if not found:
        raise Unsigned
    if len(found) > 1 or len(root.findall(f"{{{SOAP}}}Header/{{{WSSE}}}Security")) != 1:
        raise SeveralSignatures
    if placed != found:
        raise Wrapped
    return found[0]


def _certificate(key_info: etree._Element, signature: etree._Element) -> bytes:
    """As a KeyIdentifier, or as a BinarySecurityToken of the same header that is referred to."""
    tokens = key_info.findall(f"{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}KeyIdentifier")
    if not tokens:
        references = key_info.findall(f"{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference")
        security = signature.getparent()
        assert security is not None
        wanted = [each.get("URI") for each in references]
        tokens = [
            token
            for token in security.findall(f"{{{WSSE}}}BinarySecurityToken")
            if f"#{token.get(f'{{{WSU}}}Id')}" in wanted
        ]
    if len(tokens) != 1 or not (tokens[0].get("ValueType") or "").endswith("#X509v3"):
        raise UnknownSigner
    return xmldsig.bytes_of(tokens[0])
