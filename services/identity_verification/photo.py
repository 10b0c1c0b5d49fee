"""S10: is this portrait fit for a card? Pure: bytes in, verdict out; about 20 ms.

Measures follow ISO/IEC 29794-5 where it names one, with our thresholds (the standard sets none). No face is looked for:
the face is the Digital-ID's matter (S11), and the officer's (S17). How the thresholds suit real people is unmeasured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from PIL import Image, ImageChops, ImageFilter, ImageStat

from shared.security.images import ImageFault, ImageLimits, opened


class PhotoFault(StrEnum):
    """Why a photo goes back. The second group has the names of ISO/IEC 29794-5 components."""

    FILE_SIZE = "FileSize"
    FILE_FORMAT = "FileFormat"
    TOO_MANY_PIXELS = "TooManyPixels"
    DAMAGED = "Damaged"
    RESOLUTION = "Resolution"
    ASPECT_RATIO = "AspectRatio"
    BACKGROUND_LIGHTNESS = "BackgroundLightness"

    NATURAL_COLOUR = "NaturalColour"
    LUMINANCE_MEAN = "LuminanceMean"
    UNDER_EXPOSURE = "UnderExposurePrevention"
    OVER_EXPOSURE = "OverExposurePrevention"
    DYNAMIC_RANGE = "DynamicRange"
    ILLUMINATION_UNIFORMITY = "IlluminationUniformity"
    BACKGROUND_UNIFORMITY = "BackgroundUniformity"
    SHARPNESS = "Sharpness"


@dataclass(frozen=True, slots=True)
class PhotoRules:
    """Thresholds. Scores are 0–100, higher is better; a photo below one goes back."""

    limits: ImageLimits = field(default_factory=ImageLimits)
    width: int = 413  # 35×45 mm at 300 dpi
    height: int = 531
    aspect: float = 35 / 45
    aspect_tolerance: float = 0.02
    least: Mapping[PhotoFault, int] = field(
        default_factory=lambda: {
            PhotoFault.BACKGROUND_LIGHTNESS: 60,
            PhotoFault.NATURAL_COLOUR: 20,
            PhotoFault.LUMINANCE_MEAN: 60,
            PhotoFault.UNDER_EXPOSURE: 60,
            PhotoFault.OVER_EXPOSURE: 60,
            PhotoFault.DYNAMIC_RANGE: 45,
            PhotoFault.ILLUMINATION_UNIFORMITY: 70,
            PhotoFault.BACKGROUND_UNIFORMITY: 50,
            PhotoFault.SHARPNESS: 25,
        }
    )


@dataclass(frozen=True, slots=True)
class PhotoVerdict:
    """Every reason at once; no reason means fit. Scores are whole numbers 0–100, absent when not measured."""

    reasons: tuple[PhotoFault, ...]
    scores: Mapping[str, int]

    @property
    def fit(self) -> bool:
        return not self.reasons


class PhotoCheck(Protocol):
    """The port: the checks below, or a laboratory's engine behind the same question."""

    def __call__(self, content: bytes) -> PhotoVerdict: ...


RULES: Final = PhotoRules()
_WIDTH: Final = 413
"""Everything is measured at this width, so that a score does not depend on the camera."""

_LAPLACE: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def check_photo(content: bytes, rules: PhotoRules = RULES) -> PhotoVerdict:
    """Every defect of the photo. Never raises: what cannot be read is a reason of its own."""
    image = opened(content, rules.limits)
    if isinstance(image, ImageFault):
        return PhotoVerdict((PhotoFault(image.value),), {})
    shape = _shape(image, rules)
    if shape:
        return PhotoVerdict(shape, {})
    scores = _scores(image)
    below = tuple(fault for fault in PhotoFault if scores.get(fault, 100) < rules.least.get(fault, 0))
    return PhotoVerdict(below, {fault.value: score for fault, score in scores.items()})


