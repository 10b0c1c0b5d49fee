"""Terms in working days (p.4.2: the service is rendered in time), their warnings, the reminders, and the refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from pydantic import ConfigDict, PositiveInt, TypeAdapter

from shared.law.calendar import ALMATY, NONE, Overrides, add_working_days
from shared.law.dated import row_in_force
from shared.law.limits import Limits


@dataclass(frozen=True, slots=True)
class Terms:
    """Working days. No term approves or annuls: it warns, and tells who is late."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    valid_from: date = date.min
    valid_until: date | None = None
    whole: PositiveInt = 15  # from registration (S13) to the card being ready
    review: PositiveInt = 2  # S17
    production: PositiveInt = 3  # S18
    delivery: PositiveInt = 7  # S18 → S19
    refund: PositiveInt = 5  # from acceptance by the revenue authority
    warn_percent: tuple[PositiveInt, ...] = (70, 90, 100)  # to officer, head, operations
    opens: time = time(9)  # office hours: a share of a day is a share of these
    closes: time = time(18)


@dataclass(frozen=True, slots=True)
class Milestone:
    """At `at` (aware, Almaty) so many percent of a term have passed."""

    percent: int
    at: datetime


TERMS = (Terms(),)
_TERMS: TypeAdapter[Terms] = TypeAdapter(Terms)


def terms_on(day: date, table: tuple[Terms, ...] = TERMS) -> Terms:
    """The terms of that day."""
    return row_in_force(table, day)


def terms_from(settings: Mapping[str, object], base: Terms = TERMS[-1]) -> Terms:
    """`base` with some lines set anew. Raises pydantic's `ValidationError` for an unknown line or impossible value."""
    return _TERMS.validate_python({**asdict(base), **settings})


def last_day(begun: date, working_days: int, overrides: Overrides = NONE) -> date:
    """The last day of a term; the day it begins is not counted."""
    return add_working_days(begun, working_days, overrides)


def breached_at(begun: date, working_days: int, overrides: Overrides = NONE) -> datetime:
    """The first moment after the term: midnight, Almaty, at the end of its last day. The citizen is told then."""
    return datetime.combine(last_day(begun, working_days, overrides) + timedelta(days=1), time(), ALMATY)


def warnings(
    begun: date, working_days: int, terms: Terms = TERMS[-1], overrides: Overrides = NONE
) -> tuple[Milestone, ...]:
    """When 70, 90 and 100 % of the term have passed, counted in office hours of working days."""
    return tuple(
        Milestone(percent, _moment(begun, working_days * percent, terms, overrides)) for percent in terms.warn_percent
    )


def reminders(ready: date, limits: Limits) -> tuple[date, ...]:
    """The days on which the citizen is reminded that the card waits (S19); calendar days."""
    return tuple(ready + timedelta(days=days) for days in limits.reminder_days)


def uncollected_on(ready: date, limits: Limits) -> date:
    """The day on which a card that nobody came for counts as not collected (S19); calendar days."""
    return ready + timedelta(days=limits.uncollected_days)


def refund_due(accepted: date, terms: Terms = TERMS[-1], overrides: Overrides = NONE) -> date:
    """The last day on which the revenue authority pays in time."""
    return add_working_days(accepted, terms.refund, overrides)


def _moment(begun: date, hundredths: int, terms: Terms, overrides: Overrides) -> datetime:
    """The moment at which so many hundredths of a working day have been worked since the day the term began."""
    whole, left = divmod(hundredths, 100)
    nth, share = (whole + 1, left) if left else (whole, 100)
    day = add_working_days(begun, nth, overrides)
    opens, closes = (datetime.combine(day, at, ALMATY) for at in (terms.opens, terms.closes))
    return opens + (closes - opens) * share / 100
