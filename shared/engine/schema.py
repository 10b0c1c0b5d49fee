"""The tables of a service as SQL, from the dataclasses it declares, and whether a live database still agrees with them.

`python -m shared.engine.schema payment` prints what stands in `services/payment/schema.sql`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from shared.engine.columns import Column, columns_of
from shared.engine.service import Log, Service, Table

UNIQUE = "external_id"
"""The field of a log's dataclass by which the outside world knows the row: it may stand there once."""

_HOT = "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05"
_ENGINE_TABLES = ("inbox", "outbox", "due", "claim", "incarnation", "head")

Shape = tuple[str, bool]  # type, and whether it must be filled


class Reads(Protocol):
    """The part of an asyncpg connection or pool that the check needs."""

    async def fetch(self, query: str, *args: object) -> Sequence[Any]: ...


def quoted(name: str) -> str:
    """A column's name as SQL takes it, be it a word of SQL's own."""
    return f'"{name}"'


def engine_sql(schema: str) -> str:
    """The engine's own tables (and the audit trail) in a schema that exists, with a role of the same name."""
    return Path(__file__).with_name("schema.sql").read_text(encoding="utf-8").replace("{schema}", schema)


def tables_sql(service: Service) -> str:
    """The tables of the service itself: its state and its logs, without the engine's."""
    declared: tuple[Table | Log, ...] = (service.table, *service.logs)
    return "\n".join(ddl(table) for table in declared)


def ddl(declared: Table | Log) -> str:
    """The statements that make one table. A log's rows can be neither changed nor deleted by the service's role."""
    schema, _, noun = declared.name.partition(".")
    lines = [f"    {quoted(name)} {sql}" for name, sql in _lines(declared)]
    tail = f" with ({_HOT})" if isinstance(declared, Table) else ""
    text = f"create table {declared.name} (\n" + ",\n".join(lines) + f"\n){tail};\n"
    if isinstance(declared, Table):
        return text
    columns = columns_of(declared.of)
    if "application_id" in columns:
        text += f"create index {noun}_application_id on {declared.name} (application_id);\n"
    if UNIQUE in columns:
        text += f"create unique index {noun}_{UNIQUE} on {declared.name} ({UNIQUE});\n"
    text += f"revoke update, delete, truncate on {declared.name} from {schema};\n"
    if declared.chained:
        text += f"insert into {schema}.head (log) values ('{noun}');\n"
    return text


def log_columns(log: Log) -> tuple[tuple[str, str], ...]:
    """The columns the engine adds to a log's own, with their types. A field of the same name wins."""
    own = columns_of(log.of)
    before = [("seq", "bigint primary key" if log.chained else "bigint generated always as identity primary key")]
    before += [] if "at" in own else [("at", "timestamptz not null")]
    after = [("prev", "bytea not null"), ("hash", "bytea not null")] if log.chained else []
    taken = {"seq", *(("prev", "hash") if log.chained else ())} & set(own.names)
    if taken:
        raise ValueError(f"{log.name}: the engine's own columns are named {', '.join(sorted(taken))}")
    return (*before, *((column.name, _type(column)) for column in own.all), *after)


def _lines(declared: Table | Log) -> list[tuple[str, str]]:
    if isinstance(declared, Log):
        return list(log_columns(declared))
    first, *rest = columns_of(declared.of).all
    if (first.name, first.sql) != ("application_id", "uuid"):
        raise ValueError(f"{declared.name}: the first field of a state is `application_id: UUID`")
    return [(first.name, "uuid primary key"), *((column.name, _type(column)) for column in rest)]


def _type(column: Column) -> str:
    return column.sql if column.nullable else f"{column.sql} not null"


async def differences(connection: Reads, service: Service) -> list[str]:
    """Every way in which the live schema differs from the dataclasses, in words; empty when they agree."""
    query = (
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as kind, a.attnotnull from pg_attribute a "
        "join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = $1 and a.attnum > 0 and not a.attisdropped and c.relkind = 'r'"
    )
    live: dict[str, dict[str, Shape]] = {}
    for row in await connection.fetch(query, service.schema):
        kind = row["kind"].replace("timestamp with time zone", "timestamptz")
        live.setdefault(row["relname"], {})[row["attname"]] = (kind, row["attnotnull"])
    found = [f"{service.schema}.{table} is missing" for table in _ENGINE_TABLES if table not in live]
    declared: tuple[Table | Log, ...] = (service.table, *service.all_logs)
    for table in declared:
        there = live.get(table.name.partition(".")[2])
        found += [f"{table.name} is missing"] if there is None else _unlike(table, there)
    return found


def _unlike(table: Table | Log, there: Mapping[str, Shape]) -> list[str]:
    wanted = {name: (sql.split()[0], "not null" in sql or "primary key" in sql) for name, sql in _lines(table)}
    return [
        f"{table.name}.{name}: declared {_words(wanted.get(name))}, is {_words(there.get(name))}"
        for name in sorted(wanted.keys() | there.keys())
        if wanted.get(name) != there.get(name)
    ]


def _words(column: Shape | None) -> str:
    return "nothing" if column is None else f"{column[0]}{' not null' if column[1] else ''}"


def service_named(name: str) -> Service:
    """The one `Service` a package under `services` declares. Raises `LookupError`."""
    package = f"services.{name.replace('-', '_')}"
    for module in (f"{package}.reactions", f"{package}.app", f"{package}.store", package):
        try:
            held = vars(importlib.import_module(module))
        except ModuleNotFoundError as error:
            if error.name not in (module, package):
                raise
            continue
        for value in held.values():
            if isinstance(value, Service):
                return value
    raise LookupError(f"{package} declares no Service")


if __name__ == "__main__":
    sys.stdout.write(tables_sql(service_named(sys.argv[1])))