def _shape(image: Image.Image, rules: PhotoRules) -> tuple[PhotoFault, ...]:
    small = image.width < rules.width or image.height < rules.height
    crooked = abs(image.width / image.height - rules.aspect) > rules.aspect_tolerance
    found = ((PhotoFault.RESOLUTION, small), (PhotoFault.ASPECT_RATIO, crooked))
    return tuple(fault for fault, holds in found if holds)


def _scores(image: Image.Image) -> dict[PhotoFault, int]:
    colour = _on_white(image)
    if colour.width != _WIDTH:
        height = round(colour.height * _WIDTH / colour.width)
        colour = colour.resize((_WIDTH, height), Image.Resampling.BOX)
    grey = colour.convert("L")
    face = _cut(grey, 0.25, 0.2, 0.75, 0.8)
    shades = face.histogram()
    total = sum(shades)
    mean = ImageStat.Stat(face).mean[0] / 255
    corners = [_cut(grey, 0.02, 0.02, 0.14, 0.3), _cut(grey, 0.86, 0.02, 0.98, 0.3)]
    raw = {
        PhotoFault.NATURAL_COLOUR: _colourfulness(_cut(colour, 0.25, 0.2, 0.75, 0.8)),
        PhotoFault.LUMINANCE_MEAN: 100 * _sigmoid(mean, 0.2, 0.05) * (1 - _sigmoid(mean, 0.8, 0.05)),
        PhotoFault.UNDER_EXPOSURE: 100 - 200 * sum(shades[:26]) / total,
        PhotoFault.OVER_EXPOSURE: 100 - 400 * sum(shades[247:]) / total,
        PhotoFault.DYNAMIC_RANGE: 12.5 * face.entropy(),
        PhotoFault.ILLUMINATION_UNIFORMITY: _illumination(face),
        PhotoFault.BACKGROUND_LIGHTNESS: _lightness(corners),
        PhotoFault.BACKGROUND_UNIFORMITY: _uniformity(corners),
        PhotoFault.SHARPNESS: _sharpness(face),
    }
    return {fault: round(min(100.0, max(0.0, score))) for fault, score in raw.items()}


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")


def _cut(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = image.size
    return image.crop((round(left * width), round(top * height), round(right * width), round(bottom * height)))


def _sigmoid(x: float, middle: float, width: float) -> float:
    return 1 / (1 + math.exp((middle - x) / width))


def _colourfulness(face: Image.Image) -> float:
    """Zero for a grey picture; skin of any tone is redder than it is blue."""
    red, _, blue = face.split()
    return 5 * ImageStat.Stat(ImageChops.difference(red, blue)).mean[0]


def _illumination(face: Image.Image) -> float:
    """Intersection of the histograms of both halves, as the standard weighs it; in steps of 8 shades."""
    half = face.width // 2
    left, right = (
        part.histogram()
        for part in (face.crop((0, 0, half, face.height)), face.crop((face.width - half, 0, face.width, face.height)))
    )
    total = sum(left)
    common = sum(min(sum(left[at : at + 8]), sum(right[at : at + 8])) for at in range(0, 256, 8))
    return 100 * math.pow(common / total, 0.3)


def _lightness(corners: list[Image.Image]) -> float:
    """100 from a luminance of 200 up, 60 at 164, 0 at 110."""
    darkest = min(ImageStat.Stat(corner).mean[0] for corner in corners)
    return (darkest - 110) / 0.9


def _uniformity(corners: list[Image.Image]) -> float:
    """Falls with the spread inside a corner and with the difference between the two."""
    left, right = map(ImageStat.Stat, corners)
    return 100 - 2.5 * max(left.stddev[0], right.stddev[0]) - 1.5 * abs(left.mean[0] - right.mean[0])


def _sharpness(face: Image.Image) -> float:
    """Variance of the Laplacian, noise smoothed away first: grain is not detail."""
    laplacian = face.filter(ImageFilter.BoxBlur(1)).filter(_LAPLACE)
    inner = laplacian.crop((1, 1, laplacian.width - 1, laplacian.height - 1))
    return 25 * math.log2(1 + ImageStat.Stat(inner).var[0] / 8)
