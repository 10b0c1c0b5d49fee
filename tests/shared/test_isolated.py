"""A function in a process of its own: what breaks it, breaks nothing else, and the next call finds a new one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from shared.isolated import Broken, Isolated

TARGET = "tests.shared.oddities:act"
MASTER = f"""
import asyncio, sys
from shared.isolated import Isolated

async def main():
    odd = Isolated("{TARGET}", patience=1.0)
    print((await odd(b"pid")).decode(), flush=True)
    if sys.argv[1] == "busy":
        asyncio.get_running_loop().create_task(odd(b"sleep 60"))
    await asyncio.sleep(0.2)
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def odd() -> AsyncIterator[Isolated]:
    isolated = Isolated(TARGET, seconds=5.0)
    yield isolated
    await isolated.close()


async def gone(pid: int) -> bool:
    for _ in range(200):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_calls_are_answered_in_their_order_by_one_process(odd: Isolated) -> None:
    answers = await asyncio.gather(*(odd(f"a call {number}".encode()) for number in range(20)))
    assert answers == [f"a call {number}".encode()[::-1] for number in range(20)]
    assert int(await odd(b"pid")) == odd.pid != os.getpid()


async def test_large_contents_cross_whole(odd: Isolated) -> None:
    content = os.urandom(3_000_000)
    assert await odd(content) == content[::-1]
    assert await odd(b"") == b""


async def test_who_kills_the_process_kills_no_other_call(odd: Isolated) -> None:
    first = int(await odd(b"pid"))
    with pytest.raises(Broken):
        await odd(b"die")
    assert await odd(b"again") == b"niaga"
    assert odd.pid != first
    assert await gone(first)


async def test_who_wants_more_memory_than_there_is_gets_none(odd: Isolated) -> None:
    pid = int(await odd(b"pid"))
    with pytest.raises(Broken, match="MemoryError"):
        await odd(b"eat 3000000000")
    assert (await odd(b"again"), odd.pid) == (b"niaga", pid)


async def test_who_takes_too_long_is_ended() -> None:
    slow = Isolated(TARGET, patience=2.0)
    pid = int(await slow(b"pid"))
    with pytest.raises(Broken):
        await slow(b"sleep 60")
    assert await gone(pid)
    assert await slow(b"again") == b"niaga"
    await slow.close()


async def test_who_computes_for_too_long_is_ended_and_who_is_kept_waiting_is_not() -> None:
    """A call that waits for a busy machine, or while its process is stopped, is not the content's fault."""
    slow = Isolated(TARGET, seconds=0.5, patience=60.0)
    pid = int(await slow(b"pid"))
    assert await slow(b"sleep 1.5") == b"5.1 peels"
    with pytest.raises(Broken, match="IncompleteReadError"):
        await slow(b"spin 50")
    assert await gone(pid)
    await slow.close()


async def test_a_call_given_up_leaves_no_answer_to_the_next(odd: Isolated) -> None:
    await odd(b"warm")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await odd(b"sleep 60")
    assert await odd(b"next") == b"txen"


async def test_it_can_write_no_file_and_knows_no_secret(
    odd: Isolated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUALIK_DATABASE_URL", "postgresql://with:password@somewhere")
    assert await odd(b"know KUALIK_DATABASE_URL") == b"nothing"
    with pytest.raises(Broken, match="OSError"):
        await odd(f"write {tmp_path / 'file'}".encode())
    assert (tmp_path / "file").stat().st_size == 0


async def test_what_it_prints_is_no_answer(odd: Isolated) -> None:
    assert await odd(b"print four words of nothing") == b"gnihton fo sdrow ruof tnirp"


@pytest.mark.parametrize("master_is", ["idle", "busy"])
async def test_it_ends_with_its_master_however_that_ends(master_is: str) -> None:
    master = await asyncio.create_subprocess_exec(sys.executable, "-c", MASTER, master_is, stdout=PIPE)
    assert master.stdout is not None
    pid = int(await master.stdout.readline())
    assert await master.stdout.readline() == b"ready\n"
    os.kill(pid, signal.SIGINT)  # a terminal's interrupt reaches both, and is the master's business
    assert psutil.pid_exists(pid)
    master.kill()
    await master.wait()
    assert await gone(pid)
