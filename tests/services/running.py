"""One application's messages through one service, with no engine: heard, asked, decided, and what is due later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.base import Message, routing_key
from shared.engine.decision import Given, Later
from shared.engine.service import Service
from shared.law.rules import RULES, Rules

APPLICATION = UUID(int=1)
NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)  # a Monday, 10:00 in Almaty


@dataclass
class Run:
    """`said`, `appended`, `replies` and `waiting` are in the order in which they came to be.

    `hear` with an id heard before does nothing (the inbox); without an id every hearing is a new message.
    `owners` are unique keys that someone holds; `moved` is the time passed since `started`, on both clocks.
    """

    service: Service
    application_id: UUID = APPLICATION
    world: Any = None
    rules: Rules = RULES
    started: datetime = NOW
    outages: frozenset[str] = frozenset()
    state: Any = None
    moved: timedelta = timedelta()
    said: list[Message] = field(default_factory=list)
    appended: list[Any] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    waiting: list[tuple[datetime, Later]] = field(default_factory=list)
    owners: dict[str, UUID] = field(default_factory=dict)
    heard: set[UUID] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        if self.state is None:
            self.state = self.service.table.empty(self.application_id)

    @property
    def now(self) -> datetime:
        return self.started + self.moved

    async def hear(
        self, message: Message, id: UUID | None = None, said_at: datetime | None = None, answers: Any = None
    ) -> Any:
        """Decide one message; gives the reply. `answers` stand for what its ask would have returned."""
        self._count += 1
        id = id or uuid5(self.application_id, f"heard/{self._count}")
        if id in self.heard:
            return None
        self.heard.add(id)
        reaction = self.service.by_key[routing_key(message)]
        given = Given(
            message_id=id, now=self.now, said_at=said_at or self.now, outages=self.outages, rules=self.rules,
            answers=answers,
        )  # fmt: skip
        if reaction.asks is not None and answers is None:
            given = replace(given, answers=await reaction.asks(self.state, message, self.world, given))
        claim = reaction.claims(message, given) if reaction.claims else None
        if claim is not None:
            given = replace(given, owner=self.owners.setdefault(claim, self.application_id))
        decision = reaction.does(self.state, message, given)
        self.state = decision.state
        self.said += decision.says
        self.appended += decision.appends
        self.replies.append(decision.reply)
        for key in decision.release:
            if self.owners.get(key) == self.application_id:
                del self.owners[key]
        self._wait_for(decision.later)
        return decision.reply

    async def hear_all(self, messages: Iterable[Message]) -> Run:
        for message in messages:
            await self.hear(message)
        return self

    async def fire(self, kind: type[Message]) -> int:
        """What waits of this kind comes due now, however far off it is; gives how many there were."""
        due = [row for row in self.waiting if isinstance(row[1].message, kind)]
        self.waiting = [row for row in self.waiting if row not in due]
        for _, later in due:
            await self.hear(later.message)
        return len(due)

    async def let_pass(self, time: timedelta) -> Run:
        """Move both clocks on; what comes due on the way is heard at its moment."""
        until = self.now + time
        while True:
            due = min((row for row in self.waiting if row[0] <= until), key=lambda row: row[0], default=None)
            if due is None:
                break
            self.waiting.remove(due)
            self.moved = max(self.moved, due[0] - self.started)
            await self.hear(due[1].message)
        self.moved = until - self.started
        return self

    def words(self) -> set[str]:
        """What was said, by content; the same word twice is one."""
        return {f"{routing_key(message)} {message!r}" for message in self.said}

    def said_of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.said if isinstance(message, kind)]

    def appended_of(self, kind: type[Any]) -> list[Any]:
        return [row for row in self.appended if isinstance(row, kind)]

    def _wait_for(self, rows: Iterable[Later]) -> None:
        for later in rows:
            if later.key is None or all(other.key != later.key for _, other in self.waiting):
                self.waiting.append((later.at or self.now + later.after, later))
