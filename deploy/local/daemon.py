"""The stack in the background: a process that supervises it, what it says of itself, and how to end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deploy.local import layout, trying, workstations
from deploy.local.business_day import BusinessDay
from deploy.local.child import CommandFailed
from deploy.local.folder import REPOSITORY, AlreadyRunning, RunFolder, write_private
from deploy.local.running import Addressed
from deploy.local.servers import NoServer
from deploy.local.stack import Stack, run
from deploy.postgres.migrate import EditedMigration
from shared.process import PRODUCTION, REVIEW

PLAIN = (AlreadyRunning, NoServer, CommandFailed, EditedMigration)  # their text is for a person, without a traceback
STOP_PATIENCE = 45.0  # seconds
STARTING, READY, FAILED, STOPPED = "starting", "ready", "failed", "stopped"


@dataclass
class Report:
    """What the background says of itself: `phase`, every line so far, and once ready, the addresses."""

    phase: str = STOPPED
    lines: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)

    def write(self, folder: RunFolder) -> None:
        write_private(folder.run / "report.json", json.dumps(vars(self), ensure_ascii=False))

    @classmethod
    def read(cls, folder: RunFolder) -> Report:
        with contextlib.suppress(OSError, ValueError, TypeError):
            found: dict[str, Any] = json.loads((folder.run / "report.json").read_text(encoding="utf-8"))
            return cls(**found)
        return cls()


def serve(folder: RunFolder, *, fresh: bool, today: date | None = None) -> int:
    """Run the stack in the foreground until told to end; report each step."""
    report, began = Report(STARTING), time.monotonic()

    def tell(text: str) -> None:
        report.lines.append(f"{time.monotonic() - began:6.1f} s  {text}")
        print(report.lines[-1], flush=True)
        report.write(folder)

    async def main() -> int:
        try:
            async with Stack(
                folder, fresh=fresh, begins=BusinessDay(today), tell=tell, processes=trying.processes
            ) as stack:
                await trying.let_in(stack)
                at = {**addresses_of(stack), **workstations.shown(folder, stack.addresses.workstations)}
                report.phase, report.addresses = READY, {**at, **trying.accounts(folder)}
                report.write(folder)
                await asyncio.Event().wait()
        except PLAIN as failure:
            report.phase = FAILED
            tell(str(failure))
            return 1
        return 0

    code = run(main())
    if report.phase != FAILED:
        report.phase = STOPPED
        report.write(folder)
    return code


def addresses_of(stack: Addressed) -> dict[str, str]:
    """Where to look, for a person; with the administrator's word, as it is this machine's own."""
    broker = stack.broker.address
    found = {
        "RabbitMQ": f"{broker.management_url}  ({broker.user} / {broker.password})",
        "PostgreSQL": stack.addresses.administrator_url,
    }
    for process in stack.processes.list():
        if process.port is not None:
            found[process.name] = f"http://127.0.0.1:{process.port}"
            if process.name == layout.SANDBOX:
                found["switches, exchanges"] = f"http://127.0.0.1:{process.port}/control"
            if process.name == layout.IDENTITY:
                found["accounts"] = f"http://127.0.0.1:{process.port}{layout.ACCOUNTS}"
            if process.name == REVIEW:
                found["officers' console"] = f"http://127.0.0.1:{process.port}{layout.CONSOLE}"
            if process.name == PRODUCTION:
                found["issue desk"] = f"http://127.0.0.1:{process.port}{layout.ISSUE_DESK}"
    return found


def begin(folder: RunFolder, *, fresh: bool, today: date | None = None) -> subprocess.Popen[bytes]:
    """Start the supervising process. Raises `AlreadyRunning`."""
    holder = folder.holder()
    if holder is not None:
        raise AlreadyRunning(f"Kuälik already runs in {folder.home} (process {holder.pid}).")
    folder.logs.mkdir(parents=True, exist_ok=True)
    Report(STARTING).write(folder)
    wishes = [*(["--fresh"] if fresh else []), *(["--today", today.isoformat()] if today else [])]
    with (folder.logs / "supervisor.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "serve", *wishes],
            cwd=REPOSITORY,
            env={**os.environ, "KUALIK_HOME": str(folder.home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def end(folder: RunFolder) -> bool:
    """Stop the run of this folder and whatever it left. False when there was nothing to stop."""
    holder = folder.holder()
    if holder is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        while holder.alive and time.monotonic() < deadline:
            time.sleep(0.1)
        if holder.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(holder.pid, signal.SIGKILL)
            time.sleep(0.2)
    if not folder.run.exists():
        return False
    left = folder.acquire()
    folder.release()
    return holder is not None or bool(left)
