"""Signature samples as people hand them in: signs, shadows, scribbles, and sheets with no sign at all."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from deploy.sandbox.pictures import signature_sample
from services.identity_verification.signature_sample import SampleFault as F

SIZE = (600, 200)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def blank(shade: int = 250) -> Image.Image:
    return Image.new("L", SIZE, shade)


def sign(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(signature_sample(seed)))


def lit(sheet: Image.Image, end: float) -> Image.Image:
    """A shadow over the right."""
    shades = np.asarray(sheet, float) * np.linspace(1, end, sheet.width)[None, :]
    return Image.fromarray(shades.astype(np.uint8))


def grainy(sheet: Image.Image, sd: float) -> Image.Image:
    noise = np.random.default_rng(1).normal(0, sd, (sheet.height, sheet.width))
    return Image.fromarray(np.clip(np.asarray(sheet) + noise, 0, 255).astype(np.uint8))


def ruled(sheet: Image.Image) -> Image.Image:
    pen = ImageDraw.Draw(sheet)
    for level in range(10, 190, 18):
        pen.line((0, level, 600, level), 215, 1)
    return sheet


def lines(points: list[tuple[float, float]], width: int = 4) -> Image.Image:
    sheet = blank()
    ImageDraw.Draw(sheet).line(points, 30, width)
    return sheet


def scribble(turns: int) -> Image.Image:
    chance = random.Random(3)
    return lines([(chance.uniform(60, 540), chance.uniform(20, 180)) for _ in range(turns)], 3)


def cross(wide: int) -> Image.Image:
    sheet = blank()
    pen = ImageDraw.Draw(sheet)
    for tilt in (60, 150):
        pen.line((300 - wide, tilt, 300 + wide, 210 - tilt), 30, 4)
    return sheet


def framed() -> Image.Image:
    sheet = blank()
    ImageDraw.Draw(sheet).rectangle((40, 20, 560, 180), outline=25, width=3)
    sheet.paste(sign(2).resize((420, 140)), (90, 30))
    return sheet


def boxed() -> Image.Image:
    sheet = blank()
    ImageDraw.Draw(sheet).rectangle((60, 20, 540, 180), fill=20)
    return sheet


def on_glass() -> Image.Image:
    """Ink on nothing: the sheet is transparent."""
    ink = sign(3).point([255 - at for at in range(256)])
    return Image.merge("LA", (Image.new("L", ink.size, 0), ink))


FIT: Mapping[str, Callable[[], Image.Image]] = {
    "in a shadow": lambda: lit(sign(2), 0.5),
    "on grainy paper": lambda: grainy(sign(2), 12),
    "on ruled paper": lambda: ruled(sign(2)),
    "on grey paper": lambda: sign(1).point([round(at * 0.7) for at in range(256)]),
    "transparent": on_glass,
    "large": lambda: sign(4).resize((2400, 800)),
    "thin": lambda: sign(0).resize((1200, 400)),
}
TOLD: Mapping[str, tuple[Callable[[], Image.Image], F]] = {
    "a wide cross": (lambda: cross(130), F.FEW_STROKES),
    "one line": (lambda: lines([(60, 100), (540, 105)]), F.TOO_FLAT),
    "a net of lines": (lambda: scribble(30), F.SCRIBBLE),
    "in a frame": (framed, F.FRAMED),
}
BACK: Mapping[str, tuple[Callable[[], Image.Image], F]] = {
    "nothing": (blank, F.BLANK),
    "grain": (lambda: grainy(blank(240), 12), F.BLANK),
    "a shadow": (lambda: lit(blank(), 0.4), F.BLANK),
    "ruled paper": (lambda: ruled(blank()), F.BLANK),
    "faint": (lambda: lines([(60, 50), (200, 150), (350, 40), (540, 150)]).point([222 + at // 9 for at in range(256)]),
              F.FAINT),
    "a dot": (lambda: lines([(300, 100), (306, 100)], 6), F.TOO_LITTLE_INK),
    "a small cross": (lambda: cross(40), F.TOO_NARROW),
    "black": (lambda: blank(15), F.FILLED),
    "a filled box": (boxed, F.FILLED),
    "scribbled over": (lambda: scribble(80), F.SCRIBBLE),
    "scribbled black": (lambda: scribble(140), F.SCRIBBLE),
    "over the edge": (lambda: sign(1).crop((120, 0, 560, 200)), F.TOUCHES_EDGE),
    "small": (lambda: sign(1).resize((150, 50)), F.RESOLUTION),
}  # fmt: skip
