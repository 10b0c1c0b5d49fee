"""Software keys that sign for officers, where an installation has them (the sandbox)."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import httpx

from shared.engine.rows import Unavailable
from shared.web.signed import SIGNATURE, read_key, signature_of

SIGNER_KEY: Final = "identity.key"


class Signer(Protocol):
    """Signs for an officer."""

    async def sign(self, officer_id: str, payload: bytes, moment: datetime) -> bytes:
        """A detached CMS (DER) over the payload. Raises `Unavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class SoftwareKeys:
    """The signer of `deploy/identity`, to which this service proves itself by `identity.key`."""

    url: str
    http: httpx.AsyncClient
    key_folder: Path

    async def sign(self, officer_id: str, payload: bytes, moment: datetime) -> bytes:
        asked = {
            "officer": officer_id,
            "payload": base64.b64encode(payload).decode(),
            "moment": moment.isoformat(),
        }
        body = json.dumps(asked).encode()
        headers = {
            SIGNATURE: signature_of(read_key(self.key_folder / SIGNER_KEY), body),
            "Content-Type": "application/json",
        }
        try:
            answer = await self.http.post(f"{self.url}/sign", content=body, headers=headers)
            answer.raise_for_status()
            return base64.b64decode(answer.json()["cms"], validate=True)
        except (httpx.HTTPError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise Unavailable("signer") from error
