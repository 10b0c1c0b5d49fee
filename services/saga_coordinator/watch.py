"""What the coordinator keeps in order to notice that a case does not move, and to say why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.contracts.attempts import AttemptFailed, Failure


@dataclass(frozen=True, slots=True)
class Trouble:
    """The last failed attempt that a service told of. `since` is business time, `told_at` machine time."""

    service: str
    ask: str
    dependency: str
    failure: Failure
    attempts: int
    since: datetime
    told_at: datetime

    @classmethod
    def of(cls, event: AttemptFailed, machine: datetime) -> Trouble:
        return cls(
            event.service, event.ask, event.dependency, event.failure, event.attempts, event.since, machine
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watch:
    """`waits` names what is waited for. All moments are machine time but `term_armed`, which is business time.

    `late`: the person's term is over, or there was none: the budget runs, counted from `since`. `armed` and
    `term_armed` are the moments of the timers that stand; `drives` counts how often it was driven, last `driven_at`.
    """

    waits: str = ""
    since: datetime | None = None
    late: bool = False
    armed: datetime | None = None
    term_armed: datetime | None = None
    drives: int = 0
    driven_at: datetime | None = None
    troubles: tuple[Trouble, ...] = ()

    def but(self, **changes: Any) -> Watch:
        return replace(self, **changes)

    def with_trouble(self, trouble: Trouble) -> Watch:
        """One a service: the last."""
        others = tuple(known for known in self.troubles if known.service != trouble.service)
        return self.but(troubles=tuple(sorted((*others, trouble), key=lambda each: each.service)))
