"""A service as data: its table, what it hears, what it asks, which pure decision answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.contracts.base import Message, routing_key
from shared.engine.decision import Decision, Given, Later

if TYPE_CHECKING:
    from shared.engine.codec import Unreadable

Decide = Callable[[Any, Any, Given], Decision[Any]]
AskWorld = Callable[[Any, Any, Any, Given], Awaitable[Any]]
UniqueKey = Callable[[Any, Given], str | None]


@dataclass(frozen=True, slots=True)
class Table:
    """One state per application: `Table("payment.invoice", Invoice)`. Columns are the dataclass's fields."""

    name: str
    of: type[Any]

    def empty(self, id: UUID) -> Any:
        return self.of(application_id=id)


@dataclass(frozen=True, slots=True)
class Log:
    """Rows that are only ever added. `chained`: each row carries the hash of the one before (order p.4.1)."""

    name: str
    of: type[Any]
    chained: bool = False


@dataclass(frozen=True, slots=True)
class Audited:
    """One act, written in the transaction that does it: who, from where, what, with what result (order p.4.1).

    `who` is a role and an id without personal data (`citizen:<blind index>`, `officer:17`, `service`).
    """

    application_id: UUID
    who: str
    where: str
    what: str
    result: str


@dataclass(frozen=True, slots=True)
class Step:
    """The stage record (p.3, p.9): `step` is `S1`…`S19`, `result` done, skipped or refused; a skip has its reason."""

    application_id: UUID
    step: str
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskPolicy:
    """How one outside system is asked: time-out and deadline in seconds; `leases` at once; `p12`: its outage redirects.

    Retries: after `first` seconds, doubling to `most`, with jitter; while the dependency fails one probe per `probe`.
    When it answers again, what waits is asked `per_second` by each service, the oldest first.
    """

    dependency: str
    timeout: float = 10.0
    leases: int = 16
    first: float = 1.0
    most: float = 30.0
    probe: float = 25.0
    per_second: float = 5.0
    deadline: timedelta | None = None
    p12: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """`hears` a message; `asks` the world, if it must (then the message waits as a due row); `does` the decision.

    `claims` names a unique key from message and given; `given.owner` then says who holds it. `policy` tells, from
    the state and the message, which outside system the ask goes to.
    """

    hears: type[Message]
    does: Decide
    asks: AskWorld | None = None
    policy: AskPolicy | Callable[[Any, Any], AskPolicy] | None = None
    claims: UniqueKey | None = None

    def policy_for(self, state: Any, message: Any) -> AskPolicy | None:
        return self.policy(state, message) if callable(self.policy) else self.policy


@dataclass(frozen=True, slots=True)
class Service:
    """What `shared/engine` runs. `rejects` answers what an outside party has sent and cannot be taken: what is said
    and what is written down; without an answer it goes to the dead letters.

    `tells_failures`: failed attempts and messages laid aside are told to the timeline as `AttemptFailed`.
    `standing`: messages to itself, each with a key, that wait from its first start on.
    """

    name: str
    table: Table
    reactions: tuple[Reaction, ...]
    logs: tuple[Log, ...] = ()
    rejects: Callable[[Unreadable, datetime], Decision[None] | None] | None = None
    standing: tuple[Later, ...] = ()
    tells_failures: bool = False
    by_key: Mapping[str, Reaction] = field(init=False)
    all_logs: tuple[Log, ...] = field(init=False)
    """Its own logs, and the stage record and the audit trail that every service keeps."""

    def __post_init__(self) -> None:
        by_key = {routing_key(reaction.hears): reaction for reaction in self.reactions}
        if len(by_key) != len(self.reactions):
            raise ValueError(f"{self.name} hears one message twice")
        if any(row.key is None or routing_key(row.message) not in by_key for row in self.standing):
            raise ValueError(f"{self.name} does not hear what stands, or it has no key")
        kept = Log(f"{self.schema}.step", Step), Log(f"{self.schema}.audit", Audited, chained=True)
        object.__setattr__(self, "by_key", by_key)
        object.__setattr__(self, "all_logs", (*self.logs, *kept))

    @property
    def schema(self) -> str:
        return self.name.replace("-", "_")

    def tells(self, application_id: UUID) -> bool:
        """Whether its failures are told: there is no timeline of the service's own rows, which are nobody's."""
        return self.tells_failures and all(row.message.application_id != application_id for row in self.standing)

    def log_of(self, row: Any) -> Log:
        for log in self.all_logs:
            if type(row) is log.of:
                return log
        raise LookupError(f"{self.name} keeps no log of {type(row).__name__}")
