"""Everyone who may come: one persona for every ending and every story of the process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import cycle, islice

from deploy.sandbox.persona import Persona
from deploy.sandbox.stories_after import AFTER, PLAIN
from deploy.sandbox.stories_before import BEFORE

PERSONAS: tuple[Persona, ...] = (*AFTER, *BEFORE)
NEIGHBOUR = replace(
    PLAIN, name="same-address", story="Lives where an officer lives: another officer decides.",
    lives_with_officer=True, weight=0,
)  # fmt: skip
"""For people who try the console: their story is no other than that of whom it is made of."""
BY_NAME = {persona.name: persona for persona in (*PERSONAS, NEIGHBOUR)}


def cast(count: int, personas: Iterable[Persona] = PERSONAS) -> tuple[Persona, ...]:
    """`count` of them: each at least once while there is room, then by weight, always in the same order."""
    each = tuple(personas)
    by_weight = [persona for persona in each for _ in range(persona.weight)]
    return (*each[:count], *islice(cycle(by_weight), max(0, count - len(each)))) if each else ()
