"""Who brings the victims down, and up again: each in its own task, healed also when it is cut short."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self
from urllib.parse import quote

import httpx

from deploy.local.servers import Broker, Database
from deploy.local.stack import Stack
from shared.process import SERVICES
from tests.chaos.eyes import Eyes
from tests.chaos.log import Fallen, Log
from tests.chaos.proxy import Way
from tests.chaos.schedule import Kind, To, Victim
from tests.chaos.ways import Ways
from tests.chaos.weather import BOTH, CLEAR
from tests.live.house import until

LOOK_EVERY = 0.2  # seconds
HANDS_FILL = 6.0  # seconds without a broker in which somebody should have committed something
COMES_BACK = 90.0  # seconds until who was killed must be ready again
STOPS = (Kind.STOPPED, Kind.OUTLIVED)
RABBITMQ, POSTGRES = "rabbitmq", "postgres"


class Crew:
    """`async with Crew(...) as crew:` when the block ends nothing is broken any more, unless it failed."""

    def __init__(self, stack: Stack, ways: Ways, http: httpx.AsyncClient, eyes: Eyes, log: Log) -> None:
        self.stack, self.ways, self.http, self.eyes, self.log = stack, ways, http, eyes, log
        self.spared: frozenset[tuple[str, To]] = frozenset()
        """Ways that stay whole for now: what would fall on one falls on the next service's."""
        self._at_work: set[asyncio.Task[None]] = set()
        self._awaiting: set[asyncio.Task[None]] = set()
        self._mends = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._mends = kind is None
        await self.heal()

    async def work(self, victims: Sequence[Victim], until: float) -> None:
        """Let each fall at its moment, counted from now, until so many seconds have passed."""
        began = time.monotonic()
        for victim in victims:
            await asyncio.sleep(max(0.0, began + victim.at - time.monotonic()))
            _kept(self._fall(victim), self._at_work)
        await asyncio.sleep(max(0.0, began + until - time.monotonic()))

    async def heal(self) -> None:
        """Whatever lasts ends now, and who was killed is waited for."""
        await _ended(self._at_work)
        for way in self.ways:
            way.becomes(CLEAR)
        if self._mends:
            await asyncio.gather(*self._awaiting)
        await _ended(self._awaiting)

    async def _fall(self, victim: Victim) -> None:
        befall: dict[Kind, Callable[[Victim], Awaitable[None]]] = {
            Kind.KILLED: self._kill,
            Kind.STOPPED: self._stop,
            Kind.OUTLIVED: self._stop,
            Kind.BROKER: self._kill_broker,
            Kind.DATABASE: self._kill_database,
            Kind.CLOSED: self._close_connections,
            Kind.TERMINATED: self._terminate,
        }
        await befall.get(victim.kind, self._trouble_way)(victim)

    async def _kill(self, victim: Victim) -> None:
        await asyncio.gather(*(self._kill_one(name, victim.words) for name in victim.names))

    async def _kill_one(self, name: str, words: str) -> None:
        """Down until it is ready again, whoever starts it."""
        processes = self.stack.processes
        if not processes.running(name):
            return
        pid, fallen = processes.pid(name), self.log.fell(Kind.KILLED, name, words=words)
        await processes.kill(name)
        for stopped in self.log.lasting:
            if stopped.name == name and stopped.kind in STOPS:
                stopped.rose()
        _kept(self._comes_back(fallen, pid), self._awaiting)
        fallen.count = await self.eyes.strand(name)

    async def _comes_back(self, fallen: Fallen, pid: int) -> None:
        processes, name = self.stack.processes, fallen.name

        async def is_back() -> bool:
            return processes.running(name) and processes.pid(name) != pid and await processes.is_ready(name)

        if await until(is_back, COMES_BACK, every=LOOK_EVERY):
            fallen.rose()

    async def _stop(self, victim: Victim) -> None:
        stopped = {each.name for each in self.log.lasting if each.kind in STOPS}
        name = _next(victim.names[0], lambda name: name not in stopped)
        fallen = self.log.fell(victim.kind, name, words=victim.words)
        self.stack.processes.pause(name)
        try:
            await asyncio.sleep(victim.lasts)
        finally:
            self.stack.processes.resume(name)
            fallen.rose()

    async def _kill_broker(self, victim: Victim) -> None:
        """Nothing that is committed meanwhile can be published; then those die who have it in hand."""

        async def meanwhile() -> None:
            await asyncio.sleep(victim.lasts)
            await until(self._held, HANDS_FILL, every=LOOK_EVERY)
            holding = await self.eyes.holding()
            await self._kill(replace(victim, names=tuple(holding)[: len(victim.names)] or victim.names))

        await self._kill_server(self.stack.broker, Kind.BROKER, RABBITMQ, victim, meanwhile())

    async def _held(self) -> bool:
        return bool(await self.eyes.holding())

    async def _kill_database(self, victim: Victim) -> None:
        await self._kill_server(self.stack.database, Kind.DATABASE, POSTGRES, victim, asyncio.sleep(victim.lasts))

    async def _kill_server(
        self, server: Broker | Database, kind: Kind, name: str, victim: Victim, meanwhile: Coroutine[Any, Any, None]
    ) -> None:
        fallen = self.log.fell(kind, name, words=victim.words)
        try:
            await server.kill()
            await meanwhile
        finally:
            if self._mends:
                await server.restart()
                fallen.rose()

    async def _close_connections(self, victim: Victim) -> None:
        """By the broker's management API, which knows them by their users: the services' names."""
        broker = self.stack.broker.address
        with suppress(httpx.HTTPError):
            answer = await self.http.get(f"{broker.management_url}/api/connections", auth=broker.administrator)
            answer.raise_for_status()
            for name in victim.names:
                theirs = [each["name"] for each in answer.json() if each.get("user") == name]
                fallen = self.log.fell(Kind.CLOSED, name, To.BROKER, victim.words)
                for connection in theirs:
                    path = f"{broker.management_url}/api/connections/{quote(connection, safe='')}"
                    closed = await self.http.delete(path, auth=broker.administrator)
                    fallen.count += closed.is_success
                fallen.rose()

    async def _terminate(self, victim: Victim) -> None:
        for name in victim.names:
            fallen = self.log.fell(Kind.TERMINATED, name, To.DATABASE, victim.words)
            fallen.count = await self.eyes.terminate(name)
            fallen.rose()

    async def _trouble_way(self, victim: Victim) -> None:
        assert victim.to is not None
        to = victim.to
        name = _next(victim.names[0], lambda name: (name, to) not in self.spared and self._is_clear(name, to))
        fallen = self.log.fell(victim.kind, name, to, victim.words)
        ways = self.ways.between(name, to)
        try:
            if victim.kind is Kind.RESET:
                fallen.count = sum(way.reset() for way in ways)
            elif victim.kind is Kind.HALF_CLOSED:
                fallen.count = sum(way.half_close(victim.directions[0]) for way in ways)
            else:
                await self._change(ways, victim)
        finally:
            fallen.rose()

    async def _change(self, ways: Sequence[Way], victim: Victim) -> None:
        try:
            for way in ways:
                way.becomes(victim.weather, victim.directions)
            await asyncio.sleep(victim.lasts)
        finally:
            for way in ways:
                way.becomes(CLEAR)

    def _is_clear(self, name: str, to: To) -> bool:
        return all(way.weather_of(direction)().clear for way in self.ways.between(name, to) for direction in BOTH)


def _next(name: str, fits: Callable[[str], bool]) -> str:
    """That one, or the next service that fits; that one when none does."""
    at = SERVICES.index(name) if name in SERVICES else 0
    return next((other for other in (name, *SERVICES[at:], *SERVICES[:at]) if fits(other)), name)


def _kept(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    working = tuple(tasks)
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
