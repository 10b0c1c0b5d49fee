"""One invoice per application; the ledger, the alerts and the reconciliations are only ever added to."""

from __future__ import annotations

from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from services.payment.findings import Mended, Reconciliation
from services.payment.invoice import Alert, Invoice
from services.payment.ledger import Account, Entry
from services.payment.reconciliation import Line
from shared.engine.ports import Store
from shared.engine.service import Log, Table

INVOICES = Table("payment.invoice", Invoice)
ENTRIES = Log("payment.entry", Entry)
ALERTS = Log("payment.alert", Alert)
RECONCILIATIONS = Log("payment.reconciliation", Reconciliation)
LINES = Log("payment.reconciliation_line", Line)
MENDED = Log("payment.mended", Mended)
LOGS = (ENTRIES, ALERTS, RECONCILIATIONS, LINES, MENDED)

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


def invoice_key(invoice_id: str) -> str:
    """The unique key under which an application holds an invoice of РП ДРН."""
    return f"invoice/{invoice_id}"


async def find_application(store: Store, invoice_id: str) -> UUID | None:
    """Whose invoice it is, of whatever round; None when payment knows of none such."""
    key = invoice_key(invoice_id)
    async with store.transaction() as transaction:
        return (await transaction.owners({key}))[key]


async def list_held(pool: Pool) -> list[dict[str, Any]]:
    """What waits for operations, the oldest assessment first."""
    rows = await pool.fetch(
        "select application_id, round, held_for, invoice_id, fee, assessed_on from payment.invoice "
        "where phase = 'HELD' order by assessed_on, application_id limit 500"
    )
    return [dict(row) for row in rows]


async def find_balances(pool: Pool) -> dict[Account, int]:
    """The sum of each account of the ledger, in whole tenge; all of them together are zero."""
    rows = await pool.fetch("select account, sum(amount)::bigint as amount from payment.entry group by account")
    return dict.fromkeys(Account, 0) | {Account(row["account"]): row["amount"] for row in rows}
