"""As much of RFC 6455 as NCALayer and a browser beside it need: one text message at a time, no extensions."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

_GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
MOST: Final = 16 * 1024 * 1024


class Closed(Exception):
    """The other side has gone, or spoke otherwise."""


class Socket:
    """One end of a connection that has been agreed on. A client masks what it sends, a server does not."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, client: bool) -> None:
        self._reader, self._writer, self._client = reader, writer, client

    async def send(self, text: str) -> None:
        await self._send(_TEXT, text.encode())

    async def receive(self) -> str:
        """Raises `Closed`."""
        while True:
            kind, body = await self._frame()
            if kind == _TEXT:
                return body.decode()
            if kind == _PING:
                await self._send(_PONG, body)
            elif kind == _CLOSE:
                raise Closed

    async def close(self) -> None:
        with suppress(OSError, Closed):
            await self._send(_CLOSE, b"")
            self._writer.close()
            await self._writer.wait_closed()

    async def _send(self, kind: int, body: bytes) -> None:
        mask = secrets.token_bytes(4) if self._client else b""
        bit, size = (0x80 if self._client else 0), len(body)
        if size < 126:
            head = bytes((0x80 | kind, bit | size))
        elif size < 1 << 16:
            head = bytes((0x80 | kind, bit | 126)) + size.to_bytes(2)
        else:
            head = bytes((0x80 | kind, bit | 127)) + size.to_bytes(8)
        self._writer.write(head + mask + (_masked(body, mask) if mask else body))
        await self._writer.drain()

    async def _frame(self) -> tuple[int, bytes]:
        try:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8))
            if not first & 0x80 or size > MOST or bool(second & 0x80) == self._client:
                raise Closed
            mask = await self._reader.readexactly(4) if second & 0x80 else b""
            body = await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            raise Closed from None
        return first & 0x0F, _masked(body, mask) if mask else body


async def serve(talk: Callable[[Socket], Awaitable[None]], host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """Whoever connects is talked to until either side has enough."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        socket = Socket(reader, writer, client=False)
        try:
            key = _header(await reader.readuntil(b"\r\n\r\n"), "sec-websocket-key")
            if not key:
                writer.write(b"HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n")
                return
            writer.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + f"Sec-WebSocket-Accept: {_accepted(key)}\r\n\r\n".encode()
            )
            await talk(socket)
        except (Closed, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            await socket.close()

    return await asyncio.start_server(met, host, port)


async def connect(host: str, port: int) -> Socket:
    """Raises `Closed`, `OSError`."""
    reader, writer = await asyncio.open_connection(host, port)
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    writer.write(
        f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        raise Closed from None
    if not head.startswith(b"HTTP/1.1 101") or _header(head, "sec-websocket-accept") != _accepted(key):
        raise Closed
    return Socket(reader, writer, client=True)


def _header(head: bytes, name: str) -> str:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return next((value.strip() for key, _, value in lines if key.strip().lower() == name), "")


def _masked(body: bytes, mask: bytes) -> bytes:
    size = len(body)
    long = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(body) ^ int.from_bytes(long)).to_bytes(size)


def _accepted(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()  # noqa: S324  RFC 6455's own
