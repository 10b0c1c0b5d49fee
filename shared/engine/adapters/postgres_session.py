"""Connections to PostgreSQL, and what its errors mean to the engine: lost a race, lost the store, or broke a rule."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import asyncpg
from asyncpg import exceptions as errors

from shared.engine.rows import StoreBusy, StoreLost, StoreRefused
from shared.engine.service import Service

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pooled: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

SILENCE = 10  # seconds after which a peer that says nothing is dead
PATIENCE = 20.0  # seconds we wait for one answer; the server gives up before, after 15
SETTINGS = {
    "idle_in_transaction_session_timeout": f"{SILENCE}s",
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "tcp_user_timeout": f"{SILENCE}s",
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "jit": "off",
}
_BUSY = (errors.DeadlockDetectedError, errors.SerializationError)
_LOST = (
    errors.PostgresConnectionError,
    errors.OperatorInterventionError,  # shut down, crashed, starting, or the statement took too long
    errors.LockNotAvailableError,
    errors.InsufficientResourcesError,
    errors.IdleInTransactionSessionTimeoutError,
    errors.TransactionRollbackError,
    errors.ReadOnlySQLTransactionError,  # a server that is no longer the first
    errors.InterfaceError,
    errors.InternalClientError,
    OSError,
    TimeoutError,
)


async def connect(database_url: str, service: Service, *, size: int = 6) -> Pool:
    """A pool of at most `size` connections in the service's role and schema. Raises `StoreLost`."""
    with translated():
        return await asyncpg.create_pool(
            database_url,
            min_size=1,
            max_size=size,
            timeout=SILENCE,
            command_timeout=PATIENCE,
            init=_notice_silence,
            reset=_keep,
            server_settings={
                **SETTINGS,
                "application_name": service.name,
                "search_path": f"{service.schema}, platform",
            },
        )


async def _notice_silence(connection: Connection) -> None:
    """The kernel gives up on a peer that acknowledges nothing, so that a black hole is an error within ten seconds."""
    wire = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]
    if wire is not None and wire.family in (socket.AF_INET, socket.AF_INET6):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE * 1000)


async def _keep(_: Connection) -> None:
    """Nothing in a session is changed here, so nothing is set back: it would cost a round trip a transaction."""


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as the engine's. No text of theirs is passed on: it may quote a row."""
    try:
        yield
    except _BUSY as error:
        raise StoreBusy(type(error).__name__) from None
    except errors.IntegrityConstraintViolationError as error:
        raise StoreRefused(f"{error.table_name}: {error.constraint_name or type(error).__name__}") from None
    except errors.DataError as error:
        raise StoreRefused(type(error).__name__) from None
    except _LOST as error:
        if isinstance(error, ValueError):  # the driver could not write a value, which its text would quote
            raise StoreRefused(type(error).__name__) from None
        raise StoreLost(type(error).__name__) from None


class Session:
    """One connection while it is ours. A connection that was lost is not given back to be used again."""

    def __init__(self, connection: Pooled) -> None:
        self.connection = connection
        self.broken = False

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        try:
            with translated():
                return await self.connection.fetch(query, *values)
        except BaseException:
            self.broken = True
            raise

    async def execute(self, query: str, *values: Any) -> int:
        """How many rows the statement touched."""
        try:
            with translated():
                done = await self.connection.execute(query, *values)
        except BaseException:
            self.broken = True
            raise
        return int(done.rpartition(" ")[2])


@asynccontextmanager
async def session(pool: Pool) -> AsyncIterator[Session]:
    """A connection of the pool, each statement a transaction of its own. Raises `StoreLost`."""
    with translated():
        connection = await pool.acquire(timeout=SILENCE)
    try:
        yield Session(connection)
    except (StoreLost, TimeoutError):
        with contextlib.suppress(errors.InterfaceError):  # it has gone by itself
            connection.terminate()
        raise
    finally:
        with contextlib.suppress(*_LOST):
            await pool.release(connection, timeout=SILENCE)


class Rows:
    """What stands in one service's schema; the parts of the store are made of it."""

    def __init__(self, pool: Pool, service: Service) -> None:
        self.pool = pool
        self.service = service

    def at(self, table: str) -> str:
        """An engine table by its full name."""
        return f"{self.service.schema}.{table}"

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        async with session(self.pool) as held:
            return await held.fetch(query, *values)

    async def execute(self, query: str, *values: Any) -> int:
        async with session(self.pool) as held:
            return await held.execute(query, *values)


def transposed(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as columns: what `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
