"""What is looked at while it runs: rows left behind by the dead, locks that are held, applications under way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from deploy.local.layout import role_of
from shared.process import SERVICES
from tests.chaos.line import LOST, Line

EVERY = 0.5  # seconds between two looks
LEFT = "select id, exchange, routing_key, clock_timestamp() at from {}.outbox"
STANDING = " union all ".join(f"select id from {role_of(name)}.outbox where id = any($1::uuid[])" for name in SERVICES)
HOLDING = " union all ".join(f"select '{name}' service, count(*) from {role_of(name)}.outbox" for name in SERVICES)
HELD = """
select application_name, extract(epoch from clock_timestamp() - state_change)::float seconds from pg_stat_activity
where state like 'idle in transaction%' and application_name = any($1::text[]) order by 2 desc limit 1
"""
TERMINATE = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1"


@dataclass(slots=True)
class Stranded:
    """A committed row whose service died before it was published and dropped; `gone`: when it was."""

    id: UUID
    service: str
    routing_key: str
    since: datetime
    gone: datetime | None = None


class Eyes:
    """Looks on by a line of its own; what cannot be seen now is seen later."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.stranded: dict[UUID, Stranded] = {}
        self.longest_held = (0.0, "")
        """Seconds for which a service left a transaction open and said nothing, and whose it was."""

    async def look(self) -> None:
        """For ever."""
        while True:
            with suppress(*LOST):
                await self._look_for_stranded()
                await self._look_for_locks()
            await asyncio.sleep(EVERY)

    async def strand(self, service: str) -> int:
        """What stands in the outbox of one that has just died; how many rows. None can be seen without a database."""
        try:
            rows = await self._line.fetch(LEFT.format(role_of(service)), patience=0.0)
        except LOST:
            return 0
        for row in rows:
            self.stranded.setdefault(row["id"], Stranded(row["id"], service, row["routing_key"], row["at"]))
        return len(rows)

    async def holding(self) -> list[str]:
        """Services with rows that are committed and not published, those with most of them first."""
        try:
            rows = await self._line.fetch(HOLDING, patience=0.0)
        except LOST:
            return []
        return [row["service"] for row in sorted(rows, key=lambda row: -row["count"]) if row["count"]]

    async def terminate(self, service: str) -> int:
        """End all its back-ends; how many there were."""
        try:
            return len(await self._line.fetch(TERMINATE, service, patience=0.0))
        except LOST:
            return 0

    async def _look_for_stranded(self) -> None:
        waiting = {id for id, row in self.stranded.items() if row.gone is None}
        if waiting:
            standing = {row["id"] for row in await self._line.fetch(STANDING, sorted(waiting), patience=0.0)}
            for id in waiting - standing:
                self.stranded[id].gone = datetime.now(UTC)

    async def _look_for_locks(self) -> None:
        for row in await self._line.fetch(HELD, list(SERVICES), patience=0.0):
            self.longest_held = max(self.longest_held, (row["seconds"], row["application_name"]))
