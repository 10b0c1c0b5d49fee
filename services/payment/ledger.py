"""The ledger: every movement of money is a booking whose lines sum to zero, written once and for ever. Whole tenge.

`treasury` holds what was received, `receivable` what is asked; on the other side, so negative, `suspense` what is not
decided yet, `earned` what the state may keep, `refund_due` what is owed to a citizen, `refunded` what was paid back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from shared.law.calendar import ALMATY

GATEWAY, REVENUE = "gateway/", "revenue/"
"""Before an id that is the outside's own."""


class Account(StrEnum):
    RECEIVABLE = "receivable"
    TREASURY = "treasury"
    SUSPENSE = "suspense"
    EARNED = "earned"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class Unbalanced(ValueError):
    """A booking that would make money appear or vanish."""


@dataclass(frozen=True, slots=True)
class FeeGround:
    """What a fee stands on: line of the fee table, norm, code of the budget classification, the day of that law."""

    rule: str
    legal_ground: str
    kbk: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """The line that the outside knows too: by its own id, and from when; without a day the booking's own moment."""

    account: Account
    id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a booking as it stands in the ledger. `external_id` may stand there once: of money that came it is
    the gateway's receipt id, of money that went the revenue authority's pay-out id, else the booking's own name.
    """

    application_id: UUID
    booking: str
    external_id: str
    account: Account
    amount: int
    rule: str
    legal_ground: str
    kbk: str
    law_on: date | None = None
    outside_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """Lines that sum to zero under a name that may be booked once. Raises `Unbalanced`."""

    application_id: UUID
    name: str
    lines: tuple[tuple[Account, int], ...]
    ground: FeeGround
    outside: Outside | None = None

    def __post_init__(self) -> None:
        accounts = [account for account, _ in self.lines]
        if len(self.lines) < 2 or len(set(accounts)) != len(accounts):
            raise Unbalanced("a booking moves money between different accounts")
        if any(type(amount) is not int or amount == 0 for _, amount in self.lines):
            raise Unbalanced("a line is a whole number of tenge, and not nothing")
        if sum(amount for _, amount in self.lines):
            raise Unbalanced("the lines do not sum to zero")

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entry(account, amount) for account, amount in self.lines)

    def _entry(self, account: Account, amount: int) -> Entry:
        outside = self.outside if self.outside and self.outside.account is account else None
        return Entry(
            self.application_id, self.name, outside.id if outside else f"{self.name}/{account}", account, amount,
            self.ground.rule, self.ground.legal_ground, self.ground.kbk, self.ground.day,
            outside.at if outside else None,
        )  # fmt: skip


def moved(
    application_id: UUID, name: str, amount: int, to: Account, out_of: Account, ground: FeeGround,
    outside: Outside | None = None,
) -> tuple[Entry, ...]:  # fmt: skip
    """`amount` debited to one account and credited to another."""
    return Booking(application_id, name, ((to, amount), (out_of, -amount)), ground, outside).entries


def claimed(application_id: UUID, round: int, fee: int, ground: FeeGround) -> tuple[Entry, ...]:
    """S15: the fee is asked."""
    return moved(application_id, f"{application_id}/claimed/{round}", fee, Account.RECEIVABLE, Account.SUSPENSE, ground)


def dropped(application_id: UUID, round: int, fee: int, ground: FeeGround) -> tuple[Entry, ...]:
    """The fee is not asked any more."""
    return moved(application_id, f"{application_id}/dropped/{round}", fee, Account.SUSPENSE, Account.RECEIVABLE, ground)


def received(
    application_id: UUID, receipt_id: str, amount: int, fee: int, ground: FeeGround, paid_at: datetime | None = None
) -> tuple[Entry, ...]:
    """Money came: `fee` of it pays what was asked, the rest is owed back."""
    lines = ((Account.TREASURY, amount), (Account.RECEIVABLE, -fee), (Account.REFUND_DUE, fee - amount))
    standing = tuple((account, amount) for account, amount in lines if amount)
    outside = Outside(Account.TREASURY, f"{GATEWAY}{receipt_id}", paid_at)
    return Booking(application_id, f"receipt/{receipt_id}", standing, ground, outside).entries


def earned(application_id: UUID, fee: int, ground: FeeGround) -> tuple[Entry, ...]:
    """The application is approved: the fee is the state's."""
    return moved(application_id, f"{application_id}/earned", fee, Account.SUSPENSE, Account.EARNED, ground)


def owed(application_id: UUID, case_id: str, fee: int, was_earned: bool, ground: FeeGround) -> tuple[Entry, ...]:
    """A fee that was paid is to go back."""
    origin = Account.EARNED if was_earned else Account.SUSPENSE
    return moved(application_id, f"case/{case_id}/owed", fee, origin, Account.REFUND_DUE, ground)


def paid_back(
    application_id: UUID, case_id: str, amount: int, ground: FeeGround, payout_id: str = "", paid_on: date | None = None
) -> tuple[Entry, ...]:
    """The revenue authority has paid; without its pay-out id the line has our name of the case."""
    name, at = f"case/{case_id}/paid", datetime.combine(paid_on, time(), ALMATY) if paid_on else None
    outside = Outside(Account.REFUNDED, f"{REVENUE}{payout_id}", at) if payout_id else None
    return moved(application_id, name, amount, Account.REFUND_DUE, Account.REFUNDED, ground, outside)


def kept_back(application_id: UUID, case_id: str, amount: int, ground: FeeGround) -> tuple[Entry, ...]:
    """The law refuses the refund: the money stays where it is disputed until an appeal."""
    return moved(application_id, f"case/{case_id}/refused", amount, Account.REFUND_DUE, Account.SUSPENSE, ground)


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """The sum of each account, all accounts named."""
    sums = dict.fromkeys(Account, 0)
    for entry in entries:
        sums[entry.account] += entry.amount
    return sums
