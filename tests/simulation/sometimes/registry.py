"""Every name that must be reached over many seeds, and who tells that it was."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from shared.process import SERVICES
from tests.simulation.sometimes import automatic
from tests.simulation.sometimes.goals import Goal, Goals
from tests.simulation.sometimes.identity import IDENTITY_GOALS
from tests.simulation.sometimes.intake import INTAKE_GOALS
from tests.simulation.sometimes.money import PAYMENT_GOALS
from tests.simulation.sometimes.review import PRODUCTION_GOALS, REVIEW_GOALS
from tests.simulation.sometimes.seen import Decided
from tests.simulation.sometimes.telling import COORDINATOR_GOALS, NOTIFICATION_GOALS

GOALS: dict[str, Goals] = {
    goals.service: goals
    for goals in (INTAKE_GOALS, IDENTITY_GOALS, PAYMENT_GOALS, REVIEW_GOALS, PRODUCTION_GOALS, NOTIFICATION_GOALS,
                  COORDINATOR_GOALS)
}  # fmt: skip


_KNOWN: dict[tuple[str, type[Any]], list[Goal]] = {}


def _goals(service: str, kind: type[Any]) -> list[Goal]:
    known = _KNOWN.get((service, kind))
    if known is None:
        goals = GOALS.get(service)
        known = _KNOWN[(service, kind)] = goals.by_message(kind) if goals else []
    return known


def observe(service: str, decided: Decided, seen: Container[str] = ()) -> list[str]:
    """All names that one decision reaches; goals that were seen before are not looked for."""
    names = automatic.observe(service, decided)
    for goal in _goals(service, type(decided.said)):
        if goal.name not in seen and goal.holds(decided):
            names.append(goal.name)
    return names


__all__ = ["GOALS", "SERVICES", "observe"]
