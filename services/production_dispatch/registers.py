"""The registers (order 55 of 2018, kept as a default): what was sent to production per region and day, what was shipped
per registration point and day. A card writes its own line; a timer cuts the register after its day, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from services.production_dispatch.messages import CutRegister, RegisterKind
from services.production_dispatch.production import Production
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.engine.service import Audited

GRACE = timedelta(minutes=5)  # what was being written at midnight is still in


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A card in a register; `shipment` is the production centre's own register, when it named one."""

    application_id: UUID
    kind: RegisterKind
    register: str
    talon: str
    shipment: str = ""


@dataclass(frozen=True, slots=True)
class RegisterCut:
    """A register is closed; `external_id` is its key, so that there can be only one of it."""

    application_id: UUID
    external_id: str
    kind: RegisterKind
    place: str
    day: date
    cut_at: datetime


def key_of(kind: RegisterKind, place: str, day: date) -> str:
    """`SENT/71/2025-10-06`: what was sent to production; `SHIPPED/71-01/2025-10-06`: what was shipped to a point."""
    return f"{kind.value}/{place}/{day.isoformat()}"


def register_id_of(key: str) -> UUID:
    """The register's own id in the place of an application's: its timer is one however many cards ask for it."""
    return uuid5(NAMESPACE_URL, f"kualik:register/{key}")


def entry(production: Production, kind: RegisterKind, given: Given, shipment: str = "") -> tuple[RegisterLine, Later]:
    """The card's line in the register of today (Almaty), and the timer that cuts that register."""
    place = production.region if kind is RegisterKind.SENT else production.point
    key = key_of(kind, place or "", given.today)
    line = RegisterLine(production.application_id, kind, key, production.talon or "", shipment)
    message = CutRegister(application_id=register_id_of(key), kind=kind, place=place or "", day=given.today)
    over = datetime.combine(given.today + timedelta(days=1), time(), ALMATY) + GRACE
    return line, Later(message, at=over, key="cut")


def cut(production: Production, said: CutRegister, given: Given) -> Decision[Production]:
    """Once, whatever repeats: the row under the register's own id says that it is done."""
    key = key_of(said.kind, said.place, said.day)
    if production.register is not None:
        return Decision(production)
    row = RegisterCut(said.application_id, key, said.kind, said.place, said.day, given.now)
    audited = Audited(said.application_id, "service", "production-dispatch", "cut-register", key)
    return Decision(replace(production, register=key), appends=(row, audited))
