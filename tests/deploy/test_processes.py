"""The supervisor: readiness, crashes, silence, and an end that leaves nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.belongings import started_at
from deploy.local.child import CommandFailed, until
from deploy.local.folder import REPOSITORY, RunFolder
from deploy.local.processes import Process, Supervisor

ANSWERS = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    folder = RunFolder(tmp_path)
    folder.acquire()
    yield folder
    folder.release()


@pytest.fixture
async def running(folder: RunFolder) -> AsyncIterator[Supervisor]:
    async with Supervisor(folder) as running:
        yield running


def answering(folder: RunFolder, name: str = "intake") -> Process:
    port = folder.port(name)
    return Process(name, (sys.executable, "-c", ANSWERS, str(port)), {}, port)


async def test_a_process_is_started_when_it_is_ready(folder: RunFolder, running: Supervisor) -> None:
    await running.start(answering(folder), answering(folder, "payment"))
    assert await running.is_ready("intake")
    assert await running.is_ready("payment")
    assert running.memory("payment") > 1_000_000


async def test_a_process_that_ends_before_it_is_ready_says_why(running: Supervisor) -> None:
    with pytest.raises(CommandFailed, match="no such database"):
        await running.start(Process("intake", (sys.executable, "-c", "raise SystemExit('no such database')"), {}, 1))


async def test_a_crashed_process_is_started_again(folder: RunFolder, running: Supervisor) -> None:
    await running.start(answering(folder))
    crashed = running.pid("intake")
    await running.kill("intake")
    await asyncio.sleep(0.1)
    await running.wait_ready("intake")
    assert running.pid("intake") != crashed


async def test_a_stopped_process_stays_down_until_it_is_wanted(folder: RunFolder, running: Supervisor) -> None:
    await running.start(answering(folder))
    await running.stop("intake")
    await asyncio.sleep(0.8)
    assert not running.running("intake")
    await running.restart("intake")
    assert await running.is_ready("intake")


async def test_a_frozen_process_is_silent_and_can_still_be_stopped(folder: RunFolder, running: Supervisor) -> None:
    await running.start(answering(folder))
    running.pause("intake")
    assert not await running.is_ready("intake")
    running.resume("intake")
    assert await running.is_ready("intake")
    running.pause("intake")
    await running.stop("intake")
    assert not running.running("intake")


async def test_a_process_deaf_to_sigterm_is_killed(running: Supervisor) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    await running.start(Process("intake", (sys.executable, "-c", deaf)))

    async def is_deaf() -> bool:
        return "deaf" in running.log("intake")

    assert await until(is_deaf, 5)
    await running.stop("intake", patience=0.3)
    assert not running.running("intake")


def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        from deploy.local.folder import RunFolder
        from deploy.local.processes import Process, Supervisor
        async def main():
            folder = RunFolder(Path({str(tmp_path)!r}))
            folder.acquire()
            async with Supervisor(folder) as running:
                await running.start(Process("intake", (sys.executable, "-c", "import time; time.sleep(60)")))
                print(running.pid("intake"), flush=True)
                await asyncio.sleep(60)
        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        os.kill(supervisor.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while started_at(child) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert started_at(child) is None
