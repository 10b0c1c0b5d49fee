"""What operations read by SQL is what stands in the rows; and the tables are as declared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from services.saga_coordinator.app import SERVICE
from services.saga_coordinator.saga import Case
from services.saga_coordinator.store import SqlFiles
from services.saga_coordinator.timeline import Happening
from services.saga_coordinator.watching import WatchCase
from shared.clock import SeededIds
from shared.contracts.base import write
from shared.contracts.values import Ending
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.rows import Due
from shared.engine.schema import differences
from tests.engine.house import SEALER
from tests.servers import Servers
from tests.services.saga_coordinator.telling import NOW
from tests.services.saga_coordinator.ways import at

pytestmark = pytest.mark.live
A, B, C, D, E = (UUID(int=number) for number in range(1, 6))


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("saga_coordinator")
    pool = await connect(address.url("saga_coordinator", passwords["saga_coordinator"]), SERVICE)
    await fill(pool)
    yield pool
    await pool.close()


async def fill(pool: asyncpg.Pool) -> None:
    """A and B are stuck, B longer; C went to operations; D is watched, A, B and C are not; E is held; F has ended."""
    waits, held = at("submitted").case, at("held").case
    cases = {
        A: replace(waits, stuck_since=NOW),
        B: replace(waits, stuck_since=NOW - timedelta(hours=1)),
        C: replace(waits, attention="RecallRefused"),
        D: waits,
        E: held,
        UUID(int=6): replace(waits, ending=Ending.ISSUED),
    }
    store = PostgresStore(pool, SERVICE, SEALER, SeededIds(1))
    async with store.transaction() as transaction:
        await transaction.load(set(cases))
        await transaction.save({id: replace(case, application_id=id) for id, case in cases.items()})
        timer = WatchCase(application_id=D, at=NOW)
        await transaction.add_due([Due(D, D, "watch-case", write(timer), {}, NOW, "machine", NOW)])
        lines = [Happening(A, "heard", f"event-{n}", NOW, UUID(int=n), f"n={n}", A) for n in range(5)]
        await transaction.append([*lines, Happening(B, "heard", "of-another", NOW, UUID(int=9), "", B)], NOW)


@pytest.fixture
def files(pool: asyncpg.Pool) -> SqlFiles:
    return SqlFiles(pool, SEALER)


def ids(cases: list[Case]) -> list[UUID]:
    return [case.application_id for case in cases]


async def test_the_tables_are_as_declared(pool: asyncpg.Pool) -> None:
    assert await differences(pool, SERVICE) == []


async def test_the_longest_stuck_comes_first_and_pages_follow_each_other(files: SqlFiles) -> None:
    assert ids(await files.list_stuck(0, 10)) == [B, A]
    assert ids(await files.list_stuck(1, 10)) == [A]


async def test_what_an_answer_sent_to_operations_is_listed(files: SqlFiles) -> None:
    assert ids(await files.list_attention(0, 10)) == [C]


async def test_open_cases_without_a_timer_are_listed_but_for_those_that_operations_hold(files: SqlFiles) -> None:
    assert ids(await files.list_unwatched(10)) == [A, B, C]


async def test_a_case_is_read_with_all_that_watches_it(files: SqlFiles) -> None:
    (longest, _) = await files.list_stuck(0, 10)
    assert longest.watch == at("submitted").case.watch


async def test_the_lines_of_one_application_come_in_order_after_the_one_that_is_named(files: SqlFiles) -> None:
    first = await files.list_lines(A, 0, 3)
    assert [line.name for line in first] == ["event-0", "event-1", "event-2"]
    rest = await files.list_lines(A, first[-1].seq, 10)
    assert [(line.name, line.detail, line.trace_id) for line in rest] == [("event-3", "n=3", A), ("event-4", "n=4", A)]
