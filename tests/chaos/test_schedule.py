"""The schedule of victims: replayed by its seed, every kind of trouble, servers at most once a minute."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from shared.process import PORTAL, SERVICES
from tests.chaos.schedule import LEASES, LONGEST, ON_WAYS, SERVERS, SERVERS_APART, SHORTEST, Kind, To, schedule
from tests.chaos.weather import BOTH, Direction

TEN_MINUTES = 600.0
SEEDS = range(40)


def test_the_same_seed_is_the_same_trouble() -> None:
    assert schedule(7, TEN_MINUTES) == schedule(7, TEN_MINUTES)
    assert schedule(7, TEN_MINUTES) != schedule(8, TEN_MINUTES)


def test_a_longer_run_begins_as_a_shorter_one() -> None:
    short = schedule(7, 120.0)
    assert schedule(7, TEN_MINUTES)[: len(short)] == short


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_falls_every_five_to_forty_seconds(seed: int) -> None:
    victims = schedule(seed, TEN_MINUTES)
    gaps = [later.at - earlier.at for earlier, later in pairwise(victims)]
    assert all(SHORTEST <= gap <= LONGEST for gap in gaps)
    assert victims[0].at <= LONGEST
    assert TEN_MINUTES - victims[-1].at <= LONGEST
    assert len(victims) >= 24


@pytest.mark.parametrize("seed", SEEDS)
def test_a_server_dies_at_most_once_a_minute(seed: int) -> None:
    deaths = [victim.at for victim in schedule(seed, 6 * TEN_MINUTES) if victim.kind in SERVERS]
    assert len(deaths) >= 8
    assert all(later - earlier >= SERVERS_APART for earlier, later in pairwise(deaths))


def test_every_kind_falls_in_most_runs_of_ten_minutes() -> None:
    seen = Counter(kind for seed in SEEDS for kind in {victim.kind for victim in schedule(seed, TEN_MINUTES)})
    assert set(seen) == set(Kind)
    assert min(seen.values()) >= len(SEEDS) // 2, seen
    hour = [victim for victim in schedule(7, 6 * TEN_MINUTES) if victim.kind is Kind.KILLED]
    assert {name for victim in hour for name in victim.names} == set(SERVICES)


def test_stops_are_shorter_and_longer_than_a_lease() -> None:
    victims = [victim for seed in SEEDS for victim in schedule(seed, TEN_MINUTES)]
    assert all(2 <= victim.lasts <= 25 for victim in victims if victim.kind is Kind.STOPPED)
    assert all(victim.lasts > LEASES for victim in victims if victim.kind is Kind.OUTLIVED)


def test_ways_go_wrong_everywhere_and_by_direction() -> None:
    victims = [victim for seed in SEEDS for victim in schedule(seed, TEN_MINUTES) if victim.kind in ON_WAYS]
    assert {victim.to for victim in victims} == set(To)
    assert {victim.directions for victim in victims} == {(Direction.UP,), (Direction.DOWN,), BOTH}
    assert {name for victim in victims for name in victim.names} == {*SERVICES, PORTAL}
    assert all(victim.to is To.BROKER for victim in victims if PORTAL in victim.names)
    assert all(victim.weather.hole and 3 <= victim.lasts <= 25 for victim in victims if victim.kind is Kind.HOLE)
