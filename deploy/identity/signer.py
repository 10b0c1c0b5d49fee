"""Software keys of the sandbox, one for every officer whom `officers.json` says to have one: signs the canonical
decision for who is signed in at the console.

The console proves itself by `identity.key` (HMAC). An installation with real officers has no such thing: their keys are
in their own hands.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.sandbox.authority import Authority
from deploy.sandbox.keys import SIGNER_KEY
from shared.web.bodies import read_as, read_bytes
from shared.web.officers import Officers
from shared.web.problems import HEADERS, not_found
from shared.web.signed import signed_with


class Asked(BaseModel):
    """`payload` in base64; `moment` is the signing time that is claimed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    officer: str
    payload: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    key_folder: Path
    authority: Authority
    officers: Officers

    def routes(self) -> list[BaseRoute]:
        return [Route("/sign", self.answer, methods=["POST"])]

    async def sign(self, officer_id: str, payload: bytes, moment: datetime) -> bytes:
        """A detached CMS (DER). Raises `Problem` 404 of an officer who has no key here."""
        officer = self.officers.named(officer_id)
        if officer is None or not officer.software_key:
            raise not_found("No key of this officer is here.")
        return self.authority.officer(officer.iin, officer.bin).sign(payload, moment)

    async def answer(self, request: Request) -> Response:
        body = await read_bytes(request)
        signed_with(self.key_folder / SIGNER_KEY)(request, body)
        asked = read_as(Asked, body)
        cms = await self.sign(asked.officer, base64.b64decode(asked.payload), asked.moment)
        return JSONResponse({"cms": base64.b64encode(cms).decode()}, headers=HEADERS)
