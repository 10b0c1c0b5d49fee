"""What outlives every process: tables and broker in memory, with an eye on what is written and what is said."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.engine.adapters.memory_broker import Faults, MemoryBroker
from shared.engine.adapters.memory_queue import Kept, Queue
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryTables
from shared.engine.columns import columns_of
from shared.engine.ports import Clock, Ids
from shared.engine.service import Log, Service
from shared.topology import DEAD_LETTERS
from tests.simulation.chronicle import Chronicle

FOR_EVER = 30
"""How often no message is said, whatever the luck: by then somebody does not hear that it was taken."""
Watch = Callable[[UUID, Mapping[str, Any]], None]


class Watched(dict[UUID, tuple[Any, ...]]):
    """States whose every commit is seen, as its columns."""

    def __init__(self, names: tuple[str, ...], seen: Watch) -> None:
        super().__init__()
        self._names, self._seen = names, seen

    def __setitem__(self, id: UUID, row: tuple[Any, ...]) -> None:
        super().__setitem__(id, row)
        self._seen(id, dict(zip(self._names, row, strict=True)))


@dataclass(frozen=True, slots=True)
class Written:
    """A row of a log, in the order of all commits of all services."""

    service: str
    log: str
    row: tuple[Any, ...]
    at: datetime


class Tables(MemoryTables):
    """One service's tables; `written` is shared by all that are made with the same chronicle."""

    def __init__(self, service: Service, platform: MemoryPlatform, clock: Clock, chronicle: Chronicle) -> None:
        super().__init__(service, platform, clock)
        self._chronicle = chronicle
        self.written: list[Written] = chronicle.written
        self.watches: list[Watch] = []
        self._names = tuple(columns_of(service.table.of).names)
        self._columns: list[dict[str, Any]] | None = None
        self.states = Watched(self._names, self._saw)

    def add(self, log: Log, row: tuple[Any, ...], now: datetime) -> None:
        super().add(log, row, now)
        self.written.append(Written(self.service.name, log.name, row, now))

    def columns(self) -> list[dict[str, Any]]:
        """Every state as its columns; what is sealed stays sealed."""
        if self._columns is None:
            self._columns = [dict(zip(self._names, row, strict=True)) for row in self.states.values()]
        return self._columns

    def _saw(self, id: UUID, row: Mapping[str, Any]) -> None:
        self._columns = None
        self._chronicle.note(self.service.name, "commits", id)
        for watch in self.watches:
            watch(id, row)


class Broker(MemoryBroker):
    """The broker; `accepted` is every message that it has taken, by the queues it reached; `said` by application."""

    def __init__(
        self, clock: Clock, ids: Ids, faults: Faults, topology: Mapping[str, Any], chronicle: Chronicle
    ) -> None:
        super().__init__(clock, ids, faults, topology)
        self._chronicle = chronicle
        self.accepted: dict[tuple[str, str, str], Kept] = {}
        self.said: dict[str, dict[str, None]] = {}
        self._times: Counter[str | None] = Counter()
        self.slow: Callable[[str, str], float] = lambda queue, key: 0.0
        self.late: list[Kept] = []
        """Messages on their way to a queue that hears late."""
        self._work = [queue for name, queue in self.queues.items() if name != DEAD_LETTERS]
        self._busy = self._work[0]

    def put(self, message: Kept, exchange: str | None = None) -> bool:
        said = hashlib.sha256(message.body).hexdigest()[:12]
        trace = str(message.headers.get("said-by", "portal"))
        of = _of(message.body)
        self.said.setdefault(of, {})[kind_of(message)] = None
        self._times[message.message_id] += 1
        if self._times[message.message_id] == FOR_EVER:
            self._chronicle.broken.append(("nothing_is_said_for_ever", f"{message.routing_key} {FOR_EVER} times"))
        self._chronicle.note(trace, f"says {message.routing_key} {message.message_id} {said}", of)
        for queue in self.route(exchange or message.exchange, message.routing_key):
            self.accepted.setdefault((queue, message.exchange, str(message.message_id)), message)
        return super().put(message, exchange)

    def keep(self, name: str, message: Kept) -> None:
        seconds = self.slow(name, kind_of(message))
        if not seconds:
            super().keep(name, message)
            return
        self.late.append(message)
        asyncio.get_running_loop().call_later(seconds, self._arrives, name, message)

    def _arrives(self, name: str, message: Kept) -> None:
        self.late.remove(message)
        super().keep(name, message)

    @property
    def flying(self) -> set[UUID]:
        """The applications of which something is on its way, or in somebody's hand."""
        bodies = [message.body for message in (*self.late, *self.silent)]
        for queue in self._work:
            bodies += [message.body for message in queue.waiting]
            bodies += [message.body for consumer in queue.consumers for message in consumer.unacked.values()]
        return {UUID(of) for of in map(_of, bodies) if of}

    @property
    def at_rest(self) -> bool:
        """Nothing waits, and nobody has anything in hand; where there was something last time is looked first."""
        if self.late or not _empty(self._busy):
            return False
        for queue in self._work:
            if not _empty(queue):
                self._busy = queue
                return False
        return not self.silent


def kind_of(message: Kept) -> str:
    """Which class of message it is, without the field that ends its key; a dead letter is known by its whole key."""
    return message.routing_key if message.exchange == DEAD_LETTERS else message.routing_key.partition(".")[0]


def _empty(queue: Queue) -> bool:
    if queue.waiting:
        return False
    for consumer in queue.consumers:  # noqa: SIM110  asked thousands of times a seed; a generator would cost more
        if consumer.unacked:
            return False
    return True


def _of(body: bytes) -> str:
    """The application in a message, without reading the rest."""
    at = body.find(b'"application_id":"')
    return body[at + 18 : at + 54].decode() if at >= 0 else ""
