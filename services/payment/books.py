"""Our side of a reconciliation: ledger, invoices and cases, read from one snapshot of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from services.payment.ledger import GATEWAY, REVENUE, Account
from services.payment.statement import BookedCase, BookedReceipt, Ours, Period, RevenueStatement, StatedReceipt, Sum
from services.payment.store import invoice_key
from shared.engine.adapters.postgres_session import translated


class Books(Protocol):
    """Raises `StoreLost`."""

    async def find(self, period: Period, gateway: Sequence[StatedReceipt], revenue: RevenueStatement) -> Ours:
        """What we have of the period, and whatever we have of what the statements name."""
        ...

    async def covered_until(self, day: date) -> date | None:
        """The last day of the last scheduled reconciliation that went no further than that day."""
        ...

    async def is_done(self, run_id: UUID) -> bool: ...


_RECEIPTS = """
select e.application_id, e.external_id, e.amount, coalesce(e.outside_at, e.at) as paid_at,
    n.line ->> 'invoice_id' as invoice_id, (n.line ->> 'amount')::bigint as noted
from payment.entry e
left join payment.invoice i on i.application_id = e.application_id
left join lateral (
    select line from jsonb_array_elements(i.receipts) line where $4 || (line ->> 'receipt_id') = e.external_id limit 1
) n on true
where e.account = 'treasury' and (
    coalesce(e.outside_at, e.at) >= $1 and coalesce(e.outside_at, e.at) < $2 or e.external_id = any($3::text[])
)
"""
_OWNERS = "select key, owner from payment.claim where key = any($1::text[]) and owner is not null"
_NOTED = """
select i.application_id, line ->> 'receipt_id' as receipt_id, line ->> 'invoice_id' as invoice_id,
    (line ->> 'amount')::bigint as noted, (line ->> 'paid_at')::timestamptz as paid_at
from payment.invoice i, jsonb_array_elements(i.receipts) line
where i.application_id = any($1::uuid[]) and line ->> 'receipt_id' = any($2::text[])
"""
_PAID_BACK = """
select application_id, split_part(booking, '/', 2) as case_id, external_id, -amount as paid,
    coalesce(outside_at, at) as paid_at
from payment.entry
where account = 'refunded' and (
    coalesce(outside_at, at) >= $1 and coalesce(outside_at, at) < $2 or booking = any($3::text[])
)
"""
_CASES = """
select i.application_id, line ->> 'case_id' as case_id, (line ->> 'amount')::bigint as amount,
    (line ->> 'filed_at')::timestamptz as filed_at
from payment.invoice i, jsonb_array_elements(i.cases) line
where i.cases <> '[]' and (
    (line ->> 'filed_at')::timestamptz >= $1 and (line ->> 'filed_at')::timestamptz < $2
    or line ->> 'case_id' = any($3::text[])
)
"""
_SUMS = """
select account, sum(amount)::bigint as balance, coalesce(sum(amount) filter (
    where coalesce(outside_at, at) >= $1 and coalesce(outside_at, at) < $2
), 0)::bigint as moved
from payment.entry group by account
"""
_EXPECTED = """
with cases as (
    select line ->> 'phase' as phase, (line ->> 'amount')::bigint as amount
    from payment.invoice i, jsonb_array_elements(i.cases) line where i.cases <> '[]'
)
select
    (select sum((line ->> 'amount')::bigint) from payment.invoice i, jsonb_array_elements(i.receipts) line
        where i.receipts <> '[]') as treasury,
    (select sum(fee) from payment.invoice where claimed and settled_by = '') as receivable,
    (select -sum(fee) from payment.invoice where earned) as earned,
    (select -sum(amount) from cases where phase = 'REFUNDED') as refunded,
    (select -sum(amount) from cases where phase not in ('REFUNDED', 'REJECTED')) as refund_due
