"""The two stores behind one handle, so that one behaviour suite runs on both; and the service they keep things for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from shared.clock import SeededIds
from shared.contracts.base import Sealed
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.adapters.postgres import Pool, PostgresStore
from shared.engine.ports import Store
from shared.engine.rows import Due, Outgoing
from shared.engine.service import Audited, Log, Service, Table
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer

NOW = datetime(2025, 10, 6, 12, tzinfo=UTC)
SEALER = KeyringSealer(Keyring.derived(b"stores"), SeededIds("nonces").nonce, lambda: "2025-10")
IDS = SeededIds("stores")
SCHEMA = "store_under_test"


class Stage(StrEnum):
    OPEN = "open"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Line:
    """Something nested, with personal data deep inside."""

    amount: int
    payer: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A state with a column of every kind."""

    application_id: UUID
    stage: Stage = Stage.OPEN
    rounds: int = 0
    live: bool = True
    expires: date | None = None
    heard_at: datetime | None = None
    holder: UUID | None = None
    note: str = ""
    iin: Sealed[str] | None = None
    lines: tuple[Line, ...] = ()
    marks: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A row of a log whose outside name may stand there once."""

    application_id: UUID
    external_id: str | None
    amount: int
    payer: Sealed[str]


SERVICE = Service(
    "store-under-test", Table(f"{SCHEMA}.account", Account), reactions=(), logs=(Log(f"{SCHEMA}.receipt", Receipt),)
)


class Bed(Protocol):
    """A store, and what only the one who tests it may do."""

    @property
    def store(self) -> Store: ...
    def another(self) -> Store: ...
    async def pass_time(self, seconds: float) -> None: ...
    async def set_offset(self, seconds: float) -> None: ...
    async def everything(self) -> str: ...
    async def log_rows(self, noun: str) -> list[Mapping[str, Any]]: ...


class StillClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return NOW

    def machine_now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def set_offset(self, offset: timedelta) -> None:
        raise AssertionError("the store sets no clock")


class MemoryBed:
    def __init__(self) -> None:
        self.clock = StillClock()
        self.tables = MemoryTables(SERVICE, MemoryPlatform(), self.clock)
        self.store = self.another()

    def another(self) -> MemoryStore:
        return MemoryStore(self.tables, SEALER)

    async def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds

    async def set_offset(self, seconds: float) -> None:
        self.tables.platform.offset = timedelta(seconds=seconds)

    async def everything(self) -> str:
        tables = self.tables
        return repr([tables.inbox, tables.states, tables.claims, tables.outbox, tables.due, tables.logs])

    async def log_rows(self, noun: str) -> list[Mapping[str, Any]]:
        return list(self.tables.logs[f"{SCHEMA}.{noun}"])


class PostgresBed:
    def __init__(self, pool: Pool, admin: asyncpg.Connection, database: str) -> None:
        self.pool, self.admin, self.database = pool, admin, database
        self.store = self.another()

    def another(self) -> PostgresStore:
        return PostgresStore(self.pool, SERVICE, SEALER, IDS)

    async def clear(self) -> None:
        tables = ("inbox", "outbox", "due", "claim", "incarnation", "account", "receipt", "step", "audit")
        await self.admin.execute("truncate " + ", ".join(f"{SCHEMA}.{table}" for table in tables))
        await self.admin.execute(f"update {SCHEMA}.head set seq = default, hash = default")
        await self.admin.execute("delete from platform.dependency")
        await self.admin.execute("update platform.clock set offset_seconds = 0")

    async def pass_time(self, seconds: float) -> None:
        for table in ("outbox", "due"):
            await self.admin.execute(
                f"update {SCHEMA}.{table} set lease_until = lease_until - $1::interval", timedelta(seconds=seconds)
            )

    async def set_offset(self, seconds: float) -> None:
        await self.admin.execute("update platform.clock set offset_seconds = $1", seconds)

    async def everything(self) -> str:
        found = []
        for table in ("inbox", "outbox", "due", "claim", "account", "receipt", "audit"):
            found += await self.admin.fetch(f"select t::text from {SCHEMA}.{table} t")
        return repr(found)

    async def log_rows(self, noun: str) -> list[Mapping[str, Any]]:
        return [dict(row) for row in await self.admin.fetch(f"select * from {SCHEMA}.{noun} order by seq")]


def outgoing(id: UUID | None = None) -> Outgoing:
    return Outgoing(id or IDS.uuid(), "events", "fee-paid", IDS.uuid(), b'{"a":1}', {"said-by": "payment"})


def due(id: UUID | None = None, *, at: datetime = NOW, clock: Any = "machine") -> Due:
    return Due(id or IDS.uuid(), IDS.uuid(), "ask-registry", b"{}", {"traceparent": "00"}, at, clock, NOW)


def audited(result: str = "done") -> Audited:
    return Audited(IDS.uuid(), "officer:17", "console", "looked", result)
