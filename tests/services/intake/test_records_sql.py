"""Our own records as SQL reads them: the live application of a person, the refusals of a day, who holds a talon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from services.intake.app import SERVICE
from services.intake.domain.application import Application
from services.intake.domain.door import DoorFacts, IdentityRefusal
from services.intake.store import SqlRecords
from shared.clock import SeededIds
from shared.contracts.base import Sealed
from shared.contracts.values import Stage
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.schema import differences
from tests.servers import Servers
from tests.services.intake.cases import EXPIRES, ID, IIN, a_settled, another
from tests.services.intake.desk import SEALER
from tests.services.running import NOW

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[asyncpg.Pool]:
    address, passwords = await servers.new_database("intake")
    pool = await connect(address.url("intake", passwords["intake"]), SERVICE)
    yield pool
    await pool.close()


async def test_the_tables_are_as_declared(pool: asyncpg.Pool) -> None:
    assert await differences(pool, SERVICE) == []


async def test_the_door_reads_the_live_application_its_stage_and_the_refusals_of_a_day(pool: asyncpg.Pool) -> None:
    store, records = PostgresStore(pool, SERVICE, SEALER, SeededIds(4)), SqlRecords(pool, SEALER)
    live = Application(another(1), opened=True, iin=Sealed(IIN), iin_index="me", expires=EXPIRES)
    async with store.transaction() as transaction:
        await transaction.load({live.application_id})
        await transaction.save({live.application_id: live})
        await transaction.owners({"iin:me", "talon:t"})
        await transaction.own({"iin:me": live.application_id, "talon:t": live.application_id})
        await transaction.append(
            [IdentityRefusal(live.application_id, who, NOW - timedelta(hours=age))
             for who, age in (("me", 1), ("me", 23), ("me", 25), ("other", 1))], NOW,
        )  # fmt: skip
    since = NOW - timedelta(hours=24)
    assert await records.door_facts("me", since) == DoorFacts(live.application_id, Stage.ELIGIBLE, 2)
    assert await records.door_facts("nobody", since) == DoorFacts()
    assert (await records.holder_of("t"), await records.holder_of("u")) == (live.application_id, None)


async def test_a_whole_application_comes_back_as_it_was_kept(pool: asyncpg.Pool) -> None:
    kept = (await a_settled()).state
    store = PostgresStore(pool, SERVICE, SEALER, SeededIds(5))
    async with store.transaction() as transaction:
        await transaction.load({ID})
        await transaction.save({ID: kept})
    assert await store.read(ID) == kept
