"""Many messages written to one confirming channel at once, and what became of each.

aiormq publishes one message at a time: a lock, a time-out, a task and a write to the socket for each. Here all that
wait are written together under the lock and confirmed under one time-out. The attributes used are aiormq 7's own book
of what it awaits, by which it settles acks, nacks, returns and a lost channel as for its own publishes.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiormq import spec
from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from aiormq.exceptions import DeliveryError, PublishError
from pamqp.body import ContentBody
from pamqp.frame import marshal
from pamqp.header import ContentHeader

from shared.engine.rows import Fate

LONGEST_KEY = 255  # bytes


@dataclass(frozen=True, slots=True)
class Written:
    """One message as it goes over the wire, and the id under which the broker returns it."""

    message_id: str
    frames: bytes


async def publish(wire: Channel, messages: Sequence[Written], timeout: float) -> list[Fate | None]:
    """The fates in order; None: the channel was closed under it. Raises TimeoutError when nothing could be written."""
    if wire.is_closed or not messages:
        return [None] * len(messages)
    async with asyncio.timeout(timeout), wire.lock:
        awaited = [_await(wire, message.message_id) for message in messages]
        payload = b"".join(message.frames for message in messages)
        try:
            await wire.write_queue.put(ChannelFrame(payload=payload, should_close=False))
        except BaseException:
            _forget_last(wire, awaited)
            raise
    try:
        await asyncio.wait(awaited, timeout=timeout)
        return [_fate(confirmation) for confirmation in awaited]
    finally:
        for confirmation in awaited:
            confirmation.cancel()


def written(wire: Channel, exchange: str, routing_key: str, body: bytes, properties: spec.Basic.Properties) -> Written:
    """A mandatory message for this channel. Raises ValueError when AMQP has no form for it."""
    if len(routing_key.encode()) > LONGEST_KEY:
        raise ValueError("the routing key is too long")
    header = ContentHeader(properties=properties, body_size=len(body))
    frames: list[spec.Basic.Publish | ContentHeader | ContentBody]
    frames = [spec.Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=True), header]
    rest = io.BytesIO(body)
    while part := rest.read(wire.max_content_size):
        frames.append(ContentBody(part))
    return Written(str(properties.message_id), b"".join(marshal(frame, wire.number) for frame in frames))


def _await(wire: Channel, message_id: str) -> asyncio.Future[object]:
    """The next message of the channel, entered into the book under its id."""
    wire.delivery_tag += 1
    confirmation: asyncio.Future[object] = wire.create_future()
    wire.confirmations[wire.delivery_tag] = confirmation
    wire.message_id_delivery_tag[message_id] = wire.delivery_tag
    confirmation.add_done_callback(_forgets(wire, message_id, wire.delivery_tag))
    return confirmation


def _forget_last(wire: Channel, awaited: Sequence[asyncio.Future[object]]) -> None:
    """They have not left: the broker counts none of them, and neither may the channel. The lock is still held."""
    for confirmation in reversed(awaited):
        wire.confirmations.pop(wire.delivery_tag, None)
        wire.delivery_tag -= 1
        confirmation.cancel()


def _forgets(wire: Channel, message_id: str, tag: int) -> Callable[[object], None]:
    def forget(_: object) -> None:
        if wire.message_id_delivery_tag.get(message_id) == tag:
            del wire.message_id_delivery_tag[message_id]

    return forget


def _fate(confirmation: asyncio.Future[object]) -> Fate | None:
    if not confirmation.done():
        return Fate.FAILED
    if confirmation.cancelled():
        return None
    error = confirmation.exception()
    if error is None:
        return Fate.CONFIRMED
    if isinstance(error, PublishError):
        return Fate.RETURNED
    return Fate.FAILED if isinstance(error, DeliveryError) else None
