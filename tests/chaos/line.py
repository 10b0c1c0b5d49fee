"""A line to the database for one who looks on: it comes back by itself, as the database does."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, Self

import asyncpg

PATIENCE = 90.0  # seconds until the database must answer again
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Line:
    """`async with Line(url) as line:`; one question at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._hang_up()

    async def fetch(self, query: str, *values: Any, patience: float = PATIENCE) -> list[asyncpg.Record]:
        """The rows, as soon as the database answers. Raises what the driver did when that takes too long."""
        deadline = time.monotonic() + patience
        while True:
            try:
                async with self._turn:
                    return await (await self._open()).fetch(query, *values, timeout=10.0)
            except LOST:
                await self._hang_up()  # a connection that was cut off in a question is good for no other
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.3)

    async def value(self, query: str, *values: Any, patience: float = PATIENCE) -> Any:
        rows = await self.fetch(query, *values, patience=patience)
        return rows[0][0] if rows else None

    async def connection(self) -> asyncpg.Connection:
        """A live connection, for who needs one; nobody else asks meanwhile."""
        await self.fetch("select 1")
        return await self._open()

    async def _open(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=10.0)
        return self._connection

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*LOST):
                connection.terminate()
