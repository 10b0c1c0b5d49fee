"""What SQL reads: a talon's card, the cards of a point, a register with its lines, the alerts."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.production_dispatch.app import SERVICE
from services.production_dispatch.messages import RegisterKind
from services.production_dispatch.production import Alert, Production, Standing
from services.production_dispatch.registers import RegisterCut, RegisterLine, key_of
from services.production_dispatch.store import SqlCards, at_point
from services.production_dispatch.web.lookups import Shipment, SqlLookups
from shared.clock import SeededIds
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.rows import StoreRefused
from shared.engine.schema import differences
from tests.servers import Servers
from tests.services.production_dispatch.counter import SEALER

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
DAY = date(2025, 10, 6)


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("production_dispatch")
    pool = await connect(address.url("production_dispatch", passwords["production_dispatch"]), SERVICE)
    yield pool
    await pool.close()


def productions(count: int) -> list[Production]:
    chance = random.Random(5)
    return [
        Production(
            application_id=UUID(int=number + 1),
            standing=chance.choice(list(Standing)),
            round=1,
            point=chance.choice(["71-01", "71-02"]),
            talon=f"t{number:03}",
            collect_until=chance.choice([None, DAY + timedelta(days=chance.randint(0, 9))]),
        )
        for number in range(count)
    ]


async def test_the_tables_are_as_declared(pool: asyncpg.Pool) -> None:
    assert await differences(pool, SERVICE) == []


async def test_a_point_lists_its_own_cards_and_a_talon_leads_to_its_card(pool: asyncpg.Pool) -> None:
    kept = productions(200)
    store = PostgresStore(pool, SERVICE, SEALER, SeededIds(4))
    async with store.transaction() as transaction:
        await transaction.load({production.application_id for production in kept})
        await transaction.save({production.application_id: production for production in kept})
    cards = SqlCards(pool)
    for point in ("71-01", "71-02"):
        expected = at_point(kept, point)
        assert expected
        assert await cards.list_cards(point, 0, 1000) == expected
        assert await cards.list_cards(point, 3, 4) == expected[3:7]
    assert await cards.find_talon("t007") == UUID(int=8)
    assert await cards.find_talon("none") is None


async def test_a_register_is_read_with_its_lines_and_cut_only_once(pool: asyncpg.Pool) -> None:
    store = PostgresStore(pool, SERVICE, SEALER, SeededIds(5))
    key = key_of(RegisterKind.SHIPPED, "71-01", DAY)
    lines = [RegisterLine(UUID(int=n), RegisterKind.SHIPPED, key, f"t{n}", "Р-1") for n in (2, 1)]
    cut = RegisterCut(UUID(int=3), key, RegisterKind.SHIPPED, "71-01", DAY, NOW)
    alert = Alert(UUID(int=1), "CARD_SPOILED", "operations", "3 times")
    async with store.transaction() as transaction:
        await transaction.append([*lines, cut, alert], NOW)
    found = await SqlCards(pool).find_register(RegisterKind.SHIPPED, "71-01", DAY)
    assert (found.lines, found.cut_at) == ((("t1", "Р-1"), ("t2", "Р-1")), NOW)
    assert [raised.what for raised in await SqlCards(pool).list_alerts(0, 9)] == ["CARD_SPOILED"]
    with pytest.raises(StoreRefused):
        async with store.transaction() as transaction:
            await transaction.append([cut], NOW)


async def test_a_point_sees_its_shipments_what_waits_and_what_was_reported_and_no_other_points(
    servers: Servers,
) -> None:
    address, passwords = await servers.new_database("production_dispatch")
    pool = await connect(address.url("production_dispatch", passwords["production_dispatch"]), SERVICE)
    store, key = PostgresStore(pool, SERVICE, SEALER, SeededIds(6)), key_of(RegisterKind.SHIPPED, "71-01", DAY)
    stands = [
        ("71-01", Standing.SHIPPED, None), ("71-01", Standing.READY, DAY), ("71-02", Standing.READY, DAY),
        ("71-01", Standing.UNCOLLECTED, DAY - timedelta(days=91)), ("71-01", Standing.ISSUED, DAY),
    ]  # fmt: skip
    kept = [
        Production(UUID(int=n), standing, 1, point=point, talon=f"t{n}", ready_on=ready)
        for n, (point, standing, ready) in enumerate(stands, 1)
    ]
    lines = [RegisterLine(UUID(int=n), RegisterKind.SHIPPED, key, f"t{n}", "Р-1") for n in (1, 1, 2, 3)]
    async with store.transaction() as transaction:
        await transaction.load({production.application_id for production in kept})
        await transaction.save({production.application_id: production for production in kept})
        await transaction.append([*lines, Alert(UUID(int=1), "SHIPMENT_MISSING", "operations", "")], NOW)
    lookups = SqlLookups(pool)
    assert await lookups.list_shipments("71-01", [key]) == [Shipment(key, "Р-1", 2, 1)]
    assert await lookups.list_shipments("71-02", []) == []
    assert [card.talon for card in await lookups.list_shipment("71-01", key, "Р-1")] == ["t1", "t2"]
    assert [card.talon for card in await lookups.list_waiting("71-01", DAY, 0, 9)] == ["t4", "t2"]
    assert [card.talon for card in await lookups.list_waiting("71-01", DAY - timedelta(days=10), 0, 9)] == ["t4"]
    assert await lookups.differences([UUID(int=1), UUID(int=2)]) == {UUID(int=1): "MISSING"}
    assert await lookups.signed(UUID(int=5)) is None
    await pool.close()
