"""What is wished for and what is borne of a measured value. Outside the first the officer is told, outside the second
it goes back to the citizen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

Bounds = tuple[float, float]
ANY: Bounds = (-math.inf, math.inf)
Measure = TypeVar("Measure")


@dataclass(frozen=True, slots=True)
class Row:
    """Raw values, both ends inclusive."""

    wished: Bounds
    borne: Bounds = ANY


def least(wished: float, borne: float = -math.inf) -> Row:
    return Row((wished, math.inf), (borne, math.inf))


def most(wished: float, borne: float = math.inf) -> Row:
    return Row((-math.inf, wished), (-math.inf, borne))


def told_apart(
    raw: Mapping[Measure, float], rows: Mapping[Measure, Row]
) -> tuple[tuple[Measure, ...], tuple[Measure, ...]]:
    """What goes back, and what the officer is told, in the order of measuring. What has no row is only measured."""
    known = [(measure, value, rows[measure]) for measure, value in raw.items() if measure in rows]
    back = tuple(measure for measure, value, row in known if not row.borne[0] <= value <= row.borne[1])
    told = tuple(measure for measure, value, row in known if not row.wished[0] <= value <= row.wished[1])
    return back, tuple(measure for measure in told if measure not in back)
