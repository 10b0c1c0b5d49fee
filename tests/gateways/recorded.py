"""Answers as a stranger's server writes them: shaped as in public material, signed by another implementation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
from lxml import etree
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import SignatureReference, XMLSigner

from shared.clock import SystemClock, SystemIds
from shared.gateways.line import Seals
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.security.wsse import BASE64, SOAP, WSSE, WSU, X509
from shared.security.xmldsig import DS, EXCLUSIVE, SigningKey
from tests.gateways.wire import SENDER, URL, installation, near

MESSAGE_ID = UUID("0b0f5a0e-2f2c-4b5c-9f5d-1d3a5a3c7f10")
WHEN = datetime.fromisoformat("2025-06-02T10:15:31+05:00")
SAMPLES = Path(__file__).parent / "samples"


class StoppedClock(SystemClock):
    """Machine time that stands still."""

    def __init__(self, at: datetime = WHEN) -> None:
        super().__init__(timedelta())
        self.at = at

    def machine_now(self) -> datetime:
        return self.at


class OneId(SystemIds):
    """Every message has the id of the samples."""

    def uuid(self) -> UUID:
        return MESSAGE_ID


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


def sealed(
    content: bytes,
    key: SigningKey | None = None,
    *,
    attribute: str = f"{{{WSU}}}Id",
    token: bool = False,
    prefixes: list[str] | None = None,
) -> bytes:
    """The envelope with its Body signed by signxml; `attribute` is how the server writes the Id of the Body, `token`
    that its certificate is a BinarySecurityToken of the header, `prefixes` what its canonical form keeps declared.
    """
    key = key or installation().theirs
    root = etree.fromstring(content)
    body, header = root.find(f"{{{SOAP}}}Body"), root.find(f"{{{SOAP}}}Header")
    assert body is not None
    if header is None:
        header = etree.Element(f"{{{SOAP}}}Header")
        root.insert(0, header)
    body.set(attribute, "id-of-the-body")
    whose = f'EncodingType="{BASE64}" ValueType="{X509}"'
    reference = '<wsse:Reference URI="#token"/>'
    identifier = f"<wsse:KeyIdentifier {whose}>{key.certificate64}</wsse:KeyIdentifier>"
    held = etree.fromstring(
        f'<ds:KeyInfo xmlns:ds="{DS}" xmlns:wsse="{WSSE}"><wsse:SecurityTokenReference>'
        f"{reference if token else identifier}</wsse:SecurityTokenReference></ds:KeyInfo>"
    )
    signer = XMLSigner(SignatureConstructionMethod.detached, "rsa-sha256", "sha256", EXCLUSIVE)
    named = [SignatureReference("#id-of-the-body", inclusive_ns_prefixes=prefixes)]
    signature = signer.sign(root, key=key.private, key_info=held, reference_uri=named, id_attribute="Id")
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    if token:
        certificate = f'<w:BinarySecurityToken xmlns:w="{WSSE}" xmlns:u="{WSU}" u:Id="token" {whose}>'
        security.append(etree.fromstring(f"{certificate}{key.certificate64}</w:BinarySecurityToken>"))
    security.append(signature)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def streamed(content: bytes, status: int = 200, packed: str = "identity") -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(content), headers={"Content-Encoding": packed})


Answer = bytes | Callable[[httpx.Request], httpx.Response]


class Server:
    """Says what it is told to; keeps what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), list[bytes]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.content)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return streamed(answer) if isinstance(answer, bytes) else answer(request)

    def shep(self, clock: SystemClock | None = None, seals: Seals | None = None) -> Shep:
        """Our client of this server, at the moment of the samples."""
        clock = clock or StoppedClock()
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Shep(http, URL, Login(SENDER), seals or near(clock.machine_now), clock, OneId())
