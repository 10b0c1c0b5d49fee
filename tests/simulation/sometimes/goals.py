"""A goal: a branch that is known by one decision, named in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Message
from tests.simulation.sometimes.seen import Decided

Holds = Callable[[Decided], Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """Reached when a decision on one of `of` makes it hold; without `of` any decision of the service may."""

    name: str
    holds: Holds
    of: tuple[type[Message], ...] = ()


@dataclass(frozen=True, slots=True)
class Goals:
    """All goals of one service."""

    service: str
    goals: tuple[Goal, ...]

    def names(self) -> Iterable[str]:
        return (goal.name for goal in self.goals)

    def by_message(self, kind: type[Any]) -> list[Goal]:
        return [goal for goal in self.goals if not goal.of or kind in goal.of]


def became(field: str, value: Any) -> Holds:
    """The field was something else before and is this now."""
    return lambda d: getattr(d.before, field) != value and getattr(d.after, field) == value
