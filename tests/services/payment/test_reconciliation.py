"""What two sides say of the same money, line by line: one sentence for each way in which they can differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.payment.ledger import Account
from services.payment.reconciliation import ALL_ACCOUNTS, Comparison, Difference, Kind, Line, Side, Verdict
from services.payment.statement import (
    BookedCase,
    BookedReceipt,
    Ours,
    Period,
    RevenueStatement,
    StatedCase,
    StatedPayout,
    StatedReceipt,
    Sum,
    midnight,
)
from shared.law.calendar import ALMATY
from tests.services.running import APPLICATION

RUN = UUID(int=7)
DAY = date(2025, 10, 6)
NOON = datetime(2025, 10, 6, 12, 0, tzinfo=ALMATY)
NEXT_MORNING = datetime(2025, 10, 7, 3, 0, tzinfo=ALMATY)
HOUR = timedelta(hours=1)
STATED = StatedReceipt("R-1", "INV-1", 786, NOON)
BOOKED = BookedReceipt("R-1", APPLICATION, "INV-1", 786, 786, NOON)
CASE = StatedCase("c-1", 786, NOON)
PAID = StatedPayout("PO-1", "c-1", 786, DAY)
OURS = BookedCase("c-1", APPLICATION, 786, NOON, 786, "PO-1", midnight(DAY))
OWNERS = {"INV-1": APPLICATION, "INV-2": UUID(int=2)}


def compared(
    receipts: tuple[BookedReceipt, ...] = (), gateway: tuple[StatedReceipt, ...] = (),
    cases: tuple[BookedCase, ...] = (), revenue: RevenueStatement = RevenueStatement(),  # noqa: B008  a value
    sums: tuple[Sum, ...] = (), now: datetime = NEXT_MORNING, owners: Any = None,
) -> list[Line]:  # fmt: skip
    """Every line but the one of all accounts."""
    ours = Ours(receipts, cases, sums, OWNERS if owners is None else owners)
    lines = Comparison(RUN, Period(DAY, DAY), now, HOUR).compare(ours, gateway, revenue)
    return [line for line in lines if line.id != ALL_ACCOUNTS]


def only(lines: list[Line]) -> Line:
    (line,) = lines
    assert line.run_id == RUN
    return line


def told(line: Line) -> tuple[Verdict, Difference | None, Side | None, int | None, int | None]:
    return line.verdict, line.difference, line.side, line.ours, line.theirs


def test_a_receipt_on_both_sides_exists() -> None:
    line = only(compared((BOOKED,), (STATED,)))
    assert told(line) == (Verdict.EXISTS, None, None, 786, 786)
    assert (line.kind, line.id, line.application_id, line.day) == (Kind.RECEIPT, "R-1", APPLICATION, DAY)
    assert not line.differs


def test_a_receipt_that_only_the_gateway_knows_is_missing_in_the_ledger_and_is_mended() -> None:
    line = only(compared((), (STATED,)))
    assert told(line) == (Verdict.MISSING, Difference.RECEIPT_NOT_BOOKED, Side.LEDGER, None, 786)
    assert (line.application_id, line.mending, line.differs) == (APPLICATION, True, True)


@pytest.mark.parametrize(
    ("gateway", "owners"),
    [((STATED,), {}), ((STATED, STATED), OWNERS), ((replace(STATED, amount=0),), OWNERS)],
    ids=["of an invoice that is not ours", "listed twice", "of no money"],
)
def test_a_missed_receipt_that_is_not_clear_is_left_to_operations(gateway: Any, owners: Any) -> None:
    line = only(compared((), gateway, owners=owners))
    assert (line.difference, line.mending) == (Difference.RECEIPT_NOT_BOOKED, False)


def test_a_receipt_that_the_invoice_knows_and_the_ledger_does_not_is_missing_and_not_taken_again() -> None:
    line = only(compared((replace(BOOKED, amount=None),), (STATED,)))
    assert told(line) == (Verdict.MISSING, Difference.RECEIPT_NOT_BOOKED, Side.LEDGER, None, 786)
    assert not line.mending


def test_a_receipt_in_the_ledger_that_the_gateway_does_not_know_is_missing_there() -> None:
    line = only(compared((BOOKED,)))
    assert told(line) == (Verdict.MISSING, Difference.RECEIPT_UNKNOWN, Side.GATEWAY, 786, None)


@pytest.mark.parametrize(
    ("stated", "difference"),
    [
        (replace(STATED, amount=785), Difference.RECEIPT_AMOUNT),
        (replace(STATED, invoice_id="INV-2"), Difference.RECEIPT_INVOICE),
        (replace(STATED, invoice_id="INV-9"), Difference.RECEIPT_INVOICE),
        (replace(STATED, paid_at=NOON - timedelta(days=1)), Difference.RECEIPT_DAY),
    ],
)
def test_a_receipt_that_reads_otherwise_at_the_gateway_mismatches(
    stated: StatedReceipt, difference: Difference
) -> None:
    assert told(only(compared((BOOKED,), (stated,)))) == (
        Verdict.MISMATCH, difference, Side.GATEWAY, 786, stated.amount
    )  # fmt: skip


def test_a_receipt_that_was_booked_for_another_application_mismatches() -> None:
    line = only(compared((replace(BOOKED, application_id=UUID(int=9)),), (STATED,)))
    assert (line.verdict, line.difference) == (Verdict.MISMATCH, Difference.RECEIPT_INVOICE)


def test_a_receipt_that_the_gateway_lists_twice_mismatches_by_its_sum() -> None:
    line = only(compared((BOOKED,), (STATED, STATED)))
    assert told(line) == (Verdict.MISMATCH, Difference.RECEIPT_AMOUNT, Side.GATEWAY, 786, 1572)


@pytest.mark.parametrize("noted", [None, 785])
def test_a_receipt_of_which_the_invoice_says_otherwise_than_the_ledger_mismatches_within(noted: int | None) -> None:
    line = only(compared((replace(BOOKED, noted=noted),), (STATED,)))
    assert told(line) == (Verdict.MISMATCH, Difference.RECEIPT_NOTED, Side.INVOICE, 786, 786)


def test_every_way_in_which_a_receipt_differs_is_a_line() -> None:
    lines = compared((BOOKED,), (replace(STATED, amount=1, invoice_id="INV-2"),))
    assert [line.difference for line in lines] == [Difference.RECEIPT_AMOUNT, Difference.RECEIPT_INVOICE]


def test_a_case_and_its_pay_out_on_both_sides_exist() -> None:
    lines = compared(cases=(OURS,), revenue=RevenueStatement((CASE,), (PAID,)))
    assert [(line.kind, line.id, line.verdict) for line in lines] == [
        (Kind.CASE, "c-1", Verdict.EXISTS), (Kind.PAYOUT, "PO-1", Verdict.EXISTS)
    ]  # fmt: skip


WAITS = BookedCase("c-1", APPLICATION, 786, NOON)
NOTHING_FILED = replace(OURS, filed_at=None)


@pytest.mark.parametrize(
    ("ours", "revenue", "expected"),
    [
        ((), RevenueStatement((CASE,)), (Verdict.MISSING, Difference.CASE_NOT_OURS, Side.LEDGER, None, 786)),
        ((WAITS,), RevenueStatement(), (Verdict.MISSING, Difference.CASE_UNKNOWN, Side.REVENUE, 786, None)),
        (
            (WAITS,), RevenueStatement((replace(CASE, amount=700),)),
            (Verdict.MISMATCH, Difference.CASE_AMOUNT, Side.REVENUE, 786, 700),
        ),
        (
            (), RevenueStatement((), (PAID,)),
            (Verdict.MISSING, Difference.PAYOUT_WITHOUT_CASE, Side.LEDGER, None, 786),
        ),
        (
            (NOTHING_FILED,), RevenueStatement(),
            (Verdict.MISSING, Difference.REFUND_UNKNOWN, Side.REVENUE, 786, None),
        ),
        (
            (replace(WAITS, filed_at=None),), RevenueStatement((), (PAID,)),
            (Verdict.MISSING, Difference.PAYOUT_NOT_BOOKED, Side.LEDGER, None, 786),
        ),
        (
            (NOTHING_FILED,), RevenueStatement((), (PAID, replace(PAID, payout_id="PO-2"))),
            (Verdict.MISMATCH, Difference.PAYOUT_TWICE, Side.REVENUE, 786, 1572),
        ),
        (
            (NOTHING_FILED,), RevenueStatement((), (replace(PAID, amount=787),)),
            (Verdict.MISMATCH, Difference.PAYOUT_AMOUNT, Side.REVENUE, 786, 787),
        ),
        (
            (NOTHING_FILED,), RevenueStatement((), (replace(PAID, payout_id="PO-2"),)),
            (Verdict.MISMATCH, Difference.PAYOUT_OTHER, Side.REVENUE, 786, 786),
        ),
    ],
)  # fmt: skip
def test_what_the_revenue_authority_says_otherwise_is_a_difference(
    ours: tuple[BookedCase, ...], revenue: RevenueStatement, expected: tuple[object, ...]
) -> None:
    line = only(compared(cases=ours, revenue=revenue))
    assert told(line) == expected
    assert line.differs


def test_a_refund_of_which_the_authority_told_no_id_of_its_own_is_known_by_its_case() -> None:
    ours = replace(NOTHING_FILED, payout_id="")
    assert only(compared(cases=(ours,), revenue=RevenueStatement((), (PAID,)))).verdict is Verdict.EXISTS
    assert only(compared(cases=(ours,))).id == "c-1"


def test_an_account_that_is_not_what_invoices_and_cases_say_differs() -> None:
    sums = (Sum(Account.TREASURY, 0, 786, 0), Sum(Account.EARNED, 0, -786, -786), Sum(Account.SUSPENSE, 0, 0))
    treasury, earned, suspense = compared(sums=sums)
    assert told(treasury) == (Verdict.MISMATCH, Difference.ACCOUNT_DIFFERS, Side.INVOICE, 786, 0)
    assert (earned.verdict, suspense.verdict) == (Verdict.EXISTS, Verdict.EXISTS)


def test_accounts_that_do_not_sum_to_zero_differ() -> None:
    ours = Ours(sums=(Sum(Account.TREASURY, 0, 1, 1),))
    whole = Comparison(RUN, Period(DAY, DAY), NEXT_MORNING, HOUR).compare(ours, (), RevenueStatement())[-1]
    assert (whole.id, whole.difference, whole.ours, whole.theirs) == (ALL_ACCOUNTS, Difference.ACCOUNT_DIFFERS, 1, 0)


@pytest.mark.parametrize(("minutes", "in_flight"), [(0, True), (59, True), (60, False), (61, False)])
def test_what_one_side_has_known_for_less_than_an_hour_is_in_flight(minutes: int, in_flight: bool) -> None:
    now = NOON + timedelta(minutes=minutes)
    for line in (
        only(compared((), (STATED,), now=now)),
        only(compared((BOOKED,), (), now=now)),
        only(compared(cases=(WAITS,), now=now)),
        only(compared(revenue=RevenueStatement((CASE,)), now=now)),
    ):
        assert (line.verdict, line.in_flight, line.differs) == (Verdict.MISSING, in_flight, not in_flight)
        assert not (line.mending and line.in_flight)


def test_a_pay_out_has_no_hour_and_is_in_flight_until_its_day_is_over_and_an_hour_more() -> None:
    for hours, in_flight in ((13, True), (24.5, True), (25, False)):
        now = midnight(DAY) + timedelta(hours=hours)
        assert only(compared(revenue=RevenueStatement((), (PAID,)), now=now)).in_flight is in_flight


def test_what_is_told_otherwise_is_never_in_flight() -> None:
    assert only(compared((BOOKED,), (replace(STATED, amount=1),), now=NOON)).differs


def test_what_lies_outside_the_days_is_not_judged() -> None:
    early = NOON - timedelta(days=1)
    statement = RevenueStatement((replace(CASE, filed_at=early),), (replace(PAID, paid_on=early.date()),))
    assert compared((), (replace(STATED, paid_at=early),), (), statement) == []


def test_what_the_two_sides_date_differently_around_midnight_is_one_line() -> None:
    before, after = midnight(DAY) - timedelta(seconds=1), midnight(DAY) + timedelta(seconds=1)
    theirs = RevenueStatement((replace(CASE, filed_at=before),))
    line = only(compared(cases=(replace(WAITS, filed_at=after),), revenue=theirs))
    assert line.verdict is Verdict.EXISTS
