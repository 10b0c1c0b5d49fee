"""On which business day a start on one machine begins: the pilot is over, and on the day itself nobody may renew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import asyncpg

from shared.law.calendar import ALMATY
from shared.law.pilot import PILOT

FIRST_MORNING: Final = datetime(2025, 10, 7, 10, 0, tzinfo=ALMATY)
"""A working day in the paid part of the pilot; the demonstration begins on it too."""


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """`wanted` is asked for by a person; without it kept data goes on with its own time, and new data begins on the
    first morning.
    """

    wanted: date | None = None

    def offset(self, kept: timedelta, now: datetime) -> timedelta:
        """What business time is ahead of the machine's, at the machine's `now` (aware). `kept` is that of earlier runs;
        nothing: it was never set.
        """
        if self.wanted is None and kept:
            return kept
        morning = FIRST_MORNING if self.wanted is None else datetime.combine(self.wanted, FIRST_MORNING.timetz())
        return morning - now

    async def set(self, connection: asyncpg.Connection) -> tuple[timedelta, str]:
        """Write it into the one row; gives it, and what to tell the person who starts."""
        now = datetime.now(UTC)
        kept = timedelta(seconds=await connection.fetchval("select offset_seconds from platform.clock"))
        offset = self.offset(kept, now)
        await connection.execute("update platform.clock set offset_seconds = $1", offset.total_seconds())
        return offset, told(now + offset)


def told(moment: datetime) -> str:
    """One line: which day it is for the services, whether anybody may apply on it, and how to choose another."""
    there = moment.astimezone(ALMATY)
    pilot = f"the pilot, {PILOT.first:%d.%m.%Y}–{PILOT.last:%d.%m.%Y}"
    where = f"within {pilot}" if PILOT.contains(there.date()) else f"outside {pilot}: nobody may apply"
    return f"Business day {there:%d.%m.%Y %H:%M} in Almaty, {where}. Another one: make up TODAY=2025-10-06"
