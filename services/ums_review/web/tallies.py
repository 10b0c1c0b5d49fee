"""What the head of a region reads in numbers: who holds what, true ages, decisions and their fate. All by the region.

Waiting cases are read by the index of the queue, decided ones by the log of decisions; the rows of decided cases never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

import asyncpg

from services.ums_review.seconding import Unseconded
from services.ums_review.web.lookups import MOST

LISTED: Final = 100
"""So many waiting cases are shown, the most urgent first."""
MOST_BARRED: Final = 20


@dataclass(frozen=True, slots=True)
class Held:
    """A case that waits: when its citizen signed, when it came into review, when it is due. `holder` holds it now."""

    application_id: UUID
    talon: str
    round: int
    submitted_on: date
    queued_at: datetime
    due_on: date
    warned: int
    standing: str
    holder: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Decided:
    """An officer's confirmed decisions of the period; `overturned` ones were followed by another word on the case."""

    officer_id: str
    approved: int
    annulled: int
    overturned: int

    @property
    def all(self) -> int:
        return self.approved + self.annulled

    @property
    def rate(self) -> float:
        """Overturned of all, in per cent."""
        return 100 * self.overturned / self.all if self.all else 0.0


@dataclass(frozen=True, slots=True)
class Annulled:
    """So often a reason was given in the week that begins on that Monday."""

    week: date
    ground: str
    reason: str
    times: int


@dataclass(frozen=True, slots=True)
class Barred:
    """An officer was refused a case because they live at its applicant's address, at that business time."""

    at: datetime
    application_id: UUID
    talon: str
    officer_id: str


@dataclass(frozen=True, slots=True)
class Workload:
    """The waiting cases of the region in numbers; none above `MOST`."""

    all: int
    free: int
    overdue: int
    at_risk: int
    oldest_submitted: date | None
    oldest_queued: datetime | None
    by_holder: tuple[tuple[str, int], ...]
    by_code: tuple[tuple[str, int], ...]


class Tallies(Protocol):
    """No question reaches into another region; the head's own application is left out."""

    async def waiting(self, region: str, officer_index: str, machine_now: datetime) -> Sequence[Held]:
        """The most urgent first, `MOST` at most."""
        ...

    async def decided(self, region: str, since: datetime, until: datetime) -> Sequence[Decided]: ...

    async def annulled(self, region: str, since: datetime, until: datetime) -> Sequence[Annulled]: ...

    async def second_eyes(self, region: str) -> bool:
        """Whether the head wants a second pair of eyes on annulments of paid applications."""
        ...

    async def held(self, region: str, officer_index: str) -> Sequence[Unseconded]:
        """Decisions of the region that wait for one, the most urgent first."""
        ...

    async def barred(self, region: str, officer_index: str) -> Sequence[Barred]:
        """The last `MOST_BARRED`, the newest first."""
        ...


_SECOND_EYES = "select wanted from ums_review.second_eyes where region = $1 order by seq desc limit 1"
_HELD = """
select application_id, talon, verdict->>'officer_id' as officer_id, due_on from ums_review.review
where region = $1 and standing in ('QUEUED', 'SIGNED') and standing = 'SIGNED' and iin_index <> $2
  and verdict->>'second' = 'true' and verdict->>'seconded_by' is null
order by due_on, queued_at, application_id limit $3
"""


def workload_of(cases: Sequence[Held], today: date) -> Workload:
    """At risk: 70 % of the term have passed, or it is over."""
    holders = Counter(case.holder for case in cases if case.holder)
    return Workload(
        all=len(cases),
        free=sum(case.holder is None and case.standing == "QUEUED" for case in cases),
        overdue=sum(case.due_on < today for case in cases),
        at_risk=len(at_risk(cases, today)),
        oldest_submitted=min((case.submitted_on for case in cases), default=None),
        oldest_queued=min((case.queued_at for case in cases), default=None),
        by_holder=tuple(sorted(holders.items(), key=lambda pair: (-pair[1], pair[0]))),
        by_code=tuple(sorted(Counter(case.code for case in cases).items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def at_risk(cases: Iterable[Held], today: date) -> list[Held]:
    return [case for case in cases if case.warned >= 70 or case.due_on < today]


_WAITING = """
select application_id, talon, round, (submission->>'received_on')::date as submitted_on, queued_at, due_on, warned,
       standing, case when lease_until > $3 then lease_officer end as holder,
       registration->>'documentation_code' as code
from ums_review.review
where region = $1 and standing in ('QUEUED', 'SIGNED') and iin_index <> $2
order by due_on, queued_at, application_id limit $4
"""
_DECIDED = """
select officer_id, count(*) filter (where choice = 'APPROVE') as approved,
       count(*) filter (where choice = 'ANNUL') as annulled,
       count(*) filter (where exists (
           select from ums_review.decision as later
           where later.application_id = made.application_id and later.round > made.round and later.choice <> made.choice
       )) as overturned
from ums_review.decision as made
where region = $1 and decided_at >= $2 and decided_at < $3
group by officer_id order by count(*) desc, officer_id
"""
_ANNULLED = """
select date_trunc('week', decided_at at time zone 'Asia/Almaty')::date as week, ground, reason, count(*) as times
from ums_review.decision, jsonb_array_elements_text(reasons) as reason
where region = $1 and decided_at >= $2 and decided_at < $3 and choice = 'ANNUL'
group by 1, 2, 3 order by 1, 2, 3
"""


_BARRED = """
select audit.at, application_id, talon, substr(audit.who, length('officer:') + 1) as officer_id
from ums_review.audit join ums_review.review using (application_id)
where audit.result = 'SAME_ADDRESS' and region = $1 and iin_index <> $2
order by audit.at desc, audit.seq desc limit $3
"""


class SqlTallies:
    """In PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def waiting(self, region: str, officer_index: str, machine_now: datetime) -> Sequence[Held]:
        rows = await self._pool.fetch(_WAITING, region, officer_index, machine_now, MOST, timeout=5)
        return [Held(**dict(row)) for row in rows]

    async def decided(self, region: str, since: datetime, until: datetime) -> Sequence[Decided]:
        return [Decided(**dict(row)) for row in await self._pool.fetch(_DECIDED, region, since, until, timeout=5)]

    async def annulled(self, region: str, since: datetime, until: datetime) -> Sequence[Annulled]:
        return [Annulled(**dict(row)) for row in await self._pool.fetch(_ANNULLED, region, since, until, timeout=5)]

    async def second_eyes(self, region: str) -> bool:
        return bool(await self._pool.fetchval(_SECOND_EYES, region, timeout=5))

    async def held(self, region: str, officer_index: str) -> Sequence[Unseconded]:
        return [
            Unseconded(**dict(row)) for row in await self._pool.fetch(_HELD, region, officer_index, MOST, timeout=5)
        ]

    async def barred(self, region: str, officer_index: str) -> Sequence[Barred]:
        return [
            Barred(**dict(row))
            for row in await self._pool.fetch(_BARRED, region, officer_index, MOST_BARRED, timeout=5)
        ]
