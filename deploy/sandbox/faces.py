"""Draws the head and shoulders of a person who does not exist: shaded, so that a face detector sees what people see."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SKINS = ("#ecc3a4", "#e0ad86", "#cf9a74", "#b8845c", "#94623f", "#6f4629")
HAIRS = ("#2b1d16", "#4a3426", "#1f1f24", "#6b4a30", "#7d7a76")
CLOTHES = ("#2f4a6d", "#4a2f4d", "#2d5a47", "#6d3b32", "#3c3f46")
WALLS = ("#e6e8ea", "#e9e6e0", "#dfe5ea")
CANVAS = (600, 771)
IRISES = ("#3d2a1e", "#2c2320", "#4c3a26", "#41464a")


class Eyes(StrEnum):
    OPEN = "OPEN"
    SHUT = "SHUT"
    HIDDEN = "HIDDEN"  # behind dark glasses


@dataclass(frozen=True, slots=True)
class Sitting:
    """How a person sits. `head` is chin to crown over the height; `at` the middle of the face over the width."""

    wall: str | None = None
    head: float = 0.75
    at: float = 0.5
    eyes: Eyes = Eyes.OPEN
    mouth_open: bool = False


def person(chance: random.Random, sitting: Sitting = Sitting()) -> Image.Image:
    """RGB, 600×771, a head before a light wall. About 30 ms."""
    wall = sitting.wall or chance.choice(WALLS)
    skin, hair = chance.choice(SKINS), chance.choice(HAIRS)
    cloth, iris = chance.choice(CLOTHES), chance.choice(IRISES)
    picture = Image.new("RGB", CANVAS, wall)
    pen = Pen(picture, sitting, chance.uniform(0.96, 1.04), chance.uniform(0.96, 1.05))
    _body(pen, skin, hair, cloth, chance)
    _light(pen, skin, chance.uniform(-0.06, 0.06))
    _features(pen, skin, hair, chance)
    for side in (-1, 1):
        _eye(pen, side, skin, iris, sitting.eyes)
    if sitting.eyes is Eyes.HIDDEN:
        _glasses(pen)
    return picture.filter(ImageFilter.GaussianBlur(0.9))


class Pen:
    """Draws in units of half the distance between the eyes: (0, 0) is between them, y grows downwards."""

    def __init__(self, picture: Image.Image, sitting: Sitting, wide: float, long: float) -> None:
        self.picture, self.drawing = picture, ImageDraw.Draw(picture)
        self.unit = sitting.head * CANVAS[1] / (7.25 * long)
        self.x, self.y = sitting.at * CANVAS[0], CANVAS[1] * 0.51 - 0.02 * self.unit
        self.wide, self.long, self.sitting = wide, long, sitting
        self.skin = Image.new("L", CANVAS, 0)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.wide * self.unit, self.y + y * self.long * self.unit

    def oval(
        self, x: float, y: float, rx: float, ry: float, fill: str | int, on: ImageDraw.ImageDraw | None = None
    ) -> None:
        (on or self.drawing).ellipse((*self.at(x - rx, y - ry), *self.at(x + rx, y + ry)), fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: str | int, on: ImageDraw.ImageDraw | None = None) -> None:
        (on or self.drawing).polygon([self.at(*point) for point in points], fill=fill)

    def line(self, points: list[tuple[float, float]], fill: str, width: float) -> None:
        self.drawing.line([self.at(*point) for point in points], fill, max(1, round(width * self.unit)), joint="curve")

    def shaded(self, colour: str, mask: Image.Image, blur: float) -> None:
        """`colour` laid on where the mask is light; masks are drawn at full size and blurred at a quarter of it."""
        small = mask.resize((CANVAS[0] // 4, CANVAS[1] // 4), Image.Resampling.BOX)
        soft = small.filter(ImageFilter.GaussianBlur(blur * self.unit / 4)).resize(CANVAS, Image.Resampling.BILINEAR)
        self.picture.paste(Image.new("RGB", CANVAS, colour), (0, 0), ImageChops.multiply(soft, self.skin))


HEAD = [(-2.05, -1.2), (-2.1, 0.0), (-2.0, 1.0), (-1.75, 1.9), (-1.3, 2.75), (-0.7, 3.35), (0.0, 3.55)]
FACE = HEAD + [(-x, y) for x, y in reversed(HEAD[:-1])]


def _body(pen: Pen, skin: str, hair: str, cloth: str, chance: random.Random) -> None:
    pen.oval(0, 7.6, 5.6, 3.4, cloth)
    pen.shape([(-1.25, 2.2), (1.25, 2.2), (1.5, 4.8), (-1.5, 4.8)], darker(skin, 0.78))
    pen.oval(0, -0.75, 2.45, 3.0, hair)
    for side in (-1, 1):
        pen.oval(side * 2.12, 0.45, 0.25, 0.62, darker(skin, 0.9))
    pen.oval(0, -1.1, 2.05, 1.75, skin)
    pen.shape(FACE, skin)
    lit = ImageDraw.Draw(pen.skin)
    pen.oval(0, -1.1, 2.05, 1.75, 255, lit)
    pen.shape(FACE, 255, lit)
    pen.shape([(-1.25, 2.6), (1.25, 2.6), (1.5, 4.8), (-1.5, 4.8)], 255, lit)
    fringe = chance.uniform(-2.05, -1.75)
    pen.shape([(-2.2, -0.7), (-1.9, fringe), (0, fringe - 0.35), (1.9, fringe), (2.2, -0.7), (2.1, -2.6), (0, -3.6),
               (-2.1, -2.6)], hair)  # fmt: skip
    for _ in range(70):
        x, y = chance.uniform(-2.2, 2.2), chance.uniform(-3.2, fringe - 0.3)
        shade = darker(hair, chance.uniform(0.6, 1.7))
        if (x / 2.3) ** 2 + ((y + 0.7) / 2.9) ** 2 < 1:
            pen.line([(x, y), (x + chance.uniform(-0.2, 0.2), y + 0.5)], shade, 0.03)


def _light(pen: Pen, skin: str, lean: float) -> None:
    """Light from the front: sockets, sides, below nose, lip and chin are darker; brow, nose and cheeks lighter."""
    dark, light = Image.new("L", CANVAS, 0), Image.new("L", CANVAS, 0)
    shadow, shine = ImageDraw.Draw(dark), ImageDraw.Draw(light)
    for side in (-1, 1):
        pen.oval(side * 0.98, -0.1, 0.72, 0.42, 120, shadow)
        pen.oval(side * 2.1, 1.0, 0.42, 2.4, round(110 * (1 + side * lean)), shadow)
        pen.oval(side * 1.1, 1.15, 0.55, 0.42, 70, shine)
        pen.shape([(side * 0.28, -0.3), (side * 0.42, 1.1), (side * 0.3, 1.2), (side * 0.16, 0.0)], 90, shadow)
    pen.oval(0, 1.55, 0.5, 0.16, 110, shadow)
    pen.oval(0, 2.72, 0.55, 0.14, 90, shadow)
    pen.oval(0, 3.75, 1.3, 0.3, 120, shadow)
    pen.oval(0, 0.75, 0.16, 0.6, 80, shine)
    pen.oval(0, -1.25, 1.0, 0.4, 60, shine)
    pen.shaded(darker(skin, 0.45), dark, 0.16)
    pen.shaded(darker(skin, 1.3), light, 0.16)


def _features(pen: Pen, skin: str, hair: str, chance: random.Random) -> None:
    rise = chance.uniform(-0.06, 0.06)
    for side in (-1, 1):
        brow = [(0.42, -0.58), (0.95, -0.76 + rise), (1.62, -0.55), (1.55, -0.46), (0.95, -0.6 + rise), (0.44, -0.43)]
        pen.shape([(side * x, y) for x, y in brow], darker(hair, 0.9))
        pen.oval(side * 0.2, 1.33, 0.1, 0.055, darker(skin, 0.35))
        pen.line([(side * 0.4, 1.05), (side * 0.46, 1.28), (side * 0.3, 1.38)], darker(skin, 0.62), 0.04)
    lips = _blend(skin, "#8c3238", 0.55)
    if pen.sitting.mouth_open:
        pen.oval(0, 2.2, 0.72, 0.42, lips)
        pen.oval(0, 2.2, 0.58, 0.28, "#2a0e0e")
        pen.shape([(-0.42, 2.0), (0.42, 2.0), (0.36, 2.12), (-0.36, 2.12)], "#e8e2d6")
        return
    pen.shape([(-0.78, 2.16), (-0.25, 1.98), (0, 2.03), (0.25, 1.98), (0.78, 2.16), (0, 2.2)], darker(lips, 0.88))
    pen.shape([(-0.78, 2.16), (0, 2.18), (0.78, 2.16), (0.35, 2.4), (-0.35, 2.4)], lips)
    pen.line([(-0.8, 2.16), (-0.3, 2.19), (0, 2.17), (0.3, 2.19), (0.8, 2.16)], darker(lips, 0.45), 0.045)


def _eye(pen: Pen, side: int, skin: str, iris: str, eyes: Eyes) -> None:
    lid = [(0.56, 0.06), (0.75, -0.12), (1.0, -0.19), (1.25, -0.12), (1.44, 0.02)]
    lower = [(1.25, 0.13), (1.0, 0.18), (0.75, 0.14)]
    if eyes is Eyes.SHUT:
        pen.shape([(side * x, y) for x, y in lid + lower], darker(skin, 0.92))
        pen.line([(side * x, 0.1 + 0.35 * abs(y)) for x, y in lid], darker(skin, 0.3), 0.05)
        return
    pen.shape([(side * x, y) for x, y in lid + lower], "#ded8d2")
    pen.oval(side, -0.01, 0.19, 0.19 * pen.wide / pen.long, iris)
    pen.oval(side, -0.01, 0.085, 0.085, "#0c0908")
    pen.oval(side - 0.06, -0.07, 0.035, 0.035, "#f4f4f4")
    pen.line([(side * x, y) for x, y in lid], darker(skin, 0.25), 0.06)
    pen.line([(side * x, y - 0.12) for x, y in lid[1:]], darker(skin, 0.62), 0.03)
    pen.line([(side * x, y + 0.01) for x, y in [lid[-1], *lower, lid[0]]], darker(skin, 0.6), 0.025)


def _glasses(pen: Pen) -> None:
    for side in (-1, 1):
        pen.oval(side * 1.02, 0.05, 0.8, 0.58, "#15171a")
        pen.line([(side * 1.7, -0.1), (side * 2.2, 0.0)], "#15171a", 0.1)
    pen.line([(-0.3, 0.0), (0.3, 0.0)], "#15171a", 0.12)


def darker(colour: str, by: float) -> str:
    """Above one: lighter."""
    return "#" + "".join(f"{min(255, int(int(colour[at : at + 2], 16) * by)):02x}" for at in (1, 3, 5))


def _blend(one: str, other: str, share: float) -> str:
    parts = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{int(a + (b - a) * share):02x}" for a, b in parts)


def grain(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A little of a camera's noise: no real photo is without."""
    noise = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    grain = noise.filter(ImageFilter.BoxBlur(1)).point([min(9, max(0, (at - 127) // 12 + 4)) for at in range(256)])
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), offset=-4)
