"""A region's workstation, stood in for: the feed says that a case has come, and what its officer signs is published.

What comes by the feed is received, not held: queue and lease are those of the JSON API, as for everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from deploy.sandbox import hearing
from shared.contracts.base import Sealer, published_key, routing_key, write
from shared.contracts.ums_review import ReviewQueued
from shared.contracts.workstation import DecisionRefused, DecisionSigned, DecisionTaken
from shared.engine.ports import Publisher
from shared.engine.rows import Fate, Outgoing
from shared.topology import feed_of, workstation_of

PATIENCE = 30.0  # seconds for an answer; then the officer decides the case anew
Answer = DecisionTaken | DecisionRefused
KINDS: Mapping[str, type[ReviewQueued] | type[DecisionTaken] | type[DecisionRefused]] = {
    routing_key(kind): kind for kind in (ReviewQueued, DecisionTaken, DecisionRefused)
}


def read(key: str, body: bytes) -> ReviewQueued | Answer:
    """A message of a feed. Raises `ValueError` for what is none, or does not read."""
    kind = KINDS.get(key.partition(".")[0])
    if kind is None:
        raise ValueError("no message of a feed")
    return kind.model_validate_json(body)


def outgoing(said: DecisionSigned, sealer: Sealer) -> Outgoing:
    """The message as it is published: note and CMS are sealed."""
    return Outgoing(uuid4(), said.exchange, published_key(said), said.application_id, write(said, sealer), {})


@dataclass(slots=True)
class Workstation:
    """One region's; `note` is told what became of each decision."""

    region: str
    publisher: Publisher
    sealer: Sealer
    note: Callable[[str], None]
    _came: int = 0
    _seen: int = -1
    _asked: dict[UUID, float] = field(default_factory=dict)

    async def run(self, url: str) -> None:
        """Hear the feed until cancelled."""
        await hearing.listen(url, workstation_of(self.region), feed_of(self.region), self.hear, asyncio.Event())

    def hear(self, key: str, body: bytes) -> None:
        """One message of the feed. Raises `ValueError` for what does not read."""
        said = read(key, body)
        if isinstance(said, ReviewQueued):
            self._came += 1
            return
        self._asked.pop(said.application_id, None)
        self.note(said.code if isinstance(said, DecisionRefused) else "taken")

    async def lines(self, look: Callable[[], Awaitable[list[dict[str, Any]]]]) -> list[dict[str, Any]]:
        """Of the queue what is not on its way already. Once it was empty nobody looks until the feed brings a case."""
        came = self._came
        if came == self._seen:
            return []
        found = await look()
        if not found:
            self._seen = came
        now = asyncio.get_running_loop().time()
        return [line for line in found if self._asked.get(UUID(str(line["application_id"])), now) <= now]

    async def say(self, id: UUID, round: int, officer_id: str, body: Mapping[str, Any]) -> bool:
        """Publish the signed decision, `body` as for the API's call; whether the broker has it.

        What is not confirmed may still arrive: the case is then decided again, and one of the two is refused.
        """
        signed = {"application_id": id, "region": self.region, "officer_id": officer_id, "round": round, **body}
        self._asked[id] = asyncio.get_running_loop().time() + PATIENCE
        (fate,) = await self.publisher.publish([outgoing(DecisionSigned.model_validate(signed), self.sealer)])
        if fate is not Fate.CONFIRMED:
            self._asked.pop(id, None)
        return fate is Fate.CONFIRMED
