"""Time that is moved while real sockets are at work: a loop that jumps to its next timer as soon as nobody waits for an
answer from outside. What minutes of a clock do to a real server is seen in seconds.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 30.0
"""Real seconds after which an answer that somebody waits for will not come any more."""


class Silence(RuntimeError):
    """Somebody waits for an answer from outside that does not come, or nobody waits for anything."""


class MovingSelector(selectors.SelectSelector):
    """`waited` counts who waits for an answer: meanwhile no time passes, however long it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.moved, self.waited = 0.0, 0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.waited:
            return self._awaited()
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Silence
            self.moved += timeout
        return ready

    def _awaited(self) -> list[Any]:
        ready = super().select(PATIENCE)
        if not ready:
            raise Silence
        return ready


class MovedLoop(asyncio.SelectorEventLoop):
    """Its time begins at zero and is moved by nobody but its own timers."""

    def __init__(self) -> None:
        self.moving = MovingSelector()
        super().__init__(self.moving)

    def time(self) -> float:
        return self.moving.moved

    @property
    def now(self) -> float:
        """Seconds since its beginning."""
        return self.moving.moved

    @contextmanager
    def awaiting(self) -> Iterator[None]:
        """Whoever is in here waits for an answer from outside."""
        self.moving.waited += 1
        try:
            yield
        finally:
            self.moving.waited -= 1

    async def ends(self) -> None:
        """What still runs beside us is cancelled."""
        left = asyncio.all_tasks(self) - {asyncio.current_task()}
        for task in left:
            task.cancel()
        with self.awaiting():
            await asyncio.gather(*left, return_exceptions=True)


def run_moved(main: Callable[[MovedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run it to its end."""
    loop = MovedLoop()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()
