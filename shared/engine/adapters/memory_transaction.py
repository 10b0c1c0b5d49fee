"""One transaction in memory: what it writes stands beside the tables until it commits, and is gone when it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts.base import Sealer
from shared.engine.adapters.memory_locks import Party
from shared.engine.adapters.memory_tables import Leased, MemoryTables
from shared.engine.columns import columns_of, rewritten, to_row
from shared.engine.rows import Due, InboxKey, Outgoing, Seen, StoreRefused
from shared.engine.schema import UNIQUE
from shared.engine.service import Log

OUTBOX_LEASE, DUE_LEASE = 10.0, 30.0  # seconds
_GONE = object()
Reach = Callable[[str], Awaitable[None]]


class MemoryTransaction(Party):
    """See `shared.engine.ports.Transaction`; `reach` is awaited before each statement with its name."""

    def __init__(self, tables: MemoryTables, sealer: Sealer, reach: Reach) -> None:
        super().__init__()
        self.broken = False
        self._tables = tables
        self._sealer = sealer
        self._reach = reach
        self._written: dict[str, dict[Any, Any]] = {}
        self._appended: list[tuple[Log, tuple[Any, ...], datetime]] = []
        self._unique: set[tuple[str, Any]] = set()
        self._loaded: dict[UUID, tuple[Any, tuple[Any, ...]]] = {}

    async def record(self, keys: Mapping[InboxKey, bytes], now: datetime) -> dict[InboxKey, Seen]:
        await self._start("record")
        seen = {}
        for key in sorted(keys):
            if not await self._is_free("inbox", key):
                seen[key] = Seen.REPEATED if self.get("inbox", key)[0] == keys[key] else Seen.CLASHES
            else:
                self.put("inbox", key, (keys[key], now))
                seen[key] = Seen.NEW
        return seen

    async def finish(self, leased: Mapping[UUID, UUID]) -> set[UUID]:
        await self._start("finish")
        return {id for id in sorted(leased) if await self.take_leased(id, leased[id]) and self._drop("due", id)}

    async def load(self, ids: set[UUID]) -> dict[UUID, Any]:
        await self._start("load")
        table, states = self._tables.service.table, {}
        for id in sorted(ids):
            if await self._is_free("state", id):
                self.put("state", id, to_row(table.empty(id), self._sealer))
            await self.lock("state", id)
            row = self.get("state", id)
            states[id] = self._tables.understood(id, row, self._sealer)
            self._loaded[id] = (states[id], row)
        return states

    async def save(self, states: Mapping[UUID, Any]) -> None:
        rows = {id: rewritten(states[id], self._sealer, self._loaded.get(id)) for id in sorted(states)}
        await self._start("save")
        await self._update("state", rows)

    async def owners(self, keys: set[str]) -> dict[str, UUID | None]:
        await self._start("owners")
        owners = {}
        for key in sorted(keys):
            if await self._is_free("claim", key):
                self.put("claim", key, None)
            await self.lock("claim", key)
            owners[key] = self.get("claim", key)
        return owners

    async def own(self, owners: Mapping[str, UUID | None]) -> None:
        await self._start("own")
        await self._update("claim", owners)

    async def release(self, keys: Mapping[str, UUID]) -> None:
        await self._start("release")
        for key in sorted(keys):
            if self.get("claim", key) is not _GONE:
                await self.lock("claim", key)
                if self.get("claim", key) == keys[key]:
                    self.put("claim", key, None)

    async def add_outbox(self, rows: Sequence[Outgoing]) -> None:
        await self._start("add_outbox")
        until = self._tables.clock.monotonic() + OUTBOX_LEASE
        for row in rows:
            if await self._is_free("outbox", row.id):
                self.put("outbox", row.id, Leased(replace(row, headers=dict(row.headers), attempts=0), until))

    async def add_due(self, rows: Sequence[Due]) -> None:
        await self._start("add_due")
        for row in sorted(rows, key=lambda row: row.id):
            if await self._is_free("due", row.id):
                self.put("due", row.id, Leased(kept(row)))

    async def append(self, rows: Sequence[Any], now: datetime) -> None:
        written = [(self._tables.service.log_of(row), to_row(row, self._sealer)) for row in rows]
        await self._start("append")
        for log, row in written:
            columns = columns_of(log.of)
            value = row[columns.names.index(UNIQUE)] if UNIQUE in columns else None
            if value is not None:
                await self.lock(log.name, value)
                if value in self._tables.unique[log.name] or (log.name, value) in self._unique:
                    self.broken = True
                    raise StoreRefused(f"{log.name}: {UNIQUE}")
                self._unique.add((log.name, value))
            self._appended.append((log, row, now))

    def commit(self) -> None:
        """All at once, with nothing in between."""
        for name, rows in self._written.items():
            table = self._tables.table(name)
            for key, row in rows.items():
                if row is _GONE:
                    table.pop(key, None)
                else:
                    table[key] = row
        for name, value in self._unique:
            self._tables.unique[name].add(value)
        for log, row, now in self._appended:
            self._tables.add(log, row, now)
        self.end()

    def end(self) -> None:
        """Forget what was not committed, and free the locks."""
        self._written, self._appended, self._unique = {}, [], set()
        self._tables.locks.free(self)

    def get(self, table: str, key: Hashable) -> Any:
        """The row as this transaction sees it, or `_GONE`."""
        written = self._written.get(table, {})
        return written[key] if key in written else self._tables.table(table).get(key, _GONE)

    def put(self, table: str, key: Hashable, row: Any) -> None:
        self._written.setdefault(table, {})[key] = row

    async def lock(self, table: str, key: Hashable) -> None:
        try:
            await self._tables.locks.take(self, (table, key))
        except BaseException:
            self.broken = True
            raise

    async def take_leased(self, id: UUID, token: UUID) -> bool:
        """Lock a due row that the token holds; False when it does not, or no longer."""
        if not self._holds(id, token):
            return False
        await self.lock("due", id)
        return self._holds(id, token)

    def _holds(self, id: UUID, token: UUID) -> bool:
        held = self.get("due", id)
        return held is not _GONE and held.row.token == token

    async def _is_free(self, table: str, key: Hashable) -> bool:
        """Whether a row may be inserted under the key; whoever is inserting it now is waited for."""
        if self.get(table, key) is not _GONE and not self._tables.locks.is_held((table, key)):
            return False
        await self.lock(table, key)
        return self.get(table, key) is _GONE

    async def _update(self, table: str, rows: Mapping[Any, Any]) -> None:
        for key in sorted(rows):
            if self.get(table, key) is not _GONE:
                await self.lock(table, key)
                self.put(table, key, rows[key])

    def _drop(self, table: str, key: Hashable) -> bool:
        self.put(table, key, _GONE)
        return True

    async def _start(self, statement: str) -> None:
        try:
            await self._reach(statement)
        except BaseException:
            self.broken = True
            raise


def kept(row: Due) -> Due:
    """A due row as it stands in the table: free, its moments in UTC."""
    return replace(
        row,
        headers=dict(row.headers),
        due_at=row.due_at.astimezone(UTC),
        since=row.since.astimezone(UTC),
        token=None,
    )
