"""What the log excuses, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.handing import Handed, in_figures, too_slow
from tests.chaos.log import Log
from tests.chaos.schedule import Kind, To
from tests.chaos.times import seconds_up

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BEFORE, MINUTE = timedelta(seconds=5), timedelta(minutes=1)


def excused(kind: Kind, name: str, to: To | None = None, *, of: str = "payment") -> float:
    """Seconds that a victim who was down for half a minute takes off a wait of a minute."""
    log = Log(NOON)
    fallen = log.fell(kind, name, to)
    fallen.at = NOON
    fallen.rose(NOON + MINUTE / 2)
    return 60 - seconds_up(NOON, NOON + MINUTE, (of, "saga-coordinator"), log.windows())


@pytest.mark.parametrize("kind", [Kind.BROKER, Kind.DATABASE])
def test_a_server_that_is_down_excuses_everybody(kind: Kind) -> None:
    assert excused(kind, "server") == 30


@pytest.mark.parametrize("kind", [Kind.KILLED, Kind.STOPPED, Kind.OUTLIVED])
def test_a_service_that_is_down_excuses_what_waits_for_it(kind: Kind) -> None:
    assert excused(kind, "payment") == 30
    assert excused(kind, "saga-coordinator") == 30
    assert excused(kind, "intake") == 0


def test_a_black_hole_excuses_on_the_ways_that_a_hand_over_goes() -> None:
    assert excused(Kind.HOLE, "payment", To.BROKER) == 30
    assert excused(Kind.HOLE, "payment", To.DATABASE) == 30
    assert excused(Kind.HOLE, "payment", To.OUTSIDE) == 0
    assert excused(Kind.HOLE, "intake", To.BROKER) == 0


@pytest.mark.parametrize("kind", [Kind.CLOSED, Kind.TERMINATED, Kind.SLOW, Kind.NARROW, Kind.RESET, Kind.HALF_CLOSED])
def test_nothing_else_is_an_excuse(kind: Kind) -> None:
    assert excused(kind, "payment", To.BROKER) == 0


def test_who_lies_still_is_counted_until_now() -> None:
    log = Log(NOON)
    log.fell(Kind.STOPPED, "payment").at = NOON
    assert [victim.name for victim in log.lasting] == ["payment"]
    assert seconds_up(NOON - BEFORE, NOON + MINUTE, ("payment",), log.windows()) == 5
    assert log.as_json()[0]["until"] is None


def handed(*seconds: float) -> list[Handed]:
    return [Handed("fee-paid", "payment", "a", NOON, each, each) for each in seconds]


def test_one_in_a_hundred_may_be_slow_and_none_too_slow() -> None:
    assert not too_slow("heard", handed(*[1.0] * 199, 44.0))
    assert too_slow("heard", handed(*[1.0] * 98, 21.0, 21.0)) == ["heard: p99 is 21.0 s"]
    assert len(too_slow("heard", handed(*[1.0] * 199, 46.0))) == 1
    assert in_figures(handed(1.0, 3.0))["max"] == 3.0
