"""Drawn portraits and signature samples for invented people: fit ones, and one kind of unfit for each reason.

The same seed draws the same picture. A portrait takes about 20 ms; drawn ones are kept.
"""

from __future__ import annotations

import io
import math
import random
from enum import StrEnum
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter


class PortraitFlaw(StrEnum):
    """What is wrong with a portrait."""

    DARK = "DARK"
    OVER_EXPOSED = "OVER_EXPOSED"
    FLAT = "FLAT"
    GREY = "GREY"
    BLURRED = "BLURRED"
    SIDE_LIT = "SIDE_LIT"
    DARK_BACKGROUND = "DARK_BACKGROUND"
    BUSY_BACKGROUND = "BUSY_BACKGROUND"
    WRONG_ASPECT = "WRONG_ASPECT"
    SMALL = "SMALL"
    CUT_SHORT = "CUT_SHORT"
    NOT_A_PICTURE = "NOT_A_PICTURE"
    TOO_LARGE = "TOO_LARGE"


class SampleFlaw(StrEnum):
    """What is wrong with a signature sample."""

    BLANK = "BLANK"
    FAINT = "FAINT"
    DOT = "DOT"
    FILLED = "FILLED"
    CUT_OFF = "CUT_OFF"
    SMALL = "SMALL"
    NOT_A_PICTURE = "NOT_A_PICTURE"


SIZE = (600, 771)
_SKINS = ("#e8b998", "#d9a27c", "#c68c66", "#b07a55", "#f0c7a8")
_HAIRS = ("#2b1d16", "#4a3426", "#1f1f24", "#6b4a30", "#7d7a76")
_CLOTHES = ("#2f4a6d", "#4a2f4d", "#2d5a47", "#6d3b32", "#3c3f46")


