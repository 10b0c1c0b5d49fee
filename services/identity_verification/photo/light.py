"""How the face is lit and coloured, as ISO/IEC 29794-5 measures it: shares, means and histograms of the face's skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.identity_verification.photo.canvas import APART, EYE_LINE, MIDDLE, Levelled, Pixels

BOX = (MIDDLE - APART, EYE_LINE - APART // 4, MIDDLE + APART, EYE_LINE + int(1.45 * APART))
"""From the brows to the chin, and as wide as the cheeks."""


@dataclass(frozen=True, slots=True)
class Light:
    """Shares are 0–1 of the face; `mean` and `variance` are of luminance 0–1; `entropy` in bits; `evenness` is what
    the histograms of both halves have in common, 0–1; `cast` the distance of the mean colour from skins' (CIELAB);
    `colours` how much colours differ from one tint (CIELAB)."""

    mean: float
    variance: float
    dark: float
    burnt: float
    entropy: float
    evenness: float
    cast: float
    colours: float


def light_of(face: Levelled) -> Light:
    left, top, right, bottom = BOX
    grey, lab = face.grey[top:bottom, left:right], face.lab[top:bottom, left:right]
    oval = _oval(grey.shape)
    skin = grey[oval]
    shades = np.bincount(skin, minlength=256) / skin.size
    return Light(
        mean=float(skin.mean()) / 255,
        variance=float((skin / 255).var()),
        dark=float(shades[:26].sum()),
        burnt=float(shades[247:].sum()),
        entropy=float(-(shades[shades > 0] * np.log2(shades[shades > 0])).sum()),
        evenness=_evenness(grey),
        cast=_cast(lab[oval]),
        colours=colours_of(face.lab[::3, ::3]),
    )


def _oval(shape: tuple[int, ...]) -> Pixels:
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(rows**2 + columns**2 <= 1)


def _evenness(grey: Pixels) -> float:
    """In steps of 8 shades, so that grain alone does not part two halves."""
    half = grey.shape[1] // 2
    soft = cv2.GaussianBlur(grey, (0, 0), 2.0)
    left, right = (np.bincount(part.ravel() // 8, minlength=32) for part in (soft[:, :half], soft[:, -half:]))
    return float(np.minimum(left, right).sum() / left.sum())


def _cast(lab: Pixels) -> float:
    """Skins of all tones have a between 5 and 25 and b between 5 and 35."""
    a, b = float(lab[:, 1].mean()), float(lab[:, 2].mean())
    return float(np.hypot(a - np.clip(a, 5, 25), b - np.clip(b, 5, 35)))


def colours_of(lab: Pixels) -> float:
    """What is left of a and b when the one tint that goes with each brightness is taken away: 0 for grey and sepia."""
    light = lab[..., 0].ravel().astype(np.float64) / 100
    base = np.stack([np.ones_like(light), light, light**2], axis=1)
    left = 0.0
    for channel in (1, 2):
        values = lab[..., channel].ravel()
        fit = np.linalg.lstsq(base, values, rcond=None)[0]
        left += float(np.var(values - base @ fit))
    return float(np.sqrt(left))
