"""One review per application, the file's logs, and the queue of a region as its officers read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import asyncpg

from services.ums_review.domain import Alert
from services.ums_review.finding import MOST_FOUND
from services.ums_review.notes import Note, SecondWord, SignedDecision
from services.ums_review.review import Review
from services.ums_review.seconding import SecondEyes
from services.ums_review.urgency import EVER, Days
from shared.engine.service import Log, Table
from shared.security.evidence import KeptSignature

REVIEWS = Table("ums_review.review", Review)
LOGS = (
    Log("ums_review.decision", SignedDecision),
    Log("ums_review.note", Note),
    Log("ums_review.alert", Alert),
    Log("ums_review.signature", KeptSignature),
    Log("ums_review.second_eyes", SecondEyes),
    Log("ums_review.second_word", SecondWord),
)


class Whose(StrEnum):
    """Which part of the region's queue: held by me, held by nobody, or all of it."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue: no personal data. `held_until` is machine time.

    `others` are more cases of the same person in the region, as many as the page of the case lists; `same_address`: the
    applicant's is that of the officer who asks.
    """

    application_id: UUID
    talon: str
    round: int
    due_on: date
    queued_at: datetime
    standing: str
    warned: int
    held_by: str | None
    held_until: datetime | None
    others: int
    same_address: bool


class Queue(Protocol):
    """Reading the queue. The region and the own application (by blind index) are left out by the store itself."""

    async def list_reviews(
        self, region: str, officer_id: str, officer_index: str, whose: Whose, machine_now: datetime, offset: int,
        limit: int, due: Days = EVER, address: str | None = None,
    ) -> list[Waiting]:  # fmt: skip
        """Those due on one of the days, the most urgent first. `address` stands for that of the officer."""
        ...


_LIST = """
select application_id, talon, round, due_on, queued_at, standing, warned, held_by, held_until, same_address,
       (select count(*) from (select from ums_review.review as other
                              where other.iin_index = line.iin_index and other.region = $1 and other.round > 0
                              limit $11) as found) - 1 as others
from (
select application_id, talon, round, due_on, queued_at, standing, warned, iin_index,
       coalesce(address_index = $10, false) as same_address,
       case when lease_until > $4 then lease_officer end as held_by,
       case when lease_until > $4 then lease_until end as held_until
from ums_review.review
where region = $1 and standing in ('QUEUED', 'SIGNED') and iin_index <> $3
  and due_on between $8 and $9
  and case $5
        when 'mine' then lease_officer = $2 and lease_until > $4
        when 'unassigned' then standing = 'QUEUED' and (lease_until is null or lease_until <= $4)
        else true
      end
order by due_on, queued_at, application_id
offset $6 limit $7
) as line
order by due_on, queued_at, application_id
"""
"""Other cases are counted for the lines of the page alone, each by the index of the search by person."""


class SqlQueue:
    """The queue in PostgreSQL; the most urgent first."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def list_reviews(
        self, region: str, officer_id: str, officer_index: str, whose: Whose, machine_now: datetime, offset: int,
        limit: int, due: Days = EVER, address: str | None = None,
    ) -> list[Waiting]:  # fmt: skip
        rows = await self._pool.fetch(
            _LIST, region, officer_id, officer_index, machine_now, whose.value, offset, limit, *due, address,
            MOST_FOUND, timeout=5,
        )  # fmt: skip
        return [Waiting(**dict(row)) for row in rows]


def listed(
    reviews: list[Review], region: str, officer_id: str, officer_index: str, whose: Whose, machine_now: datetime,
    due: Days = EVER, address: str | None = None,
) -> list[Waiting]:  # fmt: skip
    """The same choice and order over reviews at hand, for stores that are no database."""
    persons = Counter(review.iin_index for review in reviews if review.region == region and review.round)
    lines = [
        _line(review, machine_now, persons[review.iin_index], address)
        for review in reviews
        if review.region == region and review.standing in ("QUEUED", "SIGNED") and review.iin_index != officer_index
    ]
    parts: dict[Whose, Callable[[Waiting], bool]] = {
        Whose.MINE: lambda line: line.held_by == officer_id,
        Whose.UNASSIGNED: lambda line: line.standing == "QUEUED" and line.held_by is None,
        Whose.ALL: lambda line: True,
    }
    chosen = parts[whose]
    fit = (line for line in lines if chosen(line) and due[0] <= line.due_on <= due[1])
    return sorted(fit, key=lambda line: (line.due_on, line.queued_at, str(line.application_id)))


def _line(review: Review, machine_now: datetime, cases: int, address: str | None) -> Waiting:
    assert review.due_on
    assert review.queued_at
    held = review.lease_until is not None and review.lease_until > machine_now
    return Waiting(
        application_id=review.application_id,
        talon=review.talon or "",
        round=review.round,
        due_on=review.due_on,
        queued_at=review.queued_at,
        standing=review.standing.value,
        warned=review.warned,
        held_by=review.lease_officer if held else None,
        held_until=review.lease_until if held else None,
        others=min(cases, MOST_FOUND) - 1,
        same_address=review.is_home_of(address),
    )
