"""Business times on the machine's clock, and how much of a wait was excused by what was down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Leap:
    """From machine time `at` on, business time is machine time plus `offset`."""

    at: datetime
    offset: timedelta


@dataclass(slots=True)
class Leaps:
    """All leaps of the business clock, the first one first; it never leaps back."""

    made: list[Leap] = field(default_factory=list)

    def add(self, at: datetime, offset: timedelta) -> None:
        assert not self.made or offset > self.made[-1].offset, "business time never goes back"
        self.made.append(Leap(at, offset))

    @property
    def offset(self) -> timedelta:
        return self.made[-1].offset if self.made else timedelta()

    def machine(self, business: datetime) -> datetime:
        """When it was. Who has not read the clock since a leap still counts by the one before: then that one's."""
        for leap in reversed(self.made):
            if business - leap.offset >= leap.at:
                return business - leap.offset
        return business


@dataclass(frozen=True, slots=True)
class Window:
    """Something was down from `since` to `until`; `name` None: a server that all need, else one service's own."""

    since: datetime
    until: datetime
    name: str | None = None


def seconds_up(since: datetime, until: datetime, names: Iterable[str], windows: Sequence[Window]) -> float:
    """What lies between, without the time in which a server was down, or one of these services or its way."""
    concerned = {None, *names}
    spans = sorted(
        (max(window.since, since), min(window.until, until))
        for window in windows
        if window.name in concerned and window.since < until and window.until > since
    )
    excused, reached = timedelta(), since
    for begun, ended in spans:
        if ended > reached:
            excused += ended - max(begun, reached)
            reached = ended
    return (until - since - excused).total_seconds()


def part(seconds: Sequence[float], share: float) -> float:
    """The given share of them took no longer; 0 of none."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
