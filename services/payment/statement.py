"""Both sides of a reconciliation as plain values: what the outside lists of a period, and what our books hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.payment.ledger import Account
from shared.law.calendar import ALMATY

DAY = timedelta(days=1)


def day_of(moment: datetime) -> date:
    """The Almaty date, by which statements are kept."""
    return moment.astimezone(ALMATY).date()


@dataclass(frozen=True, slots=True)
class Period:
    """Whole Almaty days, the last one included."""

    first: date
    last: date

    def holds(self, moment: datetime | date | None) -> bool:
        if moment is None:
            return False
        return self.first <= (day_of(moment) if isinstance(moment, datetime) else moment) <= self.last

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From the first midnight up to, not including, the last."""
        return midnight(self.first), midnight(self.last + DAY)

    @property
    def widened(self) -> Period:
        """A day more on either side: what the two sides date differently around midnight is found there."""
        return Period(self.first - DAY, self.last + DAY)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALMATY)


@dataclass(frozen=True, slots=True)
class StatedReceipt:
    """A line of the gateway's statement; whole tenge, business time."""

    receipt_id: str
    invoice_id: str
    amount: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class StatedCase:
    """A refund case as the revenue authority keeps it."""

    case_id: str
    amount: int
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class StatedPayout:
    """Money that left the budget; the authority knows the day only."""

    payout_id: str
    case_id: str
    amount: int
    paid_on: date


@dataclass(frozen=True, slots=True)
class RevenueStatement:
    cases: tuple[StatedCase, ...] = ()
    payouts: tuple[StatedPayout, ...] = ()


@dataclass(frozen=True, slots=True)
class BookedReceipt:
    """A receipt in our books: `amount` as it stands in the ledger, `noted` as the invoice has it; None: not there."""

    receipt_id: str
    application_id: UUID
    invoice_id: str
    amount: int | None
    noted: int | None
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class BookedCase:
    """A refund in our books: `amount` of the case, None when only the ledger knows of it; `paid` as the ledger has it,
    None while nothing is booked as paid back. Without `payout_id` the authority has not told its own.
    """

    case_id: str
    application_id: UUID
    amount: int | None
    filed_at: datetime | None = None
    paid: int | None = None
    payout_id: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """An account of the ledger: what moved in the period, all that ever did, and what invoices and cases say it is;
    `expected` is None for an account that is only what the others leave.
    """

    account: Account
    moved: int
    balance: int
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side; `owners` tells to which application each invoice of the gateway's statement belongs."""

    receipts: tuple[BookedReceipt, ...] = ()
    cases: tuple[BookedCase, ...] = ()
    sums: tuple[Sum, ...] = ()
    owners: Mapping[str, UUID] = field(default_factory=dict)