@lru_cache(maxsize=512)
def portrait(seed: int, flaw: PortraitFlaw | None = None, size: tuple[int, int] = SIZE) -> bytes:
    """JPEG of an invented person, 20–45 KB, fit for the card unless `flaw`."""
    if flaw is PortraitFlaw.NOT_A_PICTURE:
        return b"%PDF-1.7\n" + bytes(2048)
    chance = random.Random(seed)
    picture = _person(chance, size, flaw)
    picture = _spoil(picture, flaw)
    image = _jpeg(_grain(picture, chance))
    if flaw is PortraitFlaw.CUT_SHORT:
        return image[: len(image) // 2]
    if flaw is PortraitFlaw.TOO_LARGE:
        return image + bytes(6 * 1024 * 1024)
    return image


@lru_cache(maxsize=512)
def signature_sample(seed: int, flaw: SampleFlaw | None = None, size: tuple[int, int] = (600, 200)) -> bytes:
    """PNG of an invented signature, 3–8 KB, fit unless `flaw`."""
    if flaw is SampleFlaw.NOT_A_PICTURE:
        return b"GIF89a" + bytes(256)
    if flaw is SampleFlaw.SMALL:
        size = (150, 50)
    chance = random.Random(seed)
    sheet = Image.new("L", size, 252)
    drawing = ImageDraw.Draw(sheet)
    width, height = size
    if flaw is SampleFlaw.FILLED:
        drawing.rectangle((width * 0.1, height * 0.1, width * 0.9, height * 0.9), fill=30)
    elif flaw is SampleFlaw.DOT:
        drawing.ellipse((width * 0.5 - 4, height * 0.5 - 4, width * 0.5 + 4, height * 0.5 + 4), fill=30)
    elif flaw is not SampleFlaw.BLANK:
        ink = 222 if flaw is SampleFlaw.FAINT else 40
        left = -0.15 if flaw is SampleFlaw.CUT_OFF else 0.12
        points = _stroke(chance, width, height, left)
        drawing.line(points, fill=ink, width=max(2, height // 45), joint="curve")
        drawing.line((points[0], (width * 0.85, height * 0.8)), fill=ink, width=max(2, height // 60))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _person(chance: random.Random, size: tuple[int, int], flaw: PortraitFlaw | None) -> Image.Image:
    """A head and shoulders before a light wall: straight, looking at us, mouth closed."""
    if flaw is PortraitFlaw.WRONG_ASPECT:
        size = (size[0], round(size[0] * 4 / 3.6))
    if flaw is PortraitFlaw.SMALL:
        size = (280, 360)
    width, height = size
    wall = "#3a4450" if flaw is PortraitFlaw.DARK_BACKGROUND else f"#{chance.choice(('e6e8ea', 'e9e6e0', 'dfe5ea'))}"
    picture = Image.new("RGB", size, wall)
    drawing = ImageDraw.Draw(picture)
    if flaw is PortraitFlaw.BUSY_BACKGROUND:
        for _ in range(140):
            x, y, r = chance.uniform(0, width), chance.uniform(0, height), chance.uniform(0.02, 0.07) * width
            drawing.rectangle((x - r, y - r, x + r, y + r), fill=chance.choice(_CLOTHES + _SKINS))
    skin, hair, cloth = chance.choice(_SKINS), chance.choice(_HAIRS), chance.choice(_CLOTHES)
    wide, middle = chance.uniform(0.25, 0.275), chance.uniform(0.5, 0.52)

    def oval(x: float, y: float, rx: float, ry: float, fill: str) -> None:
        drawing.ellipse(((x - rx) * width, (y - ry) * height, (x + rx) * width, (y + ry) * height), fill=fill)

    oval(0.5, 1.08, 0.48, 0.24, cloth)
    drawing.rectangle((0.41 * width, 0.76 * height, 0.59 * width, 0.92 * height), fill=_darker(skin, 0.86))
    oval(0.5, middle - 0.06, wide + 0.035, 0.34, hair)
    oval(0.5, middle, wide, 0.335, skin)
    oval(0.5, middle - 0.27, wide * 0.82, 0.09, hair)
    for side in (-1, 1):
        eye = 0.5 + side * wide * 0.42
        oval(eye, middle - 0.045, 0.047, 0.019, "#f2efec")
        oval(eye, middle - 0.045, 0.019, 0.018, "#3d2a1e")
        brow = [((eye + dx) * width, (middle - dy) * height) for dx, dy in ((-0.06, 0.085), (0, 0.1), (0.06, 0.085))]
        drawing.line(brow, fill=hair, width=max(3, width // 55))
        oval(0.5 + side * 0.022, middle + 0.105, 0.011, 0.007, _darker(skin, 0.6))
        oval(0.5 + side * wide * 0.62, middle + 0.09, 0.05, 0.04, _darker(skin, 0.95))
    drawing.line(((0.5 * width, middle * height), (0.512 * width, (middle + 0.09) * height)), _darker(skin, 0.8), 3)
    oval(0.5, middle + 0.175, 0.075, 0.017, "#a0524a")
    drawing.line((0.43 * width, (middle + 0.175) * height, 0.57 * width, (middle + 0.175) * height), "#6d322d", 2)
    return picture


def _spoil(picture: Image.Image, flaw: PortraitFlaw | None) -> Image.Image:
    width, height = picture.size
    if flaw is PortraitFlaw.DARK:
        return ImageEnhance.Brightness(picture).enhance(0.14)
    if flaw is PortraitFlaw.OVER_EXPOSED:
        return picture.point([min(255, shade * 3) for shade in range(256)] * 3)
    if flaw is PortraitFlaw.FLAT:
        return Image.new("RGB", picture.size, "#e6c8b4")
    if flaw is PortraitFlaw.GREY:
        return picture.convert("L").convert("RGB")
    if flaw is PortraitFlaw.BLURRED:
        return picture.filter(ImageFilter.GaussianBlur(width / 75))
    if flaw is PortraitFlaw.SIDE_LIT:
        shade = Image.new("RGB", (width // 2, height), "#484848")
        lit = picture.copy()
        lit.paste(ImageChops.multiply(picture.crop((0, 0, width // 2, height)), shade), (0, 0))
        return lit
    return picture


def _grain(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A little of a camera's noise: no real photo is without."""
    size = (picture.width // 2 + 1, picture.height // 2 + 1)
    noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1])).point([at // 52 for at in range(256)])
    grain = noise.resize((size[0] * 2, size[1] * 2), Image.Resampling.NEAREST).crop((0, 0, *picture.size))
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), offset=-2)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, dpi=(300, 300))
    return out.getvalue()


def _stroke(chance: random.Random, width: int, height: int, left: float) -> list[tuple[float, float]]:
    """Loops from left to right, as hands make them, shrinking towards the end."""
    turns, wave, lean = chance.uniform(5, 9), chance.uniform(1, 3), chance.uniform(0.03, 0.06)
    points = []
    for step in range(241):
        done = step / 240
        turn = 2 * math.pi * turns * done
        size = 0.3 * (1 - 0.6 * done) * (0.7 + 0.3 * math.sin(wave * 7 * done))
        along = left + 0.7 * done + lean * math.cos(turn) + 0.05 * math.sin(turn)
        points.append((along * width, (0.52 + size * math.sin(turn)) * height))
    return points


def _darker(colour: str, by: float) -> str:
    return "#" + "".join(f"{int(int(colour[at : at + 2], 16) * by):02x}" for at in (1, 3, 5))
