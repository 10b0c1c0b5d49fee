"""What goes wrong with photos, done to pictures: RGB in, RGB out. Chance is seeded."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from services.identity_verification.photo.canvas import Pixels
from tests.photos.studio import Shot, cover, taken, whole

Point = tuple[float, float]


def blurred(picture: Pixels, sigma: float) -> Pixels:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def shaken(picture: Pixels, length: int = 21) -> Pixels:
    """Moved sideways while it was taken."""
    return cv2.filter2D(picture, -1, np.full((1, length), 1 / length, np.float32))


def noisy(picture: Pixels, sd: float, seed: int = 1) -> Pixels:
    """A sensor's noise, each channel by itself."""
    return whole(picture + np.random.default_rng(seed).normal(0, sd, picture.shape))


def brighter(picture: Pixels, by: float) -> Pixels:
    return whole(picture * float(by))


def flattened(picture: Pixels, by: float) -> Pixels:
    """Contrast taken away."""
    return whole(150 + (picture - 150.0) * by)


def tinted(picture: Pixels, red: float, green: float, blue: float) -> Pixels:
    return whole(picture * np.array([red, green, blue]))


def grey(picture: Pixels) -> Pixels:
    return cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def sepia(picture: Pixels) -> Pixels:
    return tinted(grey(picture), 1.0, 0.86, 0.67)


def half_lit(picture: Pixels, dark: float) -> Pixels:
    """The picture's left half in shadow."""
    edge = np.clip((np.arange(picture.shape[1]) / picture.shape[1] - 0.48) / 0.04, 0, 1)
    return whole(picture * (dark + (1 - dark) * edge)[None, :, None])


def turned(picture: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(picture, quarters))


def before(shot: Shot, wall: Pixels) -> Pixels:
    """The sitter before another wall."""
    share = cover(shot)
    return whole(taken(shot) * share + wall * (1 - share))


def busy(size: tuple[int, int], seed: int = 3) -> Pixels:
    """Shelves of things."""
    chance = np.random.default_rng(seed)
    wall = Image.new("RGB", size, "#d8d2c4")
    pen = ImageDraw.Draw(wall)
    for _ in range(260):
        x, y = chance.integers(0, size[0]), chance.integers(0, size[1])
        wide, high = chance.integers(12, 90, 2)
        pen.rectangle((int(x), int(y), int(x + wide), int(y + high)), fill=tuple(map(int, chance.integers(30, 230, 3))))
    return np.array(wall)


def mottled(size: tuple[int, int], seed: int = 4) -> Pixels:
    """A painted studio wall, as the original's."""
    chance = np.random.default_rng(seed)
    spots = cv2.resize(chance.normal(0, 1, (9, 7, 1)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return whole(np.array([205.0, 198, 196]) + 30 * spots[..., None])


def striped(size: tuple[int, int]) -> Pixels:
    columns = np.where(np.arange(size[0]) // 40 % 2, 235, 190)
    return np.repeat(np.repeat(columns[None, :, None], size[1], 0), 3, 2).astype(np.uint8)


def shaded(size: tuple[int, int]) -> Pixels:
    """Light from one side: the wall falls into shadow."""
    columns = np.linspace(235, 120, size[0])
    return np.repeat(np.repeat(columns[None, :, None], size[1], 0), 3, 2).astype(np.uint8)


def with_door(size: tuple[int, int]) -> Pixels:
    wall = np.full((size[1], size[0], 3), 232, np.uint8)
    wall[:, : size[0] // 7] = (96, 60, 40)
    return wall


def barred(picture: Pixels, eyes: tuple[Point, Point]) -> Pixels:
    """A dark bar before the eyes."""
    (x, y), (u, v) = eyes
    apart = u - x
    out = picture.copy()
    top, bottom = int((y + v) / 2 - 0.28 * apart), int((y + v) / 2 + 0.25 * apart)
    out[top:bottom, int(x - 0.6 * apart) : int(u + 0.6 * apart)] = (24, 22, 22)
    return out


def in_glasses(picture: Pixels, eyes: tuple[Point, Point], dark: bool) -> Pixels:
    """Sunglasses, or clear ones with a thin frame."""
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    (x, y), (u, v) = eyes
    apart = u - x
    rim = max(2, round(apart * 0.035))
    for at, level in ((x, y), (u, v)):
        box = (at - 0.38 * apart, level - 0.27 * apart, at + 0.38 * apart, level + 0.31 * apart)
        pen.ellipse(box, fill="#101214" if dark else None, outline="#2a2522", width=rim)
    pen.line((x + 0.37 * apart, y, u - 0.37 * apart, v), fill="#2a2522", width=rim)
    return np.array(image)


def beside(picture: Pixels, other: Pixels, at: Point) -> Pixels:
    """The other pasted in with its corner at those shares of the picture, cut off where it ends."""
    out = picture.copy()
    left, top = int(at[0] * out.shape[1]), int(at[1] * out.shape[0])
    room = out[top : top + other.shape[0], left : left + other.shape[1]]
    room[:] = other[: room.shape[0], : room.shape[1]]
    return out
