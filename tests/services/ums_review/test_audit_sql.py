"""The auditor's record in PostgreSQL: of the region alone, by the indexes that serve it, and as its twin in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.ums_review.app import SERVICE
from services.ums_review.review import Review, Standing
from services.ums_review.web.records import Chain, Line, SqlRecords, Wanted
from shared.clock import SeededIds, SystemClock
from shared.engine import audit
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.service import Audited
from tests.servers import Servers
from tests.services.ums_review.office import SEALER
from tests.services.ums_review.recorded import Recorded

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
HOUSE, OWN, OTHERS, CASE = (UUID(int=number) for number in (9, 1, 2, 3))
PEOPLE = ("officer:17", "officer:h", "workstation:71", "unknown")
ROWS = (
    Audited(CASE, "officer:17", "10.0.0.7", "take-review", "done"),
    Audited(CASE, "officer:17", "10.0.0.7", "sign-decision", "APPROVE"),
    Audited(CASE, "officer:h", "10.0.0.8", "reassign-review", "to:17"),
    Audited(CASE, "officer:75", "10.0.0.9", "view-case", "OTHER_REGION"),
    Audited(OTHERS, "officer:17", "10.0.0.7", "view-case", "OTHER_REGION"),
    Audited(OWN, "officer:17", "10.0.0.7", "view-case", "done"),
    Audited(HOUSE, "officer:17", "10.0.0.7", "GET /console/head", "ROLE"),
    Audited(HOUSE, "officer:75", "10.0.0.9", "GET /console/head", "ROLE"),
    Audited(HOUSE, "unknown", "10.0.0.6", "GET /console", "SESSION_OVER"),
)


@pytest.fixture
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("ums_review")
    pool = await connect(address.url("ums_review", passwords["ums_review"]), SERVICE)
    yield pool
    await pool.close()


async def test_the_record_is_of_the_region_and_of_what_is_asked(pool: asyncpg.Pool) -> None:
    case = Review(CASE, standing=Standing.QUEUED, round=1, region="71", talon="t-3", iin_index="someone")
    states = [
        case,
        replace(case, application_id=OTHERS, region="75", talon="t-2"),
        replace(case, application_id=OWN, iin_index="me", talon="t-1"),
    ]
    tables = MemoryTables(SERVICE, MemoryPlatform(), SystemClock())
    for store in (PostgresStore(pool, SERVICE, SEALER, SeededIds(1)), MemoryStore(tables, SEALER)):
        for hour, row in enumerate(ROWS):
            async with store.transaction() as transaction:
                if not hour:
                    await transaction.load({state.application_id for state in states})
                    await transaction.save({state.application_id: state for state in states})
                await transaction.append([row], NOW + timedelta(hours=hour))
    records, twin = SqlRecords(pool), Recorded(tables, SEALER)

    async def found(wanted: Wanted, limit: int = 50, region: str = "71") -> list[int]:
        people = PEOPLE if region == "71" else ("officer:75", "unknown")
        lines = await records.lines(region, "me", people, wanted, limit)
        assert lines == await twin.lines(region, "me", people, wanted, limit)
        return [line.seq for line in lines]

    assert await found(Wanted()) == [9, 7, 4, 3, 2, 1]
    assert await found(Wanted(), region="75") == [9, 8, 5]
    assert await found(Wanted(refused=True)) == [9, 7, 4]
    assert await found(Wanted(officer="17")) == [7, 2, 1]
    assert await found(Wanted(officer="75")) == [4]
    assert await found(Wanted(application=CASE)) == [4, 3, 2, 1]
    assert await found(Wanted(application=OTHERS)) == await found(Wanted(application=OWN)) == []
    assert await found(Wanted(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=4))) == [4, 3, 2]
    assert await found(Wanted(), limit=2) == [9, 7]
    assert await found(Wanted(before=7), limit=2) == [4, 3]
    assert await found(Wanted(before=99)) == []
    every = Wanted(CASE, "17", NOW, NOW + timedelta(hours=9), refused=True, before=9)
    assert await found(every) == []
    assert (await records.lines("71", "me", PEOPLE, Wanted(application=CASE), 1)) == [
        Line(4, NOW + timedelta(hours=3), CASE, "t-3", "officer:75", "10.0.0.9", "view-case", "OTHER_REGION")
    ]
    assert await records.chain() == await twin.chain() == Chain(len(ROWS), None)


async def test_where_the_chain_breaks_is_told_however_it_is_read(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    address, passwords = await servers.new_database("ums_review")
    pool = await connect(address.url("ums_review", passwords["ums_review"]), SERVICE)
    async with PostgresStore(pool, SERVICE, SEALER, SeededIds(1)).transaction() as transaction:
        await transaction.append(ROWS, NOW)
    assert await SqlRecords(pool).chain() == Chain(len(ROWS), None)
    owner = await asyncpg.connect(address.url())
    await owner.execute("delete from ums_review.audit where seq = 5")
    assert await SqlRecords(pool).chain() == Chain(len(ROWS), 5)
    await owner.execute("delete from ums_review.audit where seq > 4")
    assert await SqlRecords(pool).chain() == Chain(len(ROWS), 5)
    await owner.close()
    await pool.close()
