"""The queue as SQL reads it: the same as its rule in plain words, for every officer and every part of it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.ums_review.app import SERVICE
from services.ums_review.finding import MOST_FOUND
from services.ums_review.review import Review, Standing
from services.ums_review.store import _LIST, SqlQueue, Whose, listed
from services.ums_review.urgency import EVER
from shared.clock import SeededIds
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.schema import differences
from tests.servers import Servers
from tests.services.ums_review.office import SEALER

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("ums_review")
    pool = await connect(address.url("ums_review", passwords["ums_review"]), SERVICE)
    yield pool
    await pool.close()


def reviews(count: int) -> list[Review]:
    chance = random.Random(5)
    made = []
    for number in range(count):
        review = Review(
            application_id=UUID(int=number + 1),
            standing=chance.choice(list(Standing)),
            round=1,
            region=chance.choice(["71", "75"]),
            talon=f"t{number}",
            iin_index=chance.choice(["me", "other", f"person-{number // 2}"]),
            address_index=chance.choice([None, "home", "elsewhere"]),
            queued_at=NOW + timedelta(minutes=number % 7),
            due_on=date(2025, 10, chance.randint(6, 9)),
        )
        if chance.random() < 0.6:
            until = NOW + timedelta(minutes=chance.choice([-5, 0, 5]))
            review = replace(review, lease_officer=chance.choice(["17", "18"]), lease_token="t", lease_until=until)
        made.append(review)
    return made


async def test_the_tables_are_as_declared(pool: asyncpg.Pool) -> None:
    assert await differences(pool, SERVICE) == []


async def test_an_officer_reads_their_region_without_their_own_application_the_most_urgent_first(
    pool: asyncpg.Pool,
) -> None:
    kept = reviews(200)
    store = PostgresStore(pool, SERVICE, SEALER, SeededIds(4))
    async with store.transaction() as transaction:
        await transaction.load({review.application_id for review in kept})
        await transaction.save({review.application_id: review for review in kept})
    queue, seen = SqlQueue(pool), set[tuple[bool, int]]()
    for whose in Whose:
        for region in ("71", "75"):
            expected = listed(kept, region, "17", "me", whose, NOW)
            assert await queue.list_reviews(region, "17", "me", whose, NOW, 0, 1000) == expected
            assert await queue.list_reviews(region, "17", "me", whose, NOW, 3, 4) == expected[3:7]
            assert expected
            for due in ((date(2025, 10, 7), date(2025, 10, 8)), (date.min, date(2025, 10, 6)), (NOW.date(), date.max)):
                expected = listed(kept, region, "17", "me", whose, NOW, due, "home")
                found = await queue.list_reviews(region, "17", "me", whose, NOW, 0, 1000, due, "home")
                assert found == expected
                seen |= {(line.same_address, line.others) for line in found}
    assert {same for same, _ in seen} == {True, False}
    assert {others for _, others in seen} >= {0, MOST_FOUND - 1}


async def test_others_of_a_person_are_counted_by_the_index_of_the_search_by_person(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        rows = await connection.fetch(f"explain {_LIST}", "71", "17", "me", NOW, "all", 0, 51, *EVER, None, 20)
    plan = "\n".join(row[0] for row in rows)
    assert "review_queue" in plan
    assert "review_person" in plan
