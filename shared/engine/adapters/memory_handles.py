"""What one incarnation of a service holds of the modelled broker: a publisher and a listener; both can be killed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.engine.adapters.memory_queue import Consumer, Kept, Life
from shared.engine.rows import Delivery, Fate, Outgoing
from shared.process import HEAR_IN_BULK, PORTAL
from shared.topology import reads

if TYPE_CHECKING:
    from shared.engine.adapters.memory_broker import MemoryBroker

Take = Callable[[Delivery], Awaitable[object]]
RECONNECT_AFTER = 1.0  # seconds
CAREFUL = 10.0  # seconds of one message at a time after an unclean stop


class MemoryPublisher:
    """A `Publisher` for one user of the broker."""

    def __init__(self, broker: MemoryBroker, user: str) -> None:
        self._broker, self._user, self._life = broker, user, Life()

    def kill(self) -> None:
        """The process is gone: nothing more is published, and nobody hears what became of the rest."""
        self._life.ended = True

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        """The fate of each row, in order."""
        await self._life.go_on()
        await self._broker.delay()
        await self._life.go_on()
        fates = [self._one(row) for row in rows]
        await self._broker.delay()
        await self._life.go_on()
        return fates

    async def close(self) -> None:
        await self._life.go_on()

    def _one(self, row: Outgoing) -> Fate:
        broker = self._broker
        if not broker.up or not broker.may_say(self._user, row.exchange, row.routing_key):
            return Fate.FAILED
        if broker.chance(broker.faults.lost):
            return Fate.FAILED
        taken = broker.put(Kept(row.exchange, row.routing_key, str(row.id), dict(row.headers), row.body))
        if broker.chance(broker.faults.unconfirmed):
            return Fate.FAILED
        return Fate.CONFIRMED if taken else Fate.RETURNED


class MemoryListener:
    """Consumes the queues of one service, or of the portal: what `Listener` is over RabbitMQ."""

    def __init__(
        self, broker: MemoryBroker, service: str, take: Take, prefetch: int | None = None, careful: bool = False
    ) -> None:
        self._broker, self._take, self._life = broker, take, Life()
        self._queues = reads(service)
        self._full = prefetch if prefetch is not None else (200 if service in (*HEAR_IN_BULK, PORTAL) else 50)
        self._prefetch = 1 if careful else self._full
        self._consumers: dict[str, Consumer] = {}
        self._silent: list[tuple[str, Consumer]] = []  # paused, with deliveries in hand
        self._pumps: dict[Consumer, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused = True

    @property
    def ready(self) -> bool:
        return len(self._consumers) == len(self._queues)

    @property
    def in_hand(self) -> int:
        """How many deliveries are neither acknowledged nor given back."""
        return sum(len(consumer.unacked) for _, consumer in (*self._consumers.items(), *self._silent))

    @property
    def silent(self) -> list[Kept]:
        """Those that it has in hand while it is paused."""
        return [message for _, consumer in self._silent for message in consumer.unacked.values()]

    async def consumers(self) -> dict[str, int]:
        """Queue → consumers it has."""
        return {name: len(self._broker.queues[name].consumers) for name in self._queues}

    async def start(self) -> None:
        if self._prefetch < self._full:
            self._spawn(self._widen())
        await self.resume()

    async def pause(self) -> None:
        """Take nothing new; what is in hand stays in hand."""
        await self._life.go_on()
        self._paused = True
        for name, consumer in self._consumers.items():
            self._broker.queues[name].consumers.remove(consumer)
            self._silent.append((name, consumer))
        self._consumers = {}

    async def resume(self) -> None:
        await self._life.go_on()
        self._paused = False
        self._consume()

    async def stop(self, patience: float = 10.0) -> None:
        """Take nothing new, wait up to `patience` seconds for what is in hand, give back the rest."""
        await self.pause()
        until = self._broker.clock.monotonic() + patience
        while self.in_hand and self._broker.clock.monotonic() < until:
            await self._broker.clock.sleep(0.05)
        self._broker.dismiss(self)
        self._drop()

    def kill(self) -> None:
        """The process is gone: what it had in hand is given back, and its acknowledgements never return."""
        self._life.ended = True
        self._broker.dismiss(self)
        self._drop()

    def lose_connection(self) -> None:
        """Everything unacknowledged is given back; a second later it consumes again."""
        self._drop()
        if not self._paused and not self._life.ended:
            self._spawn(self._come_back())

    async def _come_back(self) -> None:
        await self._broker.clock.sleep(RECONNECT_AFTER)
        self._consume()

    async def _widen(self) -> None:
        await self._broker.clock.sleep(CAREFUL)
        self._prefetch = self._full
        for name, consumer in self._consumers.items():
            consumer.prefetch = self._full
            self._broker.queues[name].serve()

    def _consume(self) -> None:
        if self._paused or self._life.ended:
            return
        if not self._broker.up:
            self._spawn(self._come_back())
            return
        for name in self._queues:
            if name not in self._consumers:
                consumer = self._consumers[name] = Consumer(self._prefetch, partial(self._arrives, name))
                self._broker.queues[name].consumers.append(consumer)
                self._broker.queues[name].serve()

    def _drop(self) -> None:
        dropped = [*self._consumers.items(), *self._silent]
        self._consumers, self._silent = {}, []
        for pump in self._pumps.values():
            pump.cancel()
        self._pumps = {}
        for name, consumer in dropped:
            self._broker.give_back(name, consumer)

    def _arrives(self, name: str, consumer: Consumer) -> None:
        if consumer not in self._pumps:
            self._pumps[consumer] = asyncio.create_task(self._pump(name, consumer))

    async def _pump(self, name: str, consumer: Consumer) -> None:
        """What was sent arrives in order, late."""
        while consumer.arriving:
            await self._broker.delay()
            self._spawn(self._hand_over(self._delivery(name, consumer, consumer.arriving.popleft())))
        del self._pumps[consumer]

    async def _hand_over(self, delivery: Delivery) -> None:
        try:
            await self._take(delivery)
        except Exception:  # it stays unacknowledged, as over RabbitMQ
            return

    def _delivery(self, name: str, consumer: Consumer, message: Kept) -> Delivery:
        async def ack() -> None:
            await self._life.go_on()
            if self._broker.chance(self._broker.faults.disconnected):
                self.lose_connection()
            elif consumer.settle(message):
                self._broker.queues[name].serve()

        return Delivery(
            queue=name,
            exchange=message.exchange,
            routing_key=message.routing_key,
            message_id=message.message_id,
            headers=dict(message.headers),
            body=message.body,
            deliveries=message.returned + 1,
            ack=ack,
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
