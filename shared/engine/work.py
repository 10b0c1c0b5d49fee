"""What a batch works with and what it gathers before it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from shared.contracts.base import Sealer
from shared.engine.ports import Store
from shared.engine.rows import Due, Outgoing
from shared.engine.service import Service
from shared.law.rules import RULES, Rules
from shared.telemetry import Spans

RESUMED = timedelta(seconds=0.2)
TRY_AGAIN = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=25))


class Result(Enum):
    """What became of one item; all of them are final and acknowledged."""

    DONE = "done"
    WAITS = "waits"
    REPEATED = "repeated"
    CLASHES = "clashes"
    UNREADABLE = "unreadable"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one item and, for an HTTP caller, what the decision replied."""

    result: Result
    reply: Any = None


@dataclass(frozen=True, slots=True)
class Context:
    """What every batch of one incarnation works with."""

    service: Service
    store: Store
    sealer: Sealer
    telemetry: Spans
    rules: Rules = RULES
    blind: Callable[[str], str] = str
    try_again: tuple[timedelta, ...] = TRY_AGAIN
    apart: Callable[[str], timedelta] = lambda dependency: RESUMED
    """When an outside system answers again: what lies between two of those that waited for it."""


@dataclass(slots=True)
class Moment:
    """The clocks as this batch reads them, once, and the outages that stand."""

    business: datetime
    machine: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    outages: frozenset[str] = frozenset()


@dataclass(slots=True)
class Work:
    """What a batch has gathered for its transaction to write."""

    loaded: dict[UUID, Any] = field(default_factory=dict)
    states: dict[UUID, Any] = field(default_factory=dict)
    touched: dict[UUID, Any] = field(default_factory=dict)
    owners: dict[str, UUID | None] = field(default_factory=dict)
    released: dict[str, UUID] = field(default_factory=dict)
    outbox: list[Outgoing] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    appends: list[Any] = field(default_factory=list)
