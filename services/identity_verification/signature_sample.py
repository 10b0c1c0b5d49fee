"""S10: technical defects of the signature sample, a scan of dark strokes on a light sheet: thresholds and the verdict.

Whose signature it is nobody checks here: that is the officer's matter (p.11).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.identity_verification.bounds import Row, least, most, told_apart
from shared.law.dated import row_in_force


class SampleFault(StrEnum):
    """Why a signature sample goes back, or what the officer is told of it."""

    FILE_SIZE = "FileSize"
    FILE_FORMAT = "FileFormat"
    TOO_MANY_PIXELS = "TooManyPixels"
    DAMAGED = "Damaged"
    RESOLUTION = "Resolution"
    BLANK = "Blank"
    FAINT = "Faint"
    TOO_LITTLE_INK = "TooLittleInk"
    FILLED = "Filled"
    SCRIBBLE = "Scribble"
    TOO_NARROW = "TooNarrow"
    TOO_FLAT = "TooFlat"
    TOUCHES_EDGE = "TouchesEdge"
    FEW_STROKES = "FewStrokes"
    FRAMED = "Framed"


class Sign(StrEnum):
    """What is measured. Shares are of the sheet unless said otherwise."""

    SIZE = "Size"  # of the least width and height, the lesser
    DARKNESS = "Darkness"  # share of the sheet not half as light as its paper
    TRACE = "Trace"  # shades by which anything stands out from the paper
    CONTRAST = "Contrast"  # the same, as the ink's quality
    INK = "Ink"
    WIDTH = "Width"
    HEIGHT = "Height"
    FILL = "Fill"  # ink, of the box around the sign
    CROSSINGS = "Crossings"  # strokes that a column of the box meets, on average
    STROKES = "Strokes"  # strokes that a row of the box meets, on average
    EDGE = "Edge"  # ink on the outermost hundredth
    FRAME = "Frame"  # ink along the sides of the box


def rising(zero: float, hundred: float) -> Callable[[float], float]:
    return lambda raw: 100 * (raw - zero) / (hundred - zero)


S, F = Sign, SampleFault
SIGNS: Mapping[Sign, tuple[SampleFault, Row, Callable[[float], float]]] = {
    S.SIZE: (F.RESOLUTION, least(1, 1), rising(0.5, 1)),  # 300×100
    S.DARKNESS: (F.FILLED, most(0.3, 0.3), rising(0.45, 0)),
    S.TRACE: (F.BLANK, least(15, 15), rising(0, 30)),
    S.CONTRAST: (F.FAINT, least(80, 60), rising(20, 140)),
    S.INK: (F.TOO_LITTLE_INK, least(0.01, 0.005), rising(0, 0.02)),
    S.WIDTH: (F.TOO_NARROW, least(0.35, 0.25), rising(0.1, 0.5)),
    S.HEIGHT: (F.TOO_FLAT, least(0.12), rising(0, 0.24)),
    S.FILL: (F.SCRIBBLE, most(0.33, 0.45), rising(0.6, 0.1)),
    S.CROSSINGS: (F.SCRIBBLE, most(4.8, 8), rising(10, 3)),
    S.STROKES: (F.FEW_STROKES, least(2.5), rising(1, 4)),
    S.EDGE: (F.TOUCHES_EDGE, most(0.001, 0.005), rising(0.01, 0)),
    S.FRAME: (F.FRAMED, most(0.7), rising(1, 0.4)),
}


@dataclass(frozen=True, slots=True)
class SampleThresholds:
    """One line of the dated table [D]."""

    valid_from: date = date.min
    valid_until: date | None = None
    rows: Mapping[Sign, Row] = field(default_factory=lambda: {sign: row for sign, (_, row, _) in SIGNS.items()})


THRESHOLDS = (SampleThresholds(),)


@dataclass(frozen=True, slots=True)
class SampleFindings:
    """`fault` is of the file: then nothing was measured."""

    fault: SampleFault | None = None
    raw: Mapping[Sign, float] = field(default_factory=dict)

    def written(self) -> bytes:
        return json.dumps({"fault": self.fault, "raw": self.raw}).encode()

    @classmethod
    def read(cls, written: bytes) -> SampleFindings:
        """Raises `ValueError` or `KeyError` for what `written` did not write."""
        found = json.loads(written)
        fault = SampleFault(found["fault"]) if found["fault"] else None
        return cls(fault, {Sign(name): float(value) for name, value in found["raw"].items()})


@dataclass(frozen=True, slots=True)
class SampleVerdict:
    """Every reason at once; no reason means fit. `flags` is what the officer is told; scores are 0–100 by measure."""

    reasons: tuple[SampleFault, ...]
    scores: Mapping[str, int]
    flags: tuple[SampleFault, ...] = ()

    @property
    def fit(self) -> bool:
        return not self.reasons


def thresholds_on(day: date, table: tuple[SampleThresholds, ...] = THRESHOLDS) -> SampleThresholds:
    """Raises `NotInForce` when the table says nothing of that day."""
    return row_in_force(table, day)


def judged(found: SampleFindings, thresholds: SampleThresholds = THRESHOLDS[-1]) -> SampleVerdict:
    """A blank or filled sheet has that one reason: the rest would be measured of no sign."""
    if found.fault is not None:
        return SampleVerdict((found.fault,), {})
    back, told = told_apart(found.raw, thresholds.rows)
    scores = {sign.value: round(min(100.0, max(0.0, SIGNS[sign][2](raw)))) for sign, raw in found.raw.items()}
    reasons = tuple(dict.fromkeys(SIGNS[sign][0] for sign in back))
    flags = tuple(dict.fromkeys(SIGNS[sign][0] for sign in told))
    return SampleVerdict(reasons, scores, tuple(flag for flag in flags if flag not in reasons))
