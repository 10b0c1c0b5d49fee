"""The days of the pilot project (order p.7: from the first publication to 31 March 2026) and what it serves (p.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Pilot:
    """First and last day on which an application is taken, both inclusive. What came in time is carried to its end."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the pilot ends before it begins")

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last


PILOT = Pilot(date(2025, 5, 28), date(2026, 3, 31))


class DocumentKind(StrEnum):
    IDENTITY_CARD = "identity-card"
    PASSPORT = "passport"


class Reason(StrEnum):
    """Why a document is asked for."""

    EXPIRY = "expiry"
    FIRST = "first"
    LOSS = "loss"
    DAMAGE = "damage"
    DATA_CHANGE = "data-change"


def served_online(kind: DocumentKind, reason: Reason) -> bool:
    """Only the identity card, only because it expires; everything else goes to ЦОН (p.7)."""
    return kind is DocumentKind.IDENTITY_CARD and reason is Reason.EXPIRY
