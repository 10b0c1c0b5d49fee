"""What stays of every reconciliation, once for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.payment.ledger import Account
from services.payment.reconciliation import Kind, Line
from services.payment.statement import Period, Sum


@dataclass(frozen=True, slots=True)
class Total:
    """One account: what moved in the period, its balance, and what the outside says moved; whole tenge."""

    account: str
    moved: int
    balance: int
    outside: int | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One run, once for ever: its days, by whom, how many lines of each sort, and the accounts.

    `scheduled` ones follow each other without a gap; `external_id` is the run's id.
    """

    external_id: str
    first: date
    last: date
    by: str
    scheduled: bool
    lines: int
    in_flight: int
    differences: int
    mending: int
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """A receipt that a run found missing and that is in the books since; `how`: taken by it, or known meanwhile."""

    application_id: UUID
    run_id: UUID
    receipt_id: str
    how: str


def reconciliation_of(
    run_id: UUID, period: Period, by: str, scheduled: bool, lines: Sequence[Line], sums: Iterable[Sum]
) -> Reconciliation:
    return Reconciliation(
        str(run_id), period.first, period.last, by, scheduled, len(lines), sum(line.in_flight for line in lines),
        sum(line.differs for line in lines), sum(line.mending for line in lines), totals_of(lines, sums),
    )  # fmt: skip


def totals_of(lines: Iterable[Line], sums: Iterable[Sum]) -> tuple[Total, ...]:
    """Beside each account what gateway and revenue authority list: receipts are treasury, pay-outs are refunded."""
    stated: Counter[Kind] = Counter()
    for line in {(line.kind, line.id): line for line in lines}.values():
        stated[line.kind] += line.theirs or 0
    outside = {Account.TREASURY: stated[Kind.RECEIPT], Account.REFUNDED: -stated[Kind.PAYOUT]}
    return tuple(Total(sum.account.value, sum.moved, sum.balance, outside.get(sum.account)) for sum in sums)
