"""Due rows and outbox rows on PostgreSQL: leased by the database's clock, taken with skip locked, oldest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from shared.engine.adapters.postgres_session import Rows, transposed
from shared.engine.adapters.postgres_transaction import OUTBOX_LEASE
from shared.engine.rows import IN_LINE, Due, Outgoing

DUE_LEASE = "interval '30 s'"
POLL = 0.5  # seconds until it is asked again whether something is due


class OutboxRows(Rows):
    """What was said and is not confirmed yet."""

    async def take_outbox(self, limit: int) -> list[Outgoing]:
        """Rows whose lease ran out, now leased for ten seconds."""
        rows = await self.fetch(
            f"with taken as (select id, lease_until as was from {self.at('outbox')} "
            "where lease_until <= clock_timestamp() order by lease_until, id limit $1 for update skip locked) "
            f"update {self.at('outbox')} o set lease_until = clock_timestamp() + {OUTBOX_LEASE} from taken "
            "where o.id = taken.id returning o.id, exchange, routing_key, application_id, body, headers, attempts, was",
            limit,
        )
        rows.sort(key=lambda row: (row["was"], row["id"]))
        return [
            Outgoing(
                row["id"], row["exchange"], row["routing_key"], row["application_id"], row["body"],
                json.loads(row["headers"]), row["attempts"],
            )
            for row in rows
        ]  # fmt: skip

    async def renew_outbox(self, ids: Sequence[UUID]) -> None:
        await self.execute(
            f"update {self.at('outbox')} set lease_until = clock_timestamp() + {OUTBOX_LEASE} "
            "where id = any($1::uuid[])",
            sorted(ids),
        )

    async def drop_outbox(self, ids: Sequence[UUID]) -> None:
        await self.execute(f"delete from {self.at('outbox')} where id = any($1::uuid[])", sorted(ids))

    async def delay_outbox(self, delays: Mapping[UUID, timedelta]) -> None:
        """Each is taken again after its delay from now, with one attempt more."""
        await self.execute(
            f"update {self.at('outbox')} o set lease_until = clock_timestamp() + n.delay, attempts = attempts + 1 "
            "from unnest($1::uuid[], $2::interval[]) n(id, delay) where o.id = n.id",
            *transposed(sorted(delays.items()), 2),
        )


class DueRows(Rows):
    """Messages to oneself that wait."""

    async def take_due(self, limit: int, machine: datetime, business: datetime, token: UUID) -> list[Due]:
        """What is due on its own clock and not leased, now leased to the token for thirty seconds."""
        rows = await self.fetch(
            "with taken as (select d.id from (values ('machine', $1::timestamptz), ('business', $2)) c(clock, until), "
            f"lateral (select id, due_at from {self.at('due')} w where w.clock = c.clock and w.due_at <= c.until "
            "and (w.lease_until is null or w.lease_until <= clock_timestamp()) "
            "order by w.due_at, w.id limit $3 for update skip locked) d order by d.due_at, d.id limit $3) "
            f"update {self.at('due')} d set token = $4, lease_until = clock_timestamp() + {DUE_LEASE} "
            "from taken where d.id = taken.id returning d.*",
            machine,
            business,
            limit,
            token,
        )
        rows.sort(key=lambda row: (row["due_at"], row["id"]))
        return [_due(row) for row in rows]

    def patience(self, machine: datetime, business: datetime) -> float:
        """Seconds until it is worth while to ask again: other processes add rows too, so it is a short poll."""
        return POLL

    async def retry_due(self, row: Due, token: UUID) -> None:
        """The row as it is given, free again, unless the token has lost it."""
        await self.execute(
            f"update {self.at('due')} set due_at = $3, clock = $4, attempts = $5, failures = $6, body = $7, "
            "headers = $8, waits_for = $9, token = null, lease_until = null where id = $1 and token = $2",
            row.id, token, row.due_at, row.clock, row.attempts, row.failures, row.body, json.dumps(dict(row.headers)),
            row.waits_for,
        )  # fmt: skip

    async def resume_due(self, dependency: str, apart: timedelta, machine: datetime) -> int:
        """What waits for that outside system, one by one from now on, or behind those in line; the oldest first. How
        many there are.
        """
        return await self.execute(
            f"with line as (select max(due_at) as ends from {self.at('due')} where waits_for = $4), "
            f"waiting as (select id, row_number() over (order by since, id) - 1 as place from {self.at('due')} "
            "where waits_for = $1 and token is null) "
            f"update {self.at('due')} d set clock = 'machine', waits_for = $4, "
            "due_at = greatest($2::timestamptz, line.ends + $3::interval) + waiting.place * $3::interval "
            "from waiting, line where d.id = waiting.id and d.token is null",
            dependency,
            machine,
            apart,
            dependency + IN_LINE,
        )

    async def renew_due(self, ids: Sequence[UUID], token: UUID, machine: datetime) -> None:
        """Thirty seconds more from now, by the database's clock, for what the token still holds."""
        await self.execute(
            f"update {self.at('due')} set lease_until = clock_timestamp() + {DUE_LEASE} "
            "where id = any($1::uuid[]) and token = $2",
            sorted(ids),
            token,
        )


def _due(row: asyncpg.Record) -> Due:
    return Due(
        id=row["id"],
        application_id=row["application_id"],
        name=row["name"],
        body=row["body"],
        headers=json.loads(row["headers"]),
        due_at=row["due_at"],
        clock=row["clock"],
        since=row["since"],
        attempts=row["attempts"],
        failures=row["failures"],
        token=row["token"],
        waits_for=row["waits_for"],
    )
