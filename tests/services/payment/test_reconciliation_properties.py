"""Whatever the books hold: no difference if and only if both sides say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.payment.invoice import CasePhase
from services.payment.ledger import Entry
from services.payment.reconciliation import Comparison, Line
from services.payment.statement import (
    BookedCase,
    BookedReceipt,
    Ours,
    Period,
    RevenueStatement,
    StatedCase,
    StatedPayout,
    StatedReceipt,
    midnight,
)
from shared.law.calendar import ALMATY
from tests.services.payment.ledgers import Booked, ours_of
from tests.services.payment.test_properties import ACTS, happens
from tests.services.running import Run

FIRST = date(2025, 10, 6)
PERIOD = Period(FIRST, FIRST + timedelta(days=2))
LATER = datetime(2025, 10, 20, 3, 0, tzinfo=ALMATY)
EVER = Period(date(2020, 1, 1), date(2030, 1, 1))
MOMENTS = st.integers(0, 3 * 86_400 - 1).map(lambda seconds: midnight(FIRST) + timedelta(seconds=seconds))
AMOUNTS = st.integers(1, 10**6)
CHANGES = ("drop", "add", "amount", "invoice", "day", "again")


@st.composite
def sides(draw: st.DrawFn) -> tuple[Ours, list[StatedReceipt], RevenueStatement]:
    """Books and statements that say the same."""
    gateway, receipts, cases, stated, payouts, owners = [], [], [], [], [], {}
    for number, (amount, paid_at) in enumerate(draw(st.lists(st.tuples(AMOUNTS, MOMENTS), max_size=8))):
        id, invoice_id, owner = f"R-{number}", f"INV-{number % 3}", UUID(int=number % 3)
        owners[invoice_id] = owner
        gateway.append(StatedReceipt(id, invoice_id, amount, paid_at))
        receipts.append(BookedReceipt(id, owner, invoice_id, amount, amount, paid_at))
    filed = draw(st.lists(st.tuples(AMOUNTS, MOMENTS, st.none() | st.dates(FIRST, PERIOD.last)), max_size=8))
    for number, (amount, filed_at, paid_on) in enumerate(filed):
        case = BookedCase(f"c-{number}", UUID(int=number % 3), amount, filed_at)
        stated.append(StatedCase(case.case_id, amount, filed_at))
        if paid_on is not None:
            case = replace(case, paid=amount, payout_id=f"PO-{number}", paid_at=midnight(paid_on))
            payouts.append(StatedPayout(case.payout_id, case.case_id, amount, paid_on))
        cases.append(case)
    return Ours(tuple(receipts), tuple(cases), (), owners), gateway, RevenueStatement(tuple(stated), tuple(payouts))


def differing(ours: Ours, gateway: Sequence[StatedReceipt], revenue: RevenueStatement) -> list[Line]:
    lines = Comparison(UUID(int=7), PERIOD, LATER, timedelta(hours=1)).compare(ours, gateway, revenue)
    assert sum(line.kind == "RECEIPT" for line in lines) >= len({receipt.receipt_id for receipt in gateway})
    return [line for line in lines if line.differs]


@settings(max_examples=150)
@given(sides())
def test_equal_sides_differ_in_nothing(both: tuple[Ours, list[StatedReceipt], RevenueStatement]) -> None:
    assert differing(*both) == []


@settings(max_examples=300)
@given(sides(), st.data())
def test_one_change_on_one_side_is_found_and_names_what_was_changed(
    both: tuple[Ours, list[StatedReceipt], RevenueStatement], data: st.DataObject
) -> None:
    ours, gateway, revenue = both
    lists = {"receipt": gateway, "case": revenue.cases, "payout": revenue.payouts}
    where = [name for name, lines in lists.items() if lines]
    assume(where)
    match data.draw(st.sampled_from(where)):
        case "receipt":
            place = data.draw(st.integers(0, len(gateway) - 1))
            id = gateway[place].receipt_id
            gateway = changed_receipts(gateway, place, data.draw(st.sampled_from(CHANGES)))
            ids = {id, "R-new"}
        case "case":
            place = data.draw(st.integers(0, len(revenue.cases) - 1))
            ids = {revenue.cases[place].case_id}
            kept = [each for at, each in enumerate(revenue.cases) if at != place]
            more = replace(revenue.cases[place], amount=revenue.cases[place].amount + 1)
            revenue = replace(revenue, cases=tuple([*kept, more] if data.draw(st.booleans()) else kept))
        case _:
            place = data.draw(st.integers(0, len(revenue.payouts) - 1))
            paid = revenue.payouts[place]
            ids = {paid.payout_id, "PO-new"}
            kept_paid = [each for at, each in enumerate(revenue.payouts) if at != place]
            instead: list[list[StatedPayout]] = [
                [], [replace(paid, amount=paid.amount + 1)], [replace(paid, payout_id="PO-new")],
                [paid, replace(paid, payout_id="PO-new")], [replace(paid, case_id="c-new")],
            ]  # fmt: skip
            revenue = replace(revenue, payouts=(*kept_paid, *data.draw(st.sampled_from(instead))))
    found = {line.id for line in differing(ours, gateway, revenue)}
    assert found
    assert found <= ids


def changed_receipts(gateway: list[StatedReceipt], place: int, change: str) -> list[StatedReceipt]:
    receipt, others = gateway[place], [each for at, each in enumerate(gateway) if at != place]
    other_day = receipt.paid_at + timedelta(days=1 if receipt.paid_at < midnight(FIRST + timedelta(days=1)) else -1)
    instead = {
        "drop": [], "add": [receipt, replace(receipt, receipt_id="R-new")],
        "amount": [replace(receipt, amount=receipt.amount + 1)], "invoice": [replace(receipt, invoice_id="INV-other")],
        "day": [replace(receipt, paid_at=other_day)], "again": [receipt, receipt],
    }  # fmt: skip
    return [*others, *instead[change]]


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTS, max_size=14), st.booleans(), st.booleans())
def test_what_payment_books_of_any_story_is_what_an_honest_outside_would_list(
    acts: list[tuple[Any, ...]], eve: bool, holds: bool
) -> None:
    """Accounts, receipts and refunds of the real decisions; the outside lists what the invoice says came and went."""
    run = asyncio.run(happens(acts, eve, holds))
    gateway, revenue = honest(run)
    entries: list[Booked] = [(run.now, entry) for entry in run.appended_of(Entry)]
    claims = {f"invoice/{receipt.invoice_id}": run.application_id for receipt in gateway}
    ours = ours_of([run.state], entries, claims, EVER, gateway, revenue)
    lines = Comparison(UUID(int=7), EVER, LATER + timedelta(days=900), timedelta()).compare(ours, gateway, revenue)
    assert [line for line in lines if line.differs] == []
    assert sum(line.kind == "RECEIPT" for line in lines) == len(run.state.receipts)
    assert sum(line.kind == "ACCOUNT" for line in lines) == 7


def honest(run: Run) -> tuple[list[StatedReceipt], RevenueStatement]:
    receipts = [StatedReceipt(r.receipt_id, r.invoice_id, r.amount, r.paid_at) for r in run.state.receipts]
    filed = [case for case in run.state.cases if case.filed_at is not None]
    paid = [case for case in run.state.cases if case.phase is CasePhase.REFUNDED]
    return receipts, RevenueStatement(
        tuple(StatedCase(case.case_id, case.amount, case.filed_at) for case in filed if case.filed_at),
        tuple(StatedPayout("PO", case.case_id, case.amount, run.now.date()) for case in paid),
    )