"""
_COVERED = "select max(last) from payment.reconciliation where scheduled and last <= $1"
_DONE = "select exists(select 1 from payment.reconciliation where external_id = $1)"


@dataclass(frozen=True, slots=True)
class SqlBooks:
    """The books in PostgreSQL."""

    pool: asyncpg.Pool

    async def find(self, period: Period, gateway: Sequence[StatedReceipt], revenue: RevenueStatement) -> Ours:
        first, end = period.bounds
        with translated():
            async with (
                self.pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                owners = await _owners(connection, gateway)
                return Ours(
                    await _receipts(connection, first, end, gateway, owners),
                    await _cases(connection, first, end, revenue),
                    await _sums(connection, first, end),
                    owners,
                )

    async def covered_until(self, day: date) -> date | None:
        with translated():
            found: date | None = await self.pool.fetchval(_COVERED, day)
        return found

    async def is_done(self, run_id: UUID) -> bool:
        with translated():
            return bool(await self.pool.fetchval(_DONE, str(run_id)))


async def _owners(connection: Any, gateway: Sequence[StatedReceipt]) -> dict[str, UUID]:
    keys = {invoice_key(receipt.invoice_id): receipt.invoice_id for receipt in gateway}
    return {keys[row["key"]]: row["owner"] for row in await connection.fetch(_OWNERS, sorted(keys))}


async def _receipts(
    connection: Any, first: datetime, end: datetime, gateway: Sequence[StatedReceipt], owners: dict[str, UUID]
) -> tuple[BookedReceipt, ...]:
    stated = sorted({receipt.receipt_id for receipt in gateway})
    ids = [f"{GATEWAY}{id}" for id in stated]
    booked = {
        row["external_id"].removeprefix(GATEWAY): row
        for row in await connection.fetch(_RECEIPTS, first, end, ids, GATEWAY)
    }
    missed = [id for id in stated if id not in booked]
    noted = await connection.fetch(_NOTED, sorted(set(owners.values())), missed) if missed else []
    return (
        *(
            BookedReceipt(
                id, row["application_id"], row["invoice_id"] or "", row["amount"], row["noted"], row["paid_at"]
            )
            for id, row in booked.items()
        ),
        *(
            BookedReceipt(
                row["receipt_id"], row["application_id"], row["invoice_id"], None, row["noted"], row["paid_at"]
            )
            for row in noted
        ),
    )


async def _cases(connection: Any, first: datetime, end: datetime, revenue: RevenueStatement) -> tuple[BookedCase, ...]:
    stated = {case.case_id for case in revenue.cases} | {payout.case_id for payout in revenue.payouts}
    bookings = [f"case/{id}/paid" for id in sorted(stated)]
    paid = {row["case_id"]: row for row in await connection.fetch(_PAID_BACK, first, end, bookings)}
    rows = await connection.fetch(_CASES, first, end, sorted(stated | paid.keys()))
    found = {row["case_id"]: BookedCase(**dict(row)) for row in rows}
    for id, row in paid.items():
        case = found.get(id) or BookedCase(id, row["application_id"], None)
        payout_id = payout_id_in(row["external_id"])
        found[id] = replace(case, paid=row["paid"], payout_id=payout_id, paid_at=row["paid_at"])
    return tuple(found.values())


def payout_id_in(external_id: str) -> str:
    """The authority's own id; empty when it had told none and the line has our name."""
    return external_id.removeprefix(REVENUE) if external_id.startswith(REVENUE) else ""


async def _sums(connection: Any, first: datetime, end: datetime) -> tuple[Sum, ...]:
    """Suspense is what the others leave: nothing else says what it should be."""
    found = {row["account"]: row for row in await connection.fetch(_SUMS, first, end)}
    expected = dict(await connection.fetchrow(_EXPECTED))
    sums = []
    for account in Account:
        row = found.get(account.value)
        said = int(expected[account.value] or 0) if account.value in expected else None
        sums.append(Sum(account, row["moved"] if row else 0, row["balance"] if row else 0, said))
    return tuple(sums)
