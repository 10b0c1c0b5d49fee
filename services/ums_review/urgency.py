"""How urgent a case is: overdue, due soon or in time, by the working days that are left. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shared.law.calendar import Overrides, working_days_between

SOON: Final = 1
"""Working days: with so few left a case is due soon."""
EVER: Final = (date.min, date.max)
DAY: Final = timedelta(days=1)

Days = tuple[date, date]
"""From the first to the last, both among them."""


class Urgency(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    IN_TIME = "in-time"


def urgency_of(due_on: date, days_left: int, today: date) -> Urgency:
    """`days_left` are working days after today up to the due day."""
    if due_on < today:
        return Urgency.OVERDUE
    return Urgency.SOON if days_left <= SOON else Urgency.IN_TIME


def due_days(urgency: Urgency | None, today: date, overrides: Overrides) -> Days:
    """The due days of cases that are so urgent today; every day when it is not asked."""
    if urgency is None:
        return EVER
    if urgency is Urgency.OVERDUE:
        return date.min, today - DAY
    last = today
    while working_days_between(today, last + DAY, overrides) <= SOON:
        last += DAY
    return (today, last) if urgency is Urgency.SOON else (last + DAY, date.max)
