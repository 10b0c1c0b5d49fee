"""What open pages show, looked at together: one look at the tables serves every stream of the process, whoever changed
them. An act of this process wakes the streams at once; other replicas' acts are seen by the next look.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg

from services.ums_review.web.lookups import MOST
from shared.engine.ports import Clock

MOST_STREAMS: Final = 4
"""Of one officer in one process; the oldest ends when there is another. A browser opens six connections to a place."""
SOON: Final = 120
"""Seconds: with so little left of a lease the page is told every quarter of a minute, before that every minute."""
APART: Final = 0.2
"""Seconds between two looks, however much happens."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between looks when nothing woke it, between signs of life, and how long one stream lasts before the
    browser opens another.
    """

    look: float = 2.0
    beat: float = 15.0
    life: float = 600.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Who holds a case until when (machine time), and where it stands."""

    standing: str
    holder: str | None
    until: datetime | None


class Looks(Protocol):
    async def leases(self, cases: Collection[UUID]) -> Mapping[UUID, Standing]: ...

    async def waiting(self, regions: Collection[str], machine_now: datetime) -> Mapping[str, Any]:
        """Of each region something that differs whenever its counts do; nothing is counted above `MOST`."""
        ...


@dataclass(eq=False, slots=True)
class Stream:
    """One open page: of a case, or of the queue of the region."""

    officer_id: str
    region: str
    case: UUID | None
    over: bool = False
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Until it is woken, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()


class Live:
    """The open streams of this process."""

    def __init__(self, looks: Looks, clock: Clock, pace: Pace | None = None) -> None:
        self.clock, self.pace = clock, pace or Pace()
        self._looks, self._open = looks, list[Stream]()
        self._looking, self._stale, self._at = asyncio.Lock(), True, 0.0
        self._leases: Mapping[UUID, Standing] = {}
        self._waiting: Mapping[str, Any] = {}
        self.closed = False

    def open(self, officer_id: str, region: str, case: UUID | None) -> Stream:
        """Beyond `MOST_STREAMS` the officer's oldest is over."""
        own = [stream for stream in self._open if stream.officer_id == officer_id and not stream.over]
        for stream in own[: max(0, len(own) + 1 - MOST_STREAMS)]:
            stream.over = True
            stream.wake()
        opened = Stream(officer_id, region, case, over=self.closed)
        self._open.append(opened)
        self._stale = True
        return opened

    def leave(self, stream: Stream) -> None:
        self._open.remove(stream)

    @property
    def streams(self) -> int:
        return len(self._open)

    def poke(self) -> None:
        """Something was committed here."""
        self._stale = True
        for stream in self._open:
            stream.wake()

    def close(self) -> None:
        """The process stops: no stream holds it up."""
        self.closed = True
        for stream in self._open:
            stream.over = True
            stream.wake()

    async def shown(self, stream: Stream) -> str:
        """What differs whenever the page of the stream should look otherwise; tells nothing by itself."""
        await self._look()
        seen: Any = self._waiting.get(stream.region)
        if stream.case is not None:
            seen = _line(self._leases.get(stream.case), stream.officer_id, self.clock.machine_now())
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]

    async def _look(self) -> None:
        """Whoever comes first looks for all that are open; who comes a moment later sees the same."""
        async with self._looking:
            passed = self.clock.monotonic() - self._at
            if not self._stale and passed < self.pace.look / 2:
                return
            if self._at and passed < APART:
                await self.clock.sleep(APART - passed)
            self._stale, self._at = False, self.clock.monotonic()
            cases = {stream.case for stream in self._open if stream.case is not None}
            regions = {stream.region for stream in self._open if stream.case is None}
            self._leases = await self._looks.leases(cases) if cases else {}
            self._waiting = await self._looks.waiting(regions, self.clock.machine_now()) if regions else {}


def _line(seen: Standing | None, officer_id: str, now: datetime) -> tuple[Any, ...]:
    """What the line about the lease says: who holds the case, and of one's own lease how long."""
    left = (seen.until - now).total_seconds() if seen and seen.until else 0.0
    if seen is None or left <= 0:
        return (seen and seen.standing,)
    if seen.holder != officer_id:
        return seen.standing, seen.holder
    return seen.standing, seen.holder, seen.until, int(left // 60) if left >= SOON else -int(left // 15)


_LEASES = """
select application_id, standing, lease_officer as holder, lease_until as until from ums_review.review
where application_id = any($1)
"""
_WAITING = """
select of.region, waiting.standing, waiting.holder, count(*) as cases
from unnest($1::text[]) as of (region), lateral (
    select standing, case when lease_until > $2 then lease_officer end as holder from ums_review.review
    where region = of.region and standing in ('QUEUED', 'SIGNED') order by due_on, queued_at, application_id limit $3
) as waiting
group by 1, 2, 3 order by 1, 2, 3
"""


class SqlLooks:
    """In PostgreSQL: by the key, and by the index of waiting cases."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def leases(self, cases: Collection[UUID]) -> Mapping[UUID, Standing]:
        rows = await self._pool.fetch(_LEASES, list(cases), timeout=5)
        return {row["application_id"]: Standing(row["standing"], row["holder"], row["until"]) for row in rows}

    async def waiting(self, regions: Collection[str], machine_now: datetime) -> Mapping[str, Any]:
        found: dict[str, list[tuple[Any, ...]]] = {region: [] for region in regions}
        for row in await self._pool.fetch(_WAITING, list(regions), machine_now, MOST, timeout=5):
            found[row["region"]].append((row["standing"], row["holder"], row["cases"]))
        return found
