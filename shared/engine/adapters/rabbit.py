"""Publishing to RabbitMQ on a connection of its own: pipelined, persistent, mandatory, each message confirmed.

The broker closes the whole channel when one message goes where it may not; what was in flight beside it is then sent
again, one at a time on a channel of its own, so that a forbidden row fails alone. Hearers see some of it twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, AMQPError, ChannelInvalidStateError
from aiormq.channel import Channel as Wire
from yarl import URL

from shared.engine.adapters.losing import told_as_loss
from shared.engine.adapters.wire import Written, publish, written
from shared.engine.rows import Fate, Outgoing

log = logging.getLogger(__name__)

TIMEOUT = 5.0  # seconds for one confirmation, and for connecting
HEARTBEAT = 5  # seconds
LOST = (AMQPError, ChannelInvalidStateError, *CONNECTION_EXCEPTIONS)


class RabbitPublisher:
    """A `Publisher` for one user of the broker. It connects when first used, and again after a loss."""

    def __init__(self, url: str, app_id: str, *, timeout: float = TIMEOUT) -> None:
        self._url = kept_alive(url, f"{app_id} says")
        self._app_id, self._timeout = app_id, timeout
        self._connection: AbstractConnection | None = None
        self._channel: _Channel | None = None
        self._connecting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        return self._channel is not None and self._channel.usable

    @property
    def _is_up(self) -> bool:
        connection = self._connection
        return connection is not None and not connection.is_closed and connection.connected.is_set()

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        """The fate of each row, in order. Never raises what the broker or the network does."""
        if not rows:
            return []
        channel = await self._ready()
        if channel is None:
            return [Fate.FAILED] * len(rows)
        fates = await channel.publish(rows, self._app_id, self._timeout)
        unknown = [row for row, fate in zip(rows, fates, strict=True) if fate is None]
        if unknown and self._channel is channel:
            self._abandon()  # frames still on their way to a closed channel make the broker close the connection too
        alone = iter(await self._one_by_one(unknown) if unknown and len(rows) > 1 else ())
        settled = [next(alone, Fate.FAILED) if fate is None else fate for fate in fates]
        if all(fate is Fate.FAILED for fate in settled):
            self._abandon()  # nothing at all came back: the other end may be gone without a word
        return settled

    async def close(self) -> None:
        """Close the connection; what is in flight fails."""
        self._abandon()
        if self._closing:
            await asyncio.wait(self._closing, timeout=self._timeout)

    async def _one_by_one(self, rows: Sequence[Outgoing]) -> list[Fate]:
        """The fates of the first of them, each sent alone on a channel that is opened again whenever it is closed.

        It ends early when there is no connection, or after the time-out of one message: the rest fail for now.
        """
        fates: list[Fate] = []
        channel: _Channel | None = None
        deadline = asyncio.get_running_loop().time() + self._timeout
        for row in rows:
            if channel is None or not channel.usable:
                channel = await self._open() if await self._ready() is not None else None
            if channel is None or asyncio.get_running_loop().time() > deadline:
                break
            (fate,) = await channel.publish([row], self._app_id, self._timeout)
            fates.append(fate or Fate.FAILED)
        if channel is not None:
            await channel.close()
        return fates

    async def _ready(self) -> _Channel | None:
        """The shared channel; opened, and the connection made, when they are not there."""
        async with self._connecting:
            if self._channel is not None and self._channel.usable:
                return self._channel
            if not self._is_up:
                self._abandon()
                try:
                    with told_as_loss():
                        self._connection = await aio_pika.connect(self._url, timeout=self._timeout)
                except (*LOST, TimeoutError, OSError) as error:
                    log.warning("the broker cannot be reached: %s", type(error).__name__)
                    return None
            self._channel = await self._open()
            return self._channel

    async def _open(self) -> _Channel | None:
        if self._connection is None:
            return None
        try:
            channel = self._connection.channel(publisher_confirms=True, on_return_raises=True)
            with told_as_loss():
                await channel.initialize(timeout=self._timeout)
                wire = await channel.get_underlay_channel()
            assert isinstance(wire, Wire)
        except (*LOST, TimeoutError, OSError) as error:
            log.warning("no channel to publish on: %s", type(error).__name__)
            self._abandon()
            return None
        return _Channel(channel, wire)

    def _abandon(self) -> None:
        """Let go of the connection; closing a dead one takes its time and is not waited for."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            task = asyncio.create_task(_close(connection, self._timeout))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


class _Channel:
    """A confirming channel; rows that come together are written together."""

    def __init__(self, channel: AbstractChannel, wire: Wire) -> None:
        self._channel, self._wire = channel, wire

    @property
    def usable(self) -> bool:
        return not self._channel.is_closed

    async def publish(self, rows: Sequence[Outgoing], app_id: str, timeout: float) -> list[Fate | None]:
        """The fates in order; None: the channel was closed under it."""
        fates: list[Fate | None] = [Fate.FAILED] * len(rows)
        fit: list[tuple[int, Written]] = []
        for place, row in enumerate(rows):
            try:
                message = written(self._wire, row, app_id)
            except ValueError:
                log.error("cannot be written as AMQP: exchange %s", row.exchange)
            else:
                fit.append((place, message))
        try:
            with told_as_loss():
                found = await publish(self._wire, [message for _, message in fit], timeout)
        except TimeoutError:
            return fates
        except (*LOST, OSError):
            found = [None] * len(fit)
        for (place, _), fate in zip(fit, found, strict=True):
            fates[place] = fate
        return fates

    async def close(self) -> None:
        with contextlib.suppress(*LOST, TimeoutError, OSError), told_as_loss():
            await self._channel.close()


async def _close(connection: AbstractConnection, timeout: float) -> None:
    with contextlib.suppress(*LOST, TimeoutError, OSError):
        await asyncio.wait_for(connection.close(), timeout)


def kept_alive(url: str, name: str) -> str:
    """The address with the heartbeat both ends keep, and the connection's name; what it says itself stays."""
    parsed = URL(url)
    return str(parsed.with_query({"heartbeat": str(HEARTBEAT), "name": name, **parsed.query}))
