"""A service that the database cannot hear any more loses its locks within ten seconds (style.md 3)."""

from __future__ import annotations

import asyncio
import contextlib
import time

import asyncpg
import pytest

from services.payment.app import SERVICE
from shared.engine.adapters.postgres import connect
from shared.engine.rows import StoreLost
from tests.chaos.proxy import Way
from tests.chaos.ways import led
from tests.chaos.weather import CLEAR, Weather
from tests.servers import Servers

LOCK = "select pg_advisory_xact_lock(7)"
WITHIN, LOOKS = 10.0, 1.0  # seconds; how much later the server may look


async def test_a_black_hole_frees_the_locks_of_who_is_in_it(servers: Servers) -> None:
    address, passwords = await servers.new_database(SERVICE.schema)
    async with Way("payment database") as way:
        way.leads_to(address.host, address.port)
        pool = await connect(led(address.url(SERVICE.schema, passwords[SERVICE.schema]), way.port), SERVICE)
        held, other = await pool.acquire(), await asyncpg.connect(address.url())
        transaction = held.transaction()
        await transaction.start()
        await held.execute(LOCK)
        way.becomes(Weather(hole=True))
        began = time.monotonic()
        async with asyncio.timeout(2 * WITHIN):
            await other.execute(LOCK)
        assert time.monotonic() - began <= WITHIN + LOOKS
        way.becomes(CLEAR)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError, StoreLost)):
            await transaction.commit()
        with contextlib.suppress(asyncpg.InterfaceError):
            await pool.release(held)
        assert await pool.fetchval("select 1") == 1  # the way is clear: the pool has another connection
        await other.close()
        await pool.close()
