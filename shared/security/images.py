"""Opening an image that a stranger sent: what it is by content, how large before it is decoded, whole or not."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps


class ImageFault(StrEnum):
    """Why the bytes are not an image that may be looked at."""

    FILE_SIZE = "FileSize"
    FILE_FORMAT = "FileFormat"
    TOO_MANY_PIXELS = "TooManyPixels"
    DAMAGED = "Damaged"


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is opened at all: bytes of the file, pixels of the picture, pixels of its longer side."""

    bytes: int = 5 * 1024 * 1024
    pixels: int = 25_000_000
    side: int = 8_000


FORMATS = ("JPEG", "PNG")

SCANS = 64
"""A progressive JPEG has some ten; each repeats the work of the whole picture."""
_SCAN = b"\xff\xda"

_UNREADABLE = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, struct.error, zlib.error)


def opened(content: bytes, limits: ImageLimits, enough: int | None = None) -> Image.Image | ImageFault:
    """A decoded, upright image of JPEG or PNG, or why not. Nothing is decoded before its size is known to be small.

    A JPEG whose longer side is at least twice `enough` is decoded at a half, a quarter or an eighth, never below it;
    `info["whole"]` then is the size of the file's picture, not turned.
    """
    if not 0 < len(content) <= limits.bytes:
        return ImageFault.FILE_SIZE
    try:
        with unwarned():
            image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        return ImageFault.TOO_MANY_PIXELS
    except _UNREADABLE:
        return ImageFault.FILE_FORMAT
    if image.width * image.height > limits.pixels or max(image.size) > limits.side:
        return ImageFault.TOO_MANY_PIXELS
    if image.format in ("JPEG", "MPO") and content.count(_SCAN) > SCANS:
        return ImageFault.DAMAGED
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":  # a telephone's JPEG with a second view behind it
        return ImageFault.FILE_FORMAT
    try:
        if enough is not None and image.format in ("JPEG", "MPO"):
            _reduce(image, enough)
        with unwarned():
            image.load()
            return ImageOps.exif_transpose(image)
    except _UNREADABLE:
        return ImageFault.DAMAGED


@contextmanager
def unwarned() -> Iterator[None]:
    """What Pillow thinks of a stranger's file is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _reduce(image: Image.Image, enough: int) -> None:
    longer = max(image.size)
    image.info["whole"] = image.size
    image.draft(None, (image.width * enough // longer, image.height * enough // longer))
