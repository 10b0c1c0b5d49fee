"""What a start costs: time until all are ready, memory of eight services that have nothing to do."""

from __future__ import annotations

import pytest

from tests.live.house import House

pytestmark = pytest.mark.live


async def test_all_are_ready_soon_after_the_servers(house: House) -> None:
    """Fifteen seconds of a machine that is ours; one that is shared is slower by as many as share it."""
    print(f"ready after {house.start.ready_after:.1f} s, crowded by {house.start.crowded:.1f}")
    assert house.start.ready_after < 15 * house.start.crowded


async def test_eight_idle_services_are_small(house: House) -> None:
    total = sum(house.start.idle.values()) / 1e6
    print(f"idle: {total:.0f} MB", {name: round(size / 1e6) for name, size in house.start.idle.items()})
    assert min(house.start.idle.values()) > 0
    assert total < 700
