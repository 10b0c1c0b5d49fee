"""What the pages read besides the calls: counts, the history of a case, and what the search finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from services.ums_review.finding import Finds, SqlFinds

MOST: Final = 1000
"""Counting ends here: no page says more than "1000 and more"."""


@dataclass(frozen=True, slots=True)
class Counts:
    mine: int
    unassigned: int
    all: int


@dataclass(frozen=True, slots=True)
class Past:
    """A line of the audit trail: who did what with what result."""

    at: datetime
    who: str
    what: str
    result: str


class Lookups(Finds, Protocol):
    async def counts(self, region: str, officer_id: str, officer_index: str, machine_now: datetime) -> Counts:
        """Of the officer's region, without their own application; none above `MOST`."""
        ...

    async def history(self, application_id: UUID) -> list[Past]:
        """The last fifty lines, the newest first; not that the page was drawn with its images."""
        ...


_COUNTS = """
select count(*) filter (where lease_officer = $2 and lease_until > $4) as mine,
       count(*) filter (where standing = 'QUEUED' and (lease_until is null or lease_until <= $4)) as unassigned,
       count(*) as all
from (select standing, lease_officer, lease_until from ums_review.review
      where region = $1 and standing in ('QUEUED', 'SIGNED') and iin_index <> $3
      order by due_on, queued_at, application_id limit $5) as waiting
"""
_HISTORY = """
select at, who, what, result from ums_review.audit
where application_id = $1 and what not in ('view-photo', 'view-signature-sample') order by seq desc limit 50
"""


class SqlLookups(SqlFinds):
    """In PostgreSQL; the counts read the index of waiting cases, never the decided ones."""

    async def counts(self, region: str, officer_id: str, officer_index: str, machine_now: datetime) -> Counts:
        row = await self._pool.fetchrow(_COUNTS, region, officer_id, officer_index, machine_now, MOST, timeout=5)
        assert row is not None
        return Counts(row["mine"], row["unassigned"], row["all"])

    async def history(self, application_id: UUID) -> list[Past]:
        rows = await self._pool.fetch(_HISTORY, application_id, timeout=5)
        return [Past(**dict(row)) for row in rows]
