"""Pictures with no face in them, made of nothing but arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image, ImageDraw

from services.identity_verification.photo.canvas import Pixels
from tests.photos.studio import whole

SIZE = (600, 771)


def sheet() -> Pixels:
    return np.full((SIZE[1], SIZE[0], 3), 244, np.uint8)


def skin() -> Pixels:
    """As one colour as a cheek held to the lens."""
    return np.full((SIZE[1], SIZE[0], 3), (230, 200, 180), np.uint8)


def chequers() -> Pixels:
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] // 60
    return np.repeat(np.where((rows + columns) % 2, 220, 40)[..., None], 3, 2).astype(np.uint8)


def snow() -> Pixels:
    return np.random.default_rng(5).integers(0, 256, (SIZE[1], SIZE[0], 3)).astype(np.uint8)


def page() -> Pixels:
    """Lines of what could be text."""
    picture, chance = Image.fromarray(sheet()), np.random.default_rng(6)
    pen = ImageDraw.Draw(picture)
    for top in range(60, 720, 26):
        left = 50
        while left < 520:
            wide = int(chance.integers(8, 70))
            pen.rectangle((left, top, left + wide, top + 11), fill="#303236")
            left += wide + 9
    return np.array(picture)


def hills() -> Pixels:
    """A sky, a sun, and land below it."""
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    sky = np.stack([120 + rows / 8, 170 + rows / 10, np.full(rows.shape, 235)], 2)
    sky[np.hypot(rows - 150, columns - 430) < 50] = (250, 235, 150)
    land = rows > 480 + 60 * np.sin(columns / 90) + 25 * np.sin(columns / 31)
    sky[land] = (70, 110, 60)
    return whole(sky + np.random.default_rng(7).normal(0, 4, sky.shape))


def clouds() -> Pixels:
    """Smooth spots of many sizes."""
    chance = np.random.default_rng(8)
    spots: Pixels = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    for cells in (4, 8, 16, 32):
        spots += cv2.resize(chance.normal(0, 1, (cells, cells, 3)).astype(np.float32), SIZE) * 60 / cells**0.5
    return whole(140 + spots)


def rings() -> Pixels:
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    wave = 128 + 110 * np.sin(np.hypot(rows - 385, columns - 300) / 9)
    return whole(np.repeat(wave[..., None], 3, 2))


def bricks() -> Pixels:
    picture, chance = Image.new("RGB", SIZE, "#b8b0a6"), np.random.default_rng(9)
    pen = ImageDraw.Draw(picture)
    for line, top in enumerate(range(0, SIZE[1], 44)):
        for left in range(-60 * (line % 2), SIZE[0], 120):
            red = int(chance.integers(130, 180))
            pen.rectangle((left + 3, top + 3, left + 116, top + 40), fill=(red, red // 2, red // 3))
    return np.array(picture)


def two_lamps() -> Pixels:
    """Two dark spots above a dark bar, and nothing of a face besides."""
    picture = Image.fromarray(sheet())
    pen = ImageDraw.Draw(picture)
    for left in (190, 350):
        pen.ellipse((left, 300, left + 60, 360), fill="#202020")
    pen.rectangle((220, 520, 380, 540), fill="#202020")
    return np.array(picture)


NOBODY: Mapping[str, Callable[[], Pixels]] = {
    made.__name__: made for made in (sheet, skin, chequers, snow, page, hills, clouds, rings, bricks, two_lamps)
}
