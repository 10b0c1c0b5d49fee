"""The store's twin in memory, for tests and the simulation: one handle an incarnation, over tables that outlive it.

With `weather` the simulation slows statements down, loses them (`StoreLost`) or kills the incarnation: it is awaited
before each statement with its name, before and after a commit with `commit` and `committed` (lost then, the outcome is
unknown).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.base import Sealer
from shared.engine.adapters.memory_tables import Leased, MemoryPlatform, MemoryTables, Run
from shared.engine.adapters.memory_transaction import DUE_LEASE, OUTBOX_LEASE, MemoryTransaction, kept
from shared.engine.rows import IN_LINE, Dependency, Due, Outgoing, Platform

__all__ = ["MemoryPlatform", "MemoryStore", "MemoryTables", "Weather"]

Weather = Callable[[str], Awaitable[None]]
LONGEST, SHORTEST = 300.0, 0.05  # seconds until it is asked again whether something is due


class MemoryStore:
    """See `shared.engine.ports.Store`. After `kill` no call ever returns."""

    def __init__(self, tables: MemoryTables, sealer: Sealer, weather: Weather | None = None) -> None:
        self.tables = tables
        self.dead = False
        self._sealer = sealer
        self._weather = weather
        self._open: dict[MemoryTransaction, None] = {}
        self._run: Run | None = None

    def kill(self) -> None:
        """The process is gone: what it had not committed is undone, its locks are free, its leases run on."""
        self.dead = True
        for transaction in self._open:
            transaction.end()
        self._open.clear()

    def transaction(self) -> Begun:
        """Commits when the block ends, and leaves nothing when it raises."""
        return Begun(self, "begin", whole=True)

    async def read(self, id: UUID) -> Any:
        await self.reach("read")
        return self.tables.state_of(id, self._sealer)

    async def take_outbox(self, limit: int) -> list[Outgoing]:
        await self.reach("take_outbox")
        now = self.tables.clock.monotonic()
        leases = ((held.until or 0.0, id) for id, held in self.tables.outbox.items())
        free = [(until, id) for until, id in leases if until <= now]
        taken = []
        for _, id in sorted(free)[:limit]:
            row = self.tables.outbox[id].row
            self.tables.outbox[id] = Leased(row, now + OUTBOX_LEASE)
            taken.append(row)
        return taken

    async def renew_outbox(self, ids: Sequence[UUID]) -> None:
        await self.reach("renew_outbox")
        until = self.tables.clock.monotonic() + OUTBOX_LEASE
        for id in ids:
            if id in self.tables.outbox:
                self.tables.outbox[id] = replace(self.tables.outbox[id], until=until)

    async def drop_outbox(self, ids: Sequence[UUID]) -> None:
        await self.reach("drop_outbox")
        for id in ids:
            self.tables.outbox.pop(id, None)

    async def delay_outbox(self, delays: Mapping[UUID, timedelta]) -> None:
        await self.reach("delay_outbox")
        now = self.tables.clock.monotonic()
        for id, delay in delays.items():
            if id in self.tables.outbox:
                row = self.tables.outbox[id].row
                self.tables.outbox[id] = Leased(replace(row, attempts=row.attempts + 1), now + delay.total_seconds())

    async def take_due(self, limit: int, machine: datetime, business: datetime, token: UUID) -> list[Due]:
        await self.reach("take_due")
        now = self.tables.clock.monotonic()
        free = [
            (held.row.due_at, id)
            for id, held in self.tables.due.items()
            if held.row.due_at <= (machine if held.row.clock == "machine" else business)
            and (held.until is None or held.until <= now)
            and not self.tables.locks.is_held(("due", id))
        ]
        taken = []
        for _, id in sorted(free)[:limit]:
            row = replace(self.tables.due[id].row, token=token)
            self.tables.due[id] = Leased(row, now + DUE_LEASE)
            taken.append(row)
        return taken

    def patience(self, machine: datetime, business: datetime) -> float:
        """Seconds until the next row is due and free, as the rows stand now."""
        now, shortest = self.tables.clock.monotonic(), LONGEST
        for held in self.tables.due.values():
            due = (held.row.due_at - (machine if held.row.clock == "machine" else business)).total_seconds()
            shortest = min(shortest, max(due, (held.until or now) - now, SHORTEST))
        return shortest

    async def retry_due(self, row: Due, token: UUID) -> None:
        async with self._begun("retry_due") as alone:
            if await alone.take_leased(row.id, token):
                was = self.tables.due[row.id].row
                again = replace(row, application_id=was.application_id, name=was.name, since=was.since)
                alone.put("due", row.id, Leased(kept(again)))

    async def resume_due(self, dependency: str, apart: timedelta, machine: datetime) -> int:
        await self.reach("resume_due")
        rows, line = [(id, held.row) for id, held in self.tables.due.items()], dependency + IN_LINE
        waiting = sorted((row.since, id) for id, row in rows if row.waits_for == dependency and row.token is None)
        begins = max([machine, *(row.due_at + apart for _, row in rows if row.waits_for == line)])
        for place, (_, id) in enumerate(waiting):
            row = self.tables.due[id].row
            self.tables.due[id] = Leased(replace(row, due_at=begins + place * apart, clock="machine", waits_for=line))
        return len(waiting)

    async def renew_due(self, ids: Sequence[UUID], token: UUID, machine: datetime) -> None:
        async with self._begun("renew_due") as alone:
            for id in sorted(ids):
                if await alone.take_leased(id, token):
                    until = self.tables.clock.monotonic() + DUE_LEASE
                    alone.put("due", id, Leased(self.tables.due[id].row, until))

    async def sweep_inbox(self, before: datetime, limit: int) -> int:
        await self.reach("sweep_inbox")
        old = sorted((at, key) for key, (_, at) in self.tables.inbox.items() if at < before)[:limit]
        for _, key in old:
            del self.tables.inbox[key]
        return len(old)

    async def begin(self, now: datetime) -> bool:
        await self.reach("begin")
        before = [run for run in self.tables.runs if run is not self._run]
        if self._run is None:
            self._run = Run(now)
            self.tables.runs.append(self._run)
        return bool(before) and before[-1].ended is None

    async def end(self, now: datetime) -> None:
        await self.reach("end")
        if self._run is not None:
            self._run.ended = now

    async def platform(self) -> Platform:
        await self.reach("platform")
        shared = self.tables.platform
        return Platform(shared.offset, dict(shared.dependencies))

    async def tried(self, dependency: str, succeeded: bool, now: datetime) -> Dependency:
        await self.reach("tried")
        return self.tables.platform.tried(dependency, succeeded, now)

    async def may_probe(self, dependency: str, every: timedelta, now: datetime) -> bool:
        await self.reach("may_probe")
        return self.tables.platform.may_probe(dependency, every, now)

    def _begun(self, statement: str) -> Begun:
        """One statement that is a transaction of its own."""
        return Begun(self, statement, whole=False)

    def opened(self) -> MemoryTransaction:
        transaction = MemoryTransaction(self.tables, self._sealer, self.reach)
        self._open[transaction] = None
        return transaction

    def closed(self, transaction: MemoryTransaction) -> None:
        self._open.pop(transaction, None)
        transaction.end()

    async def reach(self, point: str) -> None:
        """A statement, a commit: what befalls it, befalls it here."""
        if self._weather is not None and not self.dead:
            await self._weather(point)
        if self.dead:
            await for_ever()


class Begun:
    """A transaction from its first statement to its commit; `whole` ones have weather before and after the commit."""

    __slots__ = ("_statement", "_store", "_transaction", "_whole")
    _transaction: MemoryTransaction

    def __init__(self, store: MemoryStore, statement: str, whole: bool) -> None:
        self._store, self._statement, self._whole = store, statement, whole

    async def __aenter__(self) -> MemoryTransaction:
        await self._store.reach(self._statement)
        self._transaction = self._store.opened()
        return self._transaction

    async def __aexit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        store, transaction = self._store, self._transaction
        try:
            if kind is None:
                if self._whole:
                    await store.reach("commit")
                if transaction.broken:
                    raise RuntimeError("a statement of the transaction failed, and its error was passed over")
                if store.dead:
                    await for_ever()
                transaction.commit()
        finally:
            store.closed(transaction)
        if self._whole and kind is None:
            await store.reach("committed")


async def for_ever() -> None:
    """What a dead process waits for."""
    await asyncio.get_running_loop().create_future()
