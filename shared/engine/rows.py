"""What stands in the engine's hands: deliveries, rows of outbox and due, and what can go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from shared.engine.decision import ClockName

InboxKey = tuple[str, str]  # exchange, message id as the sender wrote it

IN_LINE = "+"
"""Behind the system's name in `Due.waits_for`: the system answers again, and the row has its turn in the line."""


async def _settled() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came: raw bytes, and `ack`, which may be called once and nothing else."""

    queue: str
    exchange: str
    routing_key: str
    message_id: str | None
    headers: Mapping[str, Any]
    body: bytes
    deliveries: int = 1
    ack: Callable[[], Awaitable[None]] = _settled


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it goes; a row of the outbox until the broker has confirmed it."""

    id: UUID
    exchange: str
    routing_key: str
    application_id: UUID | None
    body: bytes
    headers: Mapping[str, str]
    attempts: int = 0


class Fate(Enum):
    """What became of one publish: taken by the broker, sent back as unroutable, or unknown."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    FAILED = "failed"


class Seen(Enum):
    """What the inbox knows of a message: new, had before, or the same id with another body."""

    NEW = "new"
    REPEATED = "repeated"
    CLASHES = "clashes"


@dataclass(frozen=True, slots=True)
class Due:
    """A message to oneself that waits: an ask, a timer, or a failure to be tried again.

    `since` is the business time at which it first stood; `token` the lease of whoever works on it; `waits_for` the
    outside system that did not answer it, with `IN_LINE` behind its name once it answers again.
    """

    id: UUID
    application_id: UUID
    name: str
    body: bytes
    headers: Mapping[str, str]
    due_at: datetime
    clock: ClockName
    since: datetime
    attempts: int = 0
    failures: int = 0
    token: UUID | None = None
    waits_for: str = ""

    def again(self, at: datetime, *, failures: int | None = None, waits_for: str = "") -> Due:
        """The same row, due at machine time `at`, one attempt later."""
        return replace(
            self,
            due_at=at,
            clock="machine",
            attempts=self.attempts + 1,
            failures=self.failures if failures is None else failures,
            token=None,
            waits_for=waits_for,
        )


@dataclass(frozen=True, slots=True)
class Dependency:
    """An outside system as all processes see it; all times are business time (p.12)."""

    name: str
    failing_since: datetime | None = None
    last_success: datetime | None = None
    last_try: datetime | None = None
    switched_off: bool = False

    def in_outage(self, now: datetime) -> bool:
        """Unbroken failure of more than 10:00 with a try in the last minute, or switched off by operations."""
        if self.switched_off:
            return True
        if self.failing_since is None or self.last_try is None:
            return False
        return now - self.failing_since > timedelta(minutes=10) and now - self.last_try <= timedelta(minutes=1)

    def has_just_answered(self, now: datetime) -> bool:
        """A success of the last five seconds, with no failure since: another need not be written down."""
        fresh = self.last_success is not None and abs(now - self.last_success) < timedelta(seconds=5)
        return fresh and self.failing_since is None


@dataclass(frozen=True, slots=True)
class Platform:
    """The rows all services share: the business clock's offset and the dependencies."""

    offset: timedelta = timedelta()
    dependencies: Mapping[str, Dependency] = field(default_factory=dict)

    def outages(self, now: datetime) -> frozenset[str]:
        """The outside systems that are in outage now (p.12)."""
        return frozenset(name for name, row in self.dependencies.items() if row.in_outage(now))

    def recovered_since(self, before: Platform) -> Mapping[str, timedelta]:
        """The outside systems that failed then, and answer now; and how long that went on."""
        found = {}
        for name, was in before.dependencies.items():
            now = self.dependencies.get(name)
            if was.failing_since is not None and now is not None and now.failing_since is None:
                found[name] = (now.last_success or was.failing_since) - was.failing_since
        return found


class StoreBusy(Exception):
    """The transaction lost a race (deadlock, serialization): do it again at once."""


class StoreLost(Exception):
    """The store cannot be reached, or the outcome of a commit is unknown: back off and do it again."""


class StoreRefused(Exception):
    """A row breaks a rule of its table, as a second log row of one `external_id`: a bug, and no use trying again."""


class Unavailable(Exception):
    """The outside system did not answer, or said that it cannot now. Tried again; never a decision."""

    def __init__(self, dependency: str) -> None:
        super().__init__(dependency)
        self.dependency = dependency
