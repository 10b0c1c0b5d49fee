"""A pure function of bytes in a process of its own: whoever's bytes break it, break that process and nothing else.

The process knows no key and no address, opens no file for writing, has so much memory and no more, and ends when its
pipe does: also when its master was killed. It is started when it is first needed; calls wait for each other.
"""

from __future__ import annotations

import asyncio
import importlib
import math
import os
import resource
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress

SIZE = struct.Struct(">I")
ANSWERED, RAISED = b"\0", b"\1"
PASSED_ON = ("PATH", "PYTHONPATH", "LANG")


class Broken(Exception):
    """The function gave no answer: it raised, died, or took too long. Says which, never over what."""


class Starved(Broken):
    """Not the content's fault: by the clock on the wall it took too long, and its processor time was not used up."""


class Isolated:
    """`target` is `package.module:function`; `seconds` of the processor are for one call, `memory` is bytes of address
    space. By the clock on the wall it may take `patience`: that a machine is busy, or was stopped, is not its fault.
    """

    def __init__(
        self, target: str, seconds: float = 10.0, memory: int = 1024**3, patience: float | None = None
    ) -> None:
        self._target, self._seconds, self._memory = target, seconds, memory
        self._patience = 6 * seconds if patience is None else patience
        self._turn = asyncio.Semaphore(1)
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def __call__(self, content: bytes) -> bytes:
        """The function's answer. Raises `Broken` and `Starved`; whatever happened, the next call finds a process."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._patience):
                    return await self._asked(content)
            except TimeoutError:
                self._end()
                raise Starved(f"no answer in {self._patience:g} s") from None
            except (OSError, asyncio.IncompleteReadError) as error:
                self._end()
                raise Broken(type(error).__name__) from None
            except asyncio.CancelledError:  # half an answer may lie in the pipe
                self._end()
                raise

    async def close(self) -> None:
        process = self._process
        self._end()
        if process is not None:
            await process.wait()

    async def _asked(self, content: bytes) -> bytes:
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(SIZE.pack(len(content)) + content)
        await process.stdin.drain()
        (size,) = SIZE.unpack(await process.stdout.readexactly(SIZE.size))
        answer = await process.stdout.readexactly(size)
        if answer[:1] == RAISED:
            raise Broken(answer[1:].decode())
        return answer[1:]

    async def _started(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, self._target, str(self._memory), str(self._seconds),
                str(math.ceil(self._patience)), stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
                env={**environment, "OPENBLAS_NUM_THREADS": "1"},
            )  # fmt: skip
        return self._process

    def _end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        self._process = None


def work(target: str, memory: int, seconds: float, patience: int) -> None:
    """The process itself: answers until its pipe ends, and ends itself over a call that nobody waits for any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked = sys.stdin.buffer
    answered = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever prints does not print into an answer
    os.nice(2)  # the loop of the master comes first
    for limit, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    module, _, name = target.partition(":")
    function: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
    while len(head := asked.read(SIZE.size)) == SIZE.size:
        content = asked.read(SIZE.unpack(head)[0])
        signal.setitimer(signal.ITIMER_PROF, seconds)  # its end is the end of the process
        signal.alarm(patience + 1)
        try:
            answer = ANSWERED + function(content)
        except Exception as error:
            answer = RAISED + type(error).__name__.encode()
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answered.write(SIZE.pack(len(answer)) + answer)
        answered.flush()


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
