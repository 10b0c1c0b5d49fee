"""What the console reads and keeps in PostgreSQL: sessions, counts, finds, the history, what streams look at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.ums_review.app import SERVICE
from services.ums_review.review import Review, Standing
from services.ums_review.web import live
from services.ums_review.web.live import SqlLooks
from services.ums_review.web.lookups import Counts, SqlLookups
from shared.clock import SeededIds, SystemClock
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.service import Audited
from shared.web.sessions import IDLE, KEPT, LONGEST, Live, Session, SqlSessions, handle_of
from tests.servers import Servers
from tests.services.ums_review.findings import Looking
from tests.services.ums_review.office import SEALER

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)


@pytest.fixture
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("ums_review")
    pool = await connect(address.url("ums_review", passwords["ums_review"]), SERVICE)
    yield pool
    await pool.close()


def session(id: str, officer: str = "17", at: datetime = NOW) -> Session:
    return Session(id, officer, "71", frozenset({"inspector"}), "proof", at)


async def test_a_session_lives_while_it_is_used_and_no_longer_than_it_may(pool: asyncpg.Pool) -> None:
    sessions = SqlSessions(pool)
    await sessions.begin(session("a"))
    assert await sessions.find("a", NOW + IDLE / 2, active=False) == session("a")
    assert await sessions.find("a", NOW + IDLE) is None, "what the browser asks by itself is no use"
    assert await sessions.find("a", NOW + IDLE / 2) == session("a")
    assert await sessions.find("a", NOW + IDLE) == session("a")
    await pool.execute("update web_session set seen_at = $1", NOW + LONGEST)
    assert await sessions.find("a", NOW + LONGEST) is None
    assert await sessions.find("another", NOW) is None


async def test_an_ended_session_is_over_and_only_its_digest_was_ever_kept(pool: asyncpg.Pool) -> None:
    sessions = SqlSessions(pool)
    for id, officer in (("a", "17"), ("b", "17"), ("c", "18"), ("d", "17")):
        await sessions.begin(session(id, officer))
    await sessions.end("d", NOW)
    assert await sessions.end_all("17", NOW) == 2
    alive = [id for id in "abcd" if await sessions.find(id, NOW)]
    assert alive == ["c"]
    await sessions.begin(session("f", "18", NOW + timedelta(minutes=1)))
    lives = [(live.handle, live.seen_at) for live in await sessions.of("18", NOW)]
    assert lives == [(handle_of("f"), NOW + timedelta(minutes=1)), (handle_of("c"), NOW)]
    assert await sessions.of("18", NOW + IDLE) == [Live(handle_of("f"), *[NOW + timedelta(minutes=1)] * 2)]
    assert not await sessions.end_one("17", handle_of("f"), NOW), "another person's is out of reach"
    assert await sessions.end_one("18", handle_of("f"), NOW)
    assert await sessions.find("f", NOW) is None
    assert (await sessions.whose("d"), await sessions.whose("z")) == ("17", None)
    assert b"a" not in {row["id_sha256"] for row in await pool.fetch("select id_sha256 from web_session")}
    await sessions.begin(session("e", at=NOW + KEPT + timedelta(days=1)))
    assert await pool.fetchval("select count(*) from web_session") == 1


async def test_counts_and_the_search_by_talon_stay_in_the_region(pool: asyncpg.Pool) -> None:
    waiting = Review(
        UUID(int=1), standing=Standing.QUEUED, round=1, region="71", talon="t-1", queued_at=NOW,
        due_on=date(2025, 10, 8), iin_index="someone",
    )  # fmt: skip
    until = NOW + timedelta(minutes=5)
    states = [
        waiting,
        replace(waiting, application_id=UUID(int=2), talon="t-2", lease_officer="17", lease_until=until),
        replace(waiting, application_id=UUID(int=3), talon="t-3", lease_officer="18", lease_until=until),
        replace(waiting, application_id=UUID(int=4), talon="t-4", iin_index="me"),
        replace(waiting, application_id=UUID(int=5), talon="t-5", region="75"),
        replace(waiting, application_id=UUID(int=6), talon="t-6", standing=Standing.APPROVED),
    ]
    async with PostgresStore(pool, SERVICE, SEALER, SeededIds(1)).transaction() as transaction:
        await transaction.load({state.application_id for state in states})
        await transaction.save({state.application_id: state for state in states})
        done = ("take-review", "view-case", "view-photo")
        await transaction.append([Audited(UUID(int=1), "officer:17", "10.0.0.7", what, "done") for what in done], NOW)
    lookups = SqlLookups(pool)
    assert await lookups.counts("71", "17", "me", NOW) == Counts(mine=1, unassigned=1, all=3)
    assert [found.application_id for found in await lookups.by_talon("71", "t-6")] == [UUID(int=6)]
    assert await lookups.by_talon("71", "t-5") == []
    assert [found.talon for found in await lookups.of_person("71", "someone")] == ["t-1", "t-2", "t-3", "t-6"]
    assert [found.talon for found in await lookups.of_person("75", "someone")] == ["t-5"]
    assert [past.what for past in await lookups.history(UUID(int=1))] == ["view-case", "take-review"]
    assert await lookups.history(UUID(int=2)) == []


async def test_streams_look_at_leases_by_the_key_and_at_counts_by_the_region(pool: asyncpg.Pool) -> None:
    waiting = Review(
        UUID(int=1), standing=Standing.QUEUED, round=1, region="71", queued_at=NOW, due_on=date(2025, 10, 8),
        iin_index="someone",
    )  # fmt: skip
    until = NOW + timedelta(minutes=5)
    states = [
        waiting,
        replace(waiting, application_id=UUID(int=2), lease_officer="17", lease_until=until),
        replace(waiting, application_id=UUID(int=3), lease_officer="18", lease_until=NOW),
        replace(waiting, application_id=UUID(int=4), region="75", standing=Standing.SIGNED),
        replace(waiting, application_id=UUID(int=5), standing=Standing.APPROVED),
    ]
    tables = MemoryTables(SERVICE, MemoryPlatform(), SystemClock())
    for store in (PostgresStore(pool, SERVICE, SEALER, SeededIds(1)), MemoryStore(tables, SEALER)):
        async with store.transaction() as transaction:
            await transaction.load({state.application_id for state in states})
            await transaction.save({state.application_id: state for state in states})
    looks, twin = SqlLooks(pool), Looking(tables, SEALER)
    cases = {UUID(int=2), UUID(int=5), UUID(int=9)}
    assert await looks.leases(cases) == await twin.leases(cases) == {
        UUID(int=2): live.Standing("QUEUED", "17", until),
        UUID(int=5): live.Standing("APPROVED", None, None),
    }  # fmt: skip
    for now in (NOW, until):
        assert await looks.waiting({"71", "75", "10"}, now) == await twin.waiting({"71", "75", "10"}, now)
    assert await looks.waiting({"75"}, NOW) == {"75": [("SIGNED", None, 1)]}
