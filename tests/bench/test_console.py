"""The bench of the console does what it says, with few cases and for two seconds; the figures are not judged here."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from services.ums_review.app import SERVICE
from shared.engine.adapters.postgres import connect
from tests.bench.console.__main__ import TARGETS, console, line, measure
from tests.bench.console.cases import fill
from tests.bench.console.load import PACE
from tests.servers import Servers

SECONDS = 2


@pytest.mark.live
async def test_officers_look_claim_and_decide_over_cases_made_by_sql(servers: Servers, tmp_path: Path) -> None:
    address, passwords = await servers.new_database("ums_review")
    url = address.url("ums_review", passwords["ums_review"])
    admin, pool = await asyncpg.connect(address.url()), await connect(url, SERVICE)
    try:
        await fill(pool, admin, whole=20, background=400)
        assert await admin.fetchval("select count(*) from ums_review.review") == 420
        async with console(url, tmp_path) as (at, pid):
            found = await measure(at, pid, 1, SECONDS)
        assert found["failed"] == []
        assert {kind: found["calls"][kind] for kind in ("page", "claim")} == {"page": 60, "claim": 6}
        held = await admin.fetchval("select count(*) from ums_review.review where lease_officer is not null")
        assert held == found["calls"]["claim"]
    finally:
        await pool.close()
        await admin.close()


def test_a_line_says_the_pace_the_figures_and_where_it_breaks() -> None:
    step = {
        "times": 2,
        "p95": {"page": 39.5, "claim": 171.0, "decision": 200.0},
        "processor_ms_a_call": 9.5,
        "holds": False,
    }
    told = line(step)
    assert told.startswith("60 pages + 6 claims + 2 decisions a second: p95 page 39.5 ms (target 40)")
    assert told.endswith("<- the knee")
    assert set(TARGETS) == set(PACE)
