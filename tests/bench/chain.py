"""One system of the chain, once: start it, warm up, drive the closed loop, look that every hop was made once."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx

from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.broker_api import upload
from deploy.postgres.bootstrap import connected
from tests.bench.driver import Driver
from tests.bench.figures import Run
from tests.bench.hops import HOPS
from tests.bench.machine import Usage, calibration, load
from tests.bench.systems import Command, System, environment
from tests.servers import Servers

WARM_UP = 8  # applications through every process before anything is measured
STARTS_WITHIN, STOPS_WITHIN = 60.0, 20.0  # seconds; who is killed begins the next round carefully
Pids = Mapping[str, Sequence[int]]


class NotOnce(RuntimeError):
    """A system that promises each effect once did not keep it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a system keeps for the whole bench: its database and its roles' passwords."""

    database: DatabaseAddress
    passwords: Mapping[str, str]


class Chain:
    """Runs systems one at a time over one broker and one database server."""

    def __init__(self, servers: Servers, keys: Path, logs: Path, server_pids: Pids, own_pid: int) -> None:
        self._servers, self._keys, self._logs = servers, keys, logs
        self._server_pids, self._own_pid = server_pids, own_pid
        self._places: dict[str, Place] = {}

    async def run(self, system: System, window: int, seconds: float, times: int = 1) -> Run:
        """`times`: how often each first message is sent. Raises `Lost`, `NotOnce`; `TimeoutError` if nothing starts."""
        place = await self._place(system)
        async with self._vhost(system) as broker:
            commands = system.commands(window, seconds)
            async with self._processes(system, commands, broker, place) as processes:
                measured = self._driven if system.enter is not None else self._told
                run, applications = await measured(system, broker, processes, window, seconds, times)
            async with connected(place.database.url()) as connection:
                hops = await system.hops_of(connection)
                left = await system.left_over(connection)
        wrong = [id for id in applications if hops.get(id, 0) != HOPS]
        if system.services and (wrong or left):
            raise NotOnce(f"{system.name}: {len(wrong)} of {len(applications)} applications, {left} rows unpublished")
        return run

    async def _driven(
        self, system: System, broker: BrokerAddress, processes: Sequence[asyncio.subprocess.Process], window: int,
        seconds: float,
        times: int,
    ) -> tuple[Run, list[UUID]]:  # fmt: skip
        assert system.enter is not None
        async with Driver(broker.url(), system.enter, times) as driver:
            await asyncio.wait_for(asyncio.gather(*(driver.one() for _ in range(WARM_UP))), STARTS_WITHIN)
            warm = set(driver.latencies)
            speed, busy, usage = calibration(), load(), self._usage(processes)
            took = await driver.run(window, seconds)
            spent = usage.spent()
            latencies = tuple(taken for id, taken in driver.latencies.items() if id not in warm)
            if system.services and driver.twice:
                raise NotOnce(f"{system.name}: {driver.twice} arrived twice")
            await asyncio.sleep(0.3)  # the last outbox rows are dropped after their message has arrived
            run = Run(len(latencies) / took, len(latencies), latencies, spent, took, speed, busy)
            return run, list(driver.latencies)

    async def _told(
        self, system: System, broker: BrokerAddress, processes: Sequence[asyncio.subprocess.Process], window: int,
        seconds: float,
        times: int,
    ) -> tuple[Run, list[UUID]]:  # fmt: skip
        """A system without a broker keeps the loop itself and tells what it measured."""
        for process in processes:
            await asyncio.wait_for(_line(process), STARTS_WITHIN)
        speed, busy, usage = calibration(), load(), self._usage(processes)
        for process in processes:
            _say(process)
        told = [json.loads(await asyncio.wait_for(_line(process), seconds + STARTS_WITHIN)) for process in processes]
        spent = usage.spent()
        for process in processes:
            _say(process)
        took = max(each["ended"] for each in told) - min(each["began"] for each in told)
        latencies = tuple(taken for each in told for taken in each["latencies"])
        applications = [UUID(id) for each in told for id in each["applications"]]
        return Run(len(latencies) / took, len(latencies), latencies, spent, took, speed, busy), applications

    def _usage(self, processes: Sequence[asyncio.subprocess.Process]) -> Usage:
        return Usage({**self._server_pids, "python": (self._own_pid, *(process.pid for process in processes))})

    async def _place(self, system: System) -> Place:
        if system.name not in self._places:
            address, passwords = await self._servers.new_database(*system.services)
            async with connected(address.url()) as connection:
                await system.prepare(connection)
            self._places[system.name] = Place(address, passwords)
        return self._places[system.name]

    @asynccontextmanager
    async def _vhost(self, system: System) -> AsyncIterator[BrokerAddress]:
        """A vhost of its own, thrown away afterwards: nothing of one run meets the next."""
        address = replace(self._servers.broker.address, vhost=f"bench-{system.name}-{secrets.token_hex(3)}")
        right = {"user": address.user, "vhost": address.vhost, "configure": ".*", "write": ".*", "read": ".*"}
        await upload(address, {**system.topology, "permissions": [right]})
        try:
            yield address
        finally:
            async with httpx.AsyncClient(timeout=30.0, trust_env=False, auth=address.administrator) as client:
                await client.delete(f"{address.management_url}/api/vhosts/{quote(address.vhost, safe='')}")

    @asynccontextmanager
    async def _processes(
        self, system: System, commands: Sequence[Command], broker: BrokerAddress, place: Place
    ) -> AsyncIterator[list[asyncio.subprocess.Process]]:
        processes: list[asyncio.subprocess.Process] = []
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            for number, command in enumerate(commands):
                url = place.database.url()
                if command.schema:
                    url = place.database.url(command.schema, place.passwords[command.schema])
                with (self._logs / f"{system.name}-{number}.log").open("wb") as log:
                    processes.append(
                        await asyncio.create_subprocess_exec(
                            *command.argv, env=environment(command, broker.url(), url, self._keys), cwd=command.folder,
                            stdin=asyncio.subprocess.PIPE, stderr=log, limit=2**24, start_new_session=True,
                            stdout=log if system.enter is not None else asyncio.subprocess.PIPE,
                        )
                    )  # fmt: skip
            yield processes
        finally:
            await asyncio.gather(*(_stopped(process) for process in processes))


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"process {process.pid} ended before it was ready")
    return line


def _say(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")


async def _stopped(process: asyncio.subprocess.Process) -> None:
    """Asked first; what of its group is there afterwards is killed."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), STOPS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
