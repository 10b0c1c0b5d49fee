"""One application per id; the identity refusals by person; and what the door and S13 read of our own records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.domain.application import Application
from services.intake.domain.door import DoorFacts, IdentityRefusal, person_key
from shared.contracts.base import Sealer
from shared.contracts.values import Stage
from shared.engine.adapters.postgres_session import translated
from shared.engine.columns import from_row
from shared.engine.service import Log, Table
from shared.security.evidence import KeptSignature

APPLICATIONS = Table("intake.application", Application)
REFUSALS = Log("intake.identity_refusal", IdentityRefusal)
SIGNATURES = Log("intake.signature", KeptSignature)

_LIVE = """
select a.* from intake.claim c join intake.application a on a.application_id = c.owner where c.key = $1
"""
_REFUSALS = "select count(*) as refusals from intake.identity_refusal where iin_index = $1 and at > $2"
_OWNER = "select owner from intake.claim where key = $1 and owner is not null"


@dataclass(frozen=True, slots=True)
class SqlRecords:
    """Our own records, as `gateway.OwnRecords`."""

    pool: asyncpg.Pool
    sealer: Sealer

    async def door_facts(self, iin_index: str, since: datetime) -> DoorFacts:
        with translated():
            live = await self.pool.fetch(_LIVE, person_key(iin_index))
            counted = await self.pool.fetch(_REFUSALS, iin_index, since)
        refusals = int(counted[0]["refusals"])
        if not live:
            return DoorFacts(refusals=refusals)
        application: Application = from_row(Application, dict(live[0]), self.sealer)
        stage = application.stage
        return DoorFacts(application.application_id, stage if stage is not Stage.CLOSED else Stage.OPENED, refusals)

    async def holder_of(self, talon: str) -> UUID | None:
        with translated():
            rows = await self.pool.fetch(_OWNER, f"talon:{talon}")
        return rows[0]["owner"] if rows else None
