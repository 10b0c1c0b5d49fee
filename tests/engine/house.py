"""A small service and a memory house to run the engine in: two reactions, one ask, one timer, one that raises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Own, routing_key, write
from shared.contracts.intake import ApplicationClosed, ApplicationOpened
from shared.contracts.payment import FeeLapsed, FeePaid, FeeWaived
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.decision import Decision, Given, Later
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.rows import Delivery, Fate, Outgoing, Unavailable
from shared.engine.service import AskPolicy, Audited, Reaction, Service, Table
from shared.engine.work import Context
from shared.law.rules import RULES
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer
from shared.telemetry import Silent

KEYS = Keyring.derived(b"tests")
SEALER = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2025-10")


@dataclass(frozen=True, slots=True)
class Tally:
    application_id: UUID
    opened: int = 0
    lapsed: int = 0
    answer: str = ""
    ticks: int = 0


class Tick(Own):
    """A timer of the tally."""


def opened(state: Tally, said: ApplicationOpened, given: Given) -> Decision[Tally]:
    more = replace(state, opened=state.opened + 1)
    waived = FeeLapsed(application_id=state.application_id, invoice_id=str(more.opened))
    audited = Audited(state.application_id, "service", "tests", "opened", str(more.opened))
    return Decision(more, waived, appends=(audited,), reply=more.opened)


def lapsed(state: Tally, said: FeeLapsed, given: Given) -> Decision[Tally]:
    return Decision(replace(state, lapsed=state.lapsed + 1))


def poisoned(state: Tally, said: FeeWaived, given: Given) -> Decision[Tally]:
    raise ZeroDivisionError


async def ask(state: Tally, said: FeePaid, world: Any, given: Given) -> str:
    return str(await world())


def answered(state: Tally, said: FeePaid, given: Given) -> Decision[Tally]:
    return Decision(replace(state, answer=str(given.answers)))


def closed(state: Tally, said: ApplicationClosed, given: Given) -> Decision[Tally]:
    tick = Tick(application_id=state.application_id)
    return Decision(state, later=(Later(tick, timedelta(hours=24), key="tick"),))


def ticked(state: Tally, said: Tick, given: Given) -> Decision[Tally]:
    return Decision(replace(state, ticks=state.ticks + 1))


SERVICE = Service(
    "payment",
    Table("payment.tally", Tally),
    (
        Reaction(ApplicationOpened, opened),
        Reaction(FeeLapsed, lapsed),
        Reaction(FeeWaived, poisoned),
        Reaction(FeePaid, answered, asks=ask, policy=AskPolicy("aissik", first=0.01, probe=0.02, p12=True)),
        Reaction(ApplicationClosed, closed),
        Reaction(Tick, ticked),
    ),
)


@dataclass
class Wire:
    """A publisher that keeps what it confirmed; `fates` says otherwise for a routing key."""

    sent: list[Outgoing] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)

    async def publish(self, rows: list[Outgoing]) -> list[Fate]:
        fates = [self.fates.get(row.routing_key, Fate.CONFIRMED) for row in rows]
        self.sent += [row for row, fate in zip(rows, fates, strict=True) if fate is Fate.CONFIRMED]
        return fates

    def said(self, key: str) -> list[Outgoing]:
        return [row for row in self.sent if row.routing_key == key]


class Quiet:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, line: str, **_: object) -> None:
        self.lines.append(line)

    warning = info = error


async def answers() -> str:
    return "yes"


async def silent() -> str:
    raise Unavailable("aissik")


class House:
    """Tables that survive, and an engine over them that can be killed and started again."""

    def __init__(self, world: Callable[[], Awaitable[str]] = answers, service: Service = SERVICE) -> None:
        self.clock, self.service = SystemClock(), service
        self.platform = MemoryPlatform()
        self.tables = MemoryTables(service, self.platform, self.clock)
        self.wire, self.log, self.world = Wire(), Quiet(), world
        self.acked: list[str] = []
        self.pace = Pace(refresh=0.01, sweep=0.02, careful=0.0)
        self.start()

    def start(self, weather: Any = None) -> None:
        self.store = MemoryStore(self.tables, SEALER, weather)
        quick = tuple(timedelta(seconds=s) for s in (0.01, 0.02, 0.03))
        context = Context(self.service, self.store, SEALER, Silent(), RULES, KEYS.blind_index, quick)
        ports = Ports(self.store, self.wire, self.clock, SeededIds(2), lambda: self.world(), self.log)  # type: ignore[arg-type]
        self.engine = Engine(context, ports, self.pace)

    def delivery(self, message: Any, id: str | None = "m-1", **changes: Any) -> Delivery:
        async def ack() -> None:
            self.acked.append(str(id))

        body = message if isinstance(message, bytes) else write(message, SEALER)
        key = "fee-paid" if isinstance(message, bytes) else routing_key(message)
        fields: dict[str, Any] = {
            "queue": "q",
            "exchange": "events",
            "routing_key": key,
            "message_id": id,
            "headers": {},
            "body": body,
        }
        return Delivery(**{**fields, "ack": ack, **changes})

    def state(self, id: UUID) -> Tally:
        found = self.tables.state_of(id, SEALER)
        assert isinstance(found, Tally)
        return found

    async def running(self) -> asyncio.Task[None]:
        await self.engine.start()
        return asyncio.create_task(self.engine.run())


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for what must come; fail when it does not."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 — what is waited for lies in tables, not in an event
            await asyncio.sleep(0.005)


def an_id(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))
