"""What is kept of an uploaded image: its pixels, upright, written anew. Nothing else of the file comes through.

EXIF (with its place and device), thumbnails, profiles, comments, text chunks and whatever hangs behind the picture are
gone. A JPEG is written with the quantisation tables it came with: on the same grid that loses next to nothing, and the
quality it once had can still be told.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from shared.security.images import ImageFault, ImageLimits, opened, unwarned

GROWTH: Final = 4
"""So many times its limit in bytes a file may have when it is written anew, without its maker's palettes and tricks."""
LARGE: Final = 2_000_000
"""Pixels from which a PNG is packed quickly rather than well."""
QUALITY: Final = 92
"""Of a JPEG whose own tables cannot be used."""
_KEPT_AS: Final = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGBA": "RGBA", "PA": "RGBA", "RGBa": "RGBA"}
_DEEP: Final = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True, slots=True)
class Clean:
    """A whole image, and nothing but."""

    content: bytes
    media_type: str


def cleaned(content: bytes, limits: ImageLimits) -> Clean | ImageFault:
    """The image written anew, or why it is none. The same content always gives the same bytes."""
    image = opened(content, limits)
    if isinstance(image, ImageFault):
        return image
    png = content.startswith(b"\x89PNG")
    try:
        with unwarned():
            written = _png(image) if png else _jpeg(image, _tables(content))
    except (OSError, ValueError, MemoryError):
        return ImageFault.DAMAGED
    if len(written) > GROWTH * limits.bytes:
        return ImageFault.FILE_SIZE
    return Clean(written, "image/png" if png else "image/jpeg")


def _png(image: Image.Image) -> bytes:
    bare = _bare(image, _mode_of(image))
    return _saved(bare, "PNG", compress_level=6 if bare.width * bare.height < LARGE else 1)


def _jpeg(image: Image.Image, tables: dict[str, Any]) -> bytes:
    bare = _bare(image, "L" if image.mode == "L" else "RGB")
    return _saved(bare, "JPEG", **(tables if image.mode == bare.mode else {"quality": QUALITY}))


def _mode_of(image: Image.Image) -> str:
    if image.mode in _DEEP:
        return "L"
    if image.mode == "P" or "transparency" in image.info:
        return "RGBA" if "transparency" in image.info else "RGB"
    return _KEPT_AS.get(image.mode, "RGB")


def _bare(image: Image.Image, mode: str) -> Image.Image:
    """The pixels alone: a new image knows nothing of the old one's file."""
    if image.mode in _DEEP:
        image = image.convert("F").point(lambda value: value / 257, "F")
    bare = Image.new(mode, image.size)
    bare.paste(image if image.mode == mode else image.convert(mode))
    return bare


def _tables(content: bytes) -> dict[str, Any]:
    """The quantisation tables and the sampling that the JPEG came with."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as header:
        assert isinstance(header, JpegImageFile)
        tables = {key: [min(max(step, 1), 255) for step in table] for key, table in header.quantization.items()}
        if not tables or any(len(table) != 64 for table in tables.values()) or sorted(tables) != [*range(len(tables))]:
            return {"quality": QUALITY}
        return {"qtables": tables, "subsampling": max(get_sampling(header), 0)}


def _saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()
