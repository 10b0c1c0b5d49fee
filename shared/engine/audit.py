"""The chain of a log that may not be altered unseen (order p.4.1), and the check that it is whole.

`python -m shared.engine.audit payment` reads the audit trail of one service and says where it is broken, if it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.engine.columns import columns_of
from shared.engine.service import Audited
from shared.security.canonical import canonical_json

GENESIS = bytes(32)
"""What the first row names as the hash before it."""
AT_ONCE = 500
"""Rows that are looked at in one piece: some ten milliseconds of a processor, then others have a turn."""


def link(of: type[Any], row: Mapping[str, Any], seq: int, at: datetime, prev: bytes) -> bytes:
    """SHA-256 over the hash before and the canonical JSON of the row as it stands in its columns."""
    plain: dict[str, Any] = {"at": _plain(at)}
    for column in columns_of(of).all:
        value = row[column.name]
        plain[column.name] = json.loads(value) if column.sql == "jsonb" and value is not None else _plain(value)
    plain["seq"] = seq
    return hashlib.sha256(prev + canonical_json(plain)).digest()


def verify(
    rows: Iterable[Mapping[str, Any]], of: type[Any] = Audited, head: bytes | None = None,
    after: tuple[int, bytes] = (0, GENESIS),
) -> int | None:  # fmt: skip
    """The `seq` of the first row that is altered, missing or out of place; None when the chain is whole.

    The rows come in the order of `seq`, the first of them `after` the row of that number and hash. With the `head` kept
    beside the log a cut-off end is seen too.
    """
    seq, prev = after
    for row in rows:
        seq += 1
        if row["seq"] != seq or row["prev"] != prev or row["hash"] != link(of, row, seq, row["at"], prev):
            return seq
        prev = row["hash"]
    return None if head is None or head == prev else seq + 1


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


async def check(database_url: str, schema: str) -> tuple[int | None, int, bytes]:
    """First broken row of a service's audit trail or None, how many rows the head counts, and its hash."""
    import asyncpg

    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        return await chain_of(connection, schema)
    finally:
        await connection.close()


async def chain_of(connection: Any, schema: str) -> tuple[int | None, int, bytes]:
    """The same over a connection of asyncpg, of one moment; a part of the rows is held at a time."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        head = await connection.fetchrow(f"select seq, hash from {schema}.head where log = 'audit'")
        counted, last = (head["seq"], head["hash"]) if head else (0, GENESIS)
        seq, prev, above = 0, GENESIS, -(2**63)
        while rows := await connection.fetch(
            f"select * from {schema}.audit where seq > $1 order by seq limit {AT_ONCE}", above
        ):
            broken = verify([dict(row) for row in rows], after=(seq, prev))
            if broken is not None:
                return broken, counted, last
            seq = above = rows[-1]["seq"]
            prev = rows[-1]["hash"]
        return verify((), head=last, after=(seq, prev)), counted, last


def main(arguments: list[str]) -> int:
    """Exit code 0 when the chain is whole, 1 when it is broken, 2 when it was not told what to read."""
    url = arguments[1] if len(arguments) > 1 else os.environ.get("KUALIK_DATABASE_URL")
    if not arguments or not url:
        sys.stderr.write("python -m shared.engine.audit <service> [database address, else KUALIK_DATABASE_URL]\n")
        return 2
    broken, rows, last = asyncio.run(check(url, arguments[0].replace("-", "_")))
    if broken is not None:
        sys.stdout.write(f"{arguments[0]}: the audit trail is broken at row {broken}\n")
        return 1
    sys.stdout.write(f"{arguments[0]}: {rows} rows, unbroken; the last is {last.hex()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
