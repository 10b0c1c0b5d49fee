"""Cases are found by talon, by person or by name: the store's own questions, each within one region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import asyncpg

MOST_FOUND: Final = 20
"""So many cases are shown of one person or one name, the newest."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A case of the region that was found, or an earlier one of the same person."""

    application_id: UUID
    talon: str
    queued_at: datetime
    standing: str


class Finds(Protocol):
    """Decided cases are found, too; no question reaches into another region."""

    async def by_talon(self, region: str, talon: str) -> Sequence[Earlier]:
        """The region's case with that talon."""
        ...

    async def of_person(self, region: str, iin_index: str) -> Sequence[Earlier]:
        """The region's last cases of that person, the newest first."""
        ...

    async def of_name(self, region: str, name_index: str, officer_index: str) -> Sequence[Earlier]:
        """The region's last cases of people so named, the newest first, without the officer's own; one more than
        `MOST_FOUND` when there are more.
        """
        ...


_FOUND = "select application_id, talon, queued_at, standing from ums_review.review where region = $1 and round > 0"
_NEWEST = f"order by queued_at desc, application_id limit {MOST_FOUND}"
_BY_TALON = f"{_FOUND} and talon = $2 limit 1"
_OF_PERSON = f"{_FOUND} and iin_index = $2 {_NEWEST}"
_OF_NAME = f"{_FOUND} and name_indexes @> jsonb_build_array($2::text) and iin_index <> $3 {_NEWEST} + 1"


class SqlFinds:
    """In PostgreSQL, each by an index."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def by_talon(self, region: str, talon: str) -> Sequence[Earlier]:
        return await self._found(_BY_TALON, region, talon)

    async def of_person(self, region: str, iin_index: str) -> Sequence[Earlier]:
        return await self._found(_OF_PERSON, region, iin_index)

    async def of_name(self, region: str, name_index: str, officer_index: str) -> Sequence[Earlier]:
        return await self._found(_OF_NAME, region, name_index, officer_index)

    async def _found(self, statement: str, *wanted: str) -> Sequence[Earlier]:
        return [Earlier(**dict(row)) for row in await self._pool.fetch(statement, *wanted, timeout=5)]
