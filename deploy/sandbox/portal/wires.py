"""The portal's real connections: AMQP as user `portal`, intake's files over HTTP, and the pages citizens go to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx

from deploy.sandbox import hearing
from deploy.sandbox.portal.driver import Never, NotNow
from shared.contracts.base import PortalMessage, routing_key, write
from shared.contracts.portal import MessageRejected, StatusChanged
from shared.contracts.values import FileRef
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.rows import Fate, Outgoing
from shared.process import PORTAL
from shared.security.sealing import PortalSealer
from shared.topology import PORTAL_STATUS_QUEUE

Hear = Callable[[StatusChanged | MessageRejected], None]
KINDS: dict[str, type[StatusChanged] | type[MessageRejected]] = {
    routing_key(kind): kind for kind in (StatusChanged, MessageRejected)
}
TIME_MENDS = (401, 404, 408, 409, 425, 429)
"""Not yet heard, too many at once, or keys not there yet: tried again for a while."""


@dataclass(slots=True)
class RealWires:
    """`intake` is its base address; `token` the file with the portal's token."""

    publisher: RabbitPublisher
    sealer: PortalSealer
    http: httpx.AsyncClient
    intake: str
    token: Path
    unconfirmed: dict[UUID, Outgoing] = field(default_factory=dict)

    async def say(self, message: PortalMessage, message_id: UUID, headers: Mapping[str, str]) -> None:
        """Persistent, mandatory, confirmed. Personal data is sealed with the portal's half of the key.

        Said again it is the same bytes: sealed or signed anew it would be another message under the same id.
        """
        row = self.unconfirmed.get(message_id)
        if row is None:
            row = self.unconfirmed[message_id] = Outgoing(
                id=message_id,
                exchange=message.exchange,
                routing_key=routing_key(message),
                application_id=message.application_id,
                body=write(message, self.sealer),
                headers=headers,
            )
        (fate,) = await self.publisher.publish([row])
        if fate is not Fate.CONFIRMED:
            raise NotNow(fate.value)
        self.unconfirmed.pop(message_id, None)

    async def grant(self, application_id: UUID) -> str:
        headers = {"Authorization": f"Bearer {self.token.read_text().strip()}"}
        answer = await self._send("POST", f"{self.intake}/applications/{application_id}/grants", headers=headers)
        return str(answer.json()["grant"])

    async def upload(self, application_id: UUID, purpose: str, grant: str, content: bytes, media: str) -> FileRef:
        """As the citizen's own browser does it: with the grant, and no token of the portal's."""
        headers = {"Content-Type": media, "Authorization": f"Bearer {grant}"}
        url = f"{self.intake}/applications/{application_id}/files/{purpose}"
        answer = await self._send("PUT", url, content=content, headers=headers)
        return FileRef.model_validate(answer.json())

    async def code(self, application_id: UUID) -> str | None:
        """The text of the code that eGov Mobile scans; None when it is signed already."""
        headers = {"Authorization": f"Bearer {self.token.read_text().strip()}"}
        url = f"{self.intake}/applications/{application_id}/signing-links"
        try:
            answer = await self.http.post(url, headers=headers)
        except httpx.HTTPError as error:
            raise NotNow(type(error).__name__) from None
        if answer.status_code == httpx.codes.CONFLICT and answer.json().get("code") == "ALREADY_SIGNED":
            return None
        if not answer.is_success:
            raise NotNow(str(answer.status_code))
        return str(answer.json()["qr"])

    async def visit(self, link: str) -> None:
        await self._send("POST", link, json={})

    async def pay(self, link: str, amount: int, key: str) -> None:
        await self._send("POST", link, json={"amount": amount, "key": key})

    async def _send(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        json: Mapping[str, int | str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = await self.http.request(method, url, content=content, json=json, headers=headers)
        except httpx.HTTPError as error:
            raise NotNow(type(error).__name__) from None
        if answer.status_code >= 500 or answer.status_code in TIME_MENDS:
            raise NotNow(str(answer.status_code))
        if not answer.is_success:
            raise Never(str(answer.status_code))
        return answer


async def listen(url: str, hear: Hear, ready: asyncio.Event) -> None:
    """Hear the queue `portal-status` until cancelled; connect again after every loss, of the broker too."""
    await hearing.listen(url, PORTAL, PORTAL_STATUS_QUEUE, partial(_hand, hear), ready)


def _hand(hear: Hear, key: str, body: bytes) -> None:
    kind = KINDS.get(key)
    if kind is not None:
        hear(kind.model_validate_json(body))
