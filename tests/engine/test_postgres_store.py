"""What only a real database can show: connections that die, locks that last, rights, and tables that drifted."""

from __future__ import annotations

import socket
from uuid import UUID

import asyncpg
import pytest

from shared.contracts.base import Sealed
from shared.engine.adapters import postgres_session
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.audit import check, main
from shared.engine.rows import StoreLost
from shared.engine.schema import differences
from tests.engine.store_beds import IDS, NOW, SCHEMA, SEALER, SERVICE, Account, PostgresBed, Receipt, audited
from tests.servers import PASSWORD, Servers

pytestmark = pytest.mark.live
FIRST = UUID(int=1)


def _address(bed: PostgresBed, servers: Servers) -> str:
    return servers.database.address.url(SCHEMA, PASSWORD, bed.database)


@pytest.mark.parametrize("before_the_commit", [True, False])
async def test_a_connection_that_dies_is_a_lost_store_and_the_next_one_works(
    postgres: PostgresBed, before_the_commit: bool
) -> None:
    async def cut_off() -> None:
        async with postgres.store.transaction() as transaction:
            await transaction.load({FIRST})
            await postgres.admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", SERVICE.name
            )
            if before_the_commit:
                await transaction.save({FIRST: Account(FIRST, rounds=1)})

    with pytest.raises(StoreLost):
        await cut_off()
    assert await postgres.admin.fetch(f"select from {SCHEMA}.account") == []
    assert (await postgres.store.read(FIRST)).rounds == 0


async def test_nobody_at_the_address_is_a_lost_store() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(StoreLost):
            await connect(f"postgresql://nobody:x@127.0.0.1:{unused.getsockname()[1]}/nothing", SERVICE)


async def test_a_lock_that_lasts_is_a_lost_store(
    postgres: PostgresBed, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres_session.SETTINGS, "lock_timeout", "100ms")
    impatient = await connect(_address(postgres, servers), SERVICE, size=1)
    async with postgres.store.transaction() as transaction:
        await transaction.load({FIRST})
        with pytest.raises(StoreLost):
            async with PostgresStore(impatient, SERVICE, SEALER, IDS).transaction() as other:
                await other.load({FIRST})
    await impatient.close()


async def test_a_silent_peer_is_given_up_within_ten_seconds(postgres: PostgresBed) -> None:
    async with postgres.pool.acquire() as connection:
        wire = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]
        assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
        for setting, value in postgres_session.SETTINGS.items():
            live = await connection.fetchval("select current_setting($1)", setting)
            assert live in (value, value.replace("10s", "10000"), "UTC")


async def test_the_service_can_change_no_row_of_a_log(postgres: PostgresBed) -> None:
    async with postgres.store.transaction() as transaction:
        await transaction.append([Receipt(FIRST, "x", 1, Sealed("Asel")), audited()], NOW)
    for statement in (f"update {SCHEMA}.audit set who = 'nobody'", f"delete from {SCHEMA}.receipt"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await postgres.pool.execute(statement)


async def test_tables_and_dataclasses_that_differ_are_told_apart(postgres: PostgresBed) -> None:
    assert await differences(postgres.admin, SERVICE) == []
    change = postgres.admin.transaction()
    await change.start()
    await postgres.admin.execute(f"alter table {SCHEMA}.account drop column note, alter iin set not null")
    await postgres.admin.execute(f"alter table {SCHEMA}.account add more int; drop table {SCHEMA}.audit")
    assert await differences(postgres.admin, SERVICE) == [
        f"{SCHEMA}.account.iin: declared text, is text not null",
        f"{SCHEMA}.account.more: declared nothing, is integer",
        f"{SCHEMA}.account.note: declared text not null, is nothing",
        f"{SCHEMA}.audit is missing",
    ]
    await change.rollback()


async def test_an_audit_trail_that_was_touched_is_found_out(
    postgres: PostgresBed, servers: Servers, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        async with postgres.store.transaction() as transaction:
            await transaction.append([audited(), audited()], NOW)
    url = _address(postgres, servers)
    assert (await check(url, SCHEMA))[:2] == (None, 6)
    await postgres.admin.execute(f"update {SCHEMA}.audit set result = 'refused' where seq = 4")
    assert (await check(url, SCHEMA))[0] == 4
    await postgres.admin.execute(f"delete from {SCHEMA}.audit where seq >= 4")
    assert (await check(url, SCHEMA))[0] == 4
    assert main([]) == 2
    assert "KUALIK_DATABASE_URL" in capsys.readouterr().err
