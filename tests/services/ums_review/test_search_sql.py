"""The search by name in PostgreSQL: the same finds as in memory, in one region, by its index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg
import pytest

from services.ums_review import finding
from services.ums_review.app import SERVICE
from services.ums_review.finding import MOST_FOUND, SqlFinds
from services.ums_review.review import Review, Standing
from shared.clock import SeededIds
from shared.engine.adapters.postgres import PostgresStore, connect
from tests.servers import Servers
from tests.services.ums_review.findings import found_among
from tests.services.ums_review.office import SEALER

pytestmark = pytest.mark.live
PEOPLE = """
insert into ums_review.review (application_id, standing, round, warned, eligible, settled, paid, asked, made, closed,
    spent, approved_once, region, talon, queued_at, iin_index, name_indexes)
select gen_random_uuid(), 'APPROVED', 1, 0, true, true, true, true, true, true, '[]', true, '71', 't-' || n,
    now() - n * interval '1 minute', 'p-' || n, jsonb_build_array('s-' || n % 500, 'n-' || n)
from generate_series(1, 5000) as n
"""
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)


@pytest.fixture
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("ums_review")
    pool = await connect(address.url("ums_review", passwords["ums_review"]), SERVICE)
    yield pool
    await pool.close()


def reviews(count: int) -> list[Review]:
    """Three surnames in two regions; one in ten has not been queued yet, one in ten is the officer's own."""
    chance, made = Random(5), []
    for number in range(count):
        surname = chance.choice("abc")
        review = Review(UUID(int=number + 1), region=chance.choice(["71", "75"]), iin_index=f"person-{number}")
        if number % 10:
            review = replace(
                review, standing=chance.choice([Standing.QUEUED, Standing.APPROVED, Standing.ANNULLED]), round=1,
                talon=f"t-{number}", queued_at=NOW - timedelta(minutes=chance.randrange(50)),
                name_indexes=(surname, f"{surname}-{number % 3}"),
            )  # fmt: skip
        made.append(replace(review, iin_index="me") if number % 10 == 5 else review)
    return made


async def test_a_name_is_found_in_its_region_the_newest_first_without_the_officers_own_case(pool: asyncpg.Pool) -> None:
    kept = reviews(200)
    async with PostgresStore(pool, SERVICE, SEALER, SeededIds(4)).transaction() as transaction:
        await transaction.load({review.application_id for review in kept})
        await transaction.save({review.application_id: review for review in kept})
    finds = SqlFinds(pool)
    for wanted in ("a", "b", "c", "a-1", "c-2"):
        for region in ("71", "75"):
            expected = found_among(
                kept, region, MOST_FOUND + 1,
                lambda review, wanted=wanted: wanted in review.name_indexes and review.iin_index != "me",  # type: ignore[misc]
            )  # fmt: skip
            assert expected
            assert await finds.of_name(region, wanted, "me") == expected
    assert await finds.of_name("71", "", "me") == await finds.of_name("10", "a", "me") == []


async def test_the_search_by_name_reads_its_index(servers: Servers) -> None:
    """Over five thousand people of five hundred surnames."""
    address, _ = await servers.new_database("ums_review")
    admin = await asyncpg.connect(address.url())
    try:
        await admin.execute(PEOPLE)
        await admin.execute("analyze ums_review.review")
        plan = await admin.fetch(f"explain {finding._OF_NAME}", "71", "s-7", "me")
        assert len(await admin.fetch(finding._OF_NAME, "71", "s-7", "me")) == 10
    finally:
        await admin.close()
    assert "review_names" in "\n".join(row[0] for row in plan)
