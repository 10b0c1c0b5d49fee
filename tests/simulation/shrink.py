"""A seed that fails is made simpler while it still fails: fewer people, fewer kinds of bad luck, a shorter time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from shared.engine.adapters.memory_broker import NO_FAULTS
from tests.simulation.luck import Luck
from tests.simulation.play import Report, play

MOST_PLAYS = 80
NOTHING: dict[str, Any] = {
    "broker": NO_FAULTS, "crash_every": 0, "peril": 0.0, "slow_statements": 0.0, "store_busy": 0.0, "store_lost": 0.0,
    "fails": 0.0, "lost_answers": 0.0, "slow_answers": 0.0, "doubled_calls": 0.0, "lost_calls": 0.0, "leaps": False,
    "doubled": (), "restarts": 0.0, "cut": 0.0, "gaps": (), "changes_mind": None, "rivals": 0.0, "forgotten": 0.0,
    "meddling": 0.0, "turn": None, "turns": (), "slow": (), "late_effects": 0.0, "slips": 0.0, "wrong_sums": 0.0,
    "slips_on": "", "walks_away": False,
}  # fmt: skip
"""What each kind of bad luck is when it is left out."""


def simpler(luck: Luck) -> Iterator[tuple[str, Luck]]:
    """Every luck that is one thing simpler, with what was left out."""
    for name, none in NOTHING.items():
        if getattr(luck, name) != none:
            yield f"without {name}", replace(luck, **{name: none})
    for persona in luck.personas:
        others = tuple(other for other in luck.personas if other is not persona)
        if others:
            yield f"without {persona.name}", replace(luck, personas=others)
    for outage in luck.outages:
        if not any(persona.outage == outage.system for persona in luck.personas):
            rest = tuple(other for other in luck.outages if other is not outage)
            yield f"without the outage of {outage.system}", replace(luck, outages=rest)
    if luck.until > 60.0:
        yield f"for {luck.until / 2:.0f} s", replace(luck, until=luck.until / 2)


def shrink(seed: int, luck: Luck, still: Callable[[Report], bool], plays: int = MOST_PLAYS) -> tuple[Luck, list[str]]:
    """The simplest luck found under which the seed is `still` wrong, and what could be left out."""
    left_out: list[str] = []
    while True:
        for what, easier in simpler(luck):
            if plays <= 0:
                return luck, left_out
            plays -= 1
            if still(play(seed, easier)):
                luck = easier
                left_out.append(what)
                break
        else:
            return luck, left_out


def kinds(report: Report) -> frozenset[str]:
    """Which rules were broken."""
    return frozenset(violation.rule for violation in report.violations)


def what_is_left(luck: Luck) -> str:
    """The bad luck that it takes."""
    names = [f"{name}={getattr(luck, name)!r}" for name, none in NOTHING.items() if getattr(luck, name) != none]
    people = ", ".join(persona.name for persona in luck.personas)
    return "; ".join((people, f"{luck.origin:%Y-%m-%d %H:%M:%S}", f"until {luck.until:.0f} s", *names))
