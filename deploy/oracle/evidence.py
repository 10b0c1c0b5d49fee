"""What the rules are judged by: states and rows of every service, and what the portal showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Told:
    """One step of what the portal showed of an application, in the order in which it showed them."""

    rank: int
    round: int
    version: int


class Evidence(Protocol):
    """`rows` are (moment, row) in the order of their writing; `audit` are raw rows of the chain with its head."""

    def states(self, service: str) -> Mapping[UUID, Any]: ...
    def rows(self, service: str, of: type[Any]) -> Sequence[tuple[datetime, Any]]: ...
    def audit(self, service: str) -> tuple[Sequence[Mapping[str, Any]], bytes]: ...
    def shown(self) -> Mapping[UUID, Sequence[Told]]: ...
    def dead_letters(self) -> Sequence[str]: ...

    @property
    def leap(self) -> timedelta:
        """How much the business clock leapt while rows were written: order of steps is judged within it."""
        ...
