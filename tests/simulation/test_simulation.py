"""The whole system under bad luck: fresh seeds each time, replays, every story alone, and engines that are wrong."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import PERSONAS
from tests.simulation.drawing import draw
from tests.simulation.luck import LAST_DAY, Luck, Outage
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.hunt import WITHIN, hunt, kept_table
from tests.simulation.play import Report, play
from tests.simulation.pool import processes

pytestmark = pytest.mark.simulation

FRESH = 300
CHEAP = ("no inbox", "ack before commit", "no counter-entry", "another notice")
"""Mutants that fall within a few seeds."""
MORNING = datetime(2025, 10, 6, 4, 0, tzinfo=UTC)  # a Monday, 9:00 in Almaty
AFTER = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)


def told(report: Report) -> str:
    story = "\n".join((*report.story[-60:], *map(str, report.violations)))
    return f"seed {report.seed}: make simulate SEED={report.seed}\n{story}"


def test_whatever_goes_wrong_what_must_hold_holds() -> None:
    seeds = [random.randrange(1_000_000) for _ in range(FRESH)]
    with processes() as pool:
        wrong = [report for report in pool.map(play, seeds, chunksize=4) if report.violations]
    assert not wrong, "\n\n".join(map(told, wrong))


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_when_nothing_goes_wrong_every_story_ends_as_it_is_told(persona: Persona) -> None:
    report = play(1, fair(persona), tell=True)
    assert not report.violations, told(report)
    expected = {persona.ending.value: 1} if persona.ending else {}
    assert {name: report.endings.get(name, 0) for name in expected} == expected or persona.again is not None


def fair(persona: Persona) -> Luck:
    """Fair weather, but for the outage that belongs to the story."""
    outages = (Outage(persona.outage, 0.0, 900.0, persona.outage_services),) if persona.outage else ()
    late = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 4, tzinfo=UTC)
    origin = AFTER if persona.act == 3 else late if persona.decides_in_act == 3 else MORNING
    return Luck((persona,), origin, 0.0, outages=outages)


def test_a_seed_is_replayed_exactly_in_another_interpreter_too() -> None:
    seed = next(seed for seed in range(1, 100) if draw(seed).peril > 0.0 and draw(seed).broker.delay > 0.0)
    here = play(seed)
    assert here.hash == play(seed).hash
    assert here.hash != play(seed + 1).hash
    there = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", str(seed)],
        env={**os.environ, "PYTHONHASHSEED": "4321"}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert f"hash {here.hash}" in there.stdout


@pytest.mark.parametrize("name", CHEAP)
def test_what_is_wrong_is_found(name: str) -> None:
    kill = hunt(name, within=40)
    assert kill.killed, f"{name} lived through 40 seeds"


def test_the_table_of_kills_that_is_kept_is_of_these_mutants_and_all_were_killed() -> None:
    kept = kept_table()
    assert [(line[0], line[1]) for line in kept] == [(mutant.name, mutant.broken) for mutant in MUTANTS]
    for (name, _, rule, seed), mutant in zip(kept, MUTANTS, strict=True):
        assert rule.replace(" ", "_") in mutant.rules, f"{name} is found by {rule}"
        assert 1 <= int(seed) <= WITHIN, f"{name} fell at seed {seed}"
