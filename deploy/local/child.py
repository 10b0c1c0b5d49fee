"""One process of ours: started with a log and a record, dying with us, stopped politely or killed on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from deploy.local.belongings import Footprint, memory_of
from deploy.local.folder import RunFolder, write_private

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class CommandFailed(RuntimeError):
    """A command ended badly; the text has its last lines."""


@dataclass(frozen=True)
class User:
    """An unprivileged user to run as; only root can."""

    uid: int
    gid: int


class Child:
    """A process that may be started, stopped and killed many times under one name."""

    def __init__(
        self,
        folder: RunFolder,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        port: int | None = None,
        user: User | None = None,
        cwd: Path | None = None,
        at_our_death: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.folder, self.name, self.argv, self.env, self.port = folder, name, list(argv), dict(env), port
        self._user, self._cwd, self._at_our_death = user, cwd, at_our_death
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        return self.folder.logs / f"{self.name}.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Raises `RuntimeError` when it is not running."""
        if self._process is None or self._process.returncode is not None:
            raise RuntimeError(f"{self.name} is not running")
        return self._process.pid

    @property
    def memory(self) -> int:
        """PSS in bytes; 0 when it is not running."""
        return memory_of(self.pid) if self.running else 0

    async def start(self) -> None:
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv,
                env={**self.env, **self.folder.mark},
                cwd=self._cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop the rest in order
                preexec_fn=partial(_die_with, os.getpid(), self._at_our_death),
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
            )
        record = Footprint.of(self.name, self._process.pid, self.port)
        write_private(self._record, record.to_json())

    async def wait(self) -> int:
        """Wait for its end; returns its exit code (negative: the signal)."""
        assert self._process is not None, f"{self.name} was never started"
        code = await self._process.wait()
        self._record.unlink(missing_ok=True)
        return code

    async def stop(self, polite: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> None:
        """Ask to end, and kill after `patience` seconds; a stopped child stays stopped."""
        if self._process is None:
            return
        self.send(polite)
        self.send(signal.SIGCONT)
        try:
            await asyncio.wait_for(self.wait(), patience)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self._process is not None:
            self.send(signal.SIGKILL)
            await self.wait()

    def send(self, number: signal.Signals) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def last_lines(self, count: int = 15) -> str:
        """The end of its log, for a message to a person."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
        return ""

    @property
    def _record(self) -> Path:
        return self.folder.pids / f"{self.name}.json"


async def run_to_end(
    folder: RunFolder,
    name: str,
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    user: User | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a command; raises `CommandFailed` with the end of its log. Cancelled, it is killed."""
    child = Child(folder, name, argv, env, user=user, cwd=cwd)
    try:
        await child.start()
        code = await child.wait()
    finally:
        await child.kill()
    if code != 0:
        raise CommandFailed(f"`{' '.join(argv[:6])} …` ended with {code}:\n{child.last_lines()}")


async def poll(condition: Callable[[], Awaitable[bool]], child: Child, patience: float, waiting_for: str) -> None:
    """Wait until the condition holds; raises `CommandFailed` when the child dies or `patience` seconds pass."""

    async def settled() -> bool:
        return not child.running or await condition()

    if not await until(settled, patience):
        raise CommandFailed(f"{waiting_for}: not after {patience:.0f} s\n{child.last_lines()}")
    if not child.running:
        raise CommandFailed(f"{child.name} ended while we waited for {waiting_for}:\n{child.last_lines()}")


async def until(condition: Callable[[], Awaitable[bool]], patience: float) -> bool:
    """Look twenty times a second; False when `patience` seconds pass before the condition holds."""
    end = time.monotonic() + patience
    while not await condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True


async def together(*work: Coroutine[Any, Any, object]) -> None:
    """Do it all at once; the first failure cancels the rest and is raised as it is, not as a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in work:
                group.create_task(part)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _die_with(parent: int, number: int) -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)
