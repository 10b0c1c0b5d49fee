"""Named processes under one supervisor: started, watched, started again after a crash, stopped in order."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from deploy.local.child import Child, CommandFailed, together
from deploy.local.folder import REPOSITORY, RunFolder

READY_PATIENCE, STOP_PATIENCE = 60.0, 10.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between a crash and the next start
STEADY = 30.0  # seconds after which an earlier crash counts no more


@dataclass(frozen=True)
class Process:
    """One process to run. Without a port it counts as ready when it runs."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    ready: str = "/ready"

    @classmethod
    def module(cls, name: str, module: str, env: Mapping[str, str], port: int | None = None) -> Process:
        """A Python module of this repository."""
        return cls(name, (sys.executable, "-m", module), env, port)


class Supervisor:
    """`async with Supervisor(folder) as processes:`; what it started ends with it."""

    def __init__(self, folder: RunFolder, *, restart_crashed: bool = True, tell: Callable[[str], None] = print) -> None:
        self._folder, self._restart, self._tell = folder, restart_crashed, tell
        self._children: dict[str, Child] = {}
        self._processes: dict[str, Process] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Supervisor:
        self._client = httpx.AsyncClient(timeout=2.0, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.stop_all()
        finally:
            assert self._client is not None
            await self._client.aclose()

    def list(self) -> Sequence[Process]:
        """What it runs, in the order of starting."""
        return [*self._processes.values()]

    async def start(self, *processes: Process, wait: bool = True) -> None:
        """Start them at once; returns when all are ready. Raises `CommandFailed` with the log of one that is not."""
        for process in processes:
            self._processes[process.name] = process
            self._children[process.name] = Child(
                self._folder, process.name, process.argv, process.env, port=process.port, cwd=REPOSITORY
            )
            await self._children[process.name].start()
        if wait:
            await together(*(self.wait_ready(process.name) for process in processes))
        for process in processes:
            self._watch(process.name)

    async def wait_ready(self, name: str, patience: float = READY_PATIENCE) -> None:
        """Poll its readiness. Raises `CommandFailed` when it ends first (and nobody starts it again) or is too slow."""
        child, deadline = self._children[name], time.monotonic() + patience
        while not await self.is_ready(name):
            if not child.running and name not in self._watchers:
                raise CommandFailed(f"{name} ended before it was ready:\n{child.last_lines()}")
            if time.monotonic() > deadline:
                raise CommandFailed(f"{name} is not ready after {patience:.0f} s:\n{child.last_lines()}")
            await asyncio.sleep(0.1)

    async def is_ready(self, name: str) -> bool:
        process, child = self._processes[name], self._children[name]
        if not child.running or process.port is None:
            return child.running
        assert self._client is not None, "the supervisor was not entered"
        try:
            answer = await self._client.get(f"http://127.0.0.1:{process.port}{process.ready}")
        except httpx.HTTPError:
            return False
        return answer.is_success

    def running(self, name: str) -> bool:
        return self._children[name].running

    def pid(self, name: str) -> int:
        return self._children[name].pid

    def memory(self, name: str) -> int:
        """PSS in bytes; 0 when it does not run."""
        return self._children[name].memory

    def log(self, name: str) -> str:
        return self._children[name].last_lines(10_000)

    async def kill(self, name: str) -> None:
        """SIGKILL. It is started again when the supervisor restarts what crashed."""
        child = self._children[name]
        child.send(signal.SIGKILL)
        if name not in self._watchers:
            await child.wait()

    def pause(self, name: str) -> None:
        """SIGSTOP: alive and silent."""
        self._children[name].send(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._children[name].send(signal.SIGCONT)

    async def stop(self, name: str, patience: float = STOP_PATIENCE) -> None:
        """SIGTERM, then SIGKILL; it stays down until `restart`."""
        watcher = self._watchers.pop(name, None)
        if watcher is not None:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
        await self._children[name].stop(patience=patience)

    async def restart(self, name: str, *, wait: bool = True) -> None:
        await self.stop(name)
        await self.start(self._processes[name], wait=wait)

    async def stop_all(self, names: Iterable[str] | None = None) -> None:
        """All at once: they are strangers to each other, and stop in any order."""
        await asyncio.gather(*(self.stop(name) for name in (names or [*self._children])))

    def _watch(self, name: str) -> None:
        if self._restart and name not in self._watchers:
            self._watchers[name] = asyncio.get_running_loop().create_task(self._bring_back(name))

    async def _bring_back(self, name: str) -> None:
        """Start it again whenever it ends by itself, later after each crash that follows soon."""
        child, pause = self._children[name], FIRST_PAUSE
        while True:
            started = time.monotonic()
            code = await child.wait()
            pause = FIRST_PAUSE if time.monotonic() - started > STEADY else pause
            self._tell(f"{name} ended with {code}; started again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await child.start()
