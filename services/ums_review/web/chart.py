"""A bar chart as plain SVG: numbers in, shapes out. The page has the same numbers as a table besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 900
HEIGHT: Final = 240
FOOT: Final = 26
_GAP: Final = 0.3
"""Of a column's place, empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a column, in the units of the picture; `part` names what it counts."""

    x: float
    y: float
    width: float
    height: float
    part: str
    times: int


@dataclass(frozen=True, slots=True)
class Column:
    """`label` stands at `x` under the column; `top` is where its sum is written."""

    x: float
    top: float
    label: str
    sum: int
    bars: tuple[Bar, ...]


def columns(numbers: Sequence[tuple[str, Mapping[str, int]]], parts: Sequence[str]) -> list[Column]:
    """One column for each label, its parts stacked in the order of `parts`; the highest takes all the height."""
    highest = max((sum(counts.values()) for _, counts in numbers), default=0) or 1
    place = WIDTH / max(len(numbers), 1)
    room = HEIGHT - FOOT - 18
    found = []
    for number, (label, counts) in enumerate(numbers):
        x, y, bars = number * place + place * _GAP / 2, float(HEIGHT - FOOT), []
        for part in parts:
            times = counts.get(part, 0)
            height = room * times / highest
            y -= height
            if times:
                bars.append(Bar(round(x, 1), round(y, 1), round(place * (1 - _GAP), 1), round(height, 1), part, times))
        found.append(
            Column(round((number + 0.5) * place, 1), round(y - 5, 1), label, sum(counts.values()), tuple(bars))
        )  # fmt: skip
    return found
