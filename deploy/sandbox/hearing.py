"""How a party outside hears a queue of the broker: connect again after every loss, acknowledge what was handed over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.engine.adapters.rabbit import LOST, kept_alive

log = logging.getLogger(__name__)
PREFETCH = 200
AGAIN = 1.0  # seconds until the next attempt to connect

Hand = Callable[[str, bytes], None]
"""Gets routing key and body. Raises `ValueError` for what does not read: it is let go, with a word in the log."""


async def listen(url: str, who: str, queue: str, hand: Hand, ready: asyncio.Event) -> None:
    """Hear the queue until cancelled; connect again after every loss, of the broker too."""

    async def take(message: AbstractIncomingMessage) -> None:
        try:
            hand(message.routing_key or "", message.body)
        except ValueError as error:
            log.error("what %s hears does not read: %s %s", who, message.routing_key, type(error).__name__)
        with suppress(*LOST):  # too late: it comes again, and changes nothing
            await message.ack()

    while True:
        try:
            connection = await aio_pika.connect(kept_alive(url, f"{who} hears"), timeout=5.0)
            async with connection:
                channel = await connection.channel()
                await channel.set_qos(prefetch_count=PREFETCH)
                found = await channel.get_queue(queue, ensure=False)
                await found.consume(take)
                ready.set()
                await channel.closed()
        except (*LOST, TimeoutError, OSError) as error:
            log.warning("%s cannot hear: %s", who, type(error).__name__)
        ready.clear()
        await asyncio.sleep(AGAIN)
