"""Looks at a photo and measures all that can be: about 120 ms of one core, 100 MB. Pure: bytes in, findings out."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from services.identity_verification.photo.canvas import APART, EYE_LINE, MIDDLE, Levelled, Pixels, levelled, printed
from services.identity_verification.photo.face import Face, faces_in
from services.identity_verification.photo.features import Features, features_of
from services.identity_verification.photo.fidelity import blur_of, quality_of
from services.identity_verification.photo.findings import Findings, Points
from services.identity_verification.photo.light import light_of
from services.identity_verification.photo.measures import PhotoFault as F
from services.identity_verification.photo.wall import strips, wall_of
from shared.security.images import ImageFault, ImageLimits, opened

LEAST = (413, 531)
"""35×45 mm at 300 dpi, in pixels."""
ENOUGH = 1300
"""A picture whose longer side is greater is measured smaller: nothing of the rest is seen on a card."""
SMALLEST = 64
LIMITS = ImageLimits()
UNSEEN = 0.5
"""What an opening counts that no cascade takes for an eye."""


def measured(content: bytes, limits: ImageLimits = LIMITS) -> Findings:
    """Never raises: what cannot be read is a fault of the file."""
    image = opened(content, limits, enough=ENOUGH)
    if isinstance(image, ImageFault):
        return Findings(F(image.value))
    width, height = image.info.get("whole", image.size)
    if (width > height) != (image.width > image.height):  # the camera lay on its side
        width, height = height, width
    picture = np.asarray(_on_white(image))
    raw: dict[F, float] = {
        F.RESOLUTION: min(width / LEAST[0], height / LEAST[1]),
        F.ASPECT_RATIO: width / height,
    }
    if min(picture.shape[:2]) < SMALLEST:
        return Findings(None, (width, height), raw)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    raw[F.COMPRESSION] = quality_of(grey)
    if max(picture.shape[:2]) > ENOUGH:
        scale = ENOUGH / max(picture.shape[:2])
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    marks: dict[str, Points] = {}
    _look(picture, grey, width / picture.shape[1], raw, marks)
    return Findings(None, (width, height), {at: value for at, value in raw.items() if math.isfinite(value)}, marks)


def _look(picture: Pixels, grey: Pixels, scale: float, raw: dict[F, float], marks: dict[str, Points]) -> None:
    """`scale` is how much larger the photo is than the picture looked at."""
    faces = faces_in(grey)
    raw[F.FACE_PRESENT] = float(len(faces) > 0)
    face = faces[0] if faces else None
    height, width = grey.shape
    if face is None:
        apart = 0.2 * height  # light and colour are measured where a face should be
        near = levelled(picture, (width / 2 - apart / 2, height / 2), (width / 2 + apart / 2, height / 2))
    else:
        near = levelled(picture, *face.eyes)
        features = features_of(near)
        raw[F.SINGLE_FACE] = (faces[1].width / face.width) ** 2 if len(faces) > 1 else 0.0
        raw[F.INTER_EYE_DISTANCE] = face.apart * scale
        raw.update(_geometry(face, features, width, height))
        raw.update(_features(face, features))
        raw[F.SHARPNESS] = blur_of(near)
        marks.update(_marks(faces, near, features, scale))
    raw.update(_light(near))
    raw.update(_wall(picture, face))
    edges = (corner for left, top, right, bottom in strips(height, width) for corner in ((left, top), (right, bottom)))
    marks["wall"] = tuple((x * scale, y * scale) for x, y in edges)


def _geometry(face: Face, features: Features, width: int, height: int) -> Iterator[tuple[F, float]]:
    """Positions only of an upright head: of a lying one they would say nothing."""
    x, y = face.between
    yield F.ROLL, face.roll
    if abs(face.roll) > 30:
        return
    to_chin = features.chin * face.apart
    yield F.HEAD_SIZE, 2 * to_chin / height  # the eyes are half way between chin and crown
    yield F.HORIZONTAL_POSITION, x / width
    yield F.VERTICAL_POSITION, y / height
    yield F.LEFTWARD_CROP, x / face.apart
    yield F.RIGHTWARD_CROP, (width - x) / face.apart
    yield F.MARGIN_ABOVE, y / to_chin
    yield F.MARGIN_BELOW, (height - y) / to_chin


def _features(face: Face, features: Features) -> Iterator[tuple[F, float]]:
    yield F.YAW, math.nan if features.yaw is None else features.yaw
    opened = zip(features.openings, face.seen, strict=True)
    yield F.EYES_OPEN, min(opening * (1.0 if seen else UNSEEN) for opening, seen in opened)
    yield F.EYES_VISIBLE, features.covered
    yield F.MOUTH_CLOSED, features.gap


def _light(near: Levelled) -> Iterator[tuple[F, float]]:
    light = light_of(near)
    yield F.LUMINANCE_MEAN, light.mean
    yield F.LUMINANCE_VARIANCE, light.variance
    yield F.UNDER_EXPOSURE, light.dark
    yield F.OVER_EXPOSURE, light.burnt
    yield F.DYNAMIC_RANGE, light.entropy
    yield F.ILLUMINATION_UNIFORMITY, light.evenness
    yield F.NATURAL_COLOUR, light.cast
    yield F.COLOUR, light.colours


def _wall(picture: Pixels, face: Face | None) -> Iterator[tuple[F, float]]:
    flat = printed(picture)
    scale = flat.shape[1] / picture.shape[1]
    between = (face.between[0] * scale, face.between[1] * scale) if face else None
    wall = wall_of(flat, between, face.apart * scale if face else 0.0)
    if wall is None:
        return
    yield F.BACKGROUND_UNIFORMITY, wall.gradient
    yield F.BACKGROUND_LIGHTNESS, wall.lightness
    yield F.BACKGROUND_TINT, wall.tint
    yield F.BACKGROUND_EVENNESS, wall.apart
    yield F.NOISE, wall.grain


def _marks(faces: tuple[Face, ...], near: Levelled, features: Features, scale: float) -> dict[str, Points]:
    def at(x: float, y: float) -> tuple[float, float]:
        u, v = near.back(x, y)
        return round(u * scale, 1), round(v * scale, 1)

    chin = features.chin * APART
    return {
        "faces": tuple(corner for face in faces for corner in _corners(face, scale)),
        "eyes": (at(MIDDLE - APART / 2, EYE_LINE), at(MIDDLE + APART / 2, EYE_LINE)),
        "mouth": (at(MIDDLE - 26, features.lips), at(MIDDLE + 26, features.lips)),
        "chin": (at(MIDDLE - 40, EYE_LINE + chin), at(MIDDLE + 40, EYE_LINE + chin)),
        "crown": (at(MIDDLE - 40, EYE_LINE - chin), at(MIDDLE + 40, EYE_LINE - chin)),
        "axis": (at(MIDDLE, EYE_LINE - chin), at(MIDDLE, EYE_LINE + chin)),
    }  # fmt: skip


def _corners(face: Face, scale: float) -> Points:
    (x, y), half = face.middle, face.width / 2
    return tuple((round((x + side * half) * scale, 1), round((y + side * half) * scale, 1)) for side in (-1, 1))


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")
