"""Migrations and rights, on a real database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from deploy.postgres.bootstrap import connected
from deploy.postgres.migrate import EditedMigration, migrate
from tests.servers import Servers


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "first.sql"
    path.write_text(
        "create table voucher (id int primary key, paid boolean);\ncreate index on {schema}.voucher (paid);\n"
    )
    return path


async def test_a_file_is_applied_once_to_each_schema(servers: Servers, file: Path) -> None:
    address, _ = await servers.new_database("payment", "intake")
    files = {"payment": [file], "intake": [file]}
    async with connected(address.url()) as connection:
        assert await migrate(connection, files) == ["payment: first.sql", "intake: first.sql"]
        assert await migrate(connection, files) == []
        assert await connection.fetchval("select count(*) from payment.voucher, intake.voucher") == 0


async def test_many_at_once_apply_it_once(servers: Servers, file: Path) -> None:
    address, _ = await servers.new_database("payment")
    extra = file.with_name("second.sql")
    extra.write_text(
        "-- no-transaction\ncreate index concurrently if not exists paid on voucher (paid);\n"
        "create index concurrently if not exists unpaid on voucher (paid) where not paid;\n"
    )

    async def once() -> list[str]:
        async with connected(address.url()) as connection:
            return await migrate(connection, {"payment": [file, extra]})

    applied = await asyncio.gather(*(once() for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, 2]


async def test_an_edited_file_is_refused(servers: Servers, file: Path) -> None:
    address, _ = await servers.new_database("payment")
    async with connected(address.url()) as connection:
        await migrate(connection, {"payment": [file]})
        file.write_text("create table voucher (id bigint primary key);")  # noqa: ASYNC240
        with pytest.raises(EditedMigration, match="edited since"):
            await migrate(connection, {"payment": [file]})


async def test_a_failing_file_leaves_nothing(servers: Servers, file: Path) -> None:
    address, _ = await servers.new_database("payment")
    broken = file.with_name("second.sql")
    broken.write_text("create table receipt (id int);\nselect 1 / 0;\n")
    async with connected(address.url()) as connection:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(connection, {"payment": [broken]})
        assert await connection.fetchval("select to_regclass('payment.receipt')") is None


async def test_a_service_works_in_its_own_schema_and_in_no_other(servers: Servers, file: Path) -> None:
    address, words = await servers.new_database("payment", "intake")
    async with connected(address.url()) as connection:
        await migrate(connection, {"payment": [file], "intake": [file]})
    async with connected(address.url("payment", words["payment"])) as payment:
        await payment.execute("insert into voucher values (1, false)")
        assert await payment.fetchval("select count(*) from payment.voucher") == 1
        for forbidden in ("select * from intake.voucher", "create table payment.mine (id int)", "drop table voucher"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await payment.execute(forbidden)


async def test_a_service_reads_the_clock_and_writes_of_dependencies_only(servers: Servers) -> None:
    address, words = await servers.new_database("payment")
    async with connected(address.url("payment", words["payment"])) as payment:
        assert await payment.fetchval("select offset_seconds from platform.clock") == 0
        await payment.execute("insert into platform.dependency (name, failing_since) values ('BMG', now())")
        await payment.execute("update platform.dependency set failing_since = null, switched_off = true")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await payment.execute("update platform.clock set offset_seconds = 1")


async def test_a_wrong_password_is_refused(servers: Servers) -> None:
    address, _ = await servers.new_database("payment")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(address.url("payment", "guessed"))
