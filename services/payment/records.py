"""The reconciliations on record, as operations and the auditor read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from services.payment.findings import Reconciliation
from services.payment.reconciliation import Line
from shared.engine.adapters.postgres_session import translated
from shared.engine.columns import from_row


@dataclass(frozen=True, slots=True)
class Run:
    """A reconciliation as it stands on record; `mended` counts what it found and has come into the books since."""

    at: datetime
    record: Reconciliation
    mended: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """A line as it stands on record; `mended_at` when what was missing has come into the books."""

    line: Line
    mended_at: datetime | None = None


class Records(Protocol):
    """Reading what was reconciled; `lines` gives differences first, then what is in flight, then the rest."""

    async def list_runs(self, limit: int) -> list[Run]: ...
    async def find_run(self, run_id: UUID) -> Run | None: ...
    async def list_lines(self, run_id: UUID, offset: int, limit: int) -> list[Compared]: ...


_RUNS = """
select r.*, (select count(*) from payment.mended m where m.run_id = r.external_id::uuid) as mended
from payment.reconciliation r where r.external_id = $2 or $2 is null order by r.seq desc limit $1
"""
_LINES = """
select l.*, (
    select min(m.at) from payment.mended m where m.receipt_id = l.id and l.kind = 'RECEIPT' and m.at >= l.at
) as mended_at
from payment.reconciliation_line l where l.run_id = $1
order by l.verdict = 'EXISTS', l.in_flight, l.seq offset $2 limit $3
"""


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """The records in PostgreSQL."""

    pool: asyncpg.Pool

    async def list_runs(self, limit: int) -> list[Run]:
        with translated():
            return [_run(row) for row in await self.pool.fetch(_RUNS, limit, None)]

    async def find_run(self, run_id: UUID) -> Run | None:
        with translated():
            row = await self.pool.fetchrow(_RUNS, 1, str(run_id))
        return _run(row) if row else None

    async def list_lines(self, run_id: UUID, offset: int, limit: int) -> list[Compared]:
        with translated():
            rows = await self.pool.fetch(_LINES, run_id, offset, limit)
        return [Compared(from_row(Line, dict(row), None), row["mended_at"]) for row in rows]


def _run(row: asyncpg.Record) -> Run:
    return Run(row["at"], from_row(Reconciliation, dict(row), None), row["mended"])
