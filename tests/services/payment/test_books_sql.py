"""The books read by SQL are what stands in the rows; and what is on record is read as it was written."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.payment.answers import RefundStanding, RefundStatus
from services.payment.app import SERVICE
from services.payment.books import SqlBooks
from services.payment.findings import Mended, Reconciliation, reconciliation_of
from services.payment.invoice import Invoice
from services.payment.ledger import Account, Entry
from services.payment.messages import HOUSE
from services.payment.reconciliation import Comparison, Difference, Kind, Line, Verdict
from services.payment.records import SqlRecords
from services.payment.statement import Ours, Period, RevenueStatement, StatedCase, StatedPayout, StatedReceipt, Sum
from services.payment.store import invoice_key
from shared.clock import SeededIds
from shared.contracts.payment import RefundCause
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.rows import StoreRefused
from tests.servers import Servers
from tests.services.payment.ledgers import Booked, ours_of
from tests.services.payment.stage import FEE, IN_2025
from tests.services.payment.test_properties import happens
from tests.services.payment.test_reconciliation_properties import honest
from tests.services.payment.till import SEALER
from tests.services.running import APPLICATION, Run

pytestmark = pytest.mark.live
STORIES = 40
RUN = UUID(int=7)
PAID = RefundStanding(RefundStatus.PAID)


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("payment")
    pool = await connect(address.url("payment", passwords["payment"]), SERVICE)
    yield pool
    await pool.close()


@pytest.fixture
def store(pool: asyncpg.Pool) -> PostgresStore:
    return PostgresStore(pool, SERVICE, SEALER, SeededIds(4))


def a_story(chance: random.Random) -> list[tuple[Any, ...]]:
    def act() -> tuple[Any, ...]:
        return chance.choice([
            ("receipt", f"R-{chance.randint(1, 4)}", chance.choice([1, FEE, FEE + 1, 3 * FEE]), "INV-1"),
            ("approved",), ("account",), ("annulled",), ("time", chance.choice([3, 90, 3600, 86_400, 9 * 86_400])),
            ("cancel", RefundCause.ANNULLED), ("standing", RefundStanding(RefundStatus.REJECTED, reason="LAW")),
            ("standing", PAID), ("standing", replace(PAID, payout_id="PO", paid_on=date(2025, 10, 13))),
        ])  # fmt: skip

    return [act() for _ in range(chance.randint(2, 12))]


class Story:
    """One application as it stands in the tables, with ids that no other story has."""

    def __init__(self, run: Run, number: int) -> None:
        self.id, self._number, self._cases = UUID(int=1000 + number), number, [c.case_id for c in run.state.cases]
        self.at = run.now
        receipts, revenue = honest(run)
        self.stated = [
            replace(each, receipt_id=self._(each.receipt_id), invoice_id=self._("INV-1")) for each in receipts
        ]
        self.revenue = RevenueStatement(
            tuple(replace(each, case_id=self._(each.case_id)) for each in revenue.cases),
            tuple(replace(each, case_id=self._(each.case_id), payout_id=f"PO-{number}") for each in revenue.payouts),
        )
        self.invoice: Invoice = run.state.but(
            application_id=self.id, invoice_id=self._("INV-1"), settled_by=self._(run.state.settled_by),
            receipts=tuple(
                replace(each, receipt_id=self._(each.receipt_id), invoice_id=self._("INV-1"))
                for each in run.state.receipts
            ),
            cases=tuple(
                replace(each, case_id=self._(each.case_id), receipt_id=self._(each.receipt_id))
                for each in run.state.cases
            ),
        )  # fmt: skip
        self.entries: list[Entry] = [
            replace(
                each, application_id=self.id, booking=self._(each.booking),
                external_id=f"revenue/PO-{self._(each.booking)}" if each.external_id == "revenue/PO"
                else self._(each.external_id),
            )
            for each in run.appended_of(Entry)
        ]  # fmt: skip

    def _(self, name: str) -> str:
        name = name.replace(str(APPLICATION), str(self.id)).replace("R-", f"R{self._number}-")
        for case_id in self._cases:
            name = name.replace(case_id, f"{case_id}-{self._number}")
        return name.replace("INV-1", f"INV-{self._number}")


async def told(number: int) -> Story:
    chance = random.Random(number)
    return Story(await happens(a_story(chance), eve=False, holds=True), number)


async def written(store: PostgresStore, story: Story) -> None:
    async with store.transaction() as transaction:
        await transaction.load({story.id})
        key = invoice_key(story.invoice.invoice_id)
        await transaction.owners({key})
        await transaction.save({story.id: story.invoice})
        await transaction.own({key: story.id})
        await transaction.append(story.entries, story.at)


def in_order(ours: Ours) -> Ours:
    receipts = sorted(ours.receipts, key=lambda each: each.receipt_id)
    return replace(ours, receipts=tuple(receipts), cases=tuple(sorted(ours.cases, key=lambda each: each.case_id)))


async def test_what_sql_reads_is_what_stands_in_the_rows(pool: asyncpg.Pool, store: PostgresStore) -> None:
    stories = [await told(number) for number in range(STORIES)]
    for story in stories:
        await written(store, story)
    entries: list[Booked] = [(story.at, entry) for story in stories for entry in story.entries]
    claims: dict[str, UUID | None] = {invoice_key(story.invoice.invoice_id): story.id for story in stories}
    gateway = [each for story in stories for each in story.stated]
    revenue = RevenueStatement(
        tuple(each for story in stories for each in story.revenue.cases),
        tuple(each for story in stories for each in story.revenue.payouts),
    )
    ghost = StatedReceipt("R-ghost", "INV-ghost", 5, IN_2025)
    unbooked = StatedReceipt("R-unbooked", "INV-0", 5, IN_2025)
    first, count = date(2025, 10, 6), {"receipts": 0, "cases": 0, "paid": 0}
    for days in (0, 1, 9, 40):
        period = Period(first, first + timedelta(days=days))
        for receipts, refunds in (([*gateway, ghost, unbooked], revenue), ([], RevenueStatement())):
            found = in_order(await SqlBooks(pool).find(period, receipts, refunds))
            invoices = [story.invoice for story in stories]
            assert found == in_order(ours_of(invoices, entries, claims, period, receipts, refunds))
            count["receipts"] += len(found.receipts)
            count["cases"] += len(found.cases)
            count["paid"] += sum(case.paid is not None for case in found.cases)
    assert min(count.values()) > STORIES / 4


async def test_a_receipt_that_only_the_invoice_knows_is_found_as_not_booked(
    pool: asyncpg.Pool, store: PostgresStore
) -> None:
    story = await told(STORIES + 1)
    stated = story.stated[0]
    story.entries = []
    await written(store, story)
    ours = await SqlBooks(pool).find(Period(date(2020, 1, 1), date(2020, 1, 2)), [stated], RevenueStatement())
    assert [(each.receipt_id, each.amount, each.noted) for each in ours.receipts] == [
        (stated.receipt_id, None, stated.amount)
    ]  # fmt: skip


def a_run(run_id: UUID, scheduled: bool, lines: tuple[Line, ...] = ()) -> tuple[Reconciliation, tuple[Line, ...]]:
    period, sums = Period(date(2025, 10, 5), date(2025, 10, 6)), (Sum(Account.TREASURY, 5, 9, 9),)
    return reconciliation_of(run_id, period, "service", scheduled, lines, sums), lines


async def test_a_run_stands_on_record_once_with_its_lines_and_what_was_mended(
    pool: asyncpg.Pool, store: PostgresStore
) -> None:
    books, records, noon = SqlBooks(pool), SqlRecords(pool), datetime.fromisoformat("2025-10-07T12:00:00+05:00")
    period = Period(date(2025, 10, 6), date(2025, 10, 6))
    gateway = [StatedReceipt("R-missed", "INV-7", 786, noon - timedelta(days=1))]
    lines = Comparison(RUN, period, noon, timedelta(hours=1)).compare(
        Ours(owners={"INV-7": APPLICATION}), gateway, RevenueStatement((StatedCase("c", 1, noon),))
    )
    record, _ = a_run(RUN, scheduled=True, lines=lines)
    assert (await books.covered_until(date.max), await books.is_done(RUN)) == (None, False)
    async with store.transaction() as transaction:
        await transaction.append([record, *lines, Mended(APPLICATION, RUN, "R-missed", "TAKEN")], noon)
    assert (await books.covered_until(date(2025, 10, 6)), await books.is_done(RUN)) == (date(2025, 10, 6), True)
    assert await books.covered_until(date(2025, 10, 5)) is None
    (run,) = await records.list_runs(5)
    assert (run, run.record, run.mended) == (await records.find_run(RUN), record, 1)
    shown = await records.list_lines(RUN, 0, 10)
    assert [each.line for each in shown] == sorted(lines, key=lambda line: line.verdict is Verdict.EXISTS)
    assert (shown[0].line.kind, shown[0].line.difference) == (Kind.RECEIPT, Difference.RECEIPT_NOT_BOOKED)
    assert [each.mended_at for each in shown] == [noon, None]
    assert await records.list_lines(RUN, 1, 10) == shown[1:]
    assert await records.find_run(HOUSE) is None
    with pytest.raises(StoreRefused):
        async with store.transaction() as transaction:
            await transaction.append([record], noon)


async def test_a_run_by_hand_covers_nothing(pool: asyncpg.Pool, store: PostgresStore) -> None:
    before = await SqlBooks(pool).covered_until(date.max)
    record, _ = a_run(UUID(int=8), scheduled=False)
    async with store.transaction() as transaction:
        await transaction.append([replace(record, last=date(2026, 1, 1))], IN_2025)
    assert await SqlBooks(pool).covered_until(date.max) == before


async def test_a_pay_out_of_another_day_is_found_by_its_case(pool: asyncpg.Pool, store: PostgresStore) -> None:
    story = next(s for s in [await told(n) for n in range(STORIES)] if s.revenue.payouts)
    paid = story.revenue.payouts[0]
    again = StatedPayout("PO-second", paid.case_id, paid.amount, date(2027, 1, 1))
    period = Period(date(2027, 1, 1), date(2027, 1, 1))
    ours = await SqlBooks(pool).find(period, [], RevenueStatement((), (again,)))
    assert [(case.case_id, case.paid) for case in ours.cases] == [(paid.case_id, paid.amount)]
