"""Time and chance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from shared.clock import SeededIds, SystemClock, SystemIds

if TYPE_CHECKING:
    from shared.engine import ports


class Frozen(SystemClock):
    def machine_now(self) -> datetime:
        return datetime(2025, 6, 1, 19, 30, tzinfo=UTC)


def test_business_time_is_machine_time_moved_by_the_offset() -> None:
    clock = Frozen()
    clock.set_offset(timedelta(days=3, hours=1))
    assert clock.now() == datetime(2025, 6, 4, 20, 30, tzinfo=UTC)
    assert clock.machine_now() == datetime(2025, 6, 1, 19, 30, tzinfo=UTC)


def test_the_date_turns_in_almaty_not_in_utc() -> None:
    assert Frozen().today() == date(2025, 6, 2)


async def test_the_real_clock_goes_forward_and_is_aware() -> None:
    clock: ports.Clock = SystemClock()
    before, moment = clock.monotonic(), clock.machine_now()
    await clock.sleep(-1)
    await clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.machine_now() >= moment
    assert clock.now().tzinfo is UTC


def test_the_same_seed_gives_the_same_chance() -> None:
    def drawn(seed: int | str) -> list[object]:
        ids: ports.Ids = SeededIds(seed)
        return [ids.uuid(), ids.nonce(12), ids.jitter(), ids.uuid()]

    assert drawn(7) == drawn(7)
    assert drawn("payment") == drawn("payment")
    assert drawn(7) != drawn(8)
    assert SeededIds(1).uuid().version == 4


def test_the_machines_own_chance_never_repeats() -> None:
    ids: ports.Ids = SystemIds()
    assert len({ids.uuid() for _ in range(100)}) == 100
    assert len({ids.nonce(16) for _ in range(100)}) == 100
    assert all(0 <= ids.jitter() < 1 for _ in range(100))
