"""A connection that is reset as it is made is an outage of the other side, whatever the library raises for it."""

from __future__ import annotations

import asyncio
import socket
import struct

import httpx
import pytest

from shared.engine.rows import Unavailable
from shared.gateways.rest import Rest
from shared.gateways.transport import Transport, client


class NoSocketLeft:
    """The connection pool of a client whose connections are gone before they are looked at."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def handle_async_request(self, request: object) -> None:
        raise self.error


@pytest.mark.parametrize("error", [AttributeError("getpeername"), OSError(107, "not connected")])
async def test_a_connection_lost_as_it_is_made_is_unavailable(error: Exception) -> None:
    transport = Transport()
    transport._pool = NoSocketLeft(error)  # type: ignore[assignment]
    http = httpx.AsyncClient(transport=transport)
    with pytest.raises(httpx.ConnectError):
        await http.get("http://there/")
    with pytest.raises(Unavailable):
        await Rest(http, "http://there", "revenue").get("/refunds/1")


async def test_a_server_that_resets_whoever_comes_is_unavailable() -> None:
    def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire: socket.socket = writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    server = await asyncio.start_server(reset, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with client(most=4) as http:
        with pytest.raises(Unavailable):
            await Rest(http, address, "revenue").get("/refunds/1")
    server.close()
