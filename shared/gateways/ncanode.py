"""Signatures by GOST keys: NCANode signs and verifies over HTTP, what may be signed and by whom is judged here.

NCANode says whether a signature is mathematically valid. It does not say that the envelope has one Body, that the
Reference is about it, or that the certificate is ШЭП's: that is settled before it is asked.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from lxml import etree
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.engine.rows import Unavailable
from shared.security.distrust import BadSignature
from shared.security.keyring import KeysUnusable
from shared.security.safe_xml import parse, parse_for_reading
from shared.security.signed_text import signed_root, without_signature
from shared.security.wsse import signed_body
from shared.security.xmldsig import Now, Pinned

DEPENDENCY: Final = "ncanode"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_PKI: Final = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
GOST_ALGORITHMS: Final = frozenset(
    {
        (f"{_MORE}gost34310-gost34311", f"{_MORE}gost34311"),
        (f"{_PKI}gostr34102015-gostr34112015-512", f"{_PKI}gostr34112015-512"),
        (f"{_PKI}gostr34102015-gostr34112015-256", f"{_PKI}gostr34112015-256"),
    }
)
REVOCATION: Final = ("OCSP",)
"""Asked for every time: by its default NCANode calls a revoked certificate valid."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>\s*")


@dataclass(frozen=True, slots=True)
class Container:
    """A key in a PKCS #12 container, in base64, with its password."""

    key: str = field(repr=False)
    password: str = field(repr=False)
    alias: str | None = None

    @classmethod
    def load(cls, path: Path) -> Container:
        """From `name.p12` and `name.password` beside it. Raises `KeysUnusable`."""
        try:
            password = path.with_suffix(".password").read_text(encoding="utf-8").strip()
            return cls(base64.b64encode(path.read_bytes()).decode(), password)
        except OSError:
            raise KeysUnusable(f"{path.name} or its password cannot be read") from None


class _Signed(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    xml: str


class _Signer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    valid: bool


class _Verified(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    valid: bool
    signers: tuple[_Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class NcanodeSeals:
    """Envelopes by `/wsse/…`, business texts by `/xml/…`. Raises `Unavailable("ncanode")` when it does not answer."""

    http: httpx.AsyncClient
    url: str
    container: Container
    pinned: Pinned
    text_pinned: Pinned
    now: Now
    text_container: Container | None = None
    """The key for business texts, when it is another."""
    revocation: Sequence[str] = REVOCATION

    async def sign(self, envelope: etree._Element, name: str) -> bytes:
        body = {
            "xml": etree.tostring(envelope, encoding="unicode"),
            "key": self.container.key,
            "password": self.container.password,
            "keyAlias": self.container.alias,
            "trimXml": False,
        }
        return (await self._signed("/wsse/sign", body)).encode()

    async def open(self, root: etree._Element, content: bytes) -> etree._Element:
        signed = signed_body(root, GOST_ALGORITHMS)
        self.pinned.check(signed.certificate, self.now())
        await self._check("/wsse/verify", content.decode())
        return parse_for_reading(signed.canonical())

    async def sign_text(self, root: etree._Element) -> str:
        held = self.text_container or self.container
        signer = {"key": held.key, "password": held.password, "keyAlias": held.alias, "referenceUri": ""}
        body = {"xml": etree.tostring(root, encoding="unicode"), "signers": [signer], "clearSignatures": False}
        return _DECLARATION.sub("", await self._signed("/xml/sign", {**body, "trimXml": False}))

    async def open_text(self, text: str, most: int) -> etree._Element:
        root = parse(text.encode(), most)
        claim, certificate = signed_root(root, GOST_ALGORITHMS)
        self.text_pinned.check(certificate, self.now())
        await self._check("/xml/verify", text)
        return parse_for_reading(without_signature(root, claim))

    async def _signed(self, path: str, body: Mapping[str, Any]) -> str:
        signed: _Signed = await self._post(path, body, _Signed)
        return signed.xml

    async def _check(self, path: str, xml: str) -> None:
        """Raises `BadSignature` unless there is exactly one signer and all is valid."""
        verdict = await self._post(path, {"xml": xml, "revocationCheck": list(self.revocation)}, _Verified)
        if not verdict.valid or [signer.valid for signer in verdict.signers] != [True]:
            raise BadSignature

    async def _post(self, path: str, body: Mapping[str, Any], kind: type[Any]) -> Any:
        try:
            answer = await self.http.post(f"{self.url.rstrip('/')}{path}", json=body, timeout=8.0)
            if answer.status_code == httpx.codes.BAD_REQUEST and path.endswith("verify"):
                raise BadSignature  # it could not make anything of what it was to verify
            answer.raise_for_status()
            return kind.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError):
            raise Unavailable(DEPENDENCY) from None
