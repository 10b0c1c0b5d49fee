"""What the rules are judged by. What a source cannot give is None: the rule that needs it is then not judged there."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from deploy.sandbox.books import Books
from deploy.sandbox.persona import Persona
from shared.contracts.values import Ending
from shared.engine.rows import Due, InboxKey
from shared.engine.service import Step

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """One status as the portal heard it, in the order of arrival."""

    rank: int
    round: int
    version: int
    code: str = ""
    ending: Ending | None = None

    @property
    def place(self) -> tuple[int, int, int]:
        return self.rank, self.round, self.version


PASSED_OVER: Final = frozenset(
    {"production-refused", "withdrawal-requested", "withdrawal-refused", "circumstance-changed"}
)
"""What bad luck may take out of a story: a lost refusal is asked for again, what comes after the ending is not told."""


@dataclass(frozen=True, slots=True)
class Course:
    """One application as its citizen meant it: the story, and how it may end. None among `endings`: not opened.

    `passed_over`: routing keys that bad luck may take out of the story. `whole`: what the story tells must be seen.
    """

    application_id: UUID
    name: str
    persona: Persona
    endings: frozenset[Ending | None]
    passed_over: frozenset[str] = frozenset()
    whole: bool = True


class Evidence(Protocol):
    """`rows` are (moment, row) in the order of their writing; `audit` are raw rows of the chain with its head.

    `steps` are stage records in the order of all commits of all services. `unsent` counts rows of the outbox.
    """

    def states(self, service: str) -> Mapping[UUID, Any]: ...
    def rows(self, service: str, of: type[Any]) -> Sequence[tuple[datetime, Any]]: ...
    def audit(self, service: str) -> tuple[Sequence[Mapping[str, Any]], bytes]: ...
    def shown(self) -> Mapping[UUID, Sequence[Told]]: ...
    def dead_letters(self) -> Sequence[str]: ...
    def steps(self) -> Sequence[Step] | None: ...
    def due(self, service: str) -> Sequence[Due] | None: ...
    def claims(self, service: str) -> Mapping[str, UUID | None] | None: ...
    def inbox(self, service: str) -> Container[InboxKey] | None: ...
    def unsent(self, service: str) -> int | None: ...
    def books(self) -> Books | None: ...
    def officers(self) -> Mapping[str, str] | None: ...
    def courses(self) -> Sequence[Course] | None: ...

    @property
    def leap(self) -> timedelta:
        """How much the business clock leapt while somebody was at work: what hangs by moments is judged within it."""
        ...

    @property
    def over(self) -> bool:
        """Whether everybody has come to an end and nobody has anything left to do."""
        ...


class NotJudged(Exception):
    """The source does not give what the rule needs. Says what."""


def given(value: T | None, what: str) -> T:
    """What the source gives. Raises `NotJudged` when it gives none."""
    if value is None:
        raise NotJudged(what)
    return value
