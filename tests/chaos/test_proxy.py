"""The proxy does to bytes what its weather says, by direction, and never anything else."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from tests.chaos.proxy import Way
from tests.chaos.weather import BOTH, CLEAR, Direction, Weather

HOLE = Weather(hole=True)
AT_ONCE = 0.2  # seconds: what is to come has come, what is not has not
UP, DOWN = (Direction.UP,), (Direction.DOWN,)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Through = Callable[[], Awaitable[Streams]]


@dataclass
class Server:
    """Answers each line with the same line; `heard` is all it was told, `ends` how each connection came to its end."""

    heard: bytearray = field(default_factory=bytearray)
    ends: list[str] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while data := await reader.read(1 << 16):
                self.heard += data
                writer.write(data)
                await writer.drain()
            self.ends.append("closed")
        except OSError as error:
            self.ends.append(type(error).__name__)
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def way(server: Server) -> AsyncIterator[Way]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with Way("echo") as way:
        way.leads_to("127.0.0.1", listening.sockets[0].getsockname()[1])
        yield way
    listening.close()
    await asyncio.sleep(0)


@pytest.fixture
async def through(way: Way) -> AsyncIterator[Through]:
    """Connects through the way; what was opened is closed."""
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
        opened.append(writer)
        return reader, writer

    yield connect
    for writer in opened:
        writer.transport.abort()
    await asyncio.sleep(0)


async def echoed(streams: Streams, said: bytes, patience: float = 5.0) -> float:
    """Seconds until all of it is back."""
    loop = asyncio.get_running_loop()
    reader, writer = streams
    began = loop.time()
    writer.write(said)
    async with asyncio.timeout(patience):
        assert await reader.readexactly(len(said)) == said
    return loop.time() - began


async def is_silent(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(AT_ONCE):
            await reader.read(1)
    except TimeoutError:
        return True
    return False


async def test_in_clear_weather_all_bytes_pass_in_order(way: Way, through: Through) -> None:
    streams = await through()
    reader, writer = streams
    said = os.urandom(3_000_000)
    writer.write(said)
    writer.write_eof()
    assert await reader.read(-1) == said
    assert not way.links


async def test_latency_holds_each_direction_back_by_itself(way: Way, through: Through) -> None:
    streams = await through()
    assert await echoed(streams, b"a") < 0.1
    way.becomes(Weather(latency=0.15), UP)
    assert 0.15 <= await echoed(streams, b"b") < 0.29
    way.becomes(Weather(latency=0.15))
    assert 0.3 <= await echoed(streams, b"c") < 0.6
    way.becomes(CLEAR)
    assert await echoed(streams, b"d") < 0.1


async def test_jitter_reorders_nothing(way: Way, through: Through) -> None:
    streams = await through()
    reader, writer = streams
    way.becomes(Weather(jitter=0.05), UP)
    said = [b"%03d" % number for number in range(40)]
    for each in said:
        writer.write(each)
        await asyncio.sleep(0.002)
    assert await reader.readexactly(120) == b"".join(said)


async def test_bandwidth_is_what_is_allowed(way: Way, through: Through) -> None:
    streams = await through()
    way.becomes(Weather(rate=400_000), DOWN)
    assert await echoed(streams, b"x" * 200_000) >= 0.25
    way.becomes(CLEAR)
    assert await echoed(streams, b"y" * 200_000) < 0.25


async def test_a_reset_is_seen_at_both_ends_and_the_next_one_lives(way: Way, server: Server, through: Through) -> None:
    streams = await through()
    await echoed(streams, b"a")
    assert way.reset() == 1
    with pytest.raises(ConnectionResetError):
        await streams[0].read(1)
    await asyncio.sleep(AT_ONCE)
    assert server.ends == ["ConnectionResetError"]
    assert await echoed(await through(), b"b") < 0.1


async def test_a_half_close_ends_one_direction_only(way: Way, server: Server, through: Through) -> None:
    streams = await through()
    reader, writer = streams
    await echoed(streams, b"a")
    assert way.half_close(Direction.DOWN) == 1
    assert await reader.read(1) == b""
    writer.write(b"still said")
    await asyncio.sleep(AT_ONCE)
    assert bytes(server.heard) == b"astill said"
    assert await reader.read(1) == b""
    writer.close()
    await asyncio.sleep(AT_ONCE)
    assert server.ends == ["closed"]
    assert not way.links


async def test_a_hole_freezes_what_stands_and_gives_it_back(way: Way, server: Server, through: Through) -> None:
    streams = await through()
    await echoed(streams, b"before")
    way.becomes(HOLE)
    streams[1].write(b"during")
    assert await is_silent(streams[0])
    assert bytes(server.heard) == b"before"
    way.becomes(CLEAR)
    assert await streams[0].readexactly(6) == b"during"
    assert await echoed(streams, b"after") < 0.1


@pytest.mark.parametrize("directions", [UP, DOWN, BOTH])
async def test_what_begins_in_a_hole_is_accepted_and_stays_dead(
    way: Way, server: Server, through: Through, directions: tuple[Direction, ...]
) -> None:
    way.becomes(HOLE, directions)
    dead = await through()
    dead[1].write(b"hello")
    assert await is_silent(dead[0])
    assert bytes(server.heard) == (b"hello" if directions == DOWN else b"")
    way.becomes(CLEAR)
    dead[1].write(b"hello?")
    assert await is_silent(dead[0])
    assert await echoed(await through(), b"alive") < 0.1
    dead[1].close()
    await asyncio.sleep(AT_ONCE)
    assert len(way.links) == 1  # the living one


async def test_a_hole_in_one_direction_leaves_the_other_open(way: Way, server: Server, through: Through) -> None:
    streams = await through()
    way.becomes(HOLE, DOWN)
    streams[1].write(b"done, and never answered")
    assert await is_silent(streams[0])
    assert bytes(server.heard) == b"done, and never answered"


async def test_a_loss_is_no_news_until_the_hole_closes(way: Way, server: Server, through: Through) -> None:
    streams = await through()
    await echoed(streams, b"a")
    way.becomes(HOLE)
    streams[1].transport.abort()
    await asyncio.sleep(AT_ONCE)
    assert server.ends == []
    way.becomes(CLEAR)
    await asyncio.sleep(AT_ONCE)
    assert server.ends
    assert not way.links


async def test_a_server_that_is_down_is_a_connection_lost(way: Way, through: Through) -> None:
    way.leads_to("127.0.0.1", 1)
    reader, _ = await through()
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    assert not way.links


async def test_a_slow_reader_stops_the_writer_at_the_other_end(way: Way, through: Through) -> None:
    """What waits in between is bounded, as the kernel's own buffers are."""
    reader, writer = await through()
    way.becomes(HOLE, DOWN)
    said = b"z" * (32 << 20)
    writer.write(said)
    await asyncio.sleep(AT_ONCE)
    assert writer.transport.get_write_buffer_size() > len(said) // 2
    way.becomes(CLEAR)
    async with asyncio.timeout(10):
        assert await reader.readexactly(len(said)) == said
