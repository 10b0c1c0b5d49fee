"""Processes of one service that ask systems which are silent for minutes: over tables in memory in virtual time, or
over a real PostgreSQL while the clock is moved.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

import asyncpg

from shared.clock import SeededIds
from shared.contracts.payment import FeePaid
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.adapters.postgres import Pool, PostgresStore, connect
from shared.engine.adapters.postgres_transaction import PostgresTransaction
from shared.engine.decision import Given, Outage
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Store
from shared.engine.rows import Dependency, Unavailable
from shared.engine.service import AskPolicy, Reaction, Service, Table
from shared.engine.work import Context
from shared.law.rules import RULES
from shared.telemetry import Silent
from tests.engine.house import KEYS, SEALER, Quiet, Tally, Wire, answered
from tests.engine.moved_time import MovedLoop, run_moved
from tests.simulation.virtual import VirtualClock, VirtualLoop, run

T = TypeVar("T")
Loop = VirtualLoop | MovedLoop
ORIGIN = datetime(2025, 10, 6, 4, tzinfo=UTC)
SCHEMA = "recovery"
TABLES = ("inbox", "outbox", "due", "claim", "incarnation", "tally", "step", "audit")


@dataclass
class Registry:
    """Silent until a moment; every call with its moment."""

    clock: VirtualClock
    answers_from: float
    name: str
    takes: float = 0.0
    calls: list[float] = field(default_factory=list)

    async def answer(self) -> str:
        self.calls.append(self.clock.monotonic())
        await self.clock.sleep(self.takes)
        if self.clock.monotonic() < self.answers_from:
            raise Unavailable(self.name)
        return "yes"

    def after(self, moment: float) -> list[float]:
        return [call for call in self.calls if call >= moment]


def paid(system: str, number: int) -> FeePaid:
    """Something for that system to be asked about."""
    id = uuid5(UUID(int=7), f"{system} {number}")
    return FeePaid(application_id=id, receipt_id=f"{system} {number}", amount=786, paid_at=ORIGIN)


def system_of(said: FeePaid) -> str:
    return said.receipt_id.partition(" ")[0]


async def ask(state: Tally, said: FeePaid, world: Mapping[str, Registry], given: Given) -> str:
    return await world[system_of(said)].answer()


def service_of(policies: Mapping[str, AskPolicy]) -> Service:
    reaction = Reaction(FeePaid, answered, asks=ask, policy=lambda state, said: policies[system_of(said)])
    return Service(SCHEMA, Table(f"{SCHEMA}.tally", Tally), (reaction,))


class Room(Protocol):
    """Where the rows lie, and how the clock goes there. `crowd`: so many wait in all."""

    crowd: int

    def play(self, main: Callable[[Loop], Coroutine[Any, Any, T]]) -> T: ...
    def store(self, service: Service, clock: VirtualClock) -> Store: ...


class MemoryRoom:
    """Everything in this interpreter, in virtual time."""

    crowd = 200

    def __init__(self) -> None:
        self.tables: MemoryTables | None = None

    def play(self, main: Callable[[Loop], Coroutine[Any, Any, T]]) -> T:
        self.tables = None
        return run(main)

    def store(self, service: Service, clock: VirtualClock) -> Store:
        if self.tables is None:
            self.tables = MemoryTables(service, MemoryPlatform(), clock)
        return MemoryStore(self.tables, SEALER)


class WatchedStore(PostgresStore):
    """No time passes while the database is asked."""

    def __init__(self, loop: MovedLoop, pool: Pool, service: Service, ids: SeededIds) -> None:
        super().__init__(pool, service, SEALER, ids)
        self._loop = loop

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        with self._loop.awaiting():
            return await super().fetch(query, *values)

    async def execute(self, query: str, *values: Any) -> int:
        with self._loop.awaiting():
            return await super().execute(query, *values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        with self._loop.awaiting():
            async with super().transaction() as transaction:
                yield transaction


class PostgresRoom:
    """A database of a real server; the clock is moved. Whoever waits costs statements, and so time of ours."""

    crowd = 80

    def __init__(self, admin_url: str, url: str) -> None:
        self.admin_url, self.url = admin_url, url
        self._ids = SeededIds("recovery")
        self._held: tuple[MovedLoop, Pool] | None = None

    def play(self, main: Callable[[Loop], Coroutine[Any, Any, T]]) -> T:
        async def whole(loop: MovedLoop) -> T:
            with loop.awaiting():
                await self._clear()
                pool = await connect(self.url, service_of({}))
            self._held = loop, pool
            try:
                return await main(loop)
            finally:
                await loop.ends()
                with loop.awaiting():
                    await pool.close()

        return run_moved(whole)

    def store(self, service: Service, clock: VirtualClock) -> Store:
        assert self._held is not None
        return WatchedStore(*self._held, service, self._ids)

    async def _clear(self) -> None:
        """A database with nothing in it."""
        admin = await asyncpg.connect(self.admin_url)
        await admin.execute("truncate " + ", ".join(f"{SCHEMA}.{table}" for table in TABLES))
        await admin.execute("delete from platform.dependency")
        await admin.close()


class Office:
    """Several processes of one service in one room, and the systems that they ask."""

    def __init__(
        self, room: Room, loop: Loop, answers_from: float, policies: Sequence[AskPolicy], processes: int = 2
    ) -> None:
        self.loop, self.room, self.policies = loop, room, {each.dependency: each for each in policies}
        self.clock = VirtualClock(ORIGIN, MemoryPlatform())
        self.registries = {name: Registry(self.clock, answers_from, name) for name in self.policies}
        self.asked: dict[str, list[UUID]] = {name: [] for name in self.policies}
        self.states: dict[UUID, Tally] = {}
        self.rows: Mapping[str, Dependency] = {}
        self.engines = [self._engine(service_of(self.policies), number) for number in range(processes)]

    def _engine(self, service: Service, number: int) -> Engine:
        store = self.room.store(service, self.clock)

        def apart(name: str) -> timedelta:
            return timedelta(seconds=1 / self.policies[name].per_second)

        context = Context(service, store, SEALER, Silent(), RULES, KEYS.blind_index, apart=apart)
        ports = Ports(store, Wire(), self.clock, SeededIds(number), self.registries, Quiet())  # type: ignore[arg-type]
        return Engine(context, ports, Pace(inbox_every=1e9))

    async def open(self) -> None:
        for engine in self.engines:
            await engine.start()
            self.loop.create_task(engine.run())

    async def fill(self, count: int) -> None:
        """So many wait for each system."""
        for system, asked in self.asked.items():
            for number in range(count):
                said = paid(system, number)
                asked.append(said.application_id)
                await self.engines[0].act(said, f"callback/{system}/{number}")

    async def look(self) -> None:
        """What stands in the tables now: states, and the breakers as all processes see them."""
        for ids in self.asked.values():
            self.states |= {id: await self.engines[0].read(id) for id in ids}
        self.rows = (await self.engines[0].ports.store.platform()).dependencies

    def answered(self, system: str) -> int:
        return self._with(system, "yes")

    def redirected(self, system: str) -> int:
        """Of how many it was decided that they go to ЦОН (p.12)."""
        return self._with(system, str(Outage(system)))

    def _with(self, system: str, answer: str) -> int:
        return sum(self.states[id].answer == answer for id in self.asked[system])
