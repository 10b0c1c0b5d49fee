"""The engine of one service incarnation: takes deliveries, runs batches, relays, works off what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts.base import Message, routing_key
from shared.engine.asking import Asking
from shared.engine.batch import commit
from shared.engine.codec import Item, Unreadable, as_uuid, understand
from shared.engine.due import DueRounds
from shared.engine.ports import Clock, Ids, Publisher, Store
from shared.engine.relay import Relay
from shared.engine.rows import Delivery, Due, Outgoing, Platform, StoreBusy, StoreLost
from shared.engine.standing import stand
from shared.engine.work import Context, Moment, Outcome


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of machine time between the engine's rounds, and how much it takes at once.

    `lines_up`: for so long after an outage whoever was in hand as it ended is still put in line.
    """

    refresh: float = 1.0
    sweep: float = 2.0
    most: int = 100
    due_at_once: int = 64
    keep: float = 5.0
    careful: float = 10.0
    lines_up: float = 60.0
    inbox_days: int = 90
    inbox_every: float = 3600.0


PACE = Pace()
HERD_AFTER = timedelta(seconds=20)
"""Of business time: whoever waits for a system that failed for longer was held back, and would come all at once."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What an incarnation stands on; deliveries come in through `Engine.take`."""

    store: Store
    publisher: Publisher
    clock: Clock
    ids: Ids
    world: Any = None
    log: Any = None


@dataclass(slots=True)
class _Waiting:
    item: Item | Unreadable
    done: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


def _links(took: list[_Waiting]) -> list[str]:
    return [w.item.headers["traceparent"] for w in took if isinstance(w.item, Item) and "traceparent" in w.item.headers]


