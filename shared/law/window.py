"""When a card may be renewed online: from 30 days before it expires to 10 days after (p.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Window:
    """Calendar days around the expiry day, both ends inclusive; the expiry day itself is d = 0.

    A card without an end date has no window: its holder is refused before one is asked for.
    """

    expires: date
    before: int = 30
    after: int = 10

    def contains(self, today: date) -> bool:
        """−after ≤ d ≤ before, where d = expires − today in calendar days."""
        return not self.is_ahead_of(today) and not self.is_behind(today)

    def is_ahead_of(self, today: date) -> bool:
        """It has not opened yet: too early to renew."""
        return (self.expires - today).days > self.before

    def is_behind(self, today: date) -> bool:
        """It has closed: too late to renew online."""
        return (self.expires - today).days < -self.after

    @property
    def opens(self) -> date:
        return _at(self.expires.toordinal() - self.before)

    @property
    def closes(self) -> date:
        """The last day on which a signed application is in time."""
        return _at(self.expires.toordinal() + self.after)


def renewal_window(expires: date, before: int = 30, after: int = 10) -> Window:
    """The window of a card that expires on that day; the two numbers are those of p.7."""
    return Window(expires, before, after)


def _at(ordinal: int) -> date:
    """The registers write "without end" as the year 9999: the edges of the calendar are no reason to fall over."""
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))
