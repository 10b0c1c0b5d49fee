"""Hearing from RabbitMQ: FastStream as a thin adapter, raw message → `Delivery` → `await take(delivery)`.

A delivery whose `take` raises stays unacknowledged until the connection ends; it is never requeued here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from aiormq.abc import DeliveredMessage
from faststream.rabbit import Channel, RabbitBroker

from shared.engine.adapters.acks import Acks
from shared.engine.adapters.losing import told_as_loss
from shared.engine.adapters.rabbit import LOST, TIMEOUT, kept_alive
from shared.engine.adapters.subscribers import Subscribers, broker_of, consume, delivery_of, missing, silence
from shared.engine.rows import Delivery
from shared.engine.service import Service
from shared.process import HEAR_IN_BULK

log = logging.getLogger(__name__)

Take = Callable[[Delivery], Awaitable[object]]
PREFETCH, PREFETCH_IN_BULK = 50, 200
CAREFUL = 10.0  # seconds of one message at a time after an unclean stop
LOOK_EVERY = 5.0  # seconds between two looks at whether the broker still has our consumers
TRY_EVERY = 1.0  # seconds between two attempts to connect


class Listener:
    """Consumes the queues of one service; `start` and `stop` frame its life, the rest may be called in between."""

    def __init__(
        self,
        service: Service,
        url: str,
        take: Take,
        prefetch: int | None = None,
        careful: bool = False,
        *,
        careful_for: float = CAREFUL,
        look_every: float = LOOK_EVERY,
    ) -> None:
        in_bulk = PREFETCH_IN_BULK if service.name in HEAR_IN_BULK else PREFETCH
        self._service, self._url, self._take = service, kept_alive(url, f"{service.name} hears"), take
        self._prefetch = prefetch if prefetch is not None else in_bulk
        self._careful_for = careful_for if careful else 0.0
        self._look_every = look_every
        self._broker: RabbitBroker | None = None
        self._subscribers: Subscribers = {}
        self._channel = Channel()
        self._paused = False
        self._changing = asyncio.Lock()
        self._running: list[asyncio.Task[None]] = []
        self._hands: set[asyncio.Task[object]] = set()
        self._acks = Acks()

    @property
    def in_hand(self) -> int:
        """How many deliveries `take` has not answered yet."""
        return len(self._hands)

    @property
    def ready(self) -> bool:
        """Whether every queue has a consumer of ours, as far as this side knows."""
        return bool(self._subscribers) and not missing(self._subscribers)

    async def consumers(self) -> dict[str, int]:
        """Queue → consumers it has, of whatever process, as the broker counts them. Empty when it cannot be asked."""
        broker = self._broker
        if broker is None or broker._connection is None:
            return {}
        counts: dict[str, int] = {}
        try:
            with told_as_loss():
                async with asyncio.timeout(TIMEOUT):
                    async with broker._connection.channel(publisher_confirms=False) as channel:
                        for queue in self._subscribers:
                            found = await channel.declare_queue(queue, passive=True)
                            counts[queue] = found.declaration_result.consumer_count or 0
        except Exception as error:  # whoever watches over the consumers may not end of what it sees
            log.info("the consumers of %s cannot be counted: %s", self._service.name, type(error).__name__)
            return {}
        return counts

    async def start(self) -> None:
        """Consume, or keep trying to; returns after the first attempt."""
        first = asyncio.Event()
        self._running = [asyncio.create_task(self._keep_consuming(first))]
        if self._careful_for:
            self._running.append(asyncio.create_task(self._widen()))
        await first.wait()

    async def pause(self) -> None:
        """Take nothing new; what is in hand stays in hand and can still be acknowledged."""
        async with self._changing:
            self._paused = True
            await silence(self._subscribers)

    async def resume(self) -> None:
        async with self._changing:
            self._paused = False
            await consume(self._subscribers)

    async def stop(self, patience: float = 10.0) -> None:
        """Take nothing new, wait up to `patience` seconds for what is in hand, then let go of the rest."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        async with self._changing:
            await silence(self._subscribers)
            if self._hands:
                await asyncio.wait(self._hands, timeout=patience)
            await self._close()
        for hand in list(self._hands):
            hand.cancel()

    async def _keep_consuming(self, first: asyncio.Event) -> None:
        """aio-pika recovers by itself; when it says it did and has not, the whole broker object is built anew."""
        missed = 0
        while True:
            if self._broker is None:
                async with self._changing:
                    await self._open()
                first.set()
            await asyncio.sleep(self._look_every if self._broker is not None else TRY_EVERY)
            missed = missed + 1 if self._broker is not None and await self._lost() else 0
            if missed >= 2:
                log.warning("consumers of %s are gone: starting anew", self._service.name)
                missed = 0
                async with self._changing:
                    await self._close()

    async def _lost(self) -> bool:
        if self._paused:
            return False
        counts = await self.consumers()
        return bool(missing(self._subscribers)) or not counts or any(count == 0 for count in counts.values())

    async def _widen(self) -> None:
        """After a careful start: the full prefetch, which holds for consumers begun after it is set."""
        await asyncio.sleep(self._careful_for)
        async with self._changing:
            self._careful_for = 0.0
            if self._broker is None:
                return
            await silence(self._subscribers)
            with contextlib.suppress(*LOST, TimeoutError, OSError), told_as_loss():
                channel = await self._broker.config.broker_config.channel_manager.get_channel(self._channel)
                await channel.set_qos(prefetch_count=self._prefetch, timeout=TIMEOUT)
            if not self._paused:
                await consume(self._subscribers)

    async def _open(self) -> None:
        prefetch = 1 if self._careful_for else self._prefetch
        self._channel = Channel(prefetch_count=prefetch)
        broker, self._subscribers = self.broker()
        try:
            with told_as_loss():
                async with asyncio.timeout(2 * TIMEOUT):
                    await broker.start()
        except Exception as error:
            log.warning("%s cannot hear: %s", self._service.name, type(error).__name__)
            await self._let_go(broker)
            return
        self._broker = broker
        if self._paused:
            await silence(self._subscribers)

    def broker(self) -> tuple[RabbitBroker, Subscribers]:
        """The FastStream broker as it is before it starts; its AsyncAPI document names every queue and payload."""
        return broker_of(self._service.name, self._url, self._channel, self._hear)

    async def _close(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            await self._let_go(broker)

    async def _let_go(self, broker: RabbitBroker) -> None:
        """Of a connection that may be dead: what it says to that is not heard."""
        with contextlib.suppress(Exception), told_as_loss():
            async with asyncio.timeout(TIMEOUT):
                await broker.stop()

    async def _hear(self, queue: str, message: DeliveredMessage) -> None:
        hand = asyncio.create_task(self._hand_over(queue, message))
        self._hands.add(hand)
        hand.add_done_callback(self._hands.discard)  # not awaited: a lost connection cancels whoever it has called

    async def _hand_over(self, queue: str, message: DeliveredMessage) -> None:
        try:
            await self._take(delivery_of(queue, message, self._acks))
        except Exception as error:
            log.error("a delivery of %s is left unacknowledged: %s", queue, type(error).__name__)
