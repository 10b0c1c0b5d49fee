"""The background: strips along the upper edges, where no shoulders come, without what lies near the head."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.identity_verification.photo.canvas import Pixels, Point, lab_of

RIM = 0.06
"""Width of a strip over the width of the picture."""
HAIR = (2.0, 2.7)
"""Half axes of what head and hair may fill, in distances between the eyes."""


@dataclass(frozen=True, slots=True)
class Wall:
    """`lightness` is CIELAB L of the darkest strip, 0–100; `tint` its chroma; `gradient` the mean slope of luminance
    (ISO's BackgroundUniformity); `apart` the greatest colour difference between two strips, or the spread of lightness
    over all of them if that is more (CIELAB); `grain` the noise in shades of 255."""

    lightness: float
    tint: float
    gradient: float
    apart: float
    grain: float


def strips(height: int, width: int) -> tuple[tuple[int, int, int, int], ...]:
    """Left, top, right, bottom of each: upper left, upper right, top left, top right."""
    rim, low, middle = max(4, round(RIM * width)), round(0.5 * height), width // 2
    return ((0, 0, rim, low), (width - rim, 0, width, low), (rim, 0, middle, rim), (middle, 0, width - rim, rim))


def wall_of(picture: Pixels, between: Point | None = None, apart: float = 0.0) -> Wall | None:
    """Of the picture as wide as its print; None when the head leaves no wall to be seen."""
    soft = cv2.GaussianBlur(picture, (0, 0), 2.0)
    lab, light = lab_of(soft), cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    rough = _rough(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    free = _free(light.shape, between, apart)
    seen, lights = [], []
    for left, top, right, bottom in strips(*light.shape):
        part = (slice(top, bottom), slice(left, right))
        bare = free[part]
        if bare.sum() >= 200:
            colour = np.median(lab[part][bare], axis=0)
            seen.append((colour, float(slope[part][bare].mean()), float(np.median(rough[part][bare]))))
            lights.append(lab[part][..., 0][bare])
    if not seen:
        return None
    dim, bright = np.percentile(np.concatenate(lights), (5, 95))
    colours = np.array([colour for colour, _, _ in seen])
    darkest = colours[int(np.argmin(colours[:, 0]))]
    return Wall(
        lightness=float(darkest[0]),
        tint=float(np.hypot(darkest[1], darkest[2])),
        gradient=float(np.mean([slope for _, slope, _ in seen])),
        apart=max(float(bright - dim), *(float(np.linalg.norm(one - other)) for one in colours for other in colours)),
        grain=float(np.median([grain for _, _, grain in seen])),
    )


def _free(shape: tuple[int, ...], between: Point | None, apart: float) -> Pixels:
    """Where the head is not."""
    if between is None:
        return np.ones(shape, bool)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    x, y = (columns - between[0]) / (HAIR[0] * apart), (rows - between[1]) / (HAIR[1] * apart)
    return np.asarray((x**2 + y**2 > 1) & (rows < between[1] + apart))


def _rough(grey: Pixels) -> Pixels:
    """Immerkær's operator, which lines and slopes do not move, as a standard deviation when its median is taken."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return np.abs(cv2.filter2D(grey.astype(np.float32), cv2.CV_32F, kernel)) / (6 * 0.6745)
