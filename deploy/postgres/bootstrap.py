"""One database; for each service a role and a schema of its own, and no right on any other's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg

from deploy.postgres.migrate import Connection, locked

SERVICE_ROLE = "kualik_service"
# A client that went silent frees its locks within ten seconds.
TIME_OUTS = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "8s",
    "client_connection_check_interval": "5s",
    "timezone": "UTC",
}


async def bootstrap(server: str, database: str, passwords: Mapping[str, str]) -> None:
    """Make the database, roles and schemas that are missing; set the passwords anew.

    `server` is the administrator's address; `passwords` is by service in underscores. May run many times, also at once.
    """
    async with connected(server) as connection, locked(connection):
        if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
            await connection.execute(f"create database {_name(database)} encoding 'UTF8' template template0")
            await connection.execute(f"revoke all on database {_name(database)} from public")
        for role in (SERVICE_ROLE, *passwords):
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                await connection.execute(f"create role {_name(role)} nologin")
        await connection.execute(f"grant connect on database {_name(database)} to {SERVICE_ROLE}")
        for role, password in passwords.items():
            await connection.execute(f"alter role {_name(role)} login password {_text(password)}")
            await connection.execute(f"grant {SERVICE_ROLE} to {_name(role)}")
            await connection.execute(f"alter role {_name(role)} set search_path = {_name(role)}, platform")
            for setting, value in TIME_OUTS.items():
                await connection.execute(f"alter role {_name(role)} set {setting} = {_text(value)}")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection that is closed afterwards."""
    connection: Connection = await asyncpg.connect(url, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


async def make_schemas(connection: Connection, services: Mapping[str, str]) -> None:
    """A schema for each service, in which its role may read and write every table made there, now and later."""
    await connection.execute("create schema if not exists platform")
    for service in services:
        name = _name(service)
        await connection.execute(f"create schema if not exists {name}")
        await connection.execute(f"grant usage on schema {name} to {name}")
        for rights, on in (("select, insert, update, delete", "tables"), ("usage, select", "sequences")):
            await connection.execute(f"alter default privileges in schema {name} grant {rights} on {on} to {name}")


def _name(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _text(word: str) -> str:
    assert "\\" not in word
    return "'" + word.replace("'", "''") + "'"
