"""Photographs the public-domain portrait anew: framed as asked, before any wall, level or not, in any size.

`portrait.png` is the head and shoulders of Eileen Collins from a NASA photograph, which scikit-image
has as `data.astronaut` (no known copyright restrictions, in the public domain), cut out of its background.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from services.identity_verification.photo.canvas import Pixels

Wall = tuple[int, int, int]

EYES = ((114.2, 100.8), (156.8, 103.2))  # of the cut-out, in its pixels
CHIN, CROWN = (134.0, 179.0), (141.0, 22.0)
HEAD = CHIN[1] - CROWN[1]
TILT = 3.3  # degrees by which the head leans in the cut-out
LIGHT: Wall = (232, 234, 236)


@dataclass(frozen=True, slots=True)
class Shot:
    """How the picture is taken: `head` is chin to crown over the height, `at` where the face stands (shares)."""

    size: tuple[int, int] = (840, 1080)
    head: float = 0.75
    at: tuple[float, float] = (0.5, 0.51)
    roll: float = 0.0
    wall: Wall = LIGHT
    teeth: bool = False
    yaw: float = 0.0
    shut: int = 0


@cache
def sitter(teeth: bool = False, shut: int = 0) -> Pixels:
    """The cut-out, colours premultiplied. Without teeth the lips are closed; `shut` eyes are."""
    cut = np.array(Image.open(Path(__file__).with_name("portrait.png")), np.float32)
    if not teeth:
        cut = _closed(cut)
    for eye in EYES[:shut]:
        cut = _shut(cut, eye)
    cut[..., :3] *= cut[..., 3:] / 255
    return cut


@lru_cache(maxsize=24)
def taken(shot: Shot = Shot()) -> Pixels:
    """The picture, RGB; nobody may write to it."""
    person = sitter(shot.teeth, shot.shut)
    if shot.yaw:
        person = turned(person, shot.yaw)
    placed = cv2.warpAffine(person, _placing(shot), shot.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    cover = np.clip(placed[..., 3:], 0, 255) / 255
    picture = whole(placed[..., :3] + np.array(shot.wall, np.float32) * (1 - cover))
    picture.flags.writeable = False
    return picture


def _placing(shot: Shot) -> Pixels:
    """From the cut-out to the picture."""
    width, height = shot.size
    middle = ((EYES[0][0] + EYES[1][0]) / 2, (CHIN[1] + CROWN[1]) / 2)
    turn: Pixels = cv2.getRotationMatrix2D(middle, TILT - shot.roll, shot.head * height / HEAD)
    turn[:, 2] += np.array([shot.at[0] * width, shot.at[1] * height]) - middle
    return turn


def eyes_in(shot: Shot) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the pupils are in that picture."""
    turn = _placing(shot)
    (x, y), (u, v) = (turn @ (*eye, 1.0) for eye in EYES)
    return (float(x), float(y)), (float(u), float(v))


def cover(shot: Shot = Shot()) -> Pixels:
    """How much of each pixel is the person, 0–1."""
    black, white = (taken(replace(shot, wall=(grey, grey, grey))) for grey in (0, 255))
    return 1 - (white.astype(np.float32) - black)[..., :1] / 255


