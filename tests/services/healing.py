"""A service loses the rows it waits with, at whatever step, is told to go on, and must end as if nothing was lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Message, routing_key
from shared.engine.waiting import Awaited
from tests.services.running import Run

Steps = Sequence[Message]


async def nothing(run: Run) -> None:
    """Nothing is due."""


@dataclass(frozen=True)
class Life:
    """What one application hears, how its rows are worked off, and what its state says it waits for."""

    begin: Callable[[], Run]
    steps: Steps
    resume: Message
    awaited: Callable[[Run], Iterable[Awaited]]
    work_off: Callable[[Run], Awaitable[Any]] = nothing
    makes_ready: Callable[[Run], Awaitable[Any]] = nothing

    async def lived(self, lose_after: int | None = None, *, twice: bool = False) -> Run:
        """The life, with every row lost once after that step, and the order to go on, perhaps given twice."""
        run = self.begin()
        for index, message in enumerate(self.steps):
            await run.hear(message)
            await self.makes_ready(run)
            assert unmet(run, self.awaited(run)) == [], f"after {routing_key(message)}"
            if index == lose_after:
                run.waiting.clear()
                for _ in range(1 + twice):
                    await run.hear(self.resume)
                assert unmet(run, self.awaited(run)) == [], f"after {routing_key(message)} and going on"
            await self.work_off(run)
            assert unmet(run, self.awaited(run)) == [], f"when {routing_key(message)} is worked off"
        return run


def unmet(run: Run, awaited: Iterable[Awaited]) -> list[str]:
    """What is surely waited for, and no row of it stands."""
    standing = {routing_key(later.message) for _, later in run.waiting}
    return [routing_key(each.later.message) for each in awaited if each.sure and not each.names & standing]


async def ends_the_same(life: Life, essence: Callable[[Run], Any]) -> None:
    """Whatever step it was that the rows were lost at."""
    expected = essence(await life.lived())
    for place in range(len(life.steps)):
        for twice in (False, True):
            assert essence(await life.lived(place, twice=twice)) == expected, routing_key(life.steps[place])


async def says_nothing_new(life: Life) -> None:
    """Whatever is said upon the order was said before, word for word, and the state stays as it is."""
    for place in range(len(life.steps)):
        run = life.begin()
        for message in life.steps[: place + 1]:
            await run.hear(message)
            await life.makes_ready(run)
            await life.work_off(run)
        state, words, rows = run.state, run.words(), len(run.waiting)
        await run.hear(life.resume)
        assert (run.state, run.words()) == (state, words), routing_key(life.steps[place])
        await run.hear(life.resume)
        assert len(run.waiting) - rows <= sum(1 for _ in life.awaited(run)), "a row is not made twice"
