"""The coordinator's HTTP side over a real engine, with the store in memory, in October 2025."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
from starlette.applications import Starlette

from services.saga_coordinator.app import SERVICE
from services.saga_coordinator.desk import coordinator_routes
from services.saga_coordinator.saga import Case
from services.saga_coordinator.store import Line
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Message, routing_key, write
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.rows import Delivery
from shared.engine.service import Audited
from shared.engine.work import Context
from shared.law.budgets import Budgets
from shared.law.rules import Rules
from shared.telemetry import Silent
from shared.web.officers import Officers
from shared.web.problems import EXCEPTION_HANDLERS
from tests.engine.house import KEYS, SEALER, Quiet, Wire
from tests.services.saga_coordinator.telling import ID

ROLES = ("operations", "auditor", "inspector")
SOON = timedelta(seconds=0.2)
QUICK = Rules(budgets=Budgets(submitted=SOON, identified=SOON, story=SOON))


@dataclass
class MemoryFiles:
    """What SQL reads, read from the tables in memory."""

    tables: MemoryTables

    async def list_stuck(self, offset: int, limit: int) -> Sequence[Case]:
        stuck = [case for case in self._cases() if case.stuck_since is not None]
        return sorted(stuck, key=lambda case: (str(case.stuck_since), case.application_id))[offset : offset + limit]

    async def list_attention(self, offset: int, limit: int) -> Sequence[Case]:
        return [case for case in self._cases() if case.attention][offset : offset + limit]

    async def list_unwatched(self, limit: int) -> Sequence[Case]:
        watched = {row.application_id for row in self.tables.waiting() if row.name == "watch-case"}
        open_ = [case for case in self._cases() if case.ending is None and case.watch.waits]
        return [case for case in open_ if case.application_id not in watched][:limit]

    async def list_lines(self, application_id: UUID, after: int, limit: int) -> Sequence[Line]:
        rows = self.tables.logs["saga_coordinator.timeline"]
        found = [row for row in rows if row["application_id"] == application_id and row["seq"] > after]
        names = [field.name for field in fields(Line)]
        return [Line(**{name: row[name] for name in names}) for row in found[:limit]]

    def _cases(self) -> list[Case]:
        return list(self.tables.all_states(SEALER).values())


class Office:
    def __init__(self, folder: Path, rules: Rules) -> None:
        accounts = [
            {"id": role, "iin": "850101300017", "bin": "140940009999", "region": "71", "roles": [role],
             "token_sha256": hashlib.sha256(role.encode()).hexdigest()}
            for role in ROLES
        ]  # fmt: skip
        (folder / "officers.json").write_text(json.dumps(accounts))
        self.clock, self.wire = SystemClock(), Wire()
        self.tables = MemoryTables(SERVICE, MemoryPlatform(), self.clock)
        context = Context(SERVICE, MemoryStore(self.tables, SEALER), SEALER, Silent(), rules, KEYS.blind_index)
        ports = Ports(context.store, cast(Publisher, self.wire), self.clock, SeededIds(2), None, Quiet())
        self.engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))
        routes = coordinator_routes(self.engine, MemoryFiles(self.tables), Officers(folder))
        self._app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)
        self._count = 0

    def caller(self, role: str | None = "operations", *, basic: bool = False) -> httpx.AsyncClient:
        auth = httpx.BasicAuth(role or "", role or "") if basic else None
        headers = {"authorization": f"Bearer {role}"} if role and not basic else {}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app), base_url="http://here", headers=headers, auth=auth
        )

    async def hear(self, *messages: Message, headers: dict[str, str] | None = None) -> None:
        for message in messages:
            self._count += 1
            key = routing_key(message)
            await self.engine.take(
                Delivery("saga-coordinator", "events", key, f"m-{self._count}", headers or {}, write(message, SEALER))
            )

    @property
    def case(self) -> Case:
        case: Case = self.tables.state_of(ID, SEALER)
        return case

    def said(self) -> list[str]:
        return [row.routing_key for row in self.wire.sent]

    def audits(self) -> list[Audited]:
        return list(self.tables.rows_of(Audited, SEALER))


@asynccontextmanager
async def office_in(folder: Path, rules: Rules = QUICK) -> AsyncIterator[Office]:
    office = Office(folder, rules)
    await office.engine.start()
    running = asyncio.create_task(office.engine.run())
    try:
        yield office
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
