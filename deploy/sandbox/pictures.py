"""Drawn portraits and signature samples for invented people: fit ones, and one kind of unfit for each reason.

The same seed draws the same picture. A portrait takes about 60 ms; drawn ones are kept.
"""

from __future__ import annotations

import io
import math
import random
from enum import StrEnum
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from deploy.sandbox.faces import CANVAS, CLOTHES, SKINS, Eyes, Sitting, grain, person


class PortraitFlaw(StrEnum):
    """What is wrong with a portrait. The last group is told to the officer, all others send it back."""

    DARK = "DARK"
    OVER_EXPOSED = "OVER_EXPOSED"
    FLAT = "FLAT"
    GREY = "GREY"
    SIDE_LIT = "SIDE_LIT"
    NOBODY = "NOBODY"
    TWO_PEOPLE = "TWO_PEOPLE"
    FAR = "FAR"
    ASIDE = "ASIDE"
    LEANING = "LEANING"
    EYES_SHUT = "EYES_SHUT"
    DARK_GLASSES = "DARK_GLASSES"
    WRONG_ASPECT = "WRONG_ASPECT"
    SMALL = "SMALL"
    CUT_SHORT = "CUT_SHORT"
    NOT_A_PICTURE = "NOT_A_PICTURE"
    TOO_LARGE = "TOO_LARGE"

    BLURRED = "BLURRED"
    NOISY = "NOISY"
    SQUEEZED = "SQUEEZED"
    MOUTH_OPEN = "MOUTH_OPEN"
    DARK_BACKGROUND = "DARK_BACKGROUND"
    BUSY_BACKGROUND = "BUSY_BACKGROUND"


class SampleFlaw(StrEnum):
    """What is wrong with a signature sample."""

    BLANK = "BLANK"
    FAINT = "FAINT"
    DOT = "DOT"
    FILLED = "FILLED"
    CUT_OFF = "CUT_OFF"
    SMALL = "SMALL"
    NOT_A_PICTURE = "NOT_A_PICTURE"


SIZE = CANVAS
SITTINGS = {
    PortraitFlaw.DARK_BACKGROUND: Sitting(wall="#3a4450"),
    PortraitFlaw.FAR: Sitting(head=0.5),
    PortraitFlaw.ASIDE: Sitting(at=0.3),
    PortraitFlaw.EYES_SHUT: Sitting(eyes=Eyes.SHUT),
    PortraitFlaw.DARK_GLASSES: Sitting(eyes=Eyes.HIDDEN),
    PortraitFlaw.MOUTH_OPEN: Sitting(mouth_open=True),
}


@lru_cache(maxsize=512)
def portrait(seed: int, flaw: PortraitFlaw | None = None, size: tuple[int, int] = SIZE) -> bytes:
    """JPEG of an invented person, 20–60 KB, fit for the card unless `flaw`."""
    if flaw is PortraitFlaw.NOT_A_PICTURE:
        return b"%PDF-1.7\n" + bytes(2048)
    chance = random.Random(seed)
    if flaw is PortraitFlaw.WRONG_ASPECT:
        size = (size[0], round(size[0] * 4 / 3.6))
    if flaw is PortraitFlaw.SMALL:
        size = (280, 360)
    picture = _spoil(_sitting(chance, flaw), chance, flaw).resize(size, Image.Resampling.LANCZOS)
    image = _jpeg(grain(picture, chance), 10 if flaw is PortraitFlaw.SQUEEZED else 80)
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


def _sitting(chance: random.Random, flaw: PortraitFlaw | None) -> Image.Image:
    if flaw is PortraitFlaw.FLAT:
        return Image.new("RGB", CANVAS, "#e6c8b4")
    if flaw is PortraitFlaw.NOBODY:
        return _things(Image.new("RGB", CANVAS, "#dcd8d0"), chance)
    if flaw is PortraitFlaw.TWO_PEOPLE:
        picture = person(chance, Sitting(head=0.42, at=0.26))
        half = CANVAS[0] // 2
        picture.paste(person(chance, Sitting(head=0.42, at=0.76)).crop((half, 0, *CANVAS)), (half, 0))
        return picture
    return person(chance, SITTINGS.get(flaw, Sitting()) if flaw else Sitting())


def _spoil(picture: Image.Image, chance: random.Random, flaw: PortraitFlaw | None) -> Image.Image:
    width, height = picture.size
    match flaw:
        case PortraitFlaw.DARK:
            return ImageEnhance.Brightness(picture).enhance(0.14)
        case PortraitFlaw.OVER_EXPOSED:
            return picture.point([min(255, shade * 3) for shade in range(256)] * 3)
        case PortraitFlaw.GREY:
            return picture.convert("L").convert("RGB")
        case PortraitFlaw.BLURRED:
            return picture.filter(ImageFilter.GaussianBlur(width / 75))
        case PortraitFlaw.LEANING:
            wall = picture.getpixel((4, 4))
            return picture.rotate(16, Image.Resampling.BICUBIC, fillcolor=wall)
        case PortraitFlaw.NOISY:
            return _noise(picture, chance)
        case PortraitFlaw.BUSY_BACKGROUND:
            return _behind(picture, _things(Image.new("RGB", picture.size, "#dcd8d0"), chance))
        case PortraitFlaw.SIDE_LIT:
            shade = Image.new("RGB", (width // 2, height), "#3c3c3c")
            lit = picture.copy()
            lit.paste(ImageChops.multiply(picture.crop((0, 0, width // 2, height)), shade), (0, 0))
            return lit
    return picture


def _behind(picture: Image.Image, wall: Image.Image) -> Image.Image:
    """Another wall where the picture has the colour of its upper corner."""
    away = ImageChops.difference(picture, Image.new("RGB", picture.size, picture.getpixel((4, 4)))).convert("L")
    picture = picture.copy()
    picture.paste(wall, (0, 0), away.point([255 * (at < 6) for at in range(256)]))
    return picture


def _things(wall: Image.Image, chance: random.Random) -> Image.Image:
    drawing, (width, height) = ImageDraw.Draw(wall), wall.size
    for _ in range(140):
        x, y, r = chance.uniform(0, width), chance.uniform(0, height), chance.uniform(0.02, 0.07) * width
        drawing.rectangle((x - r, y - r, x + r, y + r), fill=chance.choice(CLOTHES + SKINS))
    return wall


def _noise(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A standard deviation of about 28 shades, alike in all channels."""
    noise = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    grains = noise.point([at * 96 // 255 for at in range(256)])
    return ImageChops.add(picture, Image.merge("RGB", (grains, grains, grains)), offset=-48)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, dpi=(300, 300))
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
