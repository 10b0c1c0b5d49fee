"""Measures a signature sample: how much ink, how dark, where, and in how many strokes. Pure; about ten milliseconds."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from services.identity_verification.signature_sample import SampleFault, SampleFindings, SampleVerdict, Sign, judged
from shared.ink import ink_of, sheet_of, threshold
from shared.security.images import ImageFault, ImageLimits, opened

Mask: TypeAlias = npt.NDArray[Any]
LEAST = (300, 100)
LIMITS = ImageLimits()
TRACE = 15.0
"""Shades: what stands out less is grain of the paper, and nothing more is measured of it."""
DARK = 0.3
"""A sheet so much of which is dark is filled, and nothing more is measured of it."""


def measured_sample(content: bytes, limits: ImageLimits = LIMITS) -> SampleFindings:
    """Never raises: what cannot be read is a fault of the file."""
    image = opened(content, limits)
    if isinstance(image, ImageFault):
        return SampleFindings(SampleFault(image.value))
    raw = {Sign.SIZE: min(image.width / LEAST[0], image.height / LEAST[1])}
    if min(image.size) < 16:
        return SampleFindings(None, raw)
    sheet = sheet_of(image)
    ink = ink_of(sheet)
    shades, depth = np.asarray(sheet), np.asarray(ink)
    mask = depth > threshold(ink.histogram())
    paper = max(float(np.percentile(shades, 95)), 128.0)
    raw[Sign.DARKNESS] = float((shades < paper / 2).mean())
    if raw[Sign.DARKNESS] > DARK:
        return SampleFindings(None, raw)
    raw[Sign.TRACE] = float(depth[mask].mean() - depth[~mask].mean()) if mask.any() and not mask.all() else 0.0
    if raw[Sign.TRACE] >= TRACE:
        raw |= _signs(mask, raw[Sign.TRACE])
    return SampleFindings(None, raw)


def check_signature_sample(content: bytes) -> SampleVerdict:
    """Measured and judged at once, in this process."""
    return judged(measured_sample(content))


def _signs(mask: Mask, contrast: float) -> dict[Sign, float]:
    rows, columns = np.nonzero(mask)
    left, right = np.percentile(columns, (0.5, 99.5)).astype(int)
    top, bottom = np.percentile(rows, (0.5, 99.5)).astype(int)
    box = mask[top : bottom + 1, left : right + 1]
    return {
        Sign.CONTRAST: contrast,
        Sign.INK: float(mask.mean()),
        Sign.WIDTH: float(right - left + 1) / mask.shape[1],
        Sign.HEIGHT: float(bottom - top + 1) / mask.shape[0],
        Sign.FILL: float(box.mean()),
        Sign.CROSSINGS: _met(box.T),
        Sign.STROKES: _met(box),
        Sign.EDGE: _edge(mask),
        Sign.FRAME: _framed(box),
    }


def _met(box: Mask) -> float:
    """How many strokes a line meets, of the lines that meet any."""
    begins = np.diff(np.pad(box.astype(np.int8), ((0, 0), (1, 0))), axis=1) == 1
    met = begins.sum(axis=1)
    return float(met[met > 0].mean()) if met.any() else 0.0


def _edge(mask: Mask) -> float:
    rim = max(1, min(mask.shape) // 100)
    sides = (mask[:rim], mask[-rim:], mask[:, :rim], mask[:, -rim:])
    return float(np.concatenate([side.ravel() for side in sides]).mean())


def _framed(box: Mask) -> float:
    """The share of the box's sides, a few pixels deep, that has ink: all of them in a frame, little in a sign."""
    deep = max(2, min(box.shape) // 20)
    sides = (box[:deep].any(axis=0), box[-deep:].any(axis=0), box[:, :deep].any(axis=1), box[:, -deep:].any(axis=1))
    return float(min(side.mean() for side in sides))
