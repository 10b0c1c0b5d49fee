"""The daily round: which days, how often, what stays on record, and what was missed is taken as if it had been told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from services.payment.findings import Mended, Reconciliation
from services.payment.invoice import Alert, Invoice, Phase
from services.payment.ledger import Account
from services.payment.looks import seldom
from services.payment.messages import HOUSE, Reconcile, ReconcileDaily, ReportReceipt
from services.payment.reconciliation import Difference, Line, Verdict
from services.payment.statement import BookedReceipt, Ours, Period, Sum
from shared.contracts.payment import FeePaid, RefundCause
from shared.engine.service import Audited
from shared.law.rules import RULES
from tests.services.payment.stage import FEE, IN_2025, Blank, Outside, a_run, charged, receipt, sums
from tests.services.running import APPLICATION, Run

RUN = UUID(int=70)
DAY = date(2025, 10, 6)
YESTERDAY = DAY - timedelta(days=1)
OWNED = Ours(owners={"INV-1": APPLICATION})


def house(outside: Outside, started: datetime = IN_2025) -> Run:
    return replace(a_run(outside, started), application_id=HOUSE, state=Invoice(HOUSE))


def ordered(first: date | None = DAY, last: date = DAY, by: str = "officer:17") -> Reconcile:
    return Reconcile(application_id=HOUSE, run_id=RUN, first=first, last=last, by=by)


def paid_yesterday(outside: Outside) -> None:
    outside.gateway.pay("INV-1", "R-1", FEE, IN_2025 - timedelta(days=1))


@dataclass
class Kept(Blank):
    """Books that know what the run has put on record."""

    run: Run | None = None

    @property
    def records(self) -> list[Reconciliation]:
        return self.run.appended_of(Reconciliation) if self.run else []

    async def is_done(self, run_id: UUID) -> bool:
        return any(record.external_id == str(run_id) for record in self.records)

    async def covered_until(self, day: date) -> date | None:
        return max((record.last for record in self.records if record.last <= day), default=None)


async def at_work(started: datetime) -> tuple[Run, Kept]:
    """The round as it stands from the first start on."""
    books = Kept()
    run = books.run = house(Outside(books=books), started)
    await run.hear(ReconcileDaily(application_id=HOUSE))
    return run, books


async def test_every_day_is_reconciled_once_and_the_one_before_once_more() -> None:
    run, books = await at_work(IN_2025)
    await run.let_pass(timedelta(days=3))
    assert [(record.first.day, record.last.day) for record in books.records] == [(5, 5), (5, 6), (6, 7), (7, 8)]


async def test_a_day_is_reconciled_after_three_in_almaty() -> None:
    run, books = await at_work(datetime(2025, 10, 6, 21, 30, tzinfo=UTC))  # 02:30 of the seventh
    await run.let_pass(timedelta(minutes=29))
    assert books.records == []
    await run.let_pass(timedelta(minutes=10))
    assert [record.last for record in books.records] == [date(2025, 10, 6)]


async def test_nothing_is_compared_before_all_that_is_looked_at_was_looked_at_on_the_new_day() -> None:
    run, books = await at_work(IN_2025)
    await run.let_pass(2 * seldom(RULES) - timedelta(seconds=1))
    assert books.records == []
    await run.let_pass(timedelta(seconds=1))
    assert len(books.records) == 1


async def test_days_that_a_service_slept_through_are_one_round() -> None:
    run, books = await at_work(IN_2025)
    await run.let_pass(timedelta(hours=1))
    run.started += timedelta(days=20)
    await run.let_pass(timedelta(hours=1))
    assert [(record.first, record.last) for record in books.records] == [
        (YESTERDAY, YESTERDAY), (YESTERDAY, YESTERDAY + timedelta(days=20))
    ]  # fmt: skip


async def test_a_clock_that_is_set_back_begins_anew() -> None:
    run = house(Outside(books=Blank(covered=DAY + timedelta(days=400))))
    await run.hear(ordered(first=None, last=YESTERDAY))
    assert [record.first for record in run.appended_of(Reconciliation)] == [YESTERDAY]


async def test_a_round_begins_where_the_last_ended_with_its_last_day_once_more() -> None:
    run = house(Outside(books=Blank(covered=DAY - timedelta(days=5))))
    await run.hear(ordered(first=None, last=YESTERDAY))
    (record,) = run.appended_of(Reconciliation)
    assert (record.first, record.last, record.scheduled) == (DAY - timedelta(days=5), YESTERDAY, True)


async def test_a_round_that_is_on_record_is_not_made_again() -> None:
    run = house(Outside(books=Blank(done={RUN})))
    await run.hear(ordered())
    assert run.appended == []


async def test_nothing_differs_and_nobody_is_alarmed() -> None:
    outside = Outside(books=Blank(ours=Ours(sums=(Sum(Account.TREASURY, 0, 0, 0),))))
    run = house(outside)
    await run.hear(ordered())
    (record,) = run.appended_of(Reconciliation)
    assert (record.lines, record.differences, record.by) == (2, 0, "officer:17")
    assert not run.appended_of(Alert)
    assert outside.alarms == []
    assert [row.what for row in run.appended_of(Audited)] == ["reconciliation of 2025-10-06 – 2025-10-06"]
    assert {row.who for row in run.appended_of(Audited)} == {"officer:17"}


async def test_a_difference_stays_on_record_and_alarms_operations_and_the_log() -> None:
    ours = Ours((BookedReceipt("R-9", APPLICATION, "INV-1", 786, 786, IN_2025 - timedelta(days=1)),))
    outside = Outside(books=Blank(ours=ours))
    run = house(outside)
    await run.hear(ordered(first=YESTERDAY))
    (alert,) = run.appended_of(Alert)
    assert (alert.application_id, alert.what) == (HOUSE, "reconciliation")
    assert "1 × RECEIPT_UNKNOWN" in alert.detail
    assert outside.alarms == [
        ("reconciliation differs", {"run_id": str(RUN), "differences": "1 × RECEIPT_UNKNOWN"})
    ]  # fmt: skip
    differing = [line for line in run.appended_of(Line) if line.differs]
    assert [(line.id, line.difference) for line in differing] == [("R-9", Difference.RECEIPT_UNKNOWN)]


async def test_what_is_in_flight_alarms_nobody() -> None:
    outside = Outside(books=Blank(ours=OWNED))
    outside.gateway.pay("INV-1", "R-1", FEE, IN_2025)
    run = house(outside)
    await run.hear(ordered())
    (record,) = run.appended_of(Reconciliation)
    assert (record.in_flight, record.differences, record.mending) == (1, 0, 0)
    assert (run.appended_of(Alert), outside.alarms, run.waiting) == ([], [], [])


async def missed(outside: Outside) -> tuple[Run, ReportReceipt]:
    """A reconciliation has found a receipt of which nobody told."""
    paid_yesterday(outside)
    outside.books = Blank(ours=OWNED)
    run = house(outside)
    await run.hear(ordered(first=YESTERDAY))
    (line,) = [line for line in run.appended_of(Line) if line.differs]
    assert (line.verdict, line.difference, line.mending) == (Verdict.MISSING, Difference.RECEIPT_NOT_BOOKED, True)
    ((_, later),) = run.waiting
    assert isinstance(later.message, ReportReceipt)
    return run, later.message


async def test_a_missed_receipt_is_taken_as_if_the_call_back_had_come() -> None:
    outside = Outside()
    run = await charged(outside, IN_2025 - timedelta(days=1))
    _, found = await missed(outside)
    told = await charged(Outside(), IN_2025 - timedelta(days=1))
    await run.hear(found)
    await told.hear(receipt(at=IN_2025 - timedelta(days=1)))
    assert run.state == told.state
    assert run.state.phase is Phase.PAID
    assert run.words() == told.words()
    assert sums(run) == sums(told) == {Account.TREASURY: FEE, Account.SUSPENSE: -FEE}
    assert run.appended_of(Mended) == [Mended(APPLICATION, RUN, "R-1", "TAKEN")]


@pytest.mark.parametrize("found_first", [True, False])
async def test_the_call_back_that_comes_nevertheless_changes_nothing(found_first: bool) -> None:
    outside = Outside()
    run = await charged(outside, IN_2025 - timedelta(days=1))
    _, found = await missed(outside)
    heard = (found, receipt(at=IN_2025 - timedelta(days=1)))
    for message in heard if found_first else reversed(heard):
        await run.hear(message)
    assert len(run.said_of(FeePaid)) == 1
    assert [one.cause for one in run.state.receipts] == [None]
    assert sums(run) == {Account.TREASURY: FEE, Account.SUSPENSE: -FEE}
    assert [row.how for row in run.appended_of(Mended)] == ["TAKEN" if found_first else "KNOWN"]


async def test_a_missed_receipt_of_a_closed_invoice_becomes_a_refund() -> None:
    outside = Outside()
    run = await charged(outside, IN_2025 - timedelta(days=9))
    await run.let_pass(timedelta(days=8, seconds=1))
    assert run.state.phase is Phase.LAPSED
    _, found = await missed(outside)
    await run.hear(found)
    assert [(case.cause, case.amount) for case in run.state.cases] == [(RefundCause.LATE, FEE)]


async def test_a_call_back_leaves_no_record_of_mending() -> None:
    run = await charged(Outside())
    await run.hear(receipt())
    assert run.appended_of(Mended) == []


async def test_statements_are_asked_a_day_wider_than_what_is_judged() -> None:
    asked: list[Any] = []

    class Listens(Outside):
        def world(self) -> Any:
            world = super().world()
            gateway, revenue = world.gateway, world.revenue

            class Both:
                async def statement(self, period: Period) -> Any:
                    asked.append(period)
                    return await (gateway if len(asked) == 1 else revenue).statement(period)

            return replace(world, gateway=cast(Any, Both()), revenue=cast(Any, Both()))

    run = house(Listens(books=Blank()))
    await run.hear(ordered(first=YESTERDAY))
    assert asked == [Period(YESTERDAY - timedelta(days=1), DAY + timedelta(days=1))] * 2
