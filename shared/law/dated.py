"""Which rows of a dated table are in force on a day. Both ends are inclusive; no end means: until further notice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Dated(Protocol):
    @property
    def valid_from(self) -> date: ...

    @property
    def valid_until(self) -> date | None: ...


Row = TypeVar("Row", bound=Dated)


class NotInForce(LookupError):
    """The table says nothing of that day: the table must be continued before the day comes."""


def in_force(row: Dated, day: date) -> bool:
    return row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)


def rows_in_force(table: Iterable[Row], day: date) -> tuple[Row, ...]:
    return tuple(row for row in table if in_force(row, day))


def row_in_force(table: Iterable[Row], day: date) -> Row:
    """The first row in force on the day. Raises `NotInForce` when there is none."""
    for row in table:
        if in_force(row, day):
            return row
    raise NotInForce(f"nothing in force on {day.isoformat()}")
