"""Books and statements without a database: the twin of `SqlBooks`, and statements made from what is paid and filed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.payment.books import payout_id_in
from services.payment.findings import Mended, Reconciliation
from services.payment.invoice import CasePhase, Invoice
from services.payment.ledger import GATEWAY, Account, Entry, balances
from services.payment.reconciliation import Line, Verdict
from services.payment.records import Compared, Run
from services.payment.statement import BookedCase, BookedReceipt, Ours, Period, RevenueStatement, StatedReceipt, Sum
from services.payment.store import LINES, MENDED, RECONCILIATIONS
from shared.engine.adapters.memory_store import MemoryTables
from shared.engine.columns import from_row

Booked = tuple[datetime, Entry]
"""A line of the ledger and when it was written."""


def moment(booked: Booked) -> datetime:
    return booked[1].outside_at or booked[0]


def ours_of(
    invoices: Iterable[Invoice], entries: Sequence[Booked], claims: Mapping[str, UUID | None], period: Period,
    gateway: Sequence[StatedReceipt], revenue: RevenueStatement,
) -> Ours:  # fmt: skip
    """What `SqlBooks.find` finds, over rows at hand."""
    states = {invoice.application_id: invoice for invoice in invoices}
    invoice_ids = {receipt.invoice_id for receipt in gateway}
    owners = {id: owner for id in invoice_ids if (owner := claims.get(f"invoice/{id}")) is not None}
    return Ours(
        _receipts(states, entries, period, gateway, owners), _cases(states, entries, period, revenue),
        _sums(states.values(), entries, period), owners,
    )  # fmt: skip


def _receipts(
    states: Mapping[UUID, Invoice], entries: Sequence[Booked], period: Period, gateway: Sequence[StatedReceipt],
    owners: Mapping[str, UUID],
) -> tuple[BookedReceipt, ...]:  # fmt: skip
    stated, found = {receipt.receipt_id for receipt in gateway}, {}
    for booked in entries:
        entry, id = booked[1], booked[1].external_id.removeprefix(GATEWAY)
        if entry.account is Account.TREASURY and (period.holds(moment(booked)) or id in stated):
            state = states.get(entry.application_id)
            noted = next((r for r in state.receipts if r.receipt_id == id), None) if state else None
            found[id] = BookedReceipt(
                id, entry.application_id, noted.invoice_id if noted else "", entry.amount,
                noted.amount if noted else None, moment(booked),
            )  # fmt: skip
    for owner in set(owners.values()):
        for receipt in states[owner].receipts:
            if receipt.receipt_id in stated - found.keys():
                found[receipt.receipt_id] = BookedReceipt(
                    receipt.receipt_id, owner, receipt.invoice_id, None, receipt.amount, receipt.paid_at
                )
    return tuple(found.values())


def _cases(
    states: Mapping[UUID, Invoice], entries: Sequence[Booked], period: Period, revenue: RevenueStatement
) -> tuple[BookedCase, ...]:
    stated = {case.case_id for case in revenue.cases} | {payout.case_id for payout in revenue.payouts}
    paid = {}
    for booked in entries:
        id = booked[1].booking.split("/")[1]
        if booked[1].account is Account.REFUNDED and (period.holds(moment(booked)) or id in stated):
            paid[id] = booked
    known = {case.case_id: (id, case) for id, state in states.items() for case in state.cases}
    wanted = stated | paid.keys() | {id for id, (_, case) in known.items() if period.holds(case.filed_at)}
    found = []
    for id in wanted & (known.keys() | paid.keys()):
        owner, case = known.get(id, (None, None))
        back = paid.get(id)
        found.append(
            BookedCase(
                id, owner or back[1].application_id, case.amount if case else None,  # type: ignore[index]
                case.filed_at if case else None, -back[1].amount if back else None,
                payout_id_in(back[1].external_id) if back else "", moment(back) if back else None,
            )
        )  # fmt: skip
    return tuple(found)


def _sums(invoices: Iterable[Invoice], entries: Sequence[Booked], period: Period) -> tuple[Sum, ...]:
    states = list(invoices)
    cases = [case for state in states for case in state.cases]
    balance = balances(entry for _, entry in entries)
    moved = balances(booked[1] for booked in entries if period.holds(moment(booked)))
    ended = (CasePhase.REFUNDED, CasePhase.REJECTED)
    expected = {
        Account.TREASURY: sum(receipt.amount for state in states for receipt in state.receipts),
        Account.RECEIVABLE: sum(state.fee for state in states if state.claimed and not state.settled_by),
        Account.EARNED: -sum(state.fee for state in states if state.earned),
        Account.REFUNDED: -sum(case.amount for case in cases if case.phase is CasePhase.REFUNDED),
        Account.REFUND_DUE: -sum(case.amount for case in cases if case.phase not in ended),
    }
    return tuple(Sum(account, moved[account], balance[account], expected.get(account)) for account in Account)


@dataclass(frozen=True, slots=True)
class MemoryBooks:
    """`Books` and `Records` over the store's twin; `lives` is awaited before each look."""

    tables: MemoryTables
    sealer: Any
    lives: Callable[[], Any] | None = None

    async def find(self, period: Period, gateway: Sequence[StatedReceipt], revenue: RevenueStatement) -> Ours:
        await self._look()
        rows = self.tables.logs["payment.entry"]
        entries = [(row["at"], from_row(Entry, row, self.sealer)) for row in rows]
        states = self.tables.all_states(self.sealer).values()
        return ours_of(states, entries, self.tables.claims, period, gateway, revenue)

    async def covered_until(self, day: date) -> date | None:
        await self._look()
        days = (run.record.last for run in self._runs() if run.record.scheduled)
        return max((last for last in days if last <= day), default=None)

    async def is_done(self, run_id: UUID) -> bool:
        await self._look()
        return any(run.record.external_id == str(run_id) for run in self._runs())

    async def list_runs(self, limit: int) -> list[Run]:
        await self._look()
        return self._runs()[::-1][:limit]

    async def find_run(self, run_id: UUID) -> Run | None:
        await self._look()
        return next((run for run in self._runs() if run.record.external_id == str(run_id)), None)

    async def list_lines(self, run_id: UUID, offset: int, limit: int) -> list[Compared]:
        await self._look()
        mended = {row["receipt_id"]: row["at"] for row in self.tables.logs[MENDED.name]}
        lines = [from_row(Line, row, None) for row in self.tables.logs[LINES.name] if row["run_id"] == run_id]
        lines.sort(key=lambda line: (line.verdict is Verdict.EXISTS, line.in_flight))
        return [Compared(line, mended.get(line.id)) for line in lines[offset : offset + limit]]

    async def _look(self) -> None:
        if self.lives is not None:
            await self.lives()

    def _runs(self) -> list[Run]:
        mended = [str(row.run_id) for row in self.tables.rows_of(Mended, self.sealer)]
        rows = self.tables.logs[RECONCILIATIONS.name]
        records = [(row["at"], from_row(Reconciliation, row, None)) for row in rows]
        return [Run(at, record, mended.count(record.external_id)) for at, record in records]
