"""Which hand signs: RSA keys in this process, or GOST keys at NCANode. A setting chooses, all else is the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from lxml import etree

from shared.gateways.line import Seals
from shared.gateways.ncanode import Container, NcanodeSeals
from shared.security.signed_text import LocalTextSeal
from shared.security.wsse import LocalSeal
from shared.security.xmldsig import Now, Pinned, SigningKey

RSA: Final = "rsa"
NCANODE: Final = "ncanode"
OWN_KEY: Final = "shep.pem"
"""In the key folder: our private key with its certificate. For NCANode `shep.p12` with `shep.password`."""

SHEP_PINNED, TEXT_PINNED = "shep.pem", "shep-business.pem"
"""In the folder of trust: the certificates of ШЭП, and of the systems behind it that sign business XML."""


@dataclass(frozen=True, slots=True)
class LocalSeals:
    """Envelopes and texts by RSA; the two keys may be one."""

    envelopes: LocalSeal
    texts: LocalTextSeal

    async def sign(self, envelope: etree._Element, name: str) -> bytes:
        return await self.envelopes.sign(envelope, name)

    async def open(self, root: etree._Element, content: bytes) -> etree._Element:
        return await self.envelopes.open(root, content)

    async def sign_text(self, root: etree._Element) -> str:
        return await self.texts.sign_text(root)

    async def open_text(self, text: str, most: int) -> etree._Element:
        return await self.texts.open_text(text, most)


def local_seals(key: SigningKey, text_key: SigningKey, pinned: Pinned, text_pinned: Pinned, now: Now) -> LocalSeals:
    return LocalSeals(LocalSeal(key, pinned, now), LocalTextSeal(text_key, text_pinned, now))


def seals_of(signer: str, keys: Path, trust: Path, http: httpx.AsyncClient, ncanode_url: str, now: Now) -> Seals:
    """From the folders of keys and trust. Raises `KeysUnusable`."""
    pinned, text_pinned = Pinned.load(trust / SHEP_PINNED), Pinned.load(trust / TEXT_PINNED)
    if signer == NCANODE:
        container = Container.load((keys / OWN_KEY).with_suffix(".p12"))
        return NcanodeSeals(http, ncanode_url, container, pinned, text_pinned, now)
    key = SigningKey.load(keys / OWN_KEY)
    return local_seals(key, key, pinned, text_pinned, now)
