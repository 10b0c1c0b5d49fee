"""A mutant: the system broken in one way, for the length of one seed. Production knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from tests.simulation.luck import Luck


def _any(luck: Luck) -> bool:
    return True


Patch = tuple[Any, str, Any]
"""An object, the name of one of its parts, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`broken` says what is wrong; one of `rules` must find it. `patches` are made anew for every seed.

    `shows`: under other luck it changes nothing that could be seen, and the seed need not be played.
    """

    name: str
    broken: str
    rules: tuple[str, ...]
    patches: Callable[[], Sequence[Patch]]
    shows: Callable[[Luck], bool] = _any

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with ExitStack() as stack:
            for of, part, instead in self.patches():
                stack.enter_context(patch.object(of, part, instead))
            yield
