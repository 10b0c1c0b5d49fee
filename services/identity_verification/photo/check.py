"""Measured and judged at once, in this process: for the report and for tests."""

from __future__ import annotations

from typing import Protocol

from services.identity_verification.photo.measuring import measured
from services.identity_verification.photo.thresholds import THRESHOLDS, PhotoVerdict, Thresholds, judged


class PhotoCheck(Protocol):
    """The port: the checks here, or a laboratory's engine behind the same question."""

    def __call__(self, content: bytes) -> PhotoVerdict: ...


def check_photo(content: bytes, thresholds: Thresholds = THRESHOLDS[-1]) -> PhotoVerdict:
    """Every defect of the photo. Never raises: what cannot be read is a reason of its own."""
    return judged(measured(content), thresholds)
