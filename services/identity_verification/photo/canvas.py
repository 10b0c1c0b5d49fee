"""Pixels as the measures take them: in one size whatever the camera, and the face upright at one distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[Any]
Point = tuple[float, float]

APART = 80
"""Pixels between the eyes of a levelled face."""
LEVELLED = (320, 420)
EYE_LINE, MIDDLE = 140, 160
PRINTED = 413
"""The width of a 35 mm print at 300 dpi: what is seen of a photo on the card, and no more, is measured at this."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """The face upright: pupils at (120, 140) and (200, 140) of 320×420; `inside` is 0 beyond the picture's edge."""

    colour: Pixels
    grey: Pixels
    lab: Pixels
    inside: Pixels
    matrix: Pixels

    def back(self, x: float, y: float) -> Point:
        """A point of the levelled face in the picture."""
        u, v = cv2.invertAffineTransform(self.matrix) @ (x, y, 1.0)
        return float(u), float(v)


def levelled(picture: Pixels, left: Point, right: Point) -> Levelled:
    """The face turned and scaled so that its pupils lie where every measure expects them."""
    apart = float(np.hypot(right[0] - left[0], right[1] - left[1]))
    shrink = 1.0
    if apart > APART * 1.5:  # averaged first: a warp alone would pick single pixels
        shrink = APART * 1.2 / apart
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    x, y = (left[0] + right[0]) / 2 * shrink, (left[1] + right[1]) / 2 * shrink
    angle = float(np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0])))
    matrix: Pixels = cv2.getRotationMatrix2D((x, y), angle, APART / (apart * shrink))
    matrix[:, 2] += (MIDDLE - x, EYE_LINE - y)
    colour = cv2.warpAffine(picture, matrix, LEVELLED, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.full(picture.shape[:2], 255, np.uint8), matrix, LEVELLED)
    matrix[:, :2] *= shrink
    return Levelled(colour, cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), lab_of(colour), inside, matrix)


def lab_of(colour: Pixels) -> Pixels:
    """CIELAB as real numbers: L 0–100, a and b about 0."""
    return cv2.cvtColor(colour.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def printed(picture: Pixels) -> Pixels:
    """The picture as wide as its print."""
    scale = PRINTED / picture.shape[1]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, (PRINTED, max(1, round(picture.shape[0] * scale))), interpolation=way)
