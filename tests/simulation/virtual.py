"""Time that passes only when nobody has anything to do: a loop that jumps to the next timer, and its clocks.

Nothing waits in reality and nothing comes from a thread: the same program takes the same turns in the same order.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, TypeVar, cast

from shared.clock import SystemClock
from shared.engine.adapters.memory_queue import Life
from shared.engine.adapters.memory_store import MemoryPlatform

T = TypeVar("T")
RESOLUTION = 1e-6  # seconds
NEVER = 1 << 62


class Idle(RuntimeError):
    """Everybody waits, and no timer will wake anybody."""


def _is_over(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Lean(list[Any]):
    """A handle or a timer that is never debugged: moment, order, callback, arguments, context.

    Timers compare as lists do, by moment and then by the order in which they were set. One that is cancelled is
    passed over when its turn comes, and holds on to nothing.
    """

    __slots__ = ()

    def cancel(self) -> None:
        self[2], self[3] = None, ()

    def cancelled(self) -> bool:
        return self[2] is None


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready, then jumps to the next timer. Between two turns, at turn `strike_at`, `strike` is called.

    There is no selector and nothing comes from a thread, so its turn is leaner than the one it replaces.
    """

    _ready: Any
    _scheduled: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0
        self.strike_at = NEVER
        self.strike: Callable[[], None] = lambda: None
        self.held: dict[asyncio.Task[Any], None] = {}
        self.now = 0.0
        """Seconds since its beginning."""
        self._order = 0
        self.set_task_factory(self._hold)

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        handle = Lean((0.0, 0, callback, args, copy_context() if context is None else context))
        self._ready.append(handle)
        return handle

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        self._order += 1
        timer = Lean((when, self._order, callback, args, copy_context() if context is None else context))
        heappush(self._scheduled, timer)
        return timer

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        return self.call_at(self.now + delay, callback, *args, context=context)

    def _run_once(self) -> None:
        """One turn: time passes if nothing is ready; then everything runs that is. Raises `Idle`."""
        ready, scheduled = self._ready, self._scheduled
        self.turns += 1
        if not ready and not self._stopping:  # type: ignore[attr-defined]
            while scheduled and scheduled[0].cancelled():
                heappop(scheduled)
            if not scheduled:
                raise Idle
            self.now = max(self.now, scheduled[0][0])
        if self.turns >= self.strike_at:
            self.strike_at = NEVER
            self.strike()
        due = self.now + RESOLUTION
        while scheduled and scheduled[0][0] < due:
            ready.append(heappop(scheduled))
        for _ in range(len(ready)):
            _, _, callback, args, context = ready.popleft()
            if callback is not None:
                context.run(callback, *args)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """At once and here: threads would come when they like."""
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  it is the caller's
            done.set_exception(error)
        return done

    def abandon(self) -> None:
        """The end of this world: whatever still waits is cancelled, so that nothing of it lives on."""
        self.set_exception_handler(lambda loop, context: None)
        for _ in range(20):
            left = [task for task in self.held if not task.done()]
            if not left:
                break
            for task in left:
                task.cancel()
            with contextlib.suppress(Idle):
                self.run_until_complete(asyncio.wait(left, timeout=1.0))
        self.close()

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""

    def _hold(self, loop: Any, work: Any, **options: Any) -> asyncio.Task[Any]:
        """A task of a dead process is abandoned, and must not be collected before the end: that would run its rest."""
        task = asyncio.Task(work, loop=loop, **options)
        self.held[task] = None
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[Any]) -> None:
        self.held.pop(task, None)


class VirtualClock(SystemClock):
    """`shared.engine.ports.Clock` on the loop's time. The offset is the platform's own row, read at once.

    With a `life` it is the clock of one process: after its end no sleep returns.
    """

    def __init__(self, origin: datetime, platform: MemoryPlatform, life: Life | None = None) -> None:
        self._loop = cast(VirtualLoop, asyncio.get_running_loop())
        self._origin, self._platform, self._life = origin, platform, life or Life()
        self._seconds, self._moment = 0.0, origin

    def machine_now(self) -> datetime:
        seconds = self._loop.now
        if seconds != self._seconds:
            self._seconds, self._moment = seconds, self._origin + timedelta(seconds=seconds)
        return self._moment

    def now(self) -> datetime:
        return self.machine_now() + self._platform.offset

    def monotonic(self) -> float:
        return self._loop.now

    async def sleep(self, seconds: float) -> None:
        loop = self._loop
        over: asyncio.Future[None] = asyncio.Future(loop=loop)
        loop.call_at(loop.now + seconds, _is_over, over)
        await over
        if self._life.ended:
            await self._life.go_on()

    def set_offset(self, offset: timedelta) -> None:
        """It is the platform's; there is nothing to remember."""


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run one world to its end, and leave nothing of it behind."""
    loop = VirtualLoop()
    collecting = gc.isenabled()
    gc.disable()  # when a cycle is collected is nobody's decision
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.abandon()
        if collecting:
            gc.enable()
