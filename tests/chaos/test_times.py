"""What was waited for is counted on the machine's clock, without what was down, and nothing is excused twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.times import Leaps, Window, part, seconds_up

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DAYS, MINUTES = timedelta(days=6), timedelta(minutes=11)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def leaps() -> Leaps:
    leaps = Leaps()
    leaps.add(NOON, timedelta(hours=-1))
    leaps.add(after(300), timedelta(hours=-1) + MINUTES)
    leaps.add(after(500), DAYS)
    return leaps


@pytest.mark.parametrize("seconds", [0, 299, 301, 499, 501, 2000])
def test_a_business_time_is_one_moment_of_the_machine(leaps: Leaps, seconds: float) -> None:
    leap = [each for each in leaps.made if each.at <= after(seconds)][-1]
    assert leaps.machine(after(seconds) + leap.offset) == after(seconds)


@pytest.mark.parametrize("late", [0.5, 30, 100])
def test_who_was_asleep_over_a_leap_counts_by_the_old_clock(leaps: Leaps, late: float) -> None:
    assert leaps.machine(after(300 + late) - timedelta(hours=1)) == after(300 + late)
    assert leaps.machine(after(500 + late) - timedelta(hours=1) + MINUTES) == after(500 + late)


def test_the_business_clock_is_never_set_back(leaps: Leaps) -> None:
    with pytest.raises(AssertionError):
        leaps.add(after(600), timedelta())


def test_what_was_down_is_not_counted() -> None:
    assert seconds_up(after(0), after(30), ("payment",), ()) == 30
    assert seconds_up(after(0), after(30), ("payment",), [Window(after(10), after(15))]) == 25
    at_both_ends = [Window(after(-5), after(5)), Window(after(25), after(99))]
    assert seconds_up(after(0), after(30), ("payment",), at_both_ends) == 20


def test_what_is_down_together_is_excused_once() -> None:
    windows = [Window(after(5), after(20)), Window(after(10), after(12), "payment"), Window(after(15), after(25))]
    assert seconds_up(after(0), after(30), ("payment",), windows) == 10


def test_only_its_own_service_and_its_way_excuse_a_wait() -> None:
    windows = [Window(after(5), after(20), "intake")]
    assert seconds_up(after(0), after(30), ("payment", "saga-coordinator"), windows) == 30
    assert seconds_up(after(0), after(30), ("payment", "intake"), windows) == 15


def test_a_part_is_taken_from_the_slow_end() -> None:
    assert part([], 0.99) == 0.0
    assert part([3.0, 1.0, 2.0], 1.0) == 3.0
    assert part([float(each) for each in range(1000)], 0.99) == 990.0
