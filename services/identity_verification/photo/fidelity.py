"""What camera and file have done to the picture: blur, and what strong compression leaves behind."""

from __future__ import annotations

import cv2
import numpy as np

from services.identity_verification.photo.canvas import APART, EYE_LINE, MIDDLE, Levelled, Pixels

MOST = 640
"""Traces of compression are looked for in a middle part of this size at most."""
STEPS = np.unique(np.geomspace(130, 6, 72).astype(int))[::-1]
"""Steps of quantisation that can be told from rounding."""
FIRST = ((0, 1, 11), (1, 0, 12), (1, 1, 12))
"""Row and column of a coefficient, and its step in the table of JPEG's annex K, which quality 50 stands for."""


def blur_of(face: Levelled) -> float:
    """0 for sharp, 1 for all blurred: how little a further blur takes away (Crété-Roffet and others, 2007)."""
    part = face.grey[EYE_LINE - APART // 2 : EYE_LINE + int(1.4 * APART), MIDDLE - APART : MIDDLE + APART]
    soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), 0.7)  # grain is not detail
    kept = []
    for axis, size in ((0, (1, 9)), (1, (9, 1))):
        before = np.abs(np.diff(soft, axis=axis))
        after = np.abs(np.diff(cv2.blur(soft, size), axis=axis))
        kept.append(1 - float(np.clip(before - after, 0, None).sum() / (before.sum() + 1e-6)))
    return max(kept)


def quality_of(grey: Pixels) -> float:
    """The quality (1–100) of the worst JPEG this picture has been, 100 when none has left a trace.

    The pixels tell, not the header: coefficients of the blocks stand at multiples of the step they were rounded to, and
    still do after the picture was turned, cut or saved anew at a high quality.
    """
    height, width = grey.shape
    top, left = max(0, (height - MOST) // 2), max(0, (width - MOST) // 2)
    part = grey[top : top + MOST, left : left + MOST].astype(np.float32)
    part = part[_grid(part.T) :, _grid(part) :]
    rows, columns = part.shape[0] // 8, part.shape[1] // 8
    blocks = part[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8)
    found = []
    for row, column, usual in FIRST:
        values = np.einsum("iajb,a,b->ij", blocks, _wave(row), _wave(column), optimize=True)
        step = _step(np.abs(values.ravel()))
        if step:
            found.append(100 * step / usual)
    if len(found) < 2:
        return 100.0
    share = float(np.median(found))
    return float(np.clip(5000 / share if share > 100 else 100 - share / 2, 1, 100))


def _grid(part: Pixels) -> int:
    """Where the grid of blocks begins: the column, 0–7, from which shades step most."""
    steps = np.abs(np.diff(part, axis=1))
    excess = np.clip(steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2, -12, 12).mean(axis=0)
    return (int(np.argmax([excess[phase::8].mean() for phase in range(8)])) + 2) % 8


def _wave(frequency: int) -> Pixels:
    wave = np.cos((2 * np.arange(8) + 1) * frequency * np.pi / 16) / 2
    return np.asarray(wave / np.sqrt(2) if frequency == 0 else wave, np.float32)


def _step(values: Pixels) -> float:
    """The largest step at whose multiples the values stand, 0 when at none."""
    values = np.sort(values)
    for step in STEPS:
        far = values[np.searchsorted(values, step / 2) :]
        if far.size >= 40 and np.cos(2 * np.pi / step * far).mean() > 0.7:
            return float(step)
    return 0.0
