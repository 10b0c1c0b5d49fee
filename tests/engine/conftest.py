"""The store under test, in memory and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.engine.adapters.postgres import connect
from shared.engine.schema import tables_sql
from tests.engine.store_beds import SCHEMA, SERVICE, Bed, MemoryBed, PostgresBed
from tests.servers import Servers


@pytest.fixture(scope="session")
async def whole_postgres(servers: Servers) -> AsyncIterator[PostgresBed]:
    address, passwords = await servers.new_database(SCHEMA)
    admin = await asyncpg.connect(address.url())
    await admin.execute(tables_sql(SERVICE))
    pool = await connect(address.url(SCHEMA, passwords[SCHEMA]), SERVICE)
    yield PostgresBed(pool, admin, address.database)
    await pool.close()
    await admin.close()


@pytest.fixture
async def postgres(whole_postgres: PostgresBed) -> PostgresBed:
    """A database with nothing in it."""
    await whole_postgres.clear()
    whole_postgres.store = whole_postgres.another()
    return whole_postgres


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.live)])
def bed(request: pytest.FixtureRequest) -> Bed:
    """The same on both: what a test says of it holds for either."""
    if request.param == "memory":
        return MemoryBed()
    found: PostgresBed = request.getfixturevalue("postgres")
    return found
