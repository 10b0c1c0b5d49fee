"""The eight services as they run: tables and broker that last, incarnations that die at any moment and are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from deploy.sandbox.systems.state import State
from services.eligibility.app import SERVICE as ELIGIBILITY_SERVICE
from services.identity_verification.app import SERVICE as IDENTITY_SERVICE
from services.intake.app import SERVICE as INTAKE_SERVICE
from services.notification.app import SERVICE as NOTIFICATION_SERVICE
from services.payment.app import SERVICE as PAYMENT_SERVICE
from services.production_dispatch.app import SERVICE as PRODUCTION_SERVICE
from services.saga_coordinator.app import SERVICE as COORDINATOR_SERVICE
from services.ums_review.app import SERVICE as REVIEW_SERVICE
from shared.clock import SeededIds
from shared.engine.adapters.memory_broker import NO_FAULTS
from shared.engine.adapters.memory_queue import Life
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.rows import Delivery, Fate, Outgoing, StoreBusy, StoreLost
from shared.engine.service import Service
from shared.engine.work import Context
from shared.law.rules import Rules
from shared.security.keyring import Keyring
from shared.security.objects import MemoryObjects
from shared.security.sealing import KeyringSealer
from shared.topology import definitions
from tests.simulation.chronicle import Chronicle, Lines, Witness
from tests.simulation.gateways import world_of
from tests.simulation.kept import Broker, Tables
from tests.simulation.luck import Luck
from tests.simulation.mutants import Mutant, engine_of, forgetful
from tests.simulation.reads import Reads
from tests.simulation.virtual import NEVER, VirtualClock, VirtualLoop
from tests.simulation.web import SERVING, Reply, call, place
from tests.simulation.worlds import Outside

SERVICES: tuple[Service, ...] = (
    INTAKE_SERVICE, IDENTITY_SERVICE, ELIGIBILITY_SERVICE, PAYMENT_SERVICE, REVIEW_SERVICE, PRODUCTION_SERVICE,
    NOTIFICATION_SERVICE, COORDINATOR_SERVICE,
)  # fmt: skip
KEYS = Keyring.derived(b"simulation")
PACE = Pace(refresh=20.0, sweep=20.0, careful=5.0, inbox_every=1e9)
SIM_RULES = Rules(poll=timedelta(seconds=2))
TURNS = 0.5
"""How many of the statements let others run first, while anything may go wrong."""
PATIENCE = 10.0  # seconds that a caller waits for an answer


@lru_cache(maxsize=1)
def topology() -> dict[str, Any]:
    return definitions({})


class Incarnation:
    """One process of one service. After `kill` its ports are dead, and whatever it was doing never ends."""

    def __init__(self, house: House, service: Service, number: int) -> None:
        self.service, self.number, self.life, self.house = service, number, Life(), house
        ids = SeededIds(f"{house.seed} {service.name} {number}")
        clock = self.clock = VirtualClock(house.luck.origin, house.platform, self.life)
        self.keyring, self.objects = KEYS, house.objects
        self.sealer = KeyringSealer(KEYS, ids.nonce, lambda: f"{clock.now():%Y-%m}")
        self.tables = house.tables[service.name]
        self.reads = Reads(self.tables, self.sealer, self.life.go_on)
        self.store = MemoryStore(self.tables, self.sealer, self._weather)
        self.publisher = Publisher(self)
        witness = Witness(house.chronicle, service.name)
        context = Context(service, self.store, self.sealer, witness, SIM_RULES, KEYS.blind_index)
        log = Lines(house.chronicle, service.name)
        ports = Ports(self.store, self.publisher, clock, ids, world_of(service.name, house.outside, self), log)
        self.engine: Engine = engine_of(house.mutant)(context, ports, PACE)
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
        if not self.life.ended and house.troubled and house.chance.random() < house.luck.peril:
            house.crash(self.service.name)

    async def _weather(self, statement: str) -> None:
        """What befalls one statement."""
        house = self.house
        if not house.troubled:
            return
        chance, luck = house.chance, house.luck
        if chance.random() < luck.slow_statements:
            await asyncio.sleep(chance.random() * 0.05)
        elif chance.random() < TURNS:
            await asyncio.sleep(0)
        self.peril()
        if chance.random() < luck.store_busy and statement != "committed":
            raise StoreBusy("bad luck")
        if chance.random() < luck.store_lost:
            raise StoreLost("bad luck")

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
        self._incarnation.peril()
        fates = await self._wire.publish(rows)
        self._incarnation.peril()
        await self._incarnation.life.go_on()
        return fates


class House:
    """Everything of one seed. `strike` kills one service between any two turns of the loop."""

    def __init__(self, seed: int, luck: Luck, loop: VirtualLoop, mutant: Mutant = Mutant.NONE) -> None:
        self.seed, self.luck, self.loop, self.mutant = seed, luck, loop, mutant
        self.platform = MemoryPlatform()
        self.clock = VirtualClock(luck.origin, self.platform)
        self.chronicle = Chronicle(loop.time)
        self.chance = Random(f"house {seed}")
        self.outside = Outside(State(seed), luck, self.clock, Random(f"outside {seed}"), self.chronicle)
        self.objects = MemoryObjects(KEYS.object_key, SeededIds(f"{seed} objects").nonce)
        self.sealer = KeyringSealer(KEYS, SeededIds(f"{seed} looks").nonce, lambda: "2025-06")
        self.tables = {s.name: Tables(s, self.platform, self.clock, self.chronicle) for s in SERVICES}
        if mutant is Mutant.NO_INBOX:
            forgetful(self.tables.values())
        faults = NO_FAULTS if luck.calm else luck.broker
        self.broker = Broker(self.clock, SeededIds(f"{seed} broker"), faults, topology(), self.chronicle)
        self.outside.peril = self._peril
        self.alive: dict[str, Incarnation] = {}
        self.born: dict[str, int] = {}
        self.crashes = 0
        loop.call_at(max(0.0, luck.until), self._heal)
        self._arm()

    def start(self, service: Service) -> None:
        number = self.born[service.name] = self.born.get(service.name, 0) + 1
        incarnation = self.alive[service.name] = Incarnation(self, service, number)
        running = self.loop.create_task(incarnation.run())
        running.add_done_callback(lambda task: self._over(service.name, task))

    def start_all(self) -> None:
        for service in SERVICES:
            self.start(service)

    def state(self, service: str, id: UUID) -> Any:
        return self.tables[service].state_of(id, self.sealer)

    def states(self, service: str) -> list[Any]:
        return list(self.tables[service].all_states(self.sealer).values())

    @property
    def troubled(self) -> bool:
        """Whether anything may go wrong any more."""
        return self.loop.time() < self.luck.until

    async def knock(
        self, service: str, method: str, target: str, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply | None:
        """One HTTP call; None when no answer came: nobody was there, it died, it took too long, or it was lost."""
        troubled = self.troubled
        incarnation = self.alive.get(service)
        if incarnation is None:
            return None
        serving = self.loop.create_task(self._serve(incarnation, method, target, content, headers or {}))
        if troubled and self.chance.random() < self.luck.doubled_calls:
            self.loop.create_task(self._serve(incarnation, method, target, content, headers or {}))
        await asyncio.wait({serving}, timeout=PATIENCE)
        lost = troubled and self.chance.random() < self.luck.lost_calls
        reply = serving.result() if serving.done() and not incarnation.life.ended and not lost else None
        self.chronicle.note("http", f"{service} {method} {target} {reply.status if reply else 'no answer'}")
        return reply

    async def _serve(self, incarnation: Incarnation, *called: Any) -> Reply:
        SERVING.set(incarnation)
        method, target, content, headers = called
        try:
            return await call(place().apps[incarnation.service.name], method, target, content, headers)
        except (StoreBusy, StoreLost):
            return Reply(503, b"")
        except Exception as error:  # noqa: BLE001  told as what must not be
            self.chronicle.error("http", f"{method} {target} raised {type(error).__name__}", says=str(error)[:200])
            return Reply(500, b"")

    def _arm(self) -> None:
        every = self.luck.crash_every
        self.loop.strike = self._strike
        self.loop.strike_at = self.loop.turns + 1 + int(self.chance.expovariate(1 / every)) if every else NEVER

    def _strike(self) -> None:
        """Between two turns somebody dies, whoever it is."""
        if self.troubled:
            if self.alive:
                self.crash(self.chance.choice(list(self.alive)))
            self._arm()

    def crash(self, name: str) -> None:
        """The process is gone at once, and comes back after a while as another."""
        self.crashes += 1
        self.chronicle.note(name, "is killed")
        self.alive.pop(name).kill()
        again = next(service for service in SERVICES if service.name == name)
        self.loop.call_later(self.chance.random() * self.luck.pause, self.start, again)

    def _peril(self, name: str, life: Life) -> None:
        incarnation = self.alive.get(name)
        if incarnation is not None and incarnation.life is life:
            incarnation.peril()

    def _heal(self) -> None:
        self.broker.faults = NO_FAULTS

    def _over(self, name: str, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.chronicle.error(name, f"the engine ended: {_innermost(error)!r}")


def _innermost(error: BaseException) -> BaseException:
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error

