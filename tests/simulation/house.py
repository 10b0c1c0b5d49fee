"""The eight services as they run: tables and broker that last, incarnations that die at any moment and are replaced."""

from __future__ import annotations

import asyncio
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
from shared.engine.adapters.memory_store import MemoryPlatform
from shared.engine.rows import StoreBusy, StoreLost
from shared.engine.service import Service
from shared.security.objects import MemoryObjects
from shared.security.sealing import KeyringSealer
from shared.topology import definitions
from tests.simulation.chronicle import Chronicle
from tests.simulation.incarnation import KEYS, Incarnation
from tests.simulation.kept import Broker, Tables
from tests.simulation.luck import Luck
from tests.simulation.sometimes.registry import observe
from tests.simulation.sometimes.seen import EAR, Seen, overheard
from tests.simulation.virtual import NEVER, VirtualClock, VirtualLoop
from tests.simulation.web import SERVING, Reply, call, place
from tests.simulation.worlds import Outside

SERVICES: tuple[Service, ...] = (
    INTAKE_SERVICE, IDENTITY_SERVICE, ELIGIBILITY_SERVICE, PAYMENT_SERVICE, REVIEW_SERVICE, PRODUCTION_SERVICE,
    NOTIFICATION_SERVICE, COORDINATOR_SERVICE,
)  # fmt: skip
PATIENCE = 10.0  # seconds that a caller waits for an answer
BROKER = "broker"

Seat = tuple[str, int]
"""A service and which of its processes."""


@lru_cache(maxsize=1)
def topology() -> dict[str, Any]:
    return definitions({})


class House:
    """Everything of one seed. `strike` kills one service between any two turns of the loop."""

    def __init__(self, seed: int, luck: Luck, loop: VirtualLoop) -> None:
        self.seed, self.luck, self.loop = seed, luck, loop
        self.platform = MemoryPlatform()
        self.clock = VirtualClock(luck.origin, self.platform)
        self.chronicle = Chronicle(loop.time)
        self.chance = Random(f"house {seed}")
        self.looks = Random(f"looks {seed}")
        self.outside = Outside(State(seed), luck, self.clock, Random(f"outside {seed}"), self.chronicle)
        self.objects = MemoryObjects(KEYS.object_key, SeededIds(f"{seed} objects").nonce)
        self.sealer = KeyringSealer(KEYS, SeededIds(f"{seed} looks").nonce, lambda: "2025-06")
        self.seen: Seen = set()
        EAR.seen, EAR.slips = self.seen, self._slips
        services = [overheard(service, observe) for service in SERVICES]
        self.tables = {s.name: Tables(s, self.platform, self.clock, self.chronicle) for s in services}
        faults = NO_FAULTS if luck.calm else luck.broker
        self.broker = Broker(self.clock, SeededIds(f"{seed} broker"), faults, topology(), self.chronicle)
        self.broker.slow = self._late
        self.outside.peril = self._peril
        self.seats: dict[Seat, Service] = {(service.name, 0): service for service in services}
        self.seats |= {(service.name, 1): service for service in services if service.name in luck.doubled}
        self.alive: dict[Seat, Incarnation] = {}
        self.born: dict[str, int] = {}
        self.steps: dict[str, int] = {}
        self.crashes = self.restarts = 0
        self.stalled = self.slipped = False
        self.troubled = not luck.calm
        """Whether anything may go wrong any more."""
        loop.call_at(max(0.0, luck.until), self._heal)
        self._arm()

    def start(self, seat: Seat) -> None:
        service = self.seats[seat]
        number = self.born[service.name] = self.born.get(service.name, 0) + 1
        incarnation = self.alive[seat] = Incarnation(self, seat, service, number)
        running = self.loop.create_task(incarnation.run())
        running.add_done_callback(lambda task: self.over(service.name, task))

    def start_all(self) -> None:
        for seat in self.seats:
            self.start(seat)

    @property
    def whole(self) -> bool:
        """Every process runs, and nothing that they stand on is gone."""
        now = self.loop.time()
        return len(self.alive) == len(self.seats) and not any(gap.since <= now < gap.until for gap in self.luck.gaps)

    def state(self, service: str, id: UUID) -> Any:
        return self.tables[service].state_of(id, self.sealer)

    def states(self, service: str) -> list[Any]:
        return list(self.tables[service].all_states(self.sealer).values())

    async def knock(
        self, service: str, method: str, target: str, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply | None:
        """One HTTP call; None when no answer came: nobody was there, it died, it took too long, or it was lost."""
        troubled = self.troubled
        open = [incarnation for (name, _), incarnation in self.alive.items() if name == service]
        if not open:
            return None
        incarnation = open[0] if len(open) == 1 else self.chance.choice(open)
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

    def crash(self, seat: Seat) -> None:
        """The process is gone at once, and comes back after a while as another."""
        self.crashes += 1
        self.chronicle.note(seat[0], "is killed")
        self.alive.pop(seat).kill()
        self.loop.call_later(self.chance.random() * self.luck.pause, self.start, seat)

    async def restart(self, seat: Seat) -> None:
        """The process ends as a host ends it, and another takes its place."""
        incarnation = self.alive.pop(seat, None)
        if incarnation is None:  # it was killed a moment ago
            return
        self.restarts += 1
        self.chronicle.note(seat[0], "is restarted")
        await incarnation.stop()
        self.start(seat)

    def stepped(self, seat: Seat) -> None:
        """A process comes to one of the moments before and after a commit, before and after a publish."""
        self.steps[seat[0]] = number = self.steps.get(seat[0], 0) + 1
        if (seat[0], number) == self.luck.killed_at and seat in self.alive:
            self.crash(seat)

    def stalls(self, seat: Seat) -> bool:
        """Once: of two processes the one that comes first."""
        since, name = self.luck.stalls_from, seat[0]
        if self.stalled or since is None or self.loop.time() < since or {(name, 0), (name, 1)} - self.alive.keys():
            return False
        self.stalled = self.troubled
        return self.stalled

    def gone(self, what: str) -> bool:
        """Whether what the processes stand on is gone now: the broker, or the database of that service."""
        return self.luck.gone(what, self.loop.time())

    def _late(self, queue: str, key: str) -> float:
        """How late that queue hears that word."""
        return self.late_by(queue.partition(".")[0], key) if self.luck.slow else 0.0

    def late_by(self, who: str, name: str) -> float:
        """How many seconds late it is told of that."""
        if not self.troubled:
            return 0.0
        return sum(slow.seconds for slow in self.luck.slow if (slow.who, slow.name) == (who, name))

    def _slips(self, message: Any) -> bool:
        """Whether the decision on that message raises."""
        luck = self.luck
        if not self.troubled:
            return False
        if not self.slipped and type(message).__name__ == luck.slips_on:
            self.slipped = True
            return True
        return luck.slips > 0.0 and self.chance.random() < luck.slips

    def _peril(self, name: str, life: Life) -> None:
        for (service, _), incarnation in self.alive.items():
            if service == name and incarnation.life is life:
                return incarnation.peril()
        return None

    def _heal(self) -> None:
        self.broker.faults = NO_FAULTS
        self.troubled = False

    def over(self, name: str, task: asyncio.Task[None]) -> None:
        """What was to go on for ever has ended: nothing of it may be passed over."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.chronicle.error(name, f"it ended: {_innermost(error)!r}")


def _innermost(error: BaseException) -> BaseException:
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
