"""What the pages read besides the calls: counts, the search by talon or person, the history of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import asyncpg

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


@dataclass(frozen=True, slots=True)
class Earlier:
    """A case of the region that was found, or an earlier one of the same person."""

    application_id: UUID
    talon: str
    queued_at: datetime
    standing: str


class Lookups(Protocol):
    async def counts(self, region: str, officer_id: str, officer_index: str, machine_now: datetime) -> Counts:
        """Of the officer's region, without their own application; none above `MOST`."""
        ...

    async def by_talon(self, region: str, talon: str) -> Sequence[Earlier]:
        """The region's case with that talon, decided ones too."""
        ...

    async def of_person(self, region: str, iin_index: str) -> Sequence[Earlier]:
        """The region's last twenty cases of that person, the newest first."""
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
_FOUND = "select application_id, talon, queued_at, standing from ums_review.review where region = $1 and round > 0"
_BY_TALON = f"{_FOUND} and talon = $2 limit 1"
_OF_PERSON = f"{_FOUND} and iin_index = $2 order by queued_at desc, application_id limit 20"
_HISTORY = """
select at, who, what, result from ums_review.audit
where application_id = $1 and what not in ('view-photo', 'view-signature-sample') order by seq desc limit 50
"""


class SqlLookups:
    """In PostgreSQL; the counts read the index of waiting cases, never the decided ones."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def counts(self, region: str, officer_id: str, officer_index: str, machine_now: datetime) -> Counts:
        row = await self._pool.fetchrow(_COUNTS, region, officer_id, officer_index, machine_now, MOST, timeout=5)
        assert row is not None
        return Counts(row["mine"], row["unassigned"], row["all"])

    async def by_talon(self, region: str, talon: str) -> Sequence[Earlier]:
        return await self._found(_BY_TALON, region, talon)

    async def of_person(self, region: str, iin_index: str) -> Sequence[Earlier]:
        return await self._found(_OF_PERSON, region, iin_index)

    async def _found(self, statement: str, region: str, wanted: str) -> Sequence[Earlier]:
        return [Earlier(**dict(row)) for row in await self._pool.fetch(statement, region, wanted, timeout=5)]

    async def history(self, application_id: UUID) -> list[Past]:
        rows = await self._pool.fetch(_HISTORY, application_id, timeout=5)
        return [Past(**dict(row)) for row in rows]
