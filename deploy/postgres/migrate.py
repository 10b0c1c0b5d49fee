"""Plain SQL files, each applied once to each schema, in order, by one process at a time; an edited one is refused.

The tables belong to the administrator; a service's role has the rights that its schema grants by default, and a file
may take some of them back (`revoke update, delete on …`). `{schema}` in a file is the name of the schema.
A file whose first line is `-- no-transaction` is run statement by statement, each ending with `;` at the end of a line;
as it may stop half-way, its statements must bear being repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
REPOSITORY = Path(__file__).resolve().parents[2]
LOCK = 4_815_162_342  # any number, the same for all
NO_TRANSACTION = "-- no-transaction"
LEDGER = """
create table if not exists platform.migration (
    schema text, file text, sha256 text not null, applied_at timestamptz not null default clock_timestamp(),
    primary key (schema, file)
)"""


class EditedMigration(RuntimeError):
    """A file differs from what was applied."""


@asynccontextmanager
async def locked(connection: Connection) -> AsyncIterator[None]:
    """One at a time. Polled: whoever waits inside pg_advisory_lock blocks `create index concurrently`."""
    while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110  nothing to wait on
        await asyncio.sleep(0.1)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", LOCK)


def files_of(service: str, repository: Path = REPOSITORY) -> list[Path]:
    """The engine's tables, then the service's own: `schema.sql`, `schema-2.sql`, … Service in underscores."""
    engine = sorted((repository / "shared/engine").glob("schema*.sql"), key=lambda path: path.stem)
    own = sorted((repository / "services" / service).glob("schema*.sql"), key=lambda path: path.stem)
    return [*engine, *own]


def plan(services: Sequence[str], repository: Path = REPOSITORY) -> dict[str, list[Path]]:
    """Every schema and its files, `platform` first."""
    platform = sorted((repository / "deploy/postgres").glob("platform*.sql"), key=lambda path: path.stem)
    return {"platform": platform, **{service: files_of(service, repository) for service in services}}


async def migrate(connection: Connection, files: Mapping[str, Sequence[Path]]) -> list[str]:
    """Apply what was not applied yet; returns `schema: file` of each. Raises `EditedMigration`."""
    applied: list[str] = []
    async with locked(connection):
        await connection.execute("create schema if not exists platform")
        await connection.execute(LEDGER)
        for schema, paths in files.items():
            applied += [f"{schema}: {path.name}" for path in paths if await _apply(connection, schema, path)]
    return applied


async def _apply(connection: Connection, schema: str, path: Path) -> bool:
    label = f"{path.parent.name}/{path.name}"
    text = path.read_text(encoding="utf-8")  # noqa: ASYNC240  a small local file, before anything runs
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = await connection.fetchval(
        "select sha256 from platform.migration where schema = $1 and file = $2", schema, label
    )
    if known == sha256:
        return False
    if known is not None:
        raise EditedMigration(
            f"{label} was applied to {schema} and edited since: put the change into a new file beside it, "
            "or start with fresh data (`python -m deploy.local up --fresh`)."
        )
    record = "insert into platform.migration (schema, file, sha256) values ($1, $2, $3)"
    sql = text.replace("{schema}", schema)
    await connection.execute(f'set search_path = "{schema}", platform')
    try:
        if text.startswith(NO_TRANSACTION):
            for statement in sql.split(";\n"):
                if statement.strip():
                    await connection.execute(statement)
            await connection.execute(record, schema, label, sha256)
        else:
            async with connection.transaction():
                await connection.execute(sql)
                await connection.execute(record, schema, label, sha256)
    finally:
        if not connection.is_closed():
            await connection.execute("reset search_path")
    return True
