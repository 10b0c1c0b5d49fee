"""The text of a PDF, as its reader at a counter would see it: pages, fonts, and which code is which letter."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

_LARGEST: Final = 1_000_000
_TOKENS: Final = re.compile(rb"/(\w+)\s+[\d.]+\s+Tf|\(((?:\\.|[^\\()])*)\)", re.DOTALL)
_TABLE: Final = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_LETTER: Final = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<((?:[0-9A-Fa-f]{4})+)>")
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Unreadable(Exception):
    """This is no PDF with text."""


def text_of(content: bytes) -> str:
    """All letters in the order in which they are written, without spaces. Raises `Unreadable`."""
    if len(content) > _LARGEST or not content.startswith(b"%PDF-"):
        raise Unreadable
    try:
        pages = PdfFileReader(BytesIO(content)).root["/Pages"]["/Kids"]
        text = "".join(_page(pages[number]) for number in range(len(pages)))
    except (PdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError):
        raise Unreadable from None
    if not text:
        raise Unreadable
    return text


def _page(page: Any) -> str:
    known = page["/Resources"]["/Font"]  # what is asked for by its name is fetched from where it stands
    fonts = {name: _letters(known[name]["/ToUnicode"].data) for name in known}
    letters: dict[int, str] = {}
    found: list[str] = []
    for font, shown in _TOKENS.findall(page["/Contents"].data):
        if font:
            letters = fonts[f"/{font.decode()}"]
            continue
        codes = re.sub(rb"\\(.)", lambda escaped: _ESCAPED.get(escaped[1], escaped[1]), shown, flags=re.DOTALL)
        found += (letters[int.from_bytes(codes[at : at + 2], "big")] for at in range(0, len(codes), 2))
    return "".join("".join(found).split())


def _letters(table: bytes) -> dict[int, str]:
    """Code → letters, from a table that names them one by one."""
    pairs = (pair for part in _TABLE.findall(table) for pair in _LETTER.findall(part))
    return {int(code, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for code, letters in pairs}
