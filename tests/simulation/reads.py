"""What the services read of their own tables by SQL, read from the tables in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.domain.application import Application
from services.intake.domain.door import DoorFacts, IdentityRefusal, person_key
from services.payment.api import Held
from services.payment.invoice import Phase
from services.production_dispatch.messages import RegisterKind
from services.production_dispatch.store import CardAtPoint, Raised, Register, at_point
from services.ums_review.store import Waiting, Whose, listed
from services.ums_review.urgency import EVER, Days
from shared.contracts.base import Sealer
from shared.contracts.values import Stage
from shared.engine.adapters.memory_store import MemoryTables


@dataclass(frozen=True, slots=True)
class Reads:
    """The reading side of all services; each uses its own part. `lives` never returns for a dead process."""

    tables: MemoryTables
    sealer: Sealer
    lives: Callable[[], Awaitable[None]]

    async def door_facts(self, iin_index: str, since: datetime) -> DoorFacts:
        await self.lives()
        rows = self.tables.rows_of(IdentityRefusal, self.sealer)
        refusals = sum(row.iin_index == iin_index and row.at > since for row in rows)
        owner = self.tables.claims.get(person_key(iin_index))
        if owner is None:
            return DoorFacts(refusals=refusals)
        live: Application = self.tables.state_of(owner, self.sealer)
        return DoorFacts(owner, live.stage if live.stage is not Stage.CLOSED else Stage.OPENED, refusals)

    async def holder_of(self, talon: str) -> UUID | None:
        await self.lives()
        return self.tables.claims.get(f"talon:{talon}")

    async def held(self) -> list[Held]:
        await self.lives()
        names = Held.model_fields
        return [
            Held(**{name: getattr(invoice, name) for name in names})
            for invoice in self._states()
            if invoice.phase is Phase.HELD
        ]

    async def list_reviews(
        self, region: str, officer_id: str, officer_index: str, whose: Whose, machine_now: datetime, offset: int,
        limit: int, due: Days = EVER, address: str | None = None,
    ) -> list[Waiting]:  # fmt: skip
        await self.lives()
        lines = listed(self._states(), region, officer_id, officer_index, whose, machine_now, due, address)
        return lines[offset : offset + limit]

    async def find_talon(self, talon: str) -> UUID | None:
        await self.lives()
        return min((p.application_id for p in self._states() if p.talon == talon), default=None)

    async def list_cards(self, point: str, offset: int, limit: int) -> list[CardAtPoint]:
        await self.lives()
        return at_point(self._states(), point)[offset : offset + limit]

    async def find_register(self, kind: RegisterKind, place: str, day: date) -> Register:
        raise LookupError("nobody in the simulation reads registers")

    async def list_alerts(self, offset: int, limit: int) -> list[Raised]:
        raise LookupError("nobody in the simulation reads alerts")

    def _states(self) -> list[Any]:
        return list(self.tables.all_states(self.sealer).values())
