"""NCALayer, stood in for, beside a browser: it holds whose key the test says, or is not running."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from deploy.sandbox.authority import Signatory
from deploy.sandbox.ncalayer import Key, running
from deploy.sandbox.websocket import Socket, serve


def free_port() -> int:
    """One on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def ncalayer(port: int, key: Key | Signatory | None) -> Iterator[None]:
    """It runs there while the block does; with no key the person closes its window."""
    chosen: Key = key if callable(key) else lambda: key

    async def listen(ready: threading.Event, stop: asyncio.Event) -> None:
        async with running(chosen, partial(datetime.now, UTC), port):
            ready.set()
            await stop.wait()

    with _beside(listen):
        yield


@contextmanager
def silent(port: int) -> Iterator[threading.Event]:
    """It greets, and never answers; the event is set when it was asked."""
    asked = threading.Event()

    async def talk(socket: Socket) -> None:
        await socket.send(json.dumps({"result": {"version": "1.4"}}))
        while await socket.receive():
            asked.set()

    async def listen(ready: threading.Event, stop: asyncio.Event) -> None:
        server = await serve(talk, port=port)
        ready.set()
        await stop.wait()
        server.close()

    with _beside(listen):
        yield asked


@contextmanager
def _beside(listen: object) -> Iterator[None]:
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(listen(ready, stop),))  # type: ignore[operator]
    thread.start()
    assert ready.wait(30)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()
