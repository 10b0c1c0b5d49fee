"""`python -m services.payment.reconcile [--from DAY] [--to DAY] [--all]`: compare now, print the table, change nothing.

It reads the books with the service's own settings (KUALIK_DATABASE_URL, KUALIK_GATEWAY_URL, KUALIK_REVENUE_URL) and
the business clock of the installation. Exit code 0 when nothing differs, 1 when something does, 2 when it could not
be compared. What is missed is mended by the service, not from here.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import uuid5

import httpx

from services.payment.app import SERVICE
from services.payment.books import SqlBooks
from services.payment.findings import Total, totals_of
from services.payment.gateway import GATEWAY, REVENUE, RestGateway, RestRevenue
from services.payment.messages import HOUSE
from services.payment.reconciliation import Comparison, Line, Verdict
from services.payment.reconciling import Found, compared, counted
from services.payment.statement import Period
from shared.clock import SystemClock
from shared.engine.adapters.postgres import Pool, connect
from shared.engine.adapters.postgres_session import translated
from shared.engine.rows import StoreLost, Unavailable
from shared.gateways.rest import Rest
from shared.law.settled import rules_from
from shared.settings import MissingSetting, Settings

WHAT = "Compare ledger, payment gateway and revenue authority now; print what differs; change nothing."
NAMES = ("what", "verdict", "difference", "side", "id", "application", "ours", "theirs", "day", "")
RIGHT = ("ours", "theirs", "moved", "outside", "balance")


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m services.payment.reconcile", description=WHAT)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day; yesterday")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day; today")
    parser.add_argument("--all", action="store_true", help="every line; else what differs or is in flight")
    given = parser.parse_args(arguments)
    try:
        found = asyncio.run(reconcile(Settings(), given.first, given.last))
    except MissingSetting as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    except (Unavailable, StoreLost) as failure:
        sys.stderr.write(f"not compared: {type(failure).__name__} {failure}\n")
        return 2
    sys.stdout.write(told(found, every=given.all))
    return int(any(line.differs for line in found.lines))


async def reconcile(settings: Settings, first: date | None, last: date | None) -> Found:
    """Raises `MissingSetting`, `Unavailable`, `StoreLost`."""
    settings.needs("database_url", "gateway_url", "revenue_url")
    clock, pool = SystemClock(), await connect(settings.database_url, SERVICE, size=2)
    try:
        clock.set_offset(await _offset(pool))
        today = clock.today()
        period = Period(first or min(today - timedelta(days=1), last or today), last or today)
        in_flight = rules_from(settings).limits.money_in_flight
        comparison = Comparison(uuid5(HOUSE, f"command/{clock.now()}"), period, clock.now(), in_flight)
        async with httpx.AsyncClient(trust_env=False) as http:
            gateway = RestGateway(Rest(http, settings.gateway_url, GATEWAY.dependency), "")
            revenue = RestRevenue(Rest(http, settings.revenue_url, REVENUE.dependency))
            return await compared(gateway, revenue, SqlBooks(pool), comparison)
    finally:
        await pool.close()


async def _offset(pool: Pool) -> timedelta:
    with translated():
        seconds = await pool.fetchval("select offset_seconds from platform.clock")
    return timedelta(seconds=seconds or 0)


def told(found: Found, *, every: bool = False) -> str:
    """The lines that matter, the accounts, and one sentence."""
    shown = [line for line in found.lines if every or line.verdict is not Verdict.EXISTS]
    shown.sort(key=lambda line: (not line.differs, not line.in_flight))
    accounts = [_account(total) for total in totals_of(found.lines, found.ours.sums)]
    tables = [table(NAMES, map(_words, shown))] if shown else []
    tables.append(table(("account", "moved", "outside", "balance"), accounts))
    days = f"{found.period.first} – {found.period.last}"
    flying = sum(line.in_flight for line in found.lines)
    verdict = counted(found.lines) or "nothing differs"
    return "\n".join((*tables, f"{days}: {len(found.lines)} lines, {flying} in flight; {verdict}", ""))


def _words(line: Line) -> tuple[str, ...]:
    state = "in flight" if line.in_flight else "the service can mend it" if line.mending else ""
    words = (line.kind, line.verdict, line.difference, line.side, line.id, line.application_id, line.ours, line.theirs)
    return (*("" if word is None else str(word) for word in (*words, line.day)), state)


def _account(total: Total) -> tuple[str, ...]:
    outside = "" if total.outside is None else str(total.outside)
    return total.account, str(total.moved), outside, str(total.balance)


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their longest word; sums to the right."""
    lines = [tuple(names), *(tuple(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    aligned = [
        "  ".join(
            word.rjust(width) if name in RIGHT else word.ljust(width)
            for name, word, width in zip(names, line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join((*aligned, ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