def turned(person: Pixels, degrees: float) -> Pixels:
    """The head turned about its long axis, positive to the picture's right: every point has a depth, the nearer hides
    the farther. A face is a half cylinder with a nose and lips, hair lies behind its edge, shoulders stay."""
    fine = 4
    large = cv2.resize(person, None, fx=fine, fy=fine, interpolation=cv2.INTER_CUBIC)
    height, width = large.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    middle, unit = 136.5 * fine, (EYES[1][0] - EYES[0][0]) * fine
    lean = np.tan(np.radians(TILT)) * (rows - 102 * fine)
    x, y = (columns - middle + lean) / unit, (rows / fine - 102) * fine / unit
    face = 1.55 * np.sqrt(np.clip(1 - (x / 1.1) ** 2, 0, 1)) * np.sqrt(np.clip(1 - ((y - 0.3) / 3.3) ** 2, 0, 1))
    hair = 0.6 * np.clip(1 - ((np.abs(x) - 0.9) / 0.9) ** 2, 0, 1)
    nose = 0.36 * np.clip(1 - np.abs(x) / 0.3, 0, 1) * np.exp(-(((y - 0.6) / 0.34) ** 2))
    lips = 0.12 * np.exp(-((x / 0.5) ** 2) - ((y - 1.1) / 0.3) ** 2)
    depth = np.maximum(face, hair) + nose + lips
    angle = np.radians(degrees) * np.clip(1 - (y - 1.75) / 0.5, 0, 1)
    to = np.rint(columns + unit * (x * (np.cos(angle) - 1) + depth * np.sin(angle) - 0.9 * np.sin(angle)))
    to = np.clip(to, 0, width - 1).astype(int)
    order = np.argsort(depth, axis=None, kind="stable")
    line = rows.ravel()[order].astype(int)
    result = np.full_like(large, np.nan)
    result[line, to.ravel()[order]] = large.reshape(-1, 4)[order]
    result = _filled(result)
    return cv2.resize(result, (width // fine, height // fine), interpolation=cv2.INTER_AREA)


def _filled(picture: Pixels) -> Pixels:
    """Points that nothing fell on take the value of the nearest to the left that has one."""
    known = np.where(np.isnan(picture[..., 0]), 0, np.arange(picture.shape[1])[None, :])
    nearest = np.maximum.accumulate(known, axis=1)
    return np.asarray(np.nan_to_num(np.take_along_axis(picture, nearest[..., None], axis=1)))


def encoded(picture: Pixels, kind: str = "JPEG", **options: object) -> bytes:
    """JPEG of quality 92 unless said otherwise."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **({"quality": 92} | options if kind == "JPEG" else options))
    return out.getvalue()


def _closed(cut: Pixels) -> Pixels:
    """The lips drawn together: what is between them is left out, the lips widened into its place."""
    height, width = cut.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across = np.clip(1 - np.abs((columns - 133.2) / 21) ** 2.2, 0, 1)
    upper, lower = 140.2 + 3.6 * across, 140.2 + 9.8 * across
    line, reach = (upper + lower) / 2, 14.0
    below, above = (line + reach - lower) / reach, (upper - line + reach) / reach
    away = rows - line
    came = np.where(away > 0, lower + away * below, upper + away * above)
    came = np.where((np.abs(away) < reach) & (across > 0), came, rows)
    drawn = cv2.remap(cut, columns, came.astype(np.float32), cv2.INTER_CUBIC)
    shade = 1 - 0.55 * np.exp(-((away / 0.9) ** 2)) * np.clip(across * 6, 0, 1)
    drawn[..., :3] *= shade[..., None]
    return drawn


def _shut(cut: Pixels, eye: tuple[float, float]) -> Pixels:
    """The upper lid drawn down over the eye: its skin stretched to the lower lashes, which remain a line."""
    height, width = cut.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across = np.clip(1 - np.abs((columns - eye[0]) / 12.5) ** 2, 0, 1)
    top, bottom = eye[1] - 9.5, eye[1] + 1.0 + 3.2 * across
    down = (rows - top) / np.maximum(bottom - top, 1)
    lid = top + down * 3.0
    inside = (down >= 0) & (down <= 1) & (across > 0.02)
    drawn = cv2.remap(cut, columns, np.where(inside, lid, rows).astype(np.float32), cv2.INTER_CUBIC)
    line = np.exp(-(((rows - bottom) / 0.7) ** 2)) * np.clip(across * 4, 0, 1)
    drawn[..., :3] *= (1 - 0.6 * line)[..., None]
    return drawn


def whole(picture: Pixels) -> Pixels:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
