"""A TCP proxy of ours: latency, jitter, bandwidth, resets, half-closes and black holes on one way, by direction.

It stands above TCP: the kernel acknowledges what a hole swallows, so only who listens to silence notices one.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterable
from random import Random
from typing import Self

from tests.chaos.lane import Lane
from tests.chaos.weather import BOTH, CLEAR, Direction, Weather

NEVER_LINGER = struct.pack("ii", 1, 0)  # closing sends RST
CONNECTING = 10.0  # seconds


class End(asyncio.Protocol):
    """One side of a connection that goes through."""

    def __init__(self, made: Callable[[End], None]) -> None:
        self._made = made
        self.transport: asyncio.Transport | None = None
        self.out: Lane | None = None  # takes what comes from here
        self.into: Lane | None = None  # brings what goes there
        self.lost: Callable[[Exception | None], None] = lambda error: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=1 << 18)
        self._made(self)

    def data_received(self, data: bytes) -> None:
        if self.out is not None:
            self.out.take(data)

    def eof_received(self) -> bool:
        if self.out is not None:
            self.out.take(b"")
        return True  # the other direction lives on

    def connection_lost(self, error: Exception | None) -> None:
        self.lost(error)

    def pause_writing(self) -> None:
        if self.into is not None:
            self.into.sink_is_full(True)

    def resume_writing(self) -> None:
        if self.into is not None:
            self.into.sink_is_full(False)

    def reset(self) -> None:
        """Gone at once, with RST."""
        if self.transport is None:
            return
        wire: socket.socket | None = self.transport.get_extra_info("socket")
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NEVER_LINGER)
        self.transport.abort()


class Link:
    """One connection: the client's end, the server's end, a lane each way."""

    def __init__(self, way: Way, client: End) -> None:
        self.way, self.client = way, client
        self.server: End | None = None
        self.lanes = {direction: Lane(way.weather_of(direction), way.chance, self._ended) for direction in BOTH}
        client.out, client.into = self.lanes[Direction.UP], self.lanes[Direction.DOWN]
        client.lost = lambda error: self._lost(Direction.UP)
        self.lanes[Direction.UP].reads(client.transport)
        self.lanes[Direction.DOWN].join(client.transport)
        self.reaching = asyncio.get_running_loop().create_task(self._reach())

    async def _reach(self) -> None:
        """The server's end; while nothing goes up, nobody is reached and all is swallowed."""
        if self.way.weather_of(Direction.UP)().hole:
            return
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECTING):
                _, server = await loop.create_connection(lambda: End(lambda end: None), *self.way.target)
        except (OSError, TimeoutError):
            self.reset()
            return
        self.server = server
        if self.client.transport is None or self.client.transport.is_closing():
            self.reset()
            return
        server.out, server.into = self.lanes[Direction.DOWN], self.lanes[Direction.UP]
        server.lost = lambda error: self._lost(Direction.DOWN)
        self.lanes[Direction.DOWN].reads(server.transport)
        self.lanes[Direction.UP].join(server.transport)

    def half_close(self, direction: Direction) -> None:
        """FIN to where the direction leads; what else would go there is dropped."""
        self.lanes[direction].cut()

    def reset(self) -> None:
        self.close()
        for end in (self.client, self.server):
            if end is not None:
                end.reset()

    def close(self) -> None:
        """Forget it; the ends are the caller's."""
        self.reaching.cancel()
        for lane in self.lanes.values():
            lane.end()
        self.way.links.discard(self)

    def _ended(self) -> None:
        """A direction has come to its end; with both the connection is over, or with one that swallowed all."""
        lanes = self.lanes.values()
        if all(lane.finished for lane in lanes) or any(lane.finished and lane.swallows for lane in lanes):
            self.way.when_open(Direction.DOWN, self._over)

    def _over(self) -> None:
        self.close()
        for end in (self.client, self.server):
            if end is not None and end.transport is not None:
                end.transport.close()

    def _lost(self, direction: Direction) -> None:
        """The end from which that direction comes is gone: so is the other, when the news gets through."""
        if self in self.way.links:
            self.way.when_open(direction, self.reset)


class Way:
    """From who connects to `port` (127.0.0.1) to `target`. `open` before use, `close` ends all that goes through."""

    def __init__(self, name: str, seed: int = 0) -> None:
        self.name = name
        self.port = 0
        self.target = ("127.0.0.1", 0)
        self.links: set[Link] = set()
        self.chance = Random(f"{seed} {name}")
        self._weather = dict.fromkeys(BOTH, CLEAR)
        self._server: asyncio.Server | None = None
        self._later: list[tuple[Direction, Callable[[], None]]] = []

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: End(self._let_in), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.reset()

    def leads_to(self, host: str, port: int) -> None:
        self.target = (host, port)

    def weather_of(self, direction: Direction) -> Callable[[], Weather]:
        return lambda: self._weather[direction]

    def becomes(self, weather: Weather, directions: Iterable[Direction] = BOTH) -> None:
        """From now on; for what stands and what comes."""
        for direction in directions:
            self._weather[direction] = weather
        for link in tuple(self.links):
            for lane in link.lanes.values():
                lane.look()
        later, self._later = self._later, []
        for direction, act in later:
            self.when_open(direction, act)

    def reset(self) -> int:
        """RST to both ends of every connection; how many there were."""
        links = tuple(self.links)
        for link in links:
            link.reset()
        return len(links)

    def half_close(self, direction: Direction) -> int:
        """FIN in one direction of every connection; how many there were."""
        links = tuple(self.links)
        for link in links:
            link.half_close(direction)
        return len(links)

    def when_open(self, direction: Direction, act: Callable[[], None]) -> None:
        """Now, or when the hole in that direction closes."""
        if self._weather[direction].hole:
            self._later.append((direction, act))
        else:
            act()

    def _let_in(self, client: End) -> None:
        self.links.add(Link(self, client))
