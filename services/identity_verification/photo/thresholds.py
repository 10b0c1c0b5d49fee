"""The thresholds of S10 in one dated table [D]: what is wished for, what is borne, and the verdict that follows.

No law names numbers; these are of ICAO, ISO 39794-5 and of the labelled set (tests/photos). Outside what is wished for
the officer is told; outside what is borne the photo goes back. Sharpness, grain, compression, background and mouth
never send a photo back by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import TypeAdapter

from services.identity_verification.bounds import Row, least, most, told_apart
from services.identity_verification.photo.findings import Findings
from services.identity_verification.photo.measures import PhotoFault, score
from shared.law.dated import row_in_force

F = PhotoFault
ROWS: Mapping[PhotoFault, Row] = {
    F.RESOLUTION: least(1.0, 1.0),  # 413×531: 35×45 mm at 300 dpi
    F.ASPECT_RATIO: Row((0.758, 0.798), (0.758, 0.798)),
    F.FACE_PRESENT: least(1, 1),
    F.SINGLE_FACE: most(0.05, 0.05),
    F.HEAD_SIZE: Row((0.68, 0.82), (0.60, 0.90)),  # ICAO's 70–80 %, and two for finding the chin
    F.INTER_EYE_DISTANCE: least(90, 90),  # a head of 75 % has 110 in the smallest photo; 120 is recommended
    F.LEFTWARD_CROP: least(1.35, 1.1),
    F.RIGHTWARD_CROP: least(1.35, 1.1),
    F.MARGIN_ABOVE: least(1.08, 0.98),
    F.MARGIN_BELOW: least(1.12, 1.02),
    F.HORIZONTAL_POSITION: Row((0.45, 0.55), (0.38, 0.62)),
    F.VERTICAL_POSITION: Row((0.30, 0.54), (0.25, 0.62)),
    F.ROLL: Row((-5, 5), (-10, 10)),
    F.YAW: Row((-10, 10), (-25, 25)),  # an estimate: told early, sent back late
    F.EYES_OPEN: least(0.045, 0.03),
    F.EYES_VISIBLE: most(0.45, 0.75),
    F.MOUTH_CLOSED: most(0.03),
    F.LUMINANCE_MEAN: Row((0.22, 0.88), (0.12, 0.95)),
    F.UNDER_EXPOSURE: most(0.12, 0.5),
    F.OVER_EXPOSURE: most(0.02, 0.2),
    F.DYNAMIC_RANGE: least(4.0, 2.5),
    F.ILLUMINATION_UNIFORMITY: least(0.45, 0.15),
    F.NATURAL_COLOUR: most(10, 30),
    F.COLOUR: least(2.0, 0.9),
    F.BACKGROUND_UNIFORMITY: most(9),
    F.BACKGROUND_LIGHTNESS: least(70),
    F.BACKGROUND_TINT: most(22),
    F.BACKGROUND_EVENNESS: most(12),
    F.SHARPNESS: most(0.66),
    F.NOISE: most(3.2),
    F.COMPRESSION: least(30),
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    valid_from: date = date.min
    valid_until: date | None = None
    rows: Mapping[PhotoFault, Row] = field(default_factory=lambda: ROWS)


THRESHOLDS = (Thresholds(),)


@dataclass(frozen=True, slots=True)
class PhotoVerdict:
    """Every reason at once; no reason means fit. `flags` is what the officer is told; scores are 0–100 by measure."""

    reasons: tuple[PhotoFault, ...]
    scores: Mapping[str, int]
    flags: tuple[PhotoFault, ...] = ()

    @property
    def fit(self) -> bool:
        return not self.reasons


def thresholds_on(day: date, table: tuple[Thresholds, ...] = THRESHOLDS) -> Thresholds:
    """Raises `NotInForce` when the table says nothing of that day."""
    return row_in_force(table, day)


def judged(found: Findings, thresholds: Thresholds = THRESHOLDS[-1]) -> PhotoVerdict:
    """What could not be measured is no reason: without a face there is one reason, and that is enough."""
    if found.fault is not None:
        return PhotoVerdict((found.fault,), {})
    reasons, flags = told_apart(found.raw, thresholds.rows)
    scores = {measure.value: score(measure, raw) for measure, raw in found.raw.items()}
    return PhotoVerdict(reasons, scores, flags)


_CHANGES: TypeAdapter[dict[PhotoFault, Row]] = TypeAdapter(dict[PhotoFault, Row])


def thresholds_from(
    settings: Mapping[str, object], table: tuple[Thresholds, ...] = THRESHOLDS
) -> tuple[Thresholds, ...]:
    """The table with some rows set anew: `{"HeadSize": {"wished": [0.7, 0.8], "borne": [0.65, 0.85]}}`.

    Raises pydantic's `ValidationError` for an unknown measure or an impossible value.
    """
    changes = _CHANGES.validate_python(settings)
    return tuple(replace(each, rows={**each.rows, **changes}) for each in table)
