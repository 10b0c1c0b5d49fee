"""The working days of Kazakhstan, five a week. Listed years are a plain table; other years follow the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from shared.law.calendar_table import FIXED, LISTED, WORKED

ALMATY = ZoneInfo("Asia/Almaty")
"""The one zone of the country since 1 March 2024, UTC+5: every rule counts its days in it."""

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Overrides:
    """Days that the government has moved since the table was written: free ones, and weekend days that are worked."""

    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.free & self.worked:
            raise ValueError("a day is either free or worked")


NONE = Overrides()


def is_working_day(day: date, overrides: Overrides = NONE) -> bool:
    if day in overrides.free or day in overrides.worked:
        return day in overrides.worked
    if day in WORKED:
        return True
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def add_working_days(day: date, count: int, overrides: Overrides = NONE) -> date:
    """The working day on which a term of `count` working days ends; `day` itself is not counted."""
    if count < 0:
        raise ValueError("a term runs forward")
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, overrides)
    return day


def working_days_between(begin: date, end: date, overrides: Overrides = NONE) -> int:
    """Working days after `begin` up to and including `end`; zero when `end` is not after `begin`."""
    days = (begin + timedelta(days=n) for n in range(1, (end - begin).days + 1))
    return sum(is_working_day(day, overrides) for day in days)


def calendar_version(year: int, overrides: Overrides = NONE) -> str:
    """Twelve hex digits that change whenever a free or worked day of the year does."""
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    marks = "".join("10"[is_working_day(day, overrides)] for day in days if day.year == year)
    return sha256(f"{year}{marks}".encode()).hexdigest()[:12]


@cache
def holidays(year: int) -> frozenset[date]:
    """The free days of the year besides plain weekends."""
    return LISTED[year] if year in LISTED else holidays_by_rule(year)


def holidays_by_rule(year: int) -> frozenset[date]:
    """State holidays, each on a weekend giving the next working day free; 7 January is never moved.

    Құрбан айт (the moon) and the government's yearly transfers are in no rule: they come as overrides.
    """
    feasts = [date(year, month, day) for month, day in (*FIXED, *_constitution_day(year))]
    free = {date(year, 1, 7), *feasts}
    for feast in feasts:
        if feast.weekday() >= SATURDAY:
            moved = feast
            while moved.weekday() >= SATURDAY or moved in free:
                moved += timedelta(days=1)
            free.add(moved)
    return frozenset(free)


def _constitution_day(year: int) -> tuple[tuple[int, int], ...]:
    """30 August until 2025; 15 March from 2027, under the constitution in force since 1 July 2026."""
    if year == 2026:
        return ()
    return ((8, 30),) if year < 2026 else ((3, 15),)
