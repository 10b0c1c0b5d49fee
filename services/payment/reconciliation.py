"""Ledger, payment gateway and revenue authority compared for a period, line by line. Pure: values in, lines out.

What one side has known for less than the limit `in_flight` is on its way, and no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.payment.statement import (
    DAY,
    BookedCase,
    BookedReceipt,
    Ours,
    Period,
    RevenueStatement,
    StatedCase,
    StatedPayout,
    StatedReceipt,
    day_of,
    midnight,
)


class Kind(StrEnum):
    RECEIPT = "RECEIPT"
    CASE = "CASE"
    PAYOUT = "PAYOUT"
    ACCOUNT = "ACCOUNT"


class Verdict(StrEnum):
    """`EXISTS`: on both sides and the same."""

    EXISTS = "EXISTS"
    MISSING = "MISSING"
    MISMATCH = "MISMATCH"


class Side(StrEnum):
    """Who lacks it, or with whom our ledger disagrees."""

    LEDGER = "LEDGER"
    INVOICE = "INVOICE"
    GATEWAY = "GATEWAY"
    REVENUE = "REVENUE"


class Difference(StrEnum):
    RECEIPT_NOT_BOOKED = "RECEIPT_NOT_BOOKED"
    RECEIPT_UNKNOWN = "RECEIPT_UNKNOWN"  # we have booked what the gateway does not know
    RECEIPT_AMOUNT = "RECEIPT_AMOUNT"
    RECEIPT_INVOICE = "RECEIPT_INVOICE"  # it came to another invoice, or to another application's
    RECEIPT_DAY = "RECEIPT_DAY"  # the law of another day would apply
    RECEIPT_NOTED = "RECEIPT_NOTED"  # the invoice has another sum than the ledger, or does not know the receipt
    CASE_NOT_OURS = "CASE_NOT_OURS"
    CASE_UNKNOWN = "CASE_UNKNOWN"  # we have filed what the authority does not know
    CASE_AMOUNT = "CASE_AMOUNT"
    PAYOUT_WITHOUT_CASE = "PAYOUT_WITHOUT_CASE"
    PAYOUT_NOT_BOOKED = "PAYOUT_NOT_BOOKED"
    PAYOUT_TWICE = "PAYOUT_TWICE"
    PAYOUT_AMOUNT = "PAYOUT_AMOUNT"
    PAYOUT_OTHER = "PAYOUT_OTHER"  # under another id than the one that stands in the ledger
    REFUND_UNKNOWN = "REFUND_UNKNOWN"  # we have booked as paid back what the authority did not pay
    ACCOUNT_DIFFERS = "ACCOUNT_DIFFERS"


_SIDES = {
    Difference.RECEIPT_NOT_BOOKED: Side.LEDGER,
    Difference.RECEIPT_NOTED: Side.INVOICE,
    Difference.CASE_NOT_OURS: Side.LEDGER,
    Difference.PAYOUT_WITHOUT_CASE: Side.LEDGER,
    Difference.PAYOUT_NOT_BOOKED: Side.LEDGER,
    Difference.ACCOUNT_DIFFERS: Side.INVOICE,
}
_OUTSIDE = {Kind.RECEIPT: Side.GATEWAY, Kind.CASE: Side.REVENUE, Kind.PAYOUT: Side.REVENUE}
_MISSING = frozenset({
    Difference.RECEIPT_NOT_BOOKED, Difference.RECEIPT_UNKNOWN, Difference.CASE_NOT_OURS, Difference.CASE_UNKNOWN,
    Difference.PAYOUT_WITHOUT_CASE, Difference.PAYOUT_NOT_BOOKED, Difference.REFUND_UNKNOWN,
})  # fmt: skip
ALL_ACCOUNTS = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was compared. `ours` and `theirs` are whole tenge, None: not there. `in_flight`: too young to be
    a difference; `mending`: taken up at once as if the call-back had come.
    """

    run_id: UUID
    kind: Kind
    verdict: Verdict
    id: str
    difference: Difference | None = None
    side: Side | None = None
    application_id: UUID | None = None
    ours: int | None = None
    theirs: int | None = None
    day: date | None = None
    in_flight: bool = False
    mending: bool = False

    @property
    def differs(self) -> bool:
        return self.verdict is not Verdict.EXISTS and not self.in_flight


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, when, and how long one side may be ahead of the other."""

    run_id: UUID
    period: Period
    now: datetime
    in_flight: timedelta

    def compare(self, ours: Ours, gateway: Sequence[StatedReceipt], revenue: RevenueStatement) -> tuple[Line, ...]:
        """Every receipt, case and pay-out of the period on either side, and every account."""
        accounts = (self._account(total.account.value, total.balance, total.expected) for total in ours.sums)
        whole = self._account(ALL_ACCOUNTS, sum(total.balance for total in ours.sums), 0)
        return (*self._receipts(ours, gateway), *self._refunds(ours, revenue), *accounts, whole)

    def _receipts(self, ours: Ours, gateway: Sequence[StatedReceipt]) -> Iterator[Line]:
        booked = {receipt.receipt_id: receipt for receipt in ours.receipts}
        stated: dict[str, list[StatedReceipt]] = defaultdict(list)
        for receipt in gateway:
            stated[receipt.receipt_id].append(receipt)
        for id in sorted(booked.keys() | stated.keys()):
            our, theirs = booked.get(id), stated.get(id, [])
            moments = [receipt.paid_at for receipt in theirs] + ([our.paid_at] if our else [])
            if any(self.period.holds(moment) for moment in moments):
                yield from self._receipt(id, our, theirs, moments[0], ours)

    def _receipt(
        self, id: str, our: BookedReceipt | None, theirs: list[StatedReceipt], paid_at: datetime, ours: Ours
    ) -> Iterator[Line]:
        if our is None:
            owner = ours.owners.get(theirs[0].invoice_id)
            missed = Line(self.run_id, Kind.RECEIPT, Verdict.MISSING, id, None, None, owner, None, _sum(theirs))
            line = self._judged(missed, Difference.RECEIPT_NOT_BOOKED, day_of(paid_at), paid_at)
            clear = owner is not None and len(theirs) == 1 and theirs[0].amount > 0
            yield replace(line, mending=clear and not line.in_flight)
            return
        same = Line(
            self.run_id, Kind.RECEIPT, Verdict.EXISTS, id, None, None, our.application_id, our.amount, _sum(theirs)
        )
        found = _receipt_differences(our, theirs, ours)
        yield from (self._judged(same, difference, day_of(paid_at), paid_at) for difference in found or (None,))

    def _refunds(self, ours: Ours, revenue: RevenueStatement) -> Iterator[Line]:
        booked = {case.case_id: case for case in ours.cases}
        stated = {case.case_id: case for case in revenue.cases}
        paid: dict[str, list[StatedPayout]] = defaultdict(list)
        for payout in revenue.payouts:
            paid[payout.case_id].append(payout)
        for id in sorted(booked.keys() | stated.keys() | paid.keys()):
            our, theirs, payouts = booked.get(id), stated.get(id), paid.get(id, [])
            filed = [each.filed_at for each in (theirs, our) if each and each.filed_at]
            if any(self.period.holds(moment) for moment in filed):
                yield self._case(id, our, theirs, filed[0])
            days = [payout.paid_on for payout in payouts] + ([day_of(our.paid_at)] if our and our.paid_at else [])
            if any(self.period.holds(day) for day in days):
                yield self._payout(id, our, payouts, days[0])

    def _case(self, id: str, our: BookedCase | None, theirs: StatedCase | None, filed_at: datetime) -> Line:
        amount, stated = our.amount if our else None, theirs.amount if theirs else None
        difference = None
        if amount is None:
            difference = Difference.CASE_NOT_OURS
        elif stated is None:
            difference = Difference.CASE_UNKNOWN
        elif amount != stated:
            difference = Difference.CASE_AMOUNT
        owner = our.application_id if our else None
        same = Line(self.run_id, Kind.CASE, Verdict.EXISTS, id, None, None, owner, amount, stated)
        return self._judged(same, difference, day_of(filed_at), filed_at)

    def _payout(self, case_id: str, our: BookedCase | None, payouts: list[StatedPayout], day: date) -> Line:
        """A pay-out has a day and no hour: it is on its way until that day is over."""
        id = payouts[0].payout_id if payouts else (our.payout_id if our else "") or case_id
        owner, paid = (our.application_id, our.paid) if our else (None, None)
        same = Line(self.run_id, Kind.PAYOUT, Verdict.EXISTS, id, None, None, owner, paid, _sum(payouts))
        return self._judged(same, _payout_difference(our, payouts), day, midnight(day + DAY))

    def _account(self, name: str, balance: int, expected: int | None) -> Line:
        same = Line(self.run_id, Kind.ACCOUNT, Verdict.EXISTS, name, None, None, None, balance, expected)
        difference = None if expected in (None, balance) else Difference.ACCOUNT_DIFFERS
        return self._judged(same, difference, None, None)

    def _judged(self, line: Line, difference: Difference | None, day: date | None, since: datetime | None) -> Line:
        """The line with its verdict; young is what is missing on one side and has been known since then only."""
        if difference is None:
            return replace(line, day=day)
        missing = difference in _MISSING
        return replace(
            line, verdict=Verdict.MISSING if missing else Verdict.MISMATCH, difference=difference, day=day,
            side=_SIDES.get(difference) or _OUTSIDE[line.kind],
            in_flight=missing and since is not None and self.now - since < self.in_flight,
        )  # fmt: skip


def _receipt_differences(our: BookedReceipt, theirs: list[StatedReceipt], ours: Ours) -> list[Difference]:
    if our.amount is None:
        return [Difference.RECEIPT_NOT_BOOKED]
    if not theirs:
        return [Difference.RECEIPT_UNKNOWN]
    holds = {
        Difference.RECEIPT_AMOUNT: _sum(theirs) != our.amount,
        Difference.RECEIPT_INVOICE: any(
            line.invoice_id != (our.invoice_id or line.invoice_id)
            or ours.owners.get(line.invoice_id) != our.application_id
            for line in theirs
        ),
        Difference.RECEIPT_DAY: any(day_of(line.paid_at) != day_of(our.paid_at) for line in theirs),
        Difference.RECEIPT_NOTED: our.noted != our.amount,
    }
    return [difference for difference, held in holds.items() if held]


def _payout_difference(our: BookedCase | None, payouts: list[StatedPayout]) -> Difference | None:
    if not payouts:
        return Difference.REFUND_UNKNOWN
    if our is None:
        return Difference.PAYOUT_WITHOUT_CASE
    if len(payouts) > 1:
        return Difference.PAYOUT_TWICE
    if our.paid is None:
        return Difference.PAYOUT_NOT_BOOKED
    if our.paid != payouts[0].amount:
        return Difference.PAYOUT_AMOUNT
    return Difference.PAYOUT_OTHER if our.payout_id not in ("", payouts[0].payout_id) else None


def _sum(lines: Sequence[StatedReceipt] | Sequence[StatedPayout]) -> int | None:
    """In tenge; None when nothing is listed."""
    return sum(line.amount for line in lines) if lines else None
