"""Time without waiting: what the simulation stands on."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from shared.engine.adapters.memory_queue import Life
from shared.engine.adapters.memory_store import MemoryPlatform
from tests.simulation.virtual import Idle, VirtualClock, VirtualLoop, run

ORIGIN = datetime(2025, 10, 6, tzinfo=UTC)


def test_a_year_passes_at_once_and_in_order() -> None:
    async def main(loop: VirtualLoop) -> list[str]:
        seen: list[str] = []

        async def after(days: int) -> None:
            await asyncio.sleep(days * 86_400)
            seen.append(f"{days} {loop.time():.0f}")

        await asyncio.gather(after(365), after(1), after(30))
        return seen

    before = time.perf_counter()
    assert run(main) == ["1 86400", "30 2592000", "365 31536000"]
    assert time.perf_counter() - before < 5.0


def test_the_business_clock_follows_the_platform_at_once() -> None:
    async def main(loop: VirtualLoop) -> tuple[datetime, datetime]:
        platform = MemoryPlatform()
        clock = VirtualClock(ORIGIN, platform)
        await clock.sleep(60.0)
        platform.offset = timedelta(days=3)
        return clock.machine_now(), clock.now()

    assert run(main) == (ORIGIN + timedelta(minutes=1), ORIGIN + timedelta(days=3, minutes=1))


def test_the_sleep_of_a_dead_process_never_ends() -> None:
    async def main(loop: VirtualLoop) -> list[str]:
        life, seen = Life(), list[str]()
        clock = VirtualClock(ORIGIN, MemoryPlatform(), life)

        async def sleeper() -> None:
            await clock.sleep(1.0)
            seen.append("woke")

        sleeping = loop.create_task(sleeper())
        life.ended = True
        await asyncio.sleep(10.0)
        return [*seen, str(sleeping.done())]

    assert run(main) == ["False"]


def test_threads_are_done_at_once() -> None:
    async def main(loop: VirtualLoop) -> int:
        return await asyncio.to_thread(lambda: 7)

    assert run(main) == 7


def test_a_world_in_which_nothing_can_happen_is_told() -> None:
    async def main(loop: VirtualLoop) -> None:
        await loop.create_future()

    with pytest.raises(Idle):
        run(main)


def test_a_strike_falls_between_two_turns() -> None:
    async def main(loop: VirtualLoop) -> int:
        struck: list[int] = []
        loop.strike = lambda: struck.append(loop.turns)
        before = loop.turns
        loop.strike_at = before + 3
        for _ in range(10):
            await asyncio.sleep(0)
        return struck[0] - before

    assert run(main) == 3
