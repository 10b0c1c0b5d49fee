"""What a way between two processes does to the bytes on it, for each direction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """UP is from who connected to the server, DOWN is back."""

    UP = "up"
    DOWN = "down"


BOTH = (Direction.UP, Direction.DOWN)


@dataclass(frozen=True, slots=True)
class Weather:
    """`latency` and `jitter` in seconds on each piece of bytes, `rate` in bytes a second.

    `hole`: nothing passes. A connection that stands is frozen and keeps its bytes; a new one is accepted, what is said
    on it is swallowed, and it stays dead when the hole closes.
    """

    latency: float = 0.0
    jitter: float = 0.0
    rate: float | None = None
    hole: bool = False

    @property
    def clear(self) -> bool:
        return not (self.latency or self.jitter or self.rate or self.hole)


CLEAR = Weather()