class Engine:
    """Runs one service. `take` and `act` answer after the commit; `run` never returns unless cancelled."""

    def __init__(self, context: Context, ports: Ports, pace: Pace = PACE) -> None:
        self.context, self.ports, self.pace = context, ports, pace
        self._platform = Platform()
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._lines: dict[str, float] = {}
        self._careful_until, self.store_lost = 0.0, False
        self.relay = Relay(ports.store, ports.publisher, ports.clock, context.telemetry, ports.log)
        stands_on = ports.world, ports.clock, ports.ids
        self._asking = Asking(context, *stands_on, lambda: self._platform, self.wake, self.relay.hand, self._lines_up)
        self._due = DueRounds(ports.store, ports.clock, ports.log, self._work_off, ports.ids.uuid(), pace.due_at_once)

    def outages(self) -> frozenset[str]:
        """The outside systems that are in outage now (p.12)."""
        return self._platform.outages(self.ports.clock.now())

    async def take(self, delivery: Delivery) -> Outcome:
        """One delivery: decided (or laid aside) and committed, then acknowledged. Never raises on bad input."""
        item = understand(delivery, self.context.service, self.context.sealer, self.ports.clock.now())
        outcome = await self._enqueue(item)
        await delivery.ack()
        return outcome

    async def act(self, message: Message, message_id: str, headers: Mapping[str, str] | None = None) -> Outcome:
        """An HTTP call as a message whose id is the sender's own; answers after the commit."""
        now, key = self.ports.clock.now(), ("api", message_id)
        reaction = self.context.service.by_key[routing_key(message)]
        digest = message_id.encode()
        return await self._enqueue(Item(message, reaction, as_uuid(*key), now, headers or {}, key, digest))

    def wake(self) -> None:
        """What waits may be due now: the business clock was moved."""
        self._due.wake()

    async def read(self, id: UUID) -> Any:
        """The state of one application as it stands committed."""
        return await self.ports.store.read(id)

    async def start(self) -> bool:
        """Before anything is consumed; True when the last run did not end cleanly, and this one starts carefully."""
        unclean = bool(await self._persist(lambda: self.ports.store.begin(self.ports.clock.now())))
        await self._persist(self._refresh)
        await self._persist(lambda: stand(self.context, self.ports.clock))
        if unclean:
            self._careful_until = self.ports.clock.monotonic() + self.pace.careful
        return unclean

    async def run(self) -> None:
        """All rounds, for ever."""
        async with asyncio.TaskGroup() as group:
            for round in (self._batches(), self.relay.run(), self.relay.sweep(self.pace.sweep), self._due.run(),
                          self._due.keep(self.pace.keep), self._refreshes(), self._sweeps_inbox()):  # fmt: skip
                group.create_task(round)

    async def _persist(self, call: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                return await call()
            except (StoreBusy, StoreLost):
                await self.ports.clock.sleep(0.5)

    async def _enqueue(self, item: Item | Unreadable) -> Outcome:
        waiting = _Waiting(item)
        self._waiting.put_nowait(waiting)
        return await waiting.done

    async def _batches(self) -> None:
        """Take what waits, no timer; what has failed before goes alone."""
        while True:
            batch = [await self._waiting.get()]
            most = 1 if self.ports.clock.monotonic() < self._careful_until else self.pace.most
            while len(batch) < most and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            alone = [w for w in batch if isinstance(w.item, Item) and w.item.due is not None and w.item.due.failures]
            together = [w for w in batch if w not in alone]
            if together:
                await self._commit(together)
            for waiting in alone:
                await self._commit([waiting])

    async def _commit(self, batch: list[_Waiting]) -> None:
        pause = 0.05
        while True:
            clock = self.ports.clock
            moment = Moment(clock.now(), clock.machine_now(), self.outages())
            try:
                with self.context.telemetry.span("batch", attributes={"messages": len(batch)}, links=_links(batch)):
                    outcomes, outbox, due = await commit(self.context, [w.item for w in batch], moment)
                return self._settle(batch, outcomes, outbox, due)
            except StoreBusy:
                continue
            except StoreLost:
                self.store_lost = True
                await clock.sleep(pause)
                pause = min(pause * 2, 2.0)
            except Exception as error:
                if len(batch) == 1:
                    return await self._fail_whole(batch[0], error)
                for waiting in batch:
                    await self._commit([waiting])
                return None

    def _settle(self, batch: list[_Waiting], outcomes: list[Outcome], outbox: list[Outgoing], due: list[Due]) -> None:
        """Committed: hand over what is to be published, wake who works off what is due, answer those who wait."""
        self.store_lost = False
        self.relay.hand(outbox)
        now = {"machine": self.ports.clock.machine_now(), "business": self.ports.clock.now()}
        if any(row.due_at <= now[row.clock] for row in due):
            self._due.wake()
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(outcome)

    async def _fail_whole(self, waiting: _Waiting, error: Exception) -> None:
        """The store refused what this one item writes: it is a failed decision like any other."""
        if not isinstance(waiting.item, Item) or waiting.item.error is not None:
            if not waiting.done.done():  # whoever asked may have gone
                waiting.done.set_exception(error)
            return
        self.ports.log.error(
            "cannot be written", message=type(waiting.item.message).__name__, error=type(error).__name__
        )
        waiting.item = replace(waiting.item, error=type(error).__name__)
        await self._commit([waiting])

    async def _work_off(self, row: Due) -> None:
        await self._asking.work_off(row, self._enqueue)

    async def _refresh(self) -> None:
        clock, found = self.ports.clock, await self.ports.store.platform()
        clock.set_offset(found.offset)
        for dependency, lasted in found.recovered_since(self._platform).items():
            self._lines[dependency] = clock.monotonic() + (self.pace.lines_up if lasted >= HERD_AFTER else 0.0)
        for dependency, until in sorted(self._lines.items()):
            failing = found.dependencies[dependency].failing_since is not None
            if not failing:
                await self._line_up(dependency)
            if failing or until <= clock.monotonic():
                del self._lines[dependency]
        self._platform = found

    async def _line_up(self, dependency: str) -> None:
        """Turns for those that waited, before anybody here knows that the system answers again."""
        machine = self.ports.clock.machine_now()
        waiting = await self.ports.store.resume_due(dependency, self.context.apart(dependency), machine)
        if waiting:
            self.ports.log.info("answers again", dependency=dependency, waiting=waiting)

    def _lines_up(self, dependency: str) -> bool:
        return dependency in self._lines

    async def _refreshes(self) -> None:
        """The business clock's offset and the outages are re-read each second (process.md 5)."""
        while True:
            await self.ports.clock.sleep(self.pace.refresh)
            try:
                await self._refresh()
            except (StoreBusy, StoreLost):
                continue
            self.wake()

    async def _sweeps_inbox(self) -> None:
        while True:
            await self.ports.clock.sleep(self.pace.inbox_every)
            try:
                before = self.ports.clock.machine_now() - timedelta(days=self.pace.inbox_days)
                while await self.ports.store.sweep_inbox(before, 5000):
                    await self.ports.clock.sleep(0.05)
            except (StoreBusy, StoreLost):
                continue
