"""What a decision is given and what it gives back. Pure values; the engine does the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from shared.contracts.base import Message
from shared.law.rules import RULES, Rules

S = TypeVar("S")
ALMATY = ZoneInfo("Asia/Almaty")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)
ClockName = Literal["business", "machine"]


@dataclass(frozen=True, slots=True)
class Outage:
    """The answer of an ask whose dependency has been failing for more than ten minutes (p.12)."""

    dependency: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """The answer of an ask whose own deadline passed while its dependency was silent."""

    dependency: str


def _in_clear(iin: str) -> str:
    return f"index:{iin}"


@dataclass(frozen=True, slots=True)
class Given:
    """All that a decision may know besides its state and its message.

    `now` is business time and `machine` machine time, aware; `said_at` the business time at which the sender said the
    message; `traceparent` the trace context it bore;
    `owner` the application that holds the unique key the reaction claims; `answers` what the ask returned;
    `rules` the dated tables and limits in force; `blind` turns an IIN into its keyed blind index.
    """

    message_id: UUID = NOBODY
    now: datetime = EPOCH
    said_at: datetime = EPOCH
    answers: Any = None
    owner: UUID | None = None
    outages: frozenset[str] = frozenset()
    rules: Rules = RULES
    blind: Callable[[str], str] = _in_clear
    machine: datetime = EPOCH
    traceparent: str = ""

    @property
    def today(self) -> date:
        """The date in Asia/Almaty: the only date a rule may know."""
        return self.now.astimezone(ALMATY).date()

    @property
    def said_on(self) -> date:
        """The Almaty date on which the sender said the message: 'the day of receipt' is judged by it."""
        return self.said_at.astimezone(ALMATY).date()

    def uuid(self, purpose: str) -> UUID:
        """An id that is the same however often this message is decided."""
        return uuid5(self.message_id, purpose)


@dataclass(frozen=True, slots=True)
class Later:
    """A message to oneself: due `after` from now, or `at`, on the named clock.

    With a `key`, one application has at most one such row waiting, however often it is asked for.
    """

    message: Message
    after: timedelta = timedelta()
    at: datetime | None = None
    clock: ClockName = "business"
    key: str | None = None


@dataclass(frozen=True, slots=True, init=False)
class Decision(Generic[S]):
    """The new state, what is said to the world, to oneself, and what is written for ever.

    `appends` are rows of the service's logs (audit, ledger, register lines); `release` gives unique keys
    back; `reply` is what an HTTP caller is told after the commit.
    """

    state: S
    says: tuple[Message, ...] = ()
    later: tuple[Later, ...] = ()
    appends: tuple[Any, ...] = ()
    release: tuple[str, ...] = ()
    reply: Any = field(default=None)

    def __init__(
        self,
        state: S,
        *says: Message,
        later: Iterable[Later] = (),
        appends: Iterable[Any] = (),
        release: Iterable[str] = (),
        reply: Any = None,
    ) -> None:
        object.__setattr__(self, "state", state)
        object.__setattr__(self, "says", says)
        object.__setattr__(self, "later", tuple(later))
        object.__setattr__(self, "appends", tuple(appends))
        object.__setattr__(self, "release", tuple(release))
        object.__setattr__(self, "reply", reply)
