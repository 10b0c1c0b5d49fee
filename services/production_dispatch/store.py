"""One card per application, its registers and alerts for ever; and what is read of them, nothing of it personal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from services.production_dispatch.messages import RegisterKind
from services.production_dispatch.production import Alert, HandOver, Production, Standing
from services.production_dispatch.registers import RegisterCut, RegisterLine, key_of
from shared.engine.service import Log, Table
from shared.security.evidence import KeptSignature

PRODUCTIONS = Table("production_dispatch.production", Production)
LOGS = (
    Log("production_dispatch.register_line", RegisterLine),
    Log("production_dispatch.register_cut", RegisterCut),
    Log("production_dispatch.alert", Alert),
    Log("production_dispatch.signature", KeptSignature),
    Log("production_dispatch.hand_over", HandOver),
)


@dataclass(frozen=True, slots=True)
class CardAtPoint:
    """A card on its way to a point or waiting there."""

    application_id: UUID
    talon: str
    standing: str
    ready_on: date | None
    collect_until: date | None


@dataclass(frozen=True, slots=True)
class Register:
    """A register with its lines (talon, the centre's own register); `cut_at` is empty while its day lasts."""

    kind: RegisterKind
    place: str
    day: date
    cut_at: datetime | None
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as operations read it."""

    application_id: UUID
    at: datetime
    what: str
    whom: str
    detail: str


class Cards(Protocol):
    """Reading the cards, the registers and the alerts."""

    async def find_talon(self, talon: str) -> UUID | None: ...
    async def list_cards(self, point: str, offset: int, limit: int) -> list[CardAtPoint]: ...
    async def find_register(self, kind: RegisterKind, place: str, day: date) -> Register: ...
    async def list_alerts(self, offset: int, limit: int) -> list[Raised]: ...


AT_POINT = (Standing.SHIPPED, Standing.READY)


def at_point(productions: Iterable[Production], point: str) -> list[CardAtPoint]:
    """What `list_cards` lists, over productions at hand, for stores that are no database."""
    cards = [
        CardAtPoint(p.application_id, p.talon or "", p.standing.value, p.ready_on, p.collect_until)
        for p in productions
        if p.point == point and p.standing in AT_POINT
    ]
    return sorted(cards, key=lambda card: (card.collect_until or date.max, card.talon))


_TALON = "select application_id from production_dispatch.production where talon = $1 order by application_id limit 1"
_CARDS = """
select application_id, talon, standing, ready_on, collect_until
from production_dispatch.production
where point = $1 and standing in ('SHIPPED', 'READY')
order by collect_until nulls last, talon offset $2 limit $3
"""
_LINES = "select talon, shipment from production_dispatch.register_line where register = $1 order by talon, seq"
_CUT = "select cut_at from production_dispatch.register_cut where external_id = $1"
_ALERTS = """
select application_id, at, what, whom, detail from production_dispatch.alert order by seq desc offset $1 limit $2
"""


class SqlCards:
    """The cards in PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find_talon(self, talon: str) -> UUID | None:
        found: UUID | None = await self._pool.fetchval(_TALON, talon, timeout=5)
        return found

    async def list_cards(self, point: str, offset: int, limit: int) -> list[CardAtPoint]:
        rows = await self._pool.fetch(_CARDS, point, offset, limit, timeout=5)
        return [CardAtPoint(**dict(row)) for row in rows]

    async def find_register(self, kind: RegisterKind, place: str, day: date) -> Register:
        key = key_of(kind, place, day)
        cut_at: datetime | None = await self._pool.fetchval(_CUT, key, timeout=5)
        rows = await self._pool.fetch(_LINES, key, timeout=5)
        return Register(kind, place, day, cut_at, tuple((row["talon"], row["shipment"]) for row in rows))

    async def list_alerts(self, offset: int, limit: int) -> list[Raised]:
        return [Raised(**dict(row)) for row in await self._pool.fetch(_ALERTS, offset, limit, timeout=5)]
