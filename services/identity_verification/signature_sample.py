"""S10: technical defects of the signature sample: a scan of dark strokes on a light sheet. Pure; a few milliseconds.

Whose signature it is nobody checks here: that is the officer's matter (p.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from PIL import Image, ImageStat

from shared.security.images import ImageFault, ImageLimits, opened


class SampleFault(StrEnum):
    """Why a signature sample goes back."""

    FILE_SIZE = "FileSize"
    FILE_FORMAT = "FileFormat"
    TOO_MANY_PIXELS = "TooManyPixels"
    DAMAGED = "Damaged"
    RESOLUTION = "Resolution"
    BLANK = "Blank"
    FAINT = "Faint"
    TOO_LITTLE_INK = "TooLittleInk"
    FILLED = "Filled"
    TOO_NARROW = "TooNarrow"
    TOUCHES_EDGE = "TouchesEdge"


@dataclass(frozen=True, slots=True)
class SampleRules:
    """Thresholds; shares are of the whole sheet, contrast in shades of 256."""

    limits: ImageLimits = field(default_factory=ImageLimits)
    width: int = 300
    height: int = 100
    blank_below: float = 3.0  # spread of shades
    contrast: float = 60.0
    ink_least: float = 0.005
    ink_most: float = 0.15
    box_width: float = 0.25
    edge_ink: float = 0.005  # share of the outermost 1 %


@dataclass(frozen=True, slots=True)
class SampleVerdict:
    """Every reason at once; no reason means fit. Measures: ink and width in thousandths, contrast in shades."""

    reasons: tuple[SampleFault, ...]
    scores: Mapping[str, int]

    @property
    def fit(self) -> bool:
        return not self.reasons


class SignatureSampleCheck(Protocol):
    """The port."""

    def __call__(self, content: bytes) -> SampleVerdict: ...


RULES: Final = SampleRules()
_WIDEST: Final = 1200


def check_signature_sample(content: bytes, rules: SampleRules = RULES) -> SampleVerdict:
    """Every defect of the sample. Never raises: what cannot be read is a reason of its own."""
    image = opened(content, rules.limits)
    if isinstance(image, ImageFault):
        return SampleVerdict((SampleFault(image.value),), {})
    if image.width < rules.width or image.height < rules.height:
        return SampleVerdict((SampleFault.RESOLUTION,), {})
    sheet = _sheet(image)
    if ImageStat.Stat(sheet).stddev[0] < rules.blank_below:
        # nothing stands out: an empty sheet, or one that is ink all over
        dark = ImageStat.Stat(sheet).mean[0] < 128
        return SampleVerdict((SampleFault.FILLED if dark else SampleFault.BLANK,), {})
    return _strokes(sheet, rules)


def _strokes(sheet: Image.Image, rules: SampleRules) -> SampleVerdict:
    shades = sheet.histogram()
    limit = threshold(shades)
    ink = sum(shades[: limit + 1]) / sum(shades)
    contrast = _mean(shades, limit + 1, 256) - _mean(shades, 0, limit + 1)
    mask = sheet.point([255] * (limit + 1) + [0] * (255 - limit))
    box = mask.getbbox() or (0, 0, 0, 0)
    width = (box[2] - box[0]) / sheet.width
    holds = {
        SampleFault.FAINT: contrast < rules.contrast,
        SampleFault.TOO_LITTLE_INK: ink < rules.ink_least,
        SampleFault.FILLED: ink > rules.ink_most,
        SampleFault.TOO_NARROW: width < rules.box_width,
        SampleFault.TOUCHES_EDGE: _edge(mask) > rules.edge_ink,
    }
    scores = {"ink": round(1000 * ink), "contrast": round(contrast), "width": round(1000 * width)}
    return SampleVerdict(tuple(fault for fault, found in holds.items() if found), scores)


def threshold(shades: list[int]) -> int:
    """Otsu: the shade that best parts ink (up to it) from paper (above it). At least one shade is on each side."""
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


def _mean(shades: list[int], first: int, end: int) -> float:
    count = sum(shades[first:end])
    return sum(at * shades[at] for at in range(first, end)) / count if count else 0.0


def _sheet(image: Image.Image) -> Image.Image:
    """Grey, on white where it was transparent, and not wider than is useful."""
    if "A" in image.getbands() or "transparency" in image.info:
        clear = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    grey = image.convert("L")
    if grey.width > _WIDEST:
        grey = grey.resize((_WIDEST, max(1, round(grey.height * _WIDEST / grey.width))), Image.Resampling.BOX)
    return grey


def _edge(mask: Image.Image) -> float:
    """The share of ink on the outermost one per cent of the sheet."""
    width, height = mask.size
    rim = max(1, min(width, height) // 100)
    strips = (
        (0, 0, width, rim),
        (0, height - rim, width, height),
        (0, rim, rim, height - rim),
        (width - rim, rim, width, height - rim),
    )
    counts = [mask.crop(strip).histogram() for strip in strips]
    return sum(count[255] for count in counts) / sum(map(sum, counts))
