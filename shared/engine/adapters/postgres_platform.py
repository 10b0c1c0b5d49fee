"""The rows that all processes share, the runs of the service, and the broom of the inbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from shared.engine.adapters.postgres_session import Rows
from shared.engine.rows import Dependency, Platform


class PlatformRows(Rows):
    """The business clock's offset and the dependencies, in the schema `platform`."""

    async def platform(self) -> Platform:
        rows = await self.fetch(
            "select c.offset_seconds, d.* from platform.clock c left join platform.dependency d on true order by d.name"
        )
        offset = timedelta(seconds=rows[0]["offset_seconds"]) if rows else timedelta()
        return Platform(offset, {row["name"]: _dependency(row) for row in rows if row["name"] is not None})

    async def tried(self, dependency: str, succeeded: bool, now: datetime) -> Dependency:
        """Record a try at business time `now`: success ends a failure, the first failure begins one (p.12)."""
        if succeeded:
            known = await self.fetch("select * from platform.dependency where name = $1", dependency)
            if known and _dependency(known[0]).has_just_answered(now):
                return _dependency(known[0])
        rows = await self.fetch(
            "insert into platform.dependency as d (name, failing_since, last_success, last_try) "
            "values ($1, case when $2 then null else $3::timestamptz end, case when $2 then $3 end, $3) "
            "on conflict (name) do update set last_try = $3, "
            "failing_since = case when $2 then null else least(d.failing_since, $3) end, "
            "last_success = case when $2 then $3 else d.last_success end returning *",
            dependency,
            succeeded,
            now,
        )
        return _dependency(rows[0])

    async def may_probe(self, dependency: str, every: timedelta, now: datetime) -> bool:
        """Whether this process is the one that tries a failing system now; the next may only after `every`."""
        taken = await self.execute(
            "update platform.dependency set last_try = $3::timestamptz where name = $1 and not switched_off "
            "and (last_try is null or last_try <= $3::timestamptz - $2::interval)",
            dependency,
            every,
            now,
        )
        return taken == 1


class RunRows(Rows):
    """The service's own runs, and its inbox as it grows old."""

    incarnation: UUID

    async def begin(self, now: datetime) -> bool:
        """True when the run before this one has not ended cleanly."""
        rows = await self.fetch(
            f"with before as (select ended_at from {self.at('incarnation')} where id <> $1 "
            "order by number desc limit 1), "
            f"begun as (insert into {self.at('incarnation')} (id, started_at) values ($1, $2) on conflict do nothing) "
            "select exists (select from before where ended_at is null) as unclean",
            self.incarnation,
            now,
        )
        return bool(rows[0]["unclean"])

    async def end(self, now: datetime) -> None:
        await self.execute(f"update {self.at('incarnation')} set ended_at = $2 where id = $1", self.incarnation, now)

    async def sweep_inbox(self, before: datetime, limit: int) -> int:
        """Forget at most `limit` messages heard before that time; how many were forgotten."""
        return await self.execute(
            f"delete from {self.at('inbox')} i using (select exchange, message_id from {self.at('inbox')} "
            "where at < $1 order by at limit $2 for update skip locked) old "
            "where i.exchange = old.exchange and i.message_id = old.message_id",
            before,
            limit,
        )


def _dependency(row: asyncpg.Record) -> Dependency:
    return Dependency(row["name"], row["failing_since"], row["last_success"], row["last_try"], row["switched_off"])
