"""The database itself refuses what the ledger may not hold."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from services.payment import ledger
from services.payment.app import SERVICE, SqlQueue
from services.payment.invoice import Invoice, Phase
from services.payment.ledger import Account, Entry, FeeGround
from services.payment.store import find_application, find_balances, invoice_key
from shared.clock import SeededIds
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.schema import differences
from tests.servers import Servers
from tests.services.payment.till import SEALER

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
GROUND = FeeGround("CARD_2025", "tax-code-2017-art-615", "108126")
INSERT = (
    "insert into payment.entry (at, application_id, booking, external_id, account, amount, rule, legal_ground, kbk) "
    "values (now(), $1, $2, $3, $4, $5, '', '', '')"
)


@pytest.fixture(scope="module")
async def database(servers: Servers) -> AsyncIterator[tuple[asyncpg.Pool, asyncpg.Connection]]:
    address, passwords = await servers.new_database("payment")
    pool = await connect(address.url("payment", passwords["payment"]), SERVICE)
    admin = await asyncpg.connect(address.url())
    yield pool, admin
    await admin.close()
    await pool.close()


@pytest.fixture
def store(database: tuple[asyncpg.Pool, asyncpg.Connection]) -> PostgresStore:
    return PostgresStore(database[0], SERVICE, SEALER, SeededIds(4))


async def booked(store: PostgresStore, entries: Iterable[Entry]) -> None:
    async with store.transaction() as transaction:
        await transaction.append(list(entries), NOW)


async def test_the_tables_are_as_declared(database: tuple[asyncpg.Pool, asyncpg.Connection]) -> None:
    assert await differences(database[0], SERVICE) == []


async def test_a_balanced_booking_is_taken_once(
    store: PostgresStore, database: tuple[asyncpg.Pool, asyncpg.Connection]
) -> None:
    before = await find_balances(database[0])
    entries = ledger.received(UUID(int=3), "R-sql", 800, 786, GROUND)
    await booked(store, entries)
    with pytest.raises(Exception):  # noqa: B017  whichever the store makes of a second external id
        await booked(store, entries)
    after = await find_balances(database[0])
    assert after[Account.TREASURY] - before[Account.TREASURY] == 800
    assert sum(after.values()) == 0


async def test_an_unbalanced_booking_is_refused_at_the_commit(
    database: tuple[asyncpg.Pool, asyncpg.Connection],
) -> None:
    pool, _ = database
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(INSERT, UUID(int=5), "b", "b/1", "treasury", 786)
        await connection.execute(INSERT, UUID(int=5), "b", "b/2", "suspense", -785)
        with pytest.raises(asyncpg.CheckViolationError):
            await transaction.commit()


@pytest.mark.parametrize("statement", ["update payment.entry set amount = amount", "delete from payment.entry"])
async def test_a_line_is_never_altered_not_even_by_the_administrator(
    store: PostgresStore, database: tuple[asyncpg.Pool, asyncpg.Connection], statement: str
) -> None:
    pool, admin = database
    await booked(store, ledger.claimed(UUID(int=6), len(statement), 786, GROUND))
    with pytest.raises(asyncpg.RestrictViolationError):
        await admin.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


async def test_what_is_held_is_listed_and_an_invoice_finds_its_application(
    store: PostgresStore, database: tuple[asyncpg.Pool, asyncpg.Connection]
) -> None:
    id = UUID(int=9)
    async with store.transaction() as transaction:
        await transaction.load({id})
        await transaction.owners({invoice_key("INV-9")})
        held = Invoice(id, phase=Phase.HELD, round=1, held_for="AMOUNT_DIFFERS", assessed_on=NOW.date())
        await transaction.save({id: held})
        await transaction.own({invoice_key("INV-9"): id})
    assert await find_application(store, "INV-9") == id
    assert await find_application(store, "INV-0") is None
    found = await SqlQueue(database[0]).held()
    assert [(one.application_id, one.held_for) for one in found] == [(id, "AMOUNT_DIFFERS")]
