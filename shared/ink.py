"""A handwritten sign on a sheet: the sheet made grey, the ink told from the paper, and a clean cutting for the eye.

Pillow alone: a few milliseconds, and nothing that a service which only shows the sign would have to carry.
"""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageFilter

from shared.security.images import ImageFault, ImageLimits, opened

WIDEST = 1200
SHOWN = 600
"""Width of the cutting, in pixels."""


def sheet_of(image: Image.Image) -> Image.Image:
    """Grey, on white where it was transparent, and not wider than is useful."""
    if "A" in image.getbands() or "transparency" in image.info:
        clear = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    grey = image.convert("L")
    if grey.width > WIDEST:
        grey = grey.resize((WIDEST, max(1, round(grey.height * WIDEST / grey.width))), Image.Resampling.BOX)
    return grey


def ink_of(sheet: Image.Image) -> Image.Image:
    """How much darker each pixel is than the paper about it: shadows and folds are paper, strokes are not."""
    size = (max(1, sheet.width // 4), max(1, sheet.height // 4))
    paper = sheet.resize(size, Image.Resampling.BOX).filter(ImageFilter.MaxFilter(9))
    smooth = paper.filter(ImageFilter.GaussianBlur(4)).resize(sheet.size, Image.Resampling.BILINEAR)
    return ImageChops.subtract(smooth, sheet.filter(ImageFilter.BoxBlur(0.6)))


def threshold(shades: list[int]) -> int:
    """Otsu: the shade that best parts what is up to it from what is above it. At least one shade is on each side."""
    total, weighed = sum(shades), sum(at * count for at, count in enumerate(shades))
    best, best_at, below, below_weighed = -1.0, 0, 0, 0
    for at, count in enumerate(shades[:-1]):
        below += count
        below_weighed += at * count
        above = total - below
        if below and above:
            between = below * above * (below_weighed / below - (weighed - below_weighed) / above) ** 2
            if between > best:
                best, best_at = between, at
    return best_at


def cleaned(content: bytes, limits: ImageLimits) -> bytes | ImageFault:
    """PNG: black ink on white, cut to the sign with a margin. Of a sheet without ink the sheet."""
    image = opened(content, limits)
    if isinstance(image, ImageFault):
        return image
    ink = ink_of(sheet_of(image))
    limit = threshold(ink.histogram())
    floor, ceiling = limit // 2, max(limit + 1, _deepest(ink, limit))
    black = ink.point([255 - round(255 * min(1, max(0, (at - floor) / (ceiling - floor)))) for at in range(256)])
    box = ink.point([255 * (at > limit) for at in range(256)]).filter(ImageFilter.MedianFilter(3)).getbbox()
    left, top, right, bottom = box or (0, 0, *ink.size)
    rim = max(4, (right - left) // 16)
    left, top = max(0, left - rim), max(0, top - rim)
    cut = black.crop((left, top, min(ink.width, right + rim), min(ink.height, bottom + rim)))
    if cut.width > SHOWN:
        cut = cut.resize((SHOWN, max(1, round(cut.height * SHOWN / cut.width))), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    cut.save(out, "PNG", optimize=True)
    return out.getvalue()


def _deepest(ink: Image.Image, limit: int) -> int:
    """The mean depth of what is ink: there the cutting is all black."""
    shades = ink.histogram()[limit + 1 :]
    return round(sum(at * count for at, count in enumerate(shades, limit + 1)) / max(1, sum(shades)))
