"""The service's own daily round: ledger, gateway and revenue authority compared, recorded, and mended where it can be.

The round is nobody's application. Its rows belong to the house (`messages.HOUSE`), an id that no application has: so
timer, ask, lease, retry and inbox are the engine's own, and several processes run it once. Its state stays empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from services.payment.books import Books
from services.payment.findings import reconciliation_of
from services.payment.gateway import PaymentGateway, RevenueAuthority, World
from services.payment.invoice import Alert, Invoice
from services.payment.looks import daily, seldom
from services.payment.messages import HOUSE, Reconcile, ReconcileDaily, ReportReceipt
from services.payment.reconciliation import Comparison, Line
from services.payment.statement import Ours, Period, StatedReceipt, midnight
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Audited
from shared.gateways.policies import POLICIES

STATEMENTS = replace(POLICIES["payment-gateway"], timeout=25.0)
STANDING = (Later(ReconcileDaily(application_id=HOUSE), key="reconcile-daily"),)
"""From the first start of the service on; each begets the next."""
DAY = timedelta(days=1)
ALARM = "reconciliation"


def run_until(day: date) -> UUID:
    """The scheduled run that goes up to that day; there is one."""
    return uuid5(HOUSE, f"until/{day}")


async def look(invoice: Invoice, message: ReconcileDaily, world: World, given: Given) -> bool:
    """Whether everything up to yesterday is compared, or the hour for it has not come."""
    if given.now < midnight(given.today) + given.rules.limits.reconciled_at:
        return True
    return await world.books.is_done(run_until(given.today - DAY))


def looked(invoice: Invoice, message: ReconcileDaily, done: bool, given: Given) -> Decision[Invoice]:
    """Not compared yet: once everything that is looked at has been looked at on the new day too. By the machine's
    clock, so that no leap of the business clock, forth or back, is missed.
    """
    again = Later(message, after=daily(given.rules), clock="machine", key="reconcile-daily")
    if done:
        return Decision(invoice, later=(again,))
    yesterday = given.today - DAY
    round = Reconcile(application_id=HOUSE, run_id=run_until(yesterday), last=yesterday)
    comes = Later(round, after=2 * seldom(given.rules), clock="machine", key=f"reconcile/{yesterday}")
    return Decision(invoice, later=(comes, again))


@dataclass(frozen=True, slots=True)
class Found:
    """What was compared, line by line; `missed` are the receipts that are to be taken now."""

    period: Period
    ours: Ours
    lines: tuple[Line, ...]
    missed: tuple[StatedReceipt, ...]


async def compared(gateway: PaymentGateway, revenue: RevenueAuthority, books: Books, comparison: Comparison) -> Found:
    """Statements first, then our books: what comes in between is ours alone, and in flight. Raises `Unavailable`."""
    wide = comparison.period.widened
    receipts, refunds = await gateway.statement(wide), await revenue.statement(wide)
    ours = await books.find(comparison.period, receipts, refunds)
    lines = comparison.compare(ours, receipts, refunds)
    mending = {line.id for line in lines if line.mending}
    missed = tuple(receipt for receipt in receipts if receipt.receipt_id in mending)
    return Found(comparison.period, ours, lines, missed)


async def reconcile(invoice: Invoice, message: Reconcile, world: World, given: Given) -> Found | None:
    """None when the run is on record already. Whoever is on watch reads a difference in the log too."""
    if await world.books.is_done(message.run_id):
        return None
    period = Period(await _first(message, world), message.last)
    comparison = Comparison(message.run_id, period, given.now, given.rules.limits.money_in_flight)
    found = await compared(world.gateway, world.revenue, world.books, comparison)
    if any(line.differs for line in found.lines):
        world.alarm("reconciliation differs", run_id=str(message.run_id), differences=counted(found.lines))
    return found


async def _first(message: Reconcile, world: World) -> date:
    """The last day of the last scheduled run once more: what was in flight then is judged now."""
    return message.first or await world.books.covered_until(message.last) or message.last


def reconciled(invoice: Invoice, message: Reconcile, found: Found | None, given: Given) -> Decision[Invoice]:
    """On record with every line; what was missed is taken as if the call-back had come, by the same decision."""
    if found is None:
        return Decision(invoice)
    scheduled = message.first is None
    record = reconciliation_of(message.run_id, found.period, message.by, scheduled, found.lines, found.ours.sums)
    days = f"reconciliation of {found.period.first} – {found.period.last}"
    alerts = (Alert(HOUSE, ALARM, f"{message.run_id}: {counted(found.lines)}"),) if record.differences else ()
    return Decision(
        invoice,
        later=[_taken(receipt, found, message) for receipt in found.missed],
        appends=(
            record,
            *found.lines,
            *alerts,
            Audited(HOUSE, message.by, "payment", days, f"{record.differences} differences"),
        ),
    )


def _taken(receipt: StatedReceipt, found: Found, message: Reconcile) -> Later:
    owner = found.ours.owners[receipt.invoice_id]
    report = ReportReceipt(
        application_id=owner, invoice_id=receipt.invoice_id, receipt_id=receipt.receipt_id, amount=receipt.amount,
        paid_at=receipt.paid_at, found_by=message.run_id,
    )  # fmt: skip
    return Later(report, key=f"found/{receipt.receipt_id}")


def counted(lines: Sequence[Line]) -> str:
    """`2 × RECEIPT_NOT_BOOKED, …`; empty when nothing differs."""
    counts = Counter(line.difference for line in lines if line.differs and line.difference)
    return ", ".join(f"{count} × {difference.value}" for difference, count in sorted(counts.items()))
