"""The whole product under a burst: how many applications a second it carries, and what each of them costs.

Everybody begins at once and all goes well for all: identity, photo, signature, registration, duty, officer, card. The
state's systems, the portal and the officers are the sandbox's, on the same machine and paid for out of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from deploy.demo.__main__ import processes
from deploy.demo.play import FIRST
from deploy.demo.stage import Stage
from deploy.local.stack import Stack
from deploy.postgres.bootstrap import connected
from tests.servers import temporary_folder

PERSONAS = ("issued-paid", "issued-waived")
SETTLES = 4.0  # seconds: the broker tells its counters every two
PACED = """
select name, count(distinct application_id) as many, min(at) as first, max(at) as last from saga_coordinator.timeline
where what = 'heard' and name = any($1) group by name
"""
BEGUN, QUEUED, ISSUED = "application-opened", "review-queued", "document-issued"
WRITTEN = """
select xact_commit as transactions, tup_inserted + tup_updated + tup_deleted as rows,
pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal from pg_stat_database where datname = current_database()
"""


class Product:
    """One stack, measured from its first application to its last card."""

    def __init__(self, stage: Stage, tell: Callable[[str], None]) -> None:
        self._stage, self._tell = stage, tell

    async def measure(self, admitted: int, longest: float) -> dict[str, Any]:
        """`admitted` people are known to the registers; those whose story goes well begin. Seconds."""
        await self._stage.set_clock(FIRST)
        await self._stage.admit(admitted)
        await asyncio.sleep(SETTLES)
        before, began = await self._counters(), time.monotonic()
        begun = await self._stage.start(PERSONAS, rate=1000.0)
        issued = 0
        while issued < begun and time.monotonic() - began < longest:
            await asyncio.sleep(0.5)
            found = await self._stage.connection.fetch(PACED, [ISSUED])
            issued = found[0]["many"] if found else 0
            self._tell(f"product: {issued} of {begun} issued")
        took = time.monotonic() - began
        await asyncio.sleep(SETTLES)
        return await self._figures(before, begun, took)

    async def _figures(self, before: dict[str, float], begun: int, took: float) -> dict[str, Any]:
        spent = {name: value - before[name] for name, value in (await self._counters()).items()}
        paced = {row["name"]: row for row in await self._stage.connection.fetch(PACED, [BEGUN, QUEUED, ISSUED])}
        start = paced[BEGUN]["first"]

        def a_second(name: str) -> float:
            row = paced.get(name)
            return 0.0 if row is None else round(row["many"] / (row["last"] - start).total_seconds(), 2)

        return {
            "applications": begun,
            "issued": paced[ISSUED]["many"] if ISSUED in paced else 0,
            "seconds": round(took, 1),
            "to_the_review_queue_per_second": a_second(QUEUED),
            "to_issued_per_second": a_second(ISSUED),
            **{f"{name}_per_application": round(value / begun, 1) for name, value in spent.items()},
        }

    async def _counters(self) -> dict[str, float]:
        """What broker and database have done so far."""
        broker = self._stage.stack.broker.address
        async with httpx.AsyncClient(trust_env=False, auth=broker.administrator, timeout=10.0) as http:
            told = (await http.get(f"{broker.management_url}/api/overview")).raise_for_status().json()
            lines = (await http.get(f"{broker.management_url}/api/connections")).raise_for_status().json()
        stats = told.get("message_stats", {})
        row = await self._stage.connection.fetchrow(WRITTEN)
        assert row is not None
        return {
            "publishes": stats.get("publish", 0),
            "deliveries": stats.get("deliver_get", 0),
            "transactions": row["transactions"],
            "rows_written": row["rows"],
            "kib_through_the_broker": sum(line["recv_oct"] + line["send_oct"] for line in lines) / 1024,
            "kib_of_wal": row["wal"] / 1024,
        }


@asynccontextmanager
async def _opened(tell: Callable[[str], None]) -> AsyncIterator[Stage]:
    with temporary_folder() as folder:
        folder.release()  # the stack takes it by itself
        async with (
            Stack(folder, fresh=True, keep=False, processes=processes, tell=tell) as stack,
            httpx.AsyncClient(trust_env=False, timeout=60.0) as http,
            connected(stack.addresses.administrator_url) as connection,
        ):
            yield Stage(stack, http, connection)


async def measured(admitted: int, longest: float, tell: Callable[[str], None]) -> dict[str, Any]:
    """Start the whole stack, measure, stop it."""
    async with _opened(tell) as stage:
        return await Product(stage, tell).measure(admitted, longest)
