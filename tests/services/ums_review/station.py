"""A region's workstation at the officers' desk: it publishes, and reads what comes to its feed."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from shared.clock import SeededIds
from shared.contracts.base import published_key, read, routing_key, write
from shared.contracts.workstation import DecisionRefused, DecisionSigned, DecisionTaken
from shared.engine.rows import Delivery
from shared.engine.work import Outcome
from shared.security.sealing import PortalSealer
from tests.engine.house import until
from tests.services.ums_review.cases import REGION
from tests.services.ums_review.office import KEYS, SEALER, Office

Answer = DecisionTaken | DecisionRefused


class Station:
    """It seals as an outside party: what it has sealed it cannot open."""

    def __init__(self, office: Office, region: str = REGION) -> None:
        self.office, self.region = office, region
        self.sealer = PortalSealer(KEYS.portal_public(), SeededIds(9).nonce)
        self.heard = 0
        self._sent: dict[str, Delivery] = {}

    async def taken(self, path: str, id: str = "17") -> str:
        """The token of the lease, taken by the API."""
        async with self.office.caller(id) as officer:
            answer = await officer.post(f"{path}/take")
        return str(answer.json()["lease_token"])

    def decision(self, path: str, token: str, signer: str = "17", **changes: Any) -> DecisionSigned:
        """As `signer` signed it; `sent` are fields that are altered behind the signature."""
        sent = changes.pop("sent", {})
        body = self.office.decision(path, token, signer, **changes)
        id = UUID(path.rpartition("/")[2])
        fields = {"application_id": id, "region": self.region, "officer_id": signer, "round": 1, **body, **sent}
        return DecisionSigned.model_validate(fields)

    async def say(self, said: DecisionSigned | dict[str, Any], key: str = "", id: str = "") -> Outcome:
        """To the service's queue, as the broker would bring it."""
        body = write(said, self.sealer) if isinstance(said, DecisionSigned) else json.dumps(said).encode()
        key = key or (published_key(said) if isinstance(said, DecisionSigned) else f"decision-signed.{self.region}")
        id = id or str(uuid4())
        self._sent[id] = Delivery("ums-review.decision-signed", "workstation", key, id, {}, body)
        return await self.again(id)

    async def again(self, id: str) -> Outcome:
        """The same message once more, the same bytes."""
        return await self.office.engine.take(self._sent[id])

    async def answer(self) -> Answer:
        """The next one in the feed."""
        at = self.heard
        await until(lambda: len(self._answers()) > at)
        self.heard += 1
        return self._answers()[at]

    async def asked(self, said: DecisionSigned | dict[str, Any], key: str = "", id: str = "") -> Answer:
        await self.say(said, key, id)
        return await self.answer()

    def silent(self) -> bool:
        """Nothing more has come."""
        return len(self._answers()) == self.heard

    def _answers(self) -> list[Answer]:
        found: list[Answer] = []
        kinds: tuple[type[Answer], ...] = (DecisionTaken, DecisionRefused)
        names = {f"{routing_key(kind)}.{self.region}": kind for kind in kinds}
        for row in self.office.wire.sent:
            kind = names.get(row.routing_key)
            if kind is not None:
                assert row.exchange == "workstation.status"
                assert row.application_id
                found.append(read(kind, row.body, row.application_id, SEALER))
        return found

    async def rest(self) -> None:
        """Some turns of the engine's rounds."""
        await asyncio.sleep(0.2)
