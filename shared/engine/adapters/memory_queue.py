"""What the model of the broker keeps: messages, queues, consumers, and whether a process still lives."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A message in one queue; `returned` is how often it was given back (`x-delivery-count`)."""

    exchange: str
    routing_key: str
    message_id: str | None
    headers: Mapping[str, Any]
    body: bytes
    returned: int = 0


@dataclass(slots=True, eq=False)
class Consumer:
    """One consumer of one queue: what it was sent and has not acknowledged, and what is still on its way to it;
    `sent` is told that something is.
    """

    prefetch: int
    sent: Callable[[Consumer], None]
    unacked: dict[int, Kept] = field(default_factory=dict)
    arriving: deque[Kept] = field(default_factory=deque)

    @property
    def has_room(self) -> bool:
        return len(self.unacked) < self.prefetch

    def send(self, message: Kept) -> None:
        self.unacked[id(message)] = message
        self.arriving.append(message)
        self.sent(self)

    def settle(self, message: Kept) -> bool:
        """False when it was given back meanwhile: the acknowledgement comes too late."""
        return self.unacked.pop(id(message), None) is not None


@dataclass(slots=True)
class Queue:
    """Messages in order, and the consumers that are served in turn; `limit` redeliveries, or None for no limit."""

    limit: int | None
    waiting: deque[Kept] = field(default_factory=deque)
    consumers: deque[Consumer] = field(default_factory=deque)

    def serve(self) -> None:
        """Send what waits to the consumers that have room, in turn."""
        while self.waiting and (consumer := self._next()) is not None:
            consumer.send(self.waiting.popleft())

    def _next(self) -> Consumer | None:
        for _ in range(len(self.consumers)):
            self.consumers.rotate(-1)
            if self.consumers[-1].has_room:
                return self.consumers[-1]
        return None


@dataclass(slots=True)
class Life:
    """A process's: once it has ended, its calls never return."""

    ended: bool = False
    _limbo: list[asyncio.Future[None]] = field(default_factory=list)

    async def go_on(self) -> None:
        if self.ended:
            never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._limbo.append(never)
            await never
