"""A region's workstation in a test's hands: it hears the feed, takes the lease by the API, and says what is signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from deploy.sandbox import hearing, keys
from deploy.sandbox.authority import Authority
from deploy.sandbox.keys import OfficerAccount
from deploy.sandbox.persona import Verdict
from deploy.sandbox.staff import decision
from deploy.sandbox.workstation import Answer, outgoing, read
from shared.contracts.ums_review import ReviewQueued
from shared.contracts.workstation import DecisionSigned
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.rows import Fate, Outgoing
from shared.process import REVIEW
from shared.security import keyring
from shared.security.sealing import PortalSealer
from shared.topology import feed_of, workstation_of
from shared.web.officer_keys import moment_of
from tests.live.house import House, until

PATIENCE = 60.0  # seconds


class Desk:
    """It knows what an integrator is given: address, queue, the sealing half of the key, and its officers."""

    def __init__(self, house: House, region: str, publisher: RabbitPublisher) -> None:
        folder = house.stack.folder.data / "keys"
        self.house, self.region, self._publisher = house, region, publisher
        self._authority = Authority.kept_in(folder / keys.AUTHORITY, datetime.now(UTC))
        self.sealer = PortalSealer(keyring.load_portal_public(folder / keyring.PORTAL_PUBLIC), keyring.system_nonces)
        self.queued: list[ReviewQueued] = []
        self.answers: list[Answer] = []

    def hear(self, key: str, body: bytes) -> None:
        said = read(key, body)
        if isinstance(said, ReviewQueued):
            self.queued.append(said)
        else:
            self.answers.append(said)

    def officer(self, id: str) -> OfficerAccount:
        return next(account for account in self.house.officers if account.id == id)

    async def brought(self, id: UUID) -> ReviewQueued:
        """The case, as the feed brings it."""

        async def has_come() -> bool:
            return any(each.application_id == id for each in self.queued)

        assert await until(has_come, 2 * PATIENCE)
        return next(each for each in self.queued if each.application_id == id)

    async def call(self, id: UUID, what: str, officer: str, body: Any = None) -> httpx.Response:
        url = f"{self.house.stage.url(REVIEW)}/reviews/{id}/{what}"
        return await self.house.http.post(url, json=body, headers=self.officer(officer).bearer)

    async def taken(self, id: UUID, officer: str) -> dict[str, Any]:
        """The case with its lease."""
        answer = await self.call(id, "take", officer)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def signed(self, taken: dict[str, Any], officer: str, **altered: Any) -> DecisionSigned:
        """An approval as the officer signed it; `altered` are fields that are changed behind the signature."""
        account, moment = self.officer(officer), moment_of(self.house.stage.now)
        body = decision(taken, Verdict(), account.id, account.signatory(self._authority), moment)
        about = {"application_id": taken["case"]["application_id"], "round": taken["case"]["round"]}
        return DecisionSigned.model_validate(
            {**about, "region": self.region, "officer_id": account.id, **body, **altered}
        )

    async def say(self, row: Outgoing) -> None:
        (fate,) = await self._publisher.publish([row])
        assert fate is Fate.CONFIRMED

    async def asked(self, said: DecisionSigned | Outgoing) -> Answer:
        """What it is answered, under an id of its own."""
        at = len(self.answers)
        await self.say(said if isinstance(said, Outgoing) else outgoing(said, self.sealer))

        async def is_answered() -> bool:
            return len(self.answers) > at

        assert await until(is_answered, PATIENCE)
        return self.answers[at]


@asynccontextmanager
async def opened(house: House, region: str) -> AsyncIterator[Desk]:
    """It hears while the block runs."""
    url, user = house.stack.addresses.workstation_urls[region], workstation_of(region)
    publisher = RabbitPublisher(url, user)
    desk = Desk(house, region, publisher)
    listening = asyncio.create_task(hearing.listen(url, user, feed_of(region), desk.hear, asyncio.Event()))
    try:
        yield desk
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await publisher.close()
