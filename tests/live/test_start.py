"""What a start costs: the memory of eight services that have nothing to do; the time until all are ready is told."""

from __future__ import annotations

import pytest

from tests.live.house import House

pytestmark = pytest.mark.live


async def test_eight_idle_services_are_small(house: House) -> None:
    total = sum(house.start.idle.values()) / 1e6
    print(
        f"ready {house.start.ready_after:.1f} s after the servers; idle: {total:.0f} MB",
        {name: round(size / 1e6) for name, size in house.start.idle.items()},
    )
    assert min(house.start.idle.values()) > 0
    assert total < 700
