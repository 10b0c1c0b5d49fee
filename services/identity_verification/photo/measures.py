"""What is measured of a photo: names of ISO/IEC 29794-5 where it has one, and how a raw value becomes a score.

Scores are 0–100, higher is better. Curves marked ISO are those of OFIQ, the standard's reference implementation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum


class PhotoFault(StrEnum):
    """Why a photo goes back, or what the officer is told of it. The first group is of the file, the last one ours."""

    FILE_SIZE = "FileSize"
    FILE_FORMAT = "FileFormat"
    TOO_MANY_PIXELS = "TooManyPixels"
    DAMAGED = "Damaged"

    SINGLE_FACE = "SingleFacePresent"
    HEAD_SIZE = "HeadSize"
    INTER_EYE_DISTANCE = "InterEyeDistance"
    LEFTWARD_CROP = "LeftwardCropOfTheFaceImage"
    RIGHTWARD_CROP = "RightwardCropOfTheFaceImage"
    MARGIN_ABOVE = "MarginAboveOfTheFaceImage"
    MARGIN_BELOW = "MarginBelowOfTheFaceImage"
    ROLL = "HeadPoseRoll"
    YAW = "HeadPoseYaw"
    EYES_OPEN = "EyesOpen"
    EYES_VISIBLE = "EyesVisible"
    MOUTH_CLOSED = "MouthClosed"
    LUMINANCE_MEAN = "LuminanceMean"
    LUMINANCE_VARIANCE = "LuminanceVariance"
    UNDER_EXPOSURE = "UnderExposurePrevention"
    OVER_EXPOSURE = "OverExposurePrevention"
    DYNAMIC_RANGE = "DynamicRange"
    ILLUMINATION_UNIFORMITY = "IlluminationUniformity"
    NATURAL_COLOUR = "NaturalColour"
    BACKGROUND_UNIFORMITY = "BackgroundUniformity"
    SHARPNESS = "Sharpness"
    COMPRESSION = "CompressionArtifacts"

    RESOLUTION = "Resolution"
    ASPECT_RATIO = "AspectRatio"
    FACE_PRESENT = "FacePresent"
    HORIZONTAL_POSITION = "HorizontalPosition"
    VERTICAL_POSITION = "VerticalPosition"
    COLOUR = "Colour"
    BACKGROUND_LIGHTNESS = "BackgroundLightness"
    BACKGROUND_TINT = "BackgroundTint"
    BACKGROUND_EVENNESS = "BackgroundEvenness"
    NOISE = "Noise"


def sigmoid(x: float, middle: float, width: float) -> float:
    return 1 / (1 + math.exp(max(-60.0, min(60.0, (middle - x) / width))))


def near(best: float, width: float) -> Callable[[float], float]:
    """100 at the best, about 54 one width away."""
    return lambda raw: 200 * (1 - sigmoid(abs(raw - best) / width, 0, 1))


def falling(zero: float, hundred: float) -> Callable[[float], float]:
    """A straight line from 0 to 100."""
    return lambda raw: 100 * (raw - zero) / (hundred - zero)


def level(degrees: float) -> float:
    """ISO, of every angle of the head."""
    return 100 * max(0.0, math.cos(math.radians(degrees))) ** 2


F = PhotoFault
CURVES: Mapping[PhotoFault, tuple[str, Callable[[float], float]]] = {
    F.RESOLUTION: ("of the least size", falling(0.5, 1.0)),
    F.ASPECT_RATIO: ("width to height", near(35 / 45, 0.02)),
    F.FACE_PRESENT: ("faces", falling(0, 1)),
    F.SINGLE_FACE: ("second face to first, area", lambda raw: 100 * (1 - raw)),  # ISO
    F.HEAD_SIZE: ("chin to crown, of the height", near(0.75, 0.05)),
    F.INTER_EYE_DISTANCE: ("pixels", lambda raw: 100 * sigmoid(raw, 70, 20)),  # ISO
    F.LEFTWARD_CROP: ("IED to the left edge", lambda raw: 100 * sigmoid(raw, 0.9, 0.1)),  # ISO
    F.RIGHTWARD_CROP: ("IED to the right edge", lambda raw: 100 * sigmoid(raw, 0.9, 0.1)),  # ISO
    F.MARGIN_ABOVE: ("T above the eyes", lambda raw: 100 * sigmoid(raw, 1.0, 0.05)),
    F.MARGIN_BELOW: ("T below the eyes", lambda raw: 100 * sigmoid(raw, 1.0, 0.05)),
    F.HORIZONTAL_POSITION: ("of the width", near(0.5, 0.05)),
    F.VERTICAL_POSITION: ("of the height", near(0.45, 0.08)),
    F.ROLL: ("degrees", level),
    F.YAW: ("degrees", level),
    F.EYES_OPEN: ("opening to T", lambda raw: 100 * sigmoid(raw, 0.035, 0.01)),
    F.EYES_VISIBLE: ("share covered", lambda raw: 100 * (1 - raw)),  # ISO
    F.MOUTH_CLOSED: ("gap to T", lambda raw: 100 * (1 - sigmoid(raw, 0.2, 0.06))),  # ISO
    F.LUMINANCE_MEAN: ("of 1", lambda raw: 100 * sigmoid(raw, 0.2, 0.05) * (1 - sigmoid(raw, 0.8, 0.05))),  # ISO
    F.LUMINANCE_VARIANCE: ("of 1", lambda raw: 100 * math.sin(60 * raw / (60 * raw + 1) * math.pi)),  # ISO
    F.UNDER_EXPOSURE: ("share of shades 0–25", lambda raw: 100 * (1 - 2 * raw)),
    F.OVER_EXPOSURE: ("share of shades 247–255", lambda raw: 1 / (raw + 0.01)),  # ISO
    F.DYNAMIC_RANGE: ("bits", lambda raw: 12.5 * raw),  # ISO
    F.ILLUMINATION_UNIFORMITY: ("common to both halves", lambda raw: 100 * max(0.0, raw) ** 0.3),  # ISO
    F.NATURAL_COLOUR: ("CIELAB from skin", lambda raw: 200 * (1 - sigmoid(raw, 0, 10))),  # ISO
    F.COLOUR: ("CIELAB from one tint", lambda raw: 100 * (1 - math.exp(-raw / 2))),
    F.BACKGROUND_UNIFORMITY: ("mean gradient", lambda raw: 190 * (1 - sigmoid(raw, 10, 100))),  # ISO
    F.BACKGROUND_LIGHTNESS: ("CIELAB L", falling(35, 85)),
    F.BACKGROUND_TINT: ("CIELAB chroma", falling(45, 5)),
    F.BACKGROUND_EVENNESS: ("CIELAB between sides", falling(40, 0)),
    F.SHARPNESS: ("blur, 0–1", falling(1.0, 0.4)),
    F.NOISE: ("shades", falling(9, 0)),
    F.COMPRESSION: ("JPEG quality", lambda raw: raw),
}


def score(measure: PhotoFault, raw: float) -> int:
    return round(min(100.0, max(0.0, CURVES[measure][1](raw))))
