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
from shared.engine.rows import StoreRefused
from shared.engine.schema import differences
from tests.servers import Servers
from tests.services.payment.till import SEALER

pytestmark = pytest.mark.live
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
GROUND = FeeGround("CARD_2025", "tax-code-2017-art-615", "108126", NOW.date())
Database = tuple[asyncpg.Pool, asyncpg.Connection]
LINE = "(now(), '{id}', '{booking}', '{booking}/{account}', '{account}', {amount}, 'CARD_2025', 'art-615', '{kbk}')"
LOGS = ("entry", "booking", "alert", "reconciliation", "reconciliation_line", "mended")


def insertion(booking: str, *lines: tuple[str, int], kbk: str = "108126") -> str:
    """One statement that books these lines, as somebody may try who is not the service."""
    told = {"id": UUID(int=5), "booking": booking, "kbk": kbk}
    values = ", ".join(LINE.format(account=account, amount=amount, **told) for account, amount in lines)
    columns = "at, application_id, booking, external_id, account, amount, rule, legal_ground, kbk"
    return f"insert into payment.entry ({columns}) values {values}"


@pytest.fixture(scope="module")
async def database(servers: Servers) -> AsyncIterator[Database]:
    address, passwords = await servers.new_database("payment")
    pool = await connect(address.url("payment", passwords["payment"]), SERVICE)
    admin = await asyncpg.connect(address.url())
    yield pool, admin
    await admin.close()
    await pool.close()


@pytest.fixture
def store(database: Database) -> PostgresStore:
    return PostgresStore(database[0], SERVICE, SEALER, SeededIds(4))


async def booked(store: PostgresStore, entries: Iterable[Entry]) -> None:
    async with store.transaction() as transaction:
        await transaction.append(list(entries), NOW)


async def test_the_tables_are_as_declared(database: Database) -> None:
    assert await differences(database[0], SERVICE) == []


async def test_a_balanced_booking_is_taken_once(store: PostgresStore, database: Database) -> None:
    before = await find_balances(database[0])
    entries = ledger.received(UUID(int=3), "R-sql", 800, 786, GROUND, NOW)
    await booked(store, entries)
    with pytest.raises(StoreRefused):
        await booked(store, entries)
    after = await find_balances(database[0])
    assert after[Account.TREASURY] - before[Account.TREASURY] == 800
    assert sum(after.values()) == 0


@pytest.mark.parametrize(
    "again",
    [
        ledger.received(UUID(int=31), "R-once", 786, 0, GROUND, NOW),
        ledger.paid_back(UUID(int=31), "c-2", 786, GROUND, "PO-once", NOW.date()),
    ],
    ids=["the gateway's receipt", "the authority's pay-out"],
)
async def test_what_the_outside_knows_by_one_id_is_booked_once_whatever_we_call_it(
    store: PostgresStore, again: tuple[Entry, ...]
) -> None:
    """The same receipt for another application; the same pay-out for another case."""
    first = (
        ledger.received(UUID(int=30), "R-once", 786, 786, GROUND, NOW) if again[0].account is Account.TREASURY
        else ledger.paid_back(UUID(int=30), "c-1", 786, GROUND, "PO-once", NOW.date())
    )  # fmt: skip
    await booked(store, first)
    with pytest.raises(StoreRefused, match="entry"):
        await booked(store, again)


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ((("treasury", 786), ("suspense", -785)), "booking_is_balanced"),
        ((("treasury", 786),), "booking_is_balanced"),
        ((("treasury", 786), ("suspense", -786), ("earned", 0)), "entry_moves_money"),
        ((("treasury", 786), ("treasury", -786)), "entry_"),
        ((("treasury", 786), ("kitty", -786)), "entry_is_of_an_account"),
    ],
)
async def test_a_booking_that_is_none_is_refused_by_constraint_at_once(
    database: Database, lines: tuple[tuple[str, int], ...], rule: str
) -> None:
    for connection in database:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
            await connection.execute(insertion("wrong", *lines))
        assert str(refused.value.constraint_name).startswith(rule)


async def test_a_line_without_its_budget_code_is_refused(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="entry_has_a_ground"):
        await database[1].execute(insertion("no-code", ("treasury", 1), ("suspense", -1), kbk=""))


async def test_nothing_is_added_to_a_booking_that_stands(database: Database) -> None:
    _, admin = database
    await admin.execute(insertion("stands", ("treasury", 786), ("suspense", -786)))
    with pytest.raises(asyncpg.UniqueViolationError):
        await admin.execute(insertion("stands", ("earned", -1), ("refund_due", 1)))


async def test_a_booking_is_of_one_application(database: Database) -> None:
    _, admin = database
    two = insertion("two", ("treasury", 786), ("suspense", -786)).replace(str(UUID(int=5)), str(UUID(int=6)), 1)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await admin.execute(two)


async def test_an_unbalanced_booking_is_refused_at_the_commit_by_the_trigger_alone(database: Database) -> None:
    """The administrator forges the booking's row; the lines are summed nevertheless."""
    _, admin = database
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("alter table payment.entry disable trigger entry_is_of_a_booking")
    await admin.execute("insert into payment.booking values ('forged', $1, 786, 786)", UUID(int=5))
    await admin.execute(insertion("forged", ("treasury", 786), ("suspense", -785)))
    with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
        await transaction.commit()


async def test_no_line_stands_without_its_booking(database: Database) -> None:
    _, admin = database
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("alter table payment.entry disable trigger entry_is_of_a_booking")
    await admin.execute(insertion("none", ("treasury", 786), ("suspense", -786)))
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="entry_of_booking"):
        await transaction.commit()


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(
    "statement", ["delete from payment.{}", "truncate payment.{} cascade", "update payment.{} set {} = {}"]
)
async def test_what_is_written_stands_for_the_administrator_and_for_the_services_own_role(
    store: PostgresStore, database: Database, statement: str, log: str
) -> None:
    pool, admin = database
    column = "name" if log == "booking" else "at"
    statement = statement.replace("{}", log, 1).format(column, column)
    with pytest.raises(asyncpg.RestrictViolationError, match="only ever added to"):
        await admin.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table payment.entry disable trigger all",
        "drop trigger entry_stands on payment.entry",
        "insert into payment.booking values ('own', gen_random_uuid(), 1, 1)",
        "set session_replication_role = replica",
        "alter function payment.ledger_stands() rename to nothing_stands",
    ],
)
async def test_the_services_role_cannot_lift_the_ledgers_rules(database: Database, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database[0].execute(statement)


async def test_a_line_tells_law_day_ground_and_when_it_was_outside(store: PostgresStore, database: Database) -> None:
    await booked(store, ledger.received(UUID(int=8), "R-told", 786, 786, GROUND, NOW))
    rows = await database[0].fetch("select * from payment.entry where booking = 'receipt/R-told' order by seq")
    treasury, receivable = (dict(row) for row in rows)
    assert treasury["external_id"] == "gateway/R-told"
    assert (treasury["outside_at"], receivable["outside_at"]) == (NOW, None)
    for row in (treasury, receivable):
        assert (row["law_on"], row["rule"], row["kbk"]) == (NOW.date(), "CARD_2025", "108126")


async def test_what_is_held_is_listed_and_an_invoice_finds_its_application(
    store: PostgresStore, database: Database
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
