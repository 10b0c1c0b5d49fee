"""What a state says it waits for: by it a service goes on when a row is lost, and the oracle knows whose turn it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.base import Message, routing_key
from shared.engine.decision import Later


@dataclass(frozen=True, slots=True)
class Awaited:
    """The row that must stand while the state is as it is, or one of the kinds `instead`.

    `later` has a key, so that a row which stands is not made twice. Not `sure`: it may have done its work already.
    """

    later: Later
    instead: tuple[type[Message], ...] = ()
    sure: bool = True

    @property
    def names(self) -> frozenset[str]:
        """What the row may be called."""
        return frozenset(routing_key(kind) for kind in (type(self.later.message), *self.instead))


def rows_of(awaited: Iterable[Awaited]) -> tuple[Later, ...]:
    """The rows, to be made anew where they are lost."""
    return tuple(each.later for each in awaited)
