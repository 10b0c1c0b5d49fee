"""The closed loop: so many applications in flight, a new one begun for each that arrived, until the time is up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from uuid import UUID, uuid4

import aiormq
from aiormq.abc import DeliveredMessage

from tests.bench.hops import ARRIVED_QUEUE


@dataclass(frozen=True, slots=True)
class First:
    """The message by which an application enters a system."""

    exchange: str
    routing_key: str
    body: bytes
    headers: dict[str, str | None]
    message_id: str


Enter = Callable[[UUID], First]


class Lost(Exception):
    """Applications were begun and did not arrive."""


class Driver:
    """Begins applications by confirmed publishes, and notes when each arrives; of who arrives twice it keeps count.

    `times`: how often each first message is sent, under the same id: who keeps its word makes its effects once.
    """

    def __init__(self, url: str, enter: Enter, times: int = 1) -> None:
        self._url, self._enter, self._times = url, enter, times
        self._begun: dict[UUID, float] = {}
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        self.latencies: dict[UUID, float] = {}
        self.twice = 0

    async def __aenter__(self) -> Self:
        self._connection = await aiormq.connect(self._url)
        self._publishing = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        hearing = await self._connection.channel(publisher_confirms=False)
        await hearing.basic_qos(prefetch_count=500)
        await hearing.basic_consume(ARRIVED_QUEUE, self._hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def run(self, window: int, seconds: float, patience: float = 60.0) -> float:
        """How long it took until all that were begun had arrived. Raises `Lost` after `patience` more seconds."""
        began = time.monotonic()
        async with asyncio.timeout(seconds + patience):
            try:
                await asyncio.gather(*(self._lane(began + seconds) for _ in range(window)))
            except TimeoutError:
                raise Lost(f"{len(self._begun) - len(self.latencies)} of {len(self._begun)}") from None
        return time.monotonic() - began

    async def _lane(self, until: float) -> None:
        await self.one()
        while time.monotonic() < until:
            await self.one()

    async def one(self) -> UUID:
        """One application from its first message until it arrives."""
        id = uuid4()
        first = self._enter(id)
        properties = aiormq.spec.Basic.Properties(
            delivery_mode=2, message_id=first.message_id, correlation_id=str(id), content_type="application/json",
            content_encoding="utf-8", headers=dict(first.headers),
        )  # fmt: skip
        arrives = self._waiting[id] = asyncio.get_running_loop().create_future()
        self._begun[id] = time.monotonic()
        for _ in range(self._times):
            await self._publishing.basic_publish(
                first.body, exchange=first.exchange, routing_key=first.routing_key, properties=properties,
                mandatory=True, timeout=10,
            )  # fmt: skip
        await arrives
        return id

    async def _hear(self, message: DeliveredMessage) -> None:
        id = UUID(json.loads(message.body)["application_id"])
        waiting = self._waiting.pop(id, None)
        if waiting is None:
            self.twice += 1
        else:
            self.latencies[id] = time.monotonic() - self._begun[id]
            if not waiting.done():
                waiting.set_result(None)
        await message.channel.basic_ack(message.delivery_tag or 0, wait=False)
