"""One transaction of the engine on PostgreSQL: each method is one or two statements for all its rows.

Every row is locked in the order of its key, inbox before due rows before states before claims, so that two batches can
only wait for each other and never in a ring.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.base import Sealer
from shared.engine.adapters.postgres_session import Session, transposed
from shared.engine.audit import link
from shared.engine.columns import columns_of, from_row, rewritten, to_row
from shared.engine.rows import Due, InboxKey, Outgoing, Seen
from shared.engine.schema import log_columns, quoted
from shared.engine.service import Log, Service

OUTBOX_LEASE = "interval '10 s'"


class PostgresTransaction:
    """See `shared.engine.ports.Transaction`. Raises `StoreBusy`, `StoreLost`, `StoreRefused`."""

    def __init__(self, held: Session, service: Service, sealer: Sealer) -> None:
        self._held = held
        self._service = service
        self._sealer = sealer
        self._chained: dict[Log, list[tuple[Any, datetime]]] = {}
        self._loaded: dict[UUID, tuple[Any, tuple[Any, ...]]] = {}

    async def record(self, keys: Mapping[InboxKey, bytes], now: datetime) -> dict[InboxKey, Seen]:
        if not keys:
            return {}
        ordered = sorted(keys)
        columns = transposed([(*key, keys[key]) for key in ordered], 3)
        inserted = await self._held.fetch(
            f"insert into {self._at('inbox')} (exchange, message_id, sha256, at) select n.*, $4 "
            "from unnest($1::text[], $2::text[], $3::bytea[]) n on conflict do nothing returning exchange, message_id",
            *columns,
            now,
        )
        fresh = {(row["exchange"], row["message_id"]) for row in inserted}
        seen = {key: Seen.NEW if key in fresh else Seen.REPEATED for key in ordered}
        known = [key for key in ordered if key not in fresh]
        if known:
            rows = await self._held.fetch(
                f"select exchange, message_id, sha256 from {self._at('inbox')} "
                "join unnest($1::text[], $2::text[]) n(e, m) on exchange = n.e and message_id = n.m",
                *transposed(known, 2),
            )
            for row in rows:
                key = (row["exchange"], row["message_id"])
                if row["sha256"] != keys[key]:
                    seen[key] = Seen.CLASHES
        return seen

    async def finish(self, leased: Mapping[UUID, UUID]) -> set[UUID]:
        if not leased:
            return set()
        rows = await self._held.fetch(
            f"delete from {self._at('due')} d using unnest($1::uuid[], $2::uuid[]) n(id, token) "
            "where d.id = n.id and d.token = n.token returning d.id",
            *transposed(sorted(leased.items()), 2),
        )
        return {row["id"] for row in rows}

    async def load(self, ids: set[UUID]) -> dict[UUID, Any]:
        if not ids:
            return {}
        found = await self._locked(sorted(ids))
        missing = sorted(ids - found.keys())
        if missing:  # seldom: of each application once; who locks out of order meanwhile is told to do it again
            found |= await self._added(missing)
            if len(found) < len(ids):  # another added them since we looked
                found |= await self._locked(sorted(ids - found.keys()))
        return found

    async def _locked(self, ordered: list[UUID]) -> dict[UUID, Any]:
        table = self._service.table
        names = ", ".join(quoted(column.name) for column in columns_of(table.of).all)
        rows = await self._held.fetch(
            f"select {names} from {table.name} where application_id = any($1::uuid[]) "
            "order by application_id for update",
            ordered,
        )
        return self._read(rows)

    def _read(self, rows: Sequence[Any]) -> dict[UUID, Any]:
        table = self._service.table
        read = {row["application_id"]: (from_row(table.of, dict(row), self._sealer), tuple(row)) for row in rows}
        self._loaded |= read
        return {id: state for id, (state, _) in read.items()}

    async def _added(self, ordered: list[UUID]) -> dict[UUID, Any]:
        """Empty states for those that have none still; what is added is locked by that."""
        table = self._service.table
        columns = columns_of(table.of).all
        empty = to_row(table.empty(ordered[0]), self._sealer)[1:]
        names = ", ".join(quoted(column.name) for column in columns)
        values = "".join(f", ${place}::{column.sql}" for place, column in enumerate(columns[1:], 2))
        rows = await self._held.fetch(
            f"insert into {table.name} ({names}) select n.id{values} from unnest($1::uuid[]) n(id) "
            f"on conflict do nothing returning {names}",
            ordered,
            *empty,
        )
        return self._read(rows)

    async def save(self, states: Mapping[UUID, Any]) -> None:
        if not states:
            return
        table = self._service.table
        columns = columns_of(table.of).all
        rows = [rewritten(states[id], self._sealer, self._loaded.get(id)) for id in sorted(states)]
        arrays = ", ".join(f"${place}::{column.sql}[]" for place, column in enumerate(columns, 1))
        names = ", ".join(quoted(column.name) for column in columns)
        assignments = ", ".join(f"{quoted(column.name)} = n.{quoted(column.name)}" for column in columns[1:])
        if assignments:
            await self._held.execute(
                f"update {table.name} t set {assignments} from unnest({arrays}) n({names}) "
                "where t.application_id = n.application_id",
                *transposed(rows, len(columns)),
            )

    async def owners(self, keys: set[str]) -> dict[str, UUID | None]:
        if not keys:
            return {}
        ordered = sorted(keys)
        await self._held.execute(
            f"insert into {self._at('claim')} (key) select n from unnest($1::text[]) n on conflict do nothing", ordered
        )
        return {row["key"]: row["owner"] for row in await self._lock_claims(ordered)}

    async def own(self, owners: Mapping[str, UUID | None]) -> None:
        if owners:
            await self._held.execute(
                f"update {self._at('claim')} c set owner = n.owner from unnest($1::text[], $2::uuid[]) n(key, owner) "
                "where c.key = n.key and c.owner is distinct from n.owner",
                *transposed(sorted(owners.items()), 2),
            )

    async def release(self, keys: Mapping[str, UUID]) -> None:
        if keys:
            await self._lock_claims(sorted(keys))
            await self._held.execute(
                f"update {self._at('claim')} c set owner = null from unnest($1::text[], $2::uuid[]) n(key, owner) "
                "where c.key = n.key and c.owner = n.owner",
                *transposed(sorted(keys.items()), 2),
            )

    async def _lock_claims(self, ordered: list[str]) -> list[Any]:
        return await self._held.fetch(
            f"select key, owner from {self._at('claim')} where key = any($1::text[]) order by key for update", ordered
        )

    async def add_outbox(self, rows: Sequence[Outgoing]) -> None:
        if rows:
            values = [
                (row.id, row.exchange, row.routing_key, row.application_id, row.body, json.dumps(dict(row.headers)))
                for row in rows
            ]
            await self._held.execute(
                f"insert into {self._at('outbox')} (id, exchange, routing_key, application_id, body, headers, "
                f"lease_until) select n.*, clock_timestamp() + {OUTBOX_LEASE} "
                "from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bytea[], $6::jsonb[]) n "
                "on conflict do nothing",
                *transposed(values, 6),
            )

    async def add_due(self, rows: Sequence[Due]) -> None:
        if rows:
            values = [
                (
                    row.id, row.application_id, row.name, row.body, json.dumps(dict(row.headers)), row.due_at,
                    row.clock, row.since, row.attempts, row.failures,
                )
                for row in sorted(rows, key=lambda row: row.id)
            ]  # fmt: skip
            await self._held.execute(
                f"insert into {self._at('due')} (id, application_id, name, body, headers, due_at, clock, since, "
                "attempts, failures) "
                "select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::jsonb[], "
                "$6::timestamptz[], $7::text[], $8::timestamptz[], $9::int[], $10::int[]) on conflict do nothing",
                *transposed(values, 10),
            )

    async def append(self, rows: Sequence[Any], now: datetime) -> None:
        """Chained rows are written by `close`: their head is locked for as short a time as can be."""
        by_log: dict[Log, list[Any]] = {}
        for row in rows:
            log = self._service.log_of(row)
            if log.chained:
                self._chained.setdefault(log, []).append((row, now))
            else:
                by_log.setdefault(log, []).append(row)
        for log, own in by_log.items():
            columns = columns_of(log.of)
            values = [to_row(row, self._sealer) + (() if "at" in columns else (now,)) for row in own]
            await self._insert(log, values, skip=("seq",), last=() if "at" in columns else ("at",))

    async def close(self) -> None:
        """What has to be the last statement before the commit."""
        for log in sorted(self._chained, key=lambda log: log.name):
            noun = log.name.partition(".")[2]
            columns = columns_of(log.of)
            head = await self._held.fetch(f"select seq, hash from {self._at('head')} where log = $1 for update", noun)
            seq, prev = head[0]["seq"], head[0]["hash"]
            values = []
            for row, now in self._chained[log]:
                seq += 1
                written = to_row(row, self._sealer)
                at = getattr(row, "at", now)
                hashed = link(log.of, dict(zip(columns.names, written, strict=True)), seq, at, prev)
                values.append((*written, *(() if "at" in columns else (at,)), seq, prev, hashed))
                prev = hashed
            last = ("seq", "prev", "hash") if "at" in columns else ("at", "seq", "prev", "hash")
            await self._insert(log, values, skip=(), last=last)
            await self._held.execute(
                f"update {self._at('head')} set seq = $2, hash = $3 where log = $1", noun, seq, prev
            )

    async def _insert(
        self, log: Log, values: list[tuple[Any, ...]], skip: tuple[str, ...], last: tuple[str, ...]
    ) -> None:
        """The rows hold the log's own columns, then those of the engine in `last`."""
        types = {name: sql.split()[0] for name, sql in log_columns(log) if name not in skip}
        names = (*columns_of(log.of).names, *last)
        arrays = ", ".join(f"${place}::{types[name]}[]" for place, name in enumerate(names, 1))
        await self._held.execute(
            f"insert into {log.name} ({', '.join(map(quoted, names))}) select * from unnest({arrays})",
            *transposed(values, len(names)),
        )

    def _at(self, table: str) -> str:
        return f"{self._service.schema}.{table}"
