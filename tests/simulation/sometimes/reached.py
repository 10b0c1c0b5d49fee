"""What must have been reached when all seeds are played, and what never was."""

from __future__ import annotations

from collections.abc import Iterable

from shared.engine.work import Result
from tests.simulation.sometimes.registry import GOALS
from tests.simulation.sometimes.seen import RESULTS, STARTS

BEFALLS_ENGINES = (
    *STARTS.values(), *(RESULTS[result] for result in (Result.DONE, Result.WAITS, Result.REPEATED, Result.STALE)),
    "the sweeper takes an expired row", "a publish without its confirm is put off", "an ask is put back",
    "the breaker is open: nobody asks", "the breaker lets one try", "a message is delivered again",
    "several messages share a batch", "a batch is committed after the store was lost",
    "a batch is repeated after a commit of unknown outcome",
)  # fmt: skip


def wanted() -> frozenset[str]:
    """Every branch, compensation, deadline and guard that has a name."""
    return frozenset(BEFALLS_ENGINES) | {name for goals in GOALS.values() for name in goals.names()}


def never(seen: Iterable[frozenset[str]]) -> list[str]:
    """What no seed reached."""
    return sorted(wanted().difference(*seen))
