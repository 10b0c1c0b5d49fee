"""What the pages read besides the calls: shipments of a point, cards that wait, a signature. All by the point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Shipment:
    """One of the centre's registers on a day of ours: how many cards it names, how many are still expected."""

    register: str
    shipment: str
    cards: int
    expected: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A card of a shipment, and where it stands now."""

    application_id: UUID
    talon: str
    standing: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card that nobody has come for. UNCOLLECTED: its term is over."""

    talon: str
    standing: str
    ready_on: date
    collect_until: date | None


class Lookups(Protocol):
    async def list_shipments(self, point: str, registers: Sequence[str]) -> list[Shipment]:
        """Those of these registers (keys of registers.py), the newest first."""
        ...

    async def list_shipment(self, point: str, register: str, shipment: str) -> list[Listed]:
        """Every card of it, each once."""
        ...

    async def list_waiting(self, point: str, until: date, offset: int, limit: int) -> list[Waiting]:
        """Cards ready since that day or longer; who has waited longest first."""
        ...

    async def differences(self, applications: Sequence[UUID]) -> dict[UUID, str]:
        """What was last reported of these cards: MISSING or SURPLUS."""
        ...

    async def signed(self, application_id: UUID) -> str | None:
        """SHA-256 of what the officer signed when the card was handed over."""
        ...


_SHIPMENTS = """
select line.register, line.shipment, count(*) as cards, count(*) filter (where card.standing = 'SHIPPED') as expected
from (select distinct register, shipment, application_id from production_dispatch.register_line
      where register = any($2)) as line
join production_dispatch.production as card on card.application_id = line.application_id and card.point = $1
group by line.register, line.shipment order by line.register desc, line.shipment
"""
_SHIPMENT = """
select distinct line.application_id, line.talon, card.standing
from production_dispatch.register_line as line
join production_dispatch.production as card on card.application_id = line.application_id and card.point = $1
where line.register = $2 and line.shipment = $3 order by line.talon
"""
_WAITING = """
select talon, standing, ready_on, collect_until from production_dispatch.production
where point = $1 and standing in ('READY', 'UNCOLLECTED') and ready_on <= $2
order by ready_on, talon offset $3 limit $4
"""
_DIFFERENCES = """
select distinct on (application_id) application_id, what from production_dispatch.alert
where application_id = any($1) and what in ('SHIPMENT_MISSING', 'SHIPMENT_SURPLUS') order by application_id, seq desc
"""
_SIGNED = """
select payload_sha256 from production_dispatch.signature
where application_id = $1 and what like 'hand-over/%' order by seq desc limit 1
"""


class SqlLookups:
    """In PostgreSQL; every question has an index that leads to the point's rows."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def list_shipments(self, point: str, registers: Sequence[str]) -> list[Shipment]:
        rows = await self._pool.fetch(_SHIPMENTS, point, registers, timeout=5)
        return [Shipment(**dict(row)) for row in rows]

    async def list_shipment(self, point: str, register: str, shipment: str) -> list[Listed]:
        rows = await self._pool.fetch(_SHIPMENT, point, register, shipment, timeout=5)
        return [Listed(**dict(row)) for row in rows]

    async def list_waiting(self, point: str, until: date, offset: int, limit: int) -> list[Waiting]:
        rows = await self._pool.fetch(_WAITING, point, until, offset, limit, timeout=5)
        return [Waiting(**dict(row)) for row in rows]

    async def differences(self, applications: Sequence[UUID]) -> dict[UUID, str]:
        rows = await self._pool.fetch(_DIFFERENCES, applications, timeout=5)
        return {row["application_id"]: row["what"].removeprefix("SHIPMENT_") for row in rows}

    async def signed(self, application_id: UUID) -> str | None:
        found: str | None = await self._pool.fetchval(_SIGNED, application_id, timeout=5)
        return found
