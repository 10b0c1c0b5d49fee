"""FastStream's part in hearing: one subscriber per queue, and nothing done that is the engine's to do.

It validates nothing, injects nothing, declares nothing, replies to nothing and acknowledges nothing. So a message goes
from aiormq straight to whoever hears it, past aio-pika's own message with all its conversions and FastStream's parser,
scopes and middlewares, which together took a quarter of python's time on a message.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Union

from aio_pika.robust_channel import RobustChannel
from aio_pika.robust_connection import RobustConnection
from aio_pika.robust_queue import RobustQueue
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel as Wire
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.subscriber import RabbitSubscriber

from shared.engine.adapters.acks import Acks
from shared.engine.adapters.losing import told_as_loss
from shared.engine.adapters.rabbit import LOST, TIMEOUT
from shared.engine.rows import Delivery
from shared.process import Kinds, queues_of

log = logging.getLogger(__name__)

Hear = Callable[[str, DeliveredMessage], Awaitable[None]]
Subscribers = dict[str, RabbitSubscriber]
RECONNECT_EVERY = 1.0  # seconds


class _Queue(RobustQueue):
    """One whose consumers get the message as it came."""

    async def consume(
        self, callback: Any, no_ack: bool = False, exclusive: bool = False,
        arguments: Any = None, consumer_tag: str | None = None, timeout: Any = None, robust: bool = True,
    ) -> str:  # fmt: skip
        """As the one it replaces; what is kept here is consumed again when the connection comes back."""
        channel = await self.channel.get_underlay_channel()
        kept: dict[str, Any] = {"no_ack": no_ack, "exclusive": exclusive, "arguments": arguments}
        consuming = await channel.basic_consume(self.name, callback, consumer_tag=consumer_tag, timeout=timeout, **kept)
        tag = consuming.consumer_tag
        assert tag is not None
        if robust:
            self._consumers[tag] = {"callback": callback, **kept}
        return tag


class _Channel(RobustChannel):
    QUEUE_CLASS = _Queue


class _Connection(RobustConnection):
    CHANNEL_CLASS = _Channel


class _Quiet(RabbitBroker):
    """A broker that does not ask for a reply queue: nothing here is a call with an answer."""

    async def _connect(self) -> RobustConnection:
        self._connection_kwargs["connection_class"] = _Connection
        return await super()._connect()

    async def start(self) -> None:
        await self.connect()
        await super(RabbitBroker, self).start()


def broker_of(service: str, url: str, channel: Channel, hear: Hear) -> tuple[RabbitBroker, Subscribers]:
    """A broker object with a subscriber for each queue of the service; the handlers' annotations carry the schemas."""
    broker = _Quiet(
        url,
        apply_types=False,
        logger=None,
        graceful_timeout=None,
        timeout=TIMEOUT,  # without one an attempt on a dead network waits for ever, and one cut off goes on unseen
        reconnect_interval=RECONNECT_EVERY,
        default_channel=channel,
    )
    subscribers: Subscribers = {}
    for name, kinds in queues_of(service).items():
        queue = RabbitQueue(name, queue_type=QueueType.QUORUM, durable=True, declare=False)
        subscriber = broker.subscriber(queue, channel=channel, ack_policy=AckPolicy.MANUAL, no_reply=True, title=name)
        subscriber(_handler(name, kinds, hear))
        subscriber.consume = partial(hear, name)  # type: ignore[assignment]
        subscribers[name] = subscriber
    return broker, subscribers


def _handler(queue: str, kinds: Kinds, hear: Hear) -> Callable[[Any], Awaitable[None]]:
    """By it the AsyncAPI document knows the queue's messages; they themselves do not come this way."""

    async def handler(message: Any) -> None:
        await hear(queue, message)

    handler.__name__ = queue.replace(".", "_").replace("-", "_")
    handler.__annotations__ = {"message": Union[kinds] if kinds else Any, "return": None}  # noqa: UP007 — of a tuple
    return handler


async def silence(subscribers: Subscribers) -> None:
    """Cancel the consumers and keep the channel, so that what is in hand can still be acknowledged.

    FastStream's own `stop` would pass over what the broker has sent by then, and leave it unacknowledged for good.
    """
    for subscriber in subscribers.values():
        queue, tag = subscriber._queue_obj, subscriber._consumer_tag
        if queue is not None and tag is not None:
            subscriber._consumer_tag = None
            with contextlib.suppress(*LOST, TimeoutError, OSError), told_as_loss():
                await queue.cancel(tag, timeout=TIMEOUT)


async def consume(subscribers: Subscribers) -> None:
    """Consume again where it was silenced."""
    for subscriber in subscribers.values():
        queue = subscriber._queue_obj
        if queue is not None and subscriber._consumer_tag is None:
            with contextlib.suppress(*LOST, TimeoutError, OSError), told_as_loss():
                subscriber._consumer_tag = await queue.consume(subscriber.consume, timeout=TIMEOUT)  # type: ignore[arg-type]


def missing(subscribers: Subscribers) -> list[str]:
    """The queues on which this side holds no live consumer."""
    gone = []
    for name, subscriber in subscribers.items():
        wire = _wire(subscriber)
        if wire is None or wire.is_closed or subscriber._consumer_tag not in wire.consumers:
            gone.append(name)
    return gone


def _wire(subscriber: RabbitSubscriber) -> Wire | None:
    """The channel as it is now; aio-pika's own object outlives the connection."""
    held = None if subscriber._queue_obj is None else getattr(subscriber._queue_obj.channel, "_channel", None)
    return None if held is None else held.channel


def delivery_of(queue: str, message: DeliveredMessage, acks: Acks) -> Delivery:
    """The raw message as the engine knows it. `x-delivery-count` counts the deliveries before this one."""
    said = message.header.properties
    headers = dict(said.headers or {})
    before = headers.get("x-delivery-count", 1 if message.redelivered else 0)
    acked = False

    async def ack() -> None:
        nonlocal acked
        if acked:
            return
        acked = True
        try:
            await acks.ack(message.channel, message.delivery_tag or 0)
        except LOST:
            log.info("too late to acknowledge a delivery of %s: it comes again", queue)

    return Delivery(
        queue=queue,
        exchange=message.exchange or "",
        routing_key=message.routing_key or "",
        message_id=said.message_id or None,
        headers=headers,
        body=message.body,
        deliveries=(before if isinstance(before, int) else 0) + 1,
        ack=ack,
    )
