"""Eyes, mouth, chin and the turn of the head, read from a levelled face by brightness alone.

A levelled face has its pupils at (120, 140) and (200, 140); lengths come out in distances between the eyes (`IED`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.identity_verification.photo.canvas import APART, EYE_LINE, MIDDLE, Levelled, Pixels, Point

PUPILS = ((MIDDLE - APART // 2, EYE_LINE), (MIDDLE + APART // 2, EYE_LINE))
CHEEKS = ((108, 172, 128, 196), (192, 172, 212, 196))  # left, top, right, bottom
LIPS_AT = 0.61
"""Where the line of the lips lies between eyes and chin."""
CHEEK_DEPTH = 0.65
"""IED by which the edge of the cheeks lies behind the eyes: what a turned head shows sideways."""


@dataclass(frozen=True, slots=True)
class Features:
    """`chin` is IED from the eyes to the chin, `openings` the height of each eye and `gap` that between the lips, all
    over the distance to the chin; `covered` the share of the worse eye's surroundings that is dark; `yaw` degrees,
    positive: turned to the picture's right, None when the outline of the face cannot be told; `lips` the level of the
    mouth in the levelled face."""

    chin: float
    openings: tuple[float, float]
    covered: float
    gap: float
    yaw: float | None
    lips: float


def features_of(face: Levelled) -> Features:
    eyes = list(zip(PUPILS, cheeks_of(face), strict=True))
    skin = float(np.mean([cheek for _, cheek in eyes]))
    lips = lips_of(face, skin)
    chin = chin_of(face, lips)
    left, right = (opening_at(face.grey, pupil, cheek) for pupil, cheek in eyes)
    return Features(
        chin=chin,
        openings=(left / chin, right / chin),
        covered=max(covered_at(face.grey, pupil, cheek) for pupil, cheek in eyes),
        gap=gap_of(face, lips, skin) / (chin * APART),
        yaw=yaw_of(face),
        lips=lips,
    )


def cheeks_of(face: Levelled) -> tuple[float, float]:
    """The brightness of each cheek, 0–255: in light from the side every eye is seen against its own."""
    left, right = (float(np.median(face.grey[b:d, a:c])) for a, b, c, d in CHEEKS)
    return left, right


def opening_at(grey: Pixels, pupil: Point, skin: float) -> float:
    """How high the dark of the iris stands: full height at half its depth. A line of lashes is a thin one."""
    x, y = int(pupil[0]), int(pupil[1])
    column = cv2.GaussianBlur(grey[y - 24 : y + 25, x - 5 : x + 6].astype(np.float32), (0, 0), 0.8).mean(axis=1)
    column = np.interp(np.arange(0, 48.01, 0.25), np.arange(49), column)
    low = 64 + int(np.argmin(column[64:129]))
    depth = skin - column[low]
    if depth < 0.12 * skin:
        return 0.0
    half = column[low] + depth / 2
    above, below = np.flatnonzero(column[:low] > half), np.flatnonzero(column[low:] > half)
    top = above[-1] if above.size else 0
    bottom = low + below[0] if below.size else column.size
    return float(bottom - top) / 4 / APART


def covered_at(grey: Pixels, pupil: Point, skin: float) -> float:
    """The share of the eye's surroundings much darker than the cheek: a quarter of an eye, all of a dark glass."""
    x, y = int(pupil[0]), int(pupil[1])
    part = grey[y - 14 : y + 17, x - 24 : x + 25]
    return float((part < 0.5 * skin).mean())


def chin_of(face: Levelled, lips: float) -> float:
    """IED from the eyes to the strongest edge across the middle, about where a chin belongs to such lips."""
    strip = cv2.GaussianBlur(face.lab[:, MIDDLE - 16 : MIDDLE + 17], (0, 0), 2.0).mean(axis=1)
    edge = np.abs(strip[4:] - strip[:-4]).sum(axis=1)
    levels = (np.arange(edge.size) + 2 - EYE_LINE) / APART
    likely = np.exp(-(((levels - (lips - EYE_LINE) / APART / LIPS_AT) / 0.1) ** 2) / 2)
    return float(levels[int(np.argmax((edge + 2.0) * likely))])


def lips_of(face: Levelled, skin: float) -> float:
    """The level at which the mouth's line or gap is darkest."""
    top, bottom = EYE_LINE + int(0.82 * APART), EYE_LINE + int(1.42 * APART)
    part = cv2.GaussianBlur(face.grey[top:bottom, MIDDLE - 22 : MIDDLE + 23].astype(np.float32), (0, 0), 1.0)
    levels = (np.arange(top, bottom) - EYE_LINE) / APART
    return float(top + np.argmin(part.mean(axis=1) + 0.25 * skin * np.abs(levels - 1.12) / 0.3))


def gap_of(face: Levelled, lips: float, skin: float) -> float:
    """Pixels of dark or teeth between the lips, in the middle of the mouth."""
    top, bottom = int(lips) - 20, int(lips) + 24
    part = (slice(top, bottom), slice(MIDDLE - 14, MIDDLE + 15))
    lab = cv2.GaussianBlur(face.lab[part], (0, 0), 1.2)
    light, red = lab[..., 0], lab[..., 1]
    cheeks = np.concatenate([face.lab[b:d, a:c].reshape(-1, 3) for a, b, c, d in CHEEKS])
    dark = cv2.GaussianBlur(face.grey[part], (0, 0), 1.0) < 0.45 * skin
    teeth = (red < np.median(cheeks[:, 1]) - 4) & (light > np.median(cheeks[:, 0]) * 0.8)
    return float(np.median((dark | teeth).sum(axis=0)))


def yaw_of(face: Levelled) -> float | None:
    """Degrees, from how far the outline of the skin lies beside the middle of the eyes, which stand before it."""
    cheeks = np.concatenate([face.lab[b:d, a:c].reshape(-1, 3) for a, b, c, d in CHEEKS])
    far = np.linalg.norm((face.lab - np.median(cheeks, axis=0)) * (0.3, 1, 1), axis=2)
    band = far[EYE_LINE + int(0.3 * APART) : EYE_LINE + int(0.95 * APART)] < 16
    skin = cv2.blur(band.astype(np.float32), (5, 1)).mean(axis=0) >= 0.5
    left, right = _end(skin[: MIDDLE - APART // 2 + 1][::-1]), _end(skin[MIDDLE + APART // 2 :])
    if min(left, right) < 2 or max(left, right) > 1.25 * APART:
        return None
    return float(np.degrees(np.arcsin(np.clip((left - right) / 2 / (CHEEK_DEPTH * APART), -1, 1))))


def _end(skin: Pixels) -> int:
    """How far skin goes without a break."""
    bare = np.flatnonzero(~skin)
    return int(bare[0]) if bare.size else skin.size
