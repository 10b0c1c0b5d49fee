"""Images to begin with: every kind that is taken, kinds that are not, and files made to hurt a decoder."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from deploy.sandbox.pictures import portrait, signature_sample

SECRET = b"41.3111N 69.2797E of nobody"
"""What no file on disk may show: it stands in the metadata and the pixels of every seed that has any."""


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def seeds() -> dict[str, bytes]:
    """By name; small ones, so that thousands of mutations are decoded in a minute."""
    face = Image.open(io.BytesIO(portrait(1))).convert("RGB").resize((150, 193))
    sample = Image.open(io.BytesIO(signature_sample(1))).convert("L").resize((150, 50))
    exif = Image.Exif()
    exif[0x0112], exif[0x9286] = 6, SECRET
    notes = PngImagePlugin.PngInfo()
    notes.add_text("place", SECRET.decode(), zip=True)
    deep = Image.fromarray(np.linspace(0, 65535, 120 * 40).reshape(40, 120).astype(np.uint16))
    frames = {"save_all": True, "append_images": [face.rotate(90)]}
    return {
        "jpeg": saved(face, "JPEG", exif=exif, comment=SECRET),
        "jpeg progressive": saved(face, "JPEG", progressive=True, quality=60),
        "jpeg grey": saved(face.convert("L"), "JPEG"),
        "jpeg cmyk": saved(face.convert("CMYK"), "JPEG"),
        "jpeg with a second view": saved(face, "MPO", **frames),
        "png": saved(face, "PNG", exif=exif, pnginfo=notes),
        "png grey": saved(sample, "PNG"),
        "png palette": saved(face.convert("P"), "PNG", transparency=3),
        "png alpha": saved(face.convert("RGBA"), "PNG"),
        "png deep": saved(deep, "PNG"),
        "png of one bit": saved(sample.convert("1"), "PNG"),
        "png moving": saved(face, "PNG", **frames),
        "gif": saved(face, "GIF"),
        "webp": saved(face, "WEBP"),
        "tiff": saved(face, "TIFF"),
        "polyglot": saved(sample, "PNG") + b"<script>alert(1)</script>" + SECRET,
        "bomb": bomb(5000, 5000),
        "largest allowed": bomb(4000, 3900),
        "far too wide": bomb(60_000, 1),
        "lying header": lying(bomb(2000, 2000), 30_000),
        "text of 50 MB": swollen_text(),
    }


def bomb(width: int, height: int) -> bytes:
    """A flat PNG: a few kilobytes, and a picture of width × height."""
    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + bytes(1024)


def swollen_text() -> bytes:
    """A PNG whose compressed text unpacks to fifty million bytes."""
    sample = saved(Image.new("L", (300, 100), 255), "PNG")
    text = chunk(b"zTXt", b"place\0\0" + zlib.compress(bytes(50_000_000), 9))
    return sample[:33] + text + sample[33:] + bytes(1024)


def lying(png: bytes, width: int) -> bytes:
    """The header promises another width than there is."""
    header = struct.pack(">I", width) + png[20:29]
    return png[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + png[33:]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
