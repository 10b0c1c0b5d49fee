"""One process of one service: a real engine over ports that can die with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from shared.clock import SeededIds
from shared.engine.adapters.memory_queue import Life
from shared.engine.adapters.memory_store import MemoryStore
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.rows import Delivery, Fate, Outgoing, StoreBusy, StoreLost
from shared.engine.service import Service
from shared.engine.work import Context
from shared.law.rules import Rules
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer
from tests.simulation.chronicle import Lines, Witness
from tests.simulation.gateways import world_of
from tests.simulation.reads import Reads
from tests.simulation.sometimes.seen import Keen
from tests.simulation.virtual import VirtualClock

if TYPE_CHECKING:
    from tests.simulation.house import House, Seat

KEYS = Keyring.derived(b"simulation")
PACE = Pace(refresh=60.0, sweep=60.0, keep=25.0, careful=5.0, inbox_every=1e9)
SIM_RULES = Rules(poll=timedelta(seconds=2))
MOST_KNOWN = 10_000
STALL = 45.0
"""Seconds that a process stands still; the lease of a due row is shorter."""
TURNS = 0.08
"""How many of the statements let others run first, while anything may go wrong."""


class KnowingSealer(KeyringSealer):
    """What was opened once need not be opened again: tokens are never used twice."""

    _known: ClassVar[dict[tuple[str, UUID], bytes]] = {}

    def open(self, token: str, bound_to: UUID) -> bytes:
        known = self._known.get((token, bound_to))
        if known is None:
            known = super().open(token, bound_to)
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[token, bound_to] = known
        return known


class Incarnation:
    """One process of one service. After `kill` its ports are dead, and whatever it was doing never ends."""

    def __init__(self, house: House, seat: Seat, service: Service, number: int) -> None:
        self.seat, self.service, self.number, self.life, self.house = seat, service, number, Life(), house
        self._ends = False
        self._still_until = 0.0
        luck = house.luck
        rates = {"slow": luck.slow_statements, "turn": TURNS, "busy": luck.store_busy, "lost": luck.store_lost}
        self._befalling = [(what, rate) for what, rate in rates.items() if rate]
        ids = SeededIds(f"{house.seed} {service.name} {number}")
        clock = self.clock = VirtualClock(house.luck.origin, house.platform, self.life)
        self.keyring, self.objects = KEYS, house.objects
        self.sealer = KnowingSealer(KEYS, ids.nonce, lambda: f"{clock.now():%Y-%m}")
        self.tables = house.tables[service.name]
        self.reads = Reads(self.tables, self.sealer, self.life.go_on)
        self.store = MemoryStore(self.tables, self.sealer, self._weather)
        self.publisher = Publisher(self)
        witness = Witness(house.chronicle, service.name)
        context = Context(service, self.store, self.sealer, witness, SIM_RULES, KEYS.blind_index)
        log = Lines(house.chronicle, service.name)
        ports = Ports(self.store, self.publisher, clock, ids, world_of(service.name, house.outside, self), log)
        self.engine: Engine = Keen(context, ports, PACE, house.seen, house.chronicle.broken)
        self.listener: Any = None

    async def run(self) -> None:
        """Start as a host does, and go on for ever."""
        unclean = await self.engine.start()
        self.listener = self.house.broker.listener(self.service.name, self._take, careful=unclean)
        if self.life.ended:
            self.listener.kill()
            return
        await self.listener.start()
        await self.engine.run()

    def peril(self) -> None:
        """This may be its last moment."""
        house = self.house
        may = house.troubled and house.luck.peril and not (self.life.ended or self._ends)
        if may and house.chance.random() < house.luck.peril:
            house.crash(self.seat)

    async def _weather(self, statement: str) -> None:
        """What befalls one statement."""
        house = self.house
        if statement in ("commit", "committed"):
            house.stepped(self.seat)
        if statement == "finish" and house.stalls(self.seat):
            self._still_until = house.loop.now + STALL
        if self._still_until > house.loop.now:
            await asyncio.sleep(self._still_until - house.loop.now)
        if not house.troubled:
            return
        if house.luck.gaps and house.gone(self.service.name):
            await asyncio.sleep(0.01)
            raise StoreLost("the database is gone")
        at = house.chance.random()
        for befalls, rate in self._befalling:
            at -= rate
            if at < 0.0:
                await self._befalls(befalls, statement)
                break
        self.peril()

    async def _befalls(self, what: str, statement: str) -> None:
        if what == "slow":
            await asyncio.sleep(self.house.chance.random() * 0.05)
        elif what == "turn":
            await asyncio.sleep(0)
        elif what == "lost" or statement != "committed":
            self.peril()
            raise StoreLost("bad luck") if what == "lost" else StoreBusy("bad luck")

    async def stop(self) -> None:
        """As a host does at SIGTERM: take nothing new, finish what is in hand, leave an orderly end."""
        self._ends = True
        if self.listener is not None:
            await self.listener.stop()
        while self.engine.relay.held or self.engine.relay.busy:
            await asyncio.sleep(0.05)
            if self.house.loop.time() > self.house.luck.until:
                break
        try:
            await self.store.end(self.clock.now())
        except (StoreBusy, StoreLost):
            self.house.chronicle.note(self.service.name, "ends without a word")
        self.kill()

    def kill(self) -> None:
        self.life.ended = True
        self.store.kill()
        self.publisher.kill()
        if self.listener is not None:
            self.listener.kill()

    async def _take(self, delivery: Delivery) -> None:
        try:
            await self.engine.take(delivery)
        except Exception as error:
            self.house.chronicle.error(self.service.name, f"take raised {type(error).__name__}", says=str(error)[:200])
            raise


class Publisher:
    """The broker's publisher of one process, which may die before it or after it."""

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation = incarnation
        self._wire = incarnation.house.broker.publisher(incarnation.service.name)

    def kill(self) -> None:
        self._wire.kill()

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        house, seat = self._incarnation.house, self._incarnation.seat
        self._incarnation.peril()
        house.stepped(seat)
        await self._incarnation.life.go_on()
        fates = await self._wire.publish(rows)
        self._incarnation.peril()
        house.stepped(seat)
        await self._incarnation.life.go_on()
        return fates
