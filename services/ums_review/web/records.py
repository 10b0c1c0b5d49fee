"""The record as an auditor reads it: the rows of one region, searched and paged by key, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg

from shared.engine.audit import chain_of

WENT: Final = ("done", "APPROVE", "ANNUL", "AGREES", "REFUSES", "on", "off")
"""Results of what was done; so is `to:<officer>`. Any other result is the code of a refusal."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is None or empty asks nothing. `before`: the row before which the page begins."""

    application: UUID | None = None
    officer: str = ""
    since: datetime | None = None
    until: datetime | None = None
    refused: bool = False
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the record; `talon` is nothing where it is of no case."""

    seq: int
    at: datetime
    application_id: UUID
    talon: str | None
    who: str
    where: str
    what: str
    result: str


@dataclass(frozen=True, slots=True)
class Chain:
    """How many rows stand in the whole record, and the first that is altered, missing or out of place."""

    rows: int
    broken: int | None


class Records(Protocol):
    async def lines(
        self, region: str, reader_index: str, people: Collection[str], wanted: Wanted, limit: int
    ) -> Sequence[Line]:
        """The newest first: rows of the region's cases, without the reader's own application; of no region's case
        those by `people`.
        """
        ...

    async def chain(self) -> Chain:
        """Every row of the service is looked at."""
        ...


_LINES = """
select a.seq, a.at, a.application_id, r.talon, a.who, a."where", a.what, a.result
from ums_review.audit as a left join ums_review.review as r on r.application_id = a.application_id
where (r.region = $1 and r.iin_index is distinct from $2 or r.region is null and a.who = any($3))
"""
_REFUSED = f"a.result not in {WENT!r} and a.result not like 'to:%'"
"""In the words of the index `audit_refused`."""


class SqlRecords:
    """In PostgreSQL. Every question stands on an index of the log, whatever of it is asked."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lines(
        self, region: str, reader_index: str, people: Collection[str], wanted: Wanted, limit: int
    ) -> list[Line]:
        given: list[Any] = [region, reader_index, [*people]]
        asks = [_REFUSED] if wanted.refused else []
        for statement, value in (
            ("a.application_id = ${}", wanted.application),
            ("a.who = 'officer:' || ${}", wanted.officer or None),
            ("a.at >= ${}", wanted.since),
            ("a.at < ${}", wanted.until),
            ("(a.at, a.seq) < (select at, seq from ums_review.audit where seq = ${})", wanted.before),
        ):
            if value is not None:
                given.append(value)
                asks.append(statement.format(len(given)))
        given.append(limit)
        narrowed = " ".join(f"and {each}" for each in asks)
        statement = f"{_LINES} {narrowed} order by a.at desc, a.seq desc limit ${len(given)}"
        return [Line(**dict(row)) for row in await self._pool.fetch(statement, *given, timeout=5)]

    async def chain(self) -> Chain:
        async with self._pool.acquire() as connection:
            broken, rows, _ = await chain_of(connection, "ums_review")
        return Chain(rows, broken)
