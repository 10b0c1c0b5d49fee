"""Where the face is, and where in it the eyes: the Haar cascades that come with OpenCV 4, then the darkest spot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from cv2.data import haarcascades

from services.identity_verification.photo.canvas import Pixels, Point

cv2.setNumThreads(1)  # one photo, one core: the process that measures is alone with it
FINDS_AT = 300
"""Faces are looked for in a picture of this height; leaning ones, which cost several looks, in a smaller one."""
LEANING_AT = 200
EYES_AT = 200
"""Eyes are looked for in a face of this width."""
TURNS = (30, -30, 90, -90, 180)


@dataclass(frozen=True, slots=True)
class Face:
    """In pixels of the picture. `eyes` are the pupils, the one on the picture's left first; `seen` tells which of them
    the eye cascades found. `turned` is how far the picture had to be turned (degrees) for the face to be found."""

    middle: Point
    width: float
    sure: float
    eyes: tuple[Point, Point]
    seen: tuple[bool, bool]
    turned: int = 0

    @property
    def apart(self) -> float:
        (x, y), (u, v) = self.eyes
        return float(np.hypot(u - x, v - y))

    @property
    def between(self) -> Point:
        (x, y), (u, v) = self.eyes
        return (x + u) / 2, (y + v) / 2

    @property
    def roll(self) -> float:
        """Degrees by which the line of the eyes leans, −180…180; positive: clockwise."""
        (x, y), (u, v) = self.eyes
        return float(np.degrees(np.arctan2(v - y, u - x)))


def faces_in(grey: Pixels) -> tuple[Face, ...]:
    """Every face, the largest first. Leaning ones are looked for when no eyes are seen upright, and lying ones when
    there is no face at all."""
    grey = _stretched(grey)
    upright = _faces(grey, FINDS_AT, small=9)
    if any(all(face.seen) for face in upright):
        return upright
    for degrees in TURNS[:2] if upright else TURNS:
        turned, back = _turned(grey, degrees)
        seen = [_back(face, back, degrees) for face in _faces(turned, LEANING_AT, small=4) if all(face.seen)]
        if seen:
            return tuple(seen)
    return upright


def _stretched(grey: Pixels) -> Pixels:
    """Dark and flat pictures made to use all shades: the cascades pass over what hardly differs."""
    low, high = np.percentile(grey[::4, ::4], (0.5, 99.5))
    if high - low < 8:
        return grey
    by = 255 / (high - low)
    return cv2.convertScaleAbs(np.maximum(grey, int(low)), alpha=by, beta=-by * int(low))


def _faces(grey: Pixels, at: int, small: int) -> tuple[Face, ...]:
    """Faces not narrower than a `small`-th of the picture; of those that lie over each other the surest."""
    scale = at / grey.shape[0]
    seen_at = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    least = max(24, seen_at.shape[1] // small)
    boxes, _, weights = _cascade("frontalface_alt2").detectMultiScale3(
        seen_at, 1.12, 3, minSize=(least, least), outputRejectLevels=True
    )
    sure = np.asarray(weights).ravel()
    kept: list[Face] = []
    for index in np.argsort(-sure):
        left, top, side, _ = (float(number) / scale for number in boxes[index])
        middle = (left + side / 2, top + side / 2)
        if any(_over(face, middle, side) for face in kept):
            continue
        eyes, seen = _eyes(grey, left, top, side)
        if all(seen) or _confirmed(seen_at, np.asarray(boxes[index])):
            kept.append(Face(middle, side, float(sure[index]), eyes, seen))
    return tuple(sorted(kept, key=lambda face: -face.width))


def _confirmed(grey: Pixels, box: Pixels) -> bool:
    """A face whose eyes are not seen must be one to a second cascade too: shadows are easily taken for faces."""
    left, top, side = int(box[0]), int(box[1]), int(box[2])
    rim = side // 4
    part = grey[max(0, top - rim) : top + side + rim, max(0, left - rim) : left + side + rim]
    least = int(side * 0.7)
    return len(_cascade("frontalface_default").detectMultiScale(part, 1.05, 4, minSize=(least, least))) > 0


def _over(face: Face, middle: Point, side: float) -> bool:
    away = np.hypot(face.middle[0] - middle[0], face.middle[1] - middle[1])
    return bool(away < max(face.width, side) * 0.5)


def _eyes(grey: Pixels, left: float, top: float, side: float) -> tuple[tuple[Point, Point], tuple[bool, bool]]:
    """Pupils, found or supposed, and which were found."""
    scale = EYES_AT / side
    x, y = max(0, int(left)), max(0, int(top + side * 0.12))
    part = grey[y : int(top + side * 0.64), x : int(left + side)]
    if min(part.shape) < 12:
        return ((left + side * 0.31, top + side * 0.38), (left + side * 0.69, top + side * 0.38)), (False, False)
    near = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    found: list[Point | None] = [None, None]
    for name in ("eye_tree_eyeglasses", "eye"):
        for a, b, wide, high in _cascade(name).detectMultiScale(near, 1.15, 3, minSize=(28, 28), maxSize=(84, 84)):
            at = (a + wide / 2, b + high / 2)
            half = int(at[0] > EYES_AT / 2)
            if found[half] is None and abs(at[0] - EYES_AT / 2) > 15 and 32 < at[1] < 84:
                found[half] = at
        if None not in found:
            break
    seen = (found[0] is not None, found[1] is not None)
    eyes = [eye or _supposed(found[1 - half], half) for half, eye in enumerate(found)]
    (u, v), (r, s) = (_pupil(near, eye) for eye in eyes)
    return ((x + u / scale, y + v / scale), (x + r / scale, y + s / scale)), seen


def _supposed(other: Point | None, half: int) -> Point:
    """Where the eye should be: across from the other, or where faces have it."""
    return (EYES_AT - other[0], other[1]) if other else (EYES_AT * (0.31, 0.69)[half], EYES_AT * 0.26)


def _pupil(near: Pixels, eye: Point) -> Point:
    """The middle of the darkest spot of an iris' size near the point."""
    reach = 14
    x, y = round(eye[0]), round(eye[1])
    top, left = max(0, y - reach), max(0, x - reach)
    part = near[top : y + reach, left : x + reach].astype(np.float32)
    if min(part.shape) < reach:
        return eye
    dark = cv2.GaussianBlur(part, (0, 0), 4.0)
    rows, columns = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    far = ((columns + left - eye[0]) ** 2 + (rows + top - eye[1]) ** 2) / reach**2
    row, column = np.unravel_index(int(np.argmin(dark + 30 * far)), dark.shape)
    return float(left + column), float(top + row)


def _turned(grey: Pixels, degrees: int) -> tuple[Pixels, Pixels]:
    """The picture turned about its middle on a canvas that holds it, and the matrix that leads back."""
    if degrees == 0:
        return grey, np.array([[1.0, 0, 0], [0, 1, 0]])
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    wide = int(abs(turn[0, 0]) * width + abs(turn[0, 1]) * height)
    high = int(abs(turn[0, 1]) * width + abs(turn[0, 0]) * height)
    turn[:, 2] += ((wide - width) / 2, (high - height) / 2)
    turned = cv2.warpAffine(grey, turn, (wide, high), borderValue=int(np.median(grey[:4])))
    return turned, cv2.invertAffineTransform(turn)


def _back(face: Face, back: Pixels, degrees: int) -> Face:
    def at(point: Point) -> Point:
        x, y = back @ (*point, 1.0)
        return float(x), float(y)

    left, right = map(at, face.eyes)
    return replace(face, middle=at(face.middle), eyes=(left, right), turned=degrees)


@cache
def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(haarcascades) / f"haarcascade_{name}.xml"))
