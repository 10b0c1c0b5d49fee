"""How the sandbox's systems give a statement: days from and to, both included, and a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from deploy.sandbox.systems.ground import Refused, Said

PAGE = 100  # lines
T = TypeVar("T")


def days_of(said: Said) -> tuple[date, date]:
    """Raises `Refused`."""
    try:
        return date.fromisoformat(str(said["from"])), date.fromisoformat(str(said["to"]))
    except (KeyError, ValueError):
        raise Refused("BAD_DAYS", 422) from None


def page_of(rows: Sequence[T], said: Said) -> tuple[list[T], int | None]:
    """The rows of the page that is asked for, and the number of the next, if there is one. Raises `Refused`."""
    page = str(said.get("page", "1"))
    if not (page.isascii() and page.isdecimal()) or int(page) < 1:
        raise Refused("BAD_PAGE", 422)
    end = int(page) * PAGE
    return list(rows[end - PAGE : end]), int(page) + 1 if len(rows) > end else None
