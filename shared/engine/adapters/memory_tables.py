"""What a service keeps, in memory and durable: it outlives every incarnation that writes to it.

Rows are kept as their columns, personal data sealed, exactly as they would stand in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.base import Sealer
from shared.engine.adapters.memory_locks import Locks
from shared.engine.audit import GENESIS, link
from shared.engine.columns import columns_of, from_row, reread
from shared.engine.ports import Clock
from shared.engine.rows import Dependency, Due, InboxKey, Outgoing
from shared.engine.service import Log, Service

_KEPT_AS = {"inbox": "inbox", "state": "states", "claim": "claims", "outbox": "outbox", "due": "due"}


@dataclass(slots=True)
class MemoryPlatform:
    """The rows all services share."""

    offset: timedelta = timedelta()
    dependencies: dict[str, Dependency] = field(default_factory=dict)

    def tried(self, name: str, succeeded: bool, now: datetime) -> Dependency:
        known = self.dependencies.get(name, Dependency(name))
        if succeeded and known.has_just_answered(now):
            return known
        if succeeded:
            known = replace(known, failing_since=None, last_try=now, last_success=now)
        else:
            known = replace(known, failing_since=min(known.failing_since or now, now), last_try=now)
        self.dependencies[name] = known
        return known

    def may_probe(self, name: str, every: timedelta, now: datetime) -> bool:
        known = self.dependencies.get(name)
        if known is None or known.switched_off or (known.last_try is not None and known.last_try > now - every):
            return False
        self.dependencies[name] = replace(known, last_try=now)
        return True


@dataclass(frozen=True, slots=True)
class Leased:
    """A row of outbox or due, and until when it is someone's, in seconds of the machine's clock."""

    row: Any
    until: float | None = None


@dataclass(slots=True)
class Run:
    """One incarnation, as it was begun and ended."""

    started: datetime
    ended: datetime | None = None


class MemoryTables:
    """All tables of one service. Leases are counted on `clock.monotonic()`."""

    def __init__(self, service: Service, platform: MemoryPlatform, clock: Clock) -> None:
        self.service = service
        self.platform = platform
        self.clock = clock
        self.locks = Locks()
        self.inbox: dict[InboxKey, tuple[bytes, datetime]] = {}
        self.states: dict[UUID, tuple[Any, ...]] = {}
        self.claims: dict[str, UUID | None] = {}
        self.outbox: dict[UUID, Leased] = {}
        self.due: dict[UUID, Leased] = {}
        self.logs: dict[str, list[dict[str, Any]]] = {log.name: [] for log in service.all_logs}
        self.unique: dict[str, set[Any]] = {log.name: set() for log in service.all_logs}
        self.runs: list[Run] = []
        self._read: dict[UUID, tuple[Any, tuple[Any, ...]]] = {}

    def table(self, name: str) -> dict[Any, Any]:
        """One of the five tables whose rows have a key."""
        table: dict[Any, Any] = getattr(self, _KEPT_AS[name])
        return table

    def add(self, log: Log, row: tuple[Any, ...], now: datetime) -> None:
        """Add a row of a log's own columns, and chain it when the log is chained."""
        columns, rows = columns_of(log.of), self.logs[log.name]
        whole = {"seq": len(rows) + 1, "at": now, **dict(zip(columns.names, row, strict=True))}
        if log.chained:
            prev = self.head(log)
            whole |= {"prev": prev, "hash": link(log.of, whole, whole["seq"], whole["at"], prev)}
        rows.append(whole)

    def head(self, log: Log) -> bytes:
        """The hash of a chained log's last row."""
        rows = self.logs[log.name]
        return bytes(rows[-1]["hash"]) if rows else GENESIS

    def state_of(self, id: UUID, sealer: Sealer) -> Any:
        """The committed state, or the empty one."""
        row = self.states.get(id)
        return self.service.table.empty(id) if row is None else self.understood(id, row, sealer)

    def understood(self, id: UUID, row: tuple[Any, ...], sealer: Sealer) -> Any:
        """The state in those columns; the same columns are read once."""
        known = self._read.get(id)
        if known is not None and known[1] is row:
            return known[0]
        of = self.service.table.of
        if known is None:
            state = from_row(of, dict(zip(columns_of(of).names, row, strict=True)), sealer)
        else:
            state = reread(row, sealer, known)
        self._read[id] = (state, row)
        return state

    def all_states(self, sealer: Sealer) -> dict[UUID, Any]:
        """Every committed state."""
        return {id: self.state_of(id, sealer) for id in self.states}

    def rows_of(self, of: type[Any], sealer: Sealer) -> list[Any]:
        """Every row of the log of that dataclass, in the order in which they were committed."""
        for log in self.service.all_logs:
            if log.of is of:
                return [from_row(of, row, sealer) for row in self.logs[log.name]]
        raise LookupError(f"{self.service.name} keeps no log of {of.__name__}")

    def waiting(self) -> list[Due]:
        """Every due row, oldest first."""
        return sorted((held.row for held in self.due.values()), key=lambda row: (row.due_at, row.id))

    def unsent(self) -> list[Outgoing]:
        """Every outbox row, in the order in which they were committed."""
        return [held.row for held in self.outbox.values()]
