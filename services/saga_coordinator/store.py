"""One case per application, its timeline for ever, and what operations read of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from services.saga_coordinator.saga import Case
from services.saga_coordinator.timeline import Happening
from shared.contracts.base import Sealer
from shared.engine.columns import from_row
from shared.engine.service import Log, Table

CASES = Table("saga_coordinator.case_state", Case)
TIMELINE = Log("saga_coordinator.timeline", Happening)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline as it is read: `seq` is its place, `at` when it was written."""

    seq: int
    at: datetime
    what: str
    name: str
    said_at: datetime
    detail: str
    message_id: UUID
    trace_id: UUID


class Files(Protocol):
    """Reading cases and timelines."""

    async def list_stuck(self, offset: int, limit: int) -> Sequence[Case]:
        """The longest stuck first."""
        ...

    async def list_attention(self, offset: int, limit: int) -> Sequence[Case]: ...
    async def list_unwatched(self, limit: int) -> Sequence[Case]:
        """Open cases without a timer that watches them: their row was lost."""
        ...

    async def list_lines(self, application_id: UUID, after: int, limit: int) -> Sequence[Line]: ...


_STUCK = """
select * from saga_coordinator.case_state where stuck_since is not null
order by stuck_since, application_id offset $1 limit $2
"""
_ATTENTION = """
select * from saga_coordinator.case_state where attention <> '' order by application_id offset $1 limit $2
"""
_UNWATCHED = """
select c.* from saga_coordinator.case_state c
where c.ending is null and c.watch ->> 'waits' <> ''
  and not (c.story = '' and c.reached / 1000000 = 11 and c.reached % 10 = 2)  -- operations hold it
  and not exists (
    select from saga_coordinator.due d where d.application_id = c.application_id and d.name = 'watch-case'
  )
order by c.application_id limit $1
"""
_LINES = """
select seq, at, what, name, said_at, detail, message_id, trace_id from saga_coordinator.timeline
where application_id = $1 and seq > $2 order by seq limit $3
"""


class SqlFiles:
    """Cases and timelines in PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def list_stuck(self, offset: int, limit: int) -> list[Case]:
        return await self._cases(_STUCK, offset, limit)

    async def list_attention(self, offset: int, limit: int) -> list[Case]:
        return await self._cases(_ATTENTION, offset, limit)

    async def list_unwatched(self, limit: int) -> list[Case]:
        return await self._cases(_UNWATCHED, limit)

    async def list_lines(self, application_id: UUID, after: int, limit: int) -> list[Line]:
        rows = await self._pool.fetch(_LINES, application_id, after, limit, timeout=5)
        return [Line(**dict(row)) for row in rows]

    async def _cases(self, query: str, *values: int) -> list[Case]:
        rows = await self._pool.fetch(query, *values, timeout=5)
        return [from_row(Case, dict(row), self._sealer) for row in rows]
