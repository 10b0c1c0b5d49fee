"""Where a person is registered, in one spelling: two registrations at one address are told as one by its keyed hash."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from shared.law.person import Address, Entry

_PART: Final = re.compile(r"\d+|[^\W\d_]+")
"""Digits and letters part: `12А`, `12 А` and `12-а` are one house, `12/1` is another than `121`."""
_ALIKE: Final = str.maketrans("ABCEHKMOPTXYI", "АВСЕНКМОРТХУІ")
_KINDS: Final = {
    "Г", "ГОРОД", "ҚАЛА", "ҚАЛАСЫ", "С", "СЕЛО", "АУЫЛ", "АУЫЛЫ", "П", "ПОС", "ПОСЕЛОК", "КЕНТ", "КЕНТІ", "УЛ", "УЛИЦА",
    "КӨШ", "КӨШЕ", "КӨШЕСІ", "ПР", "ПРОСПЕКТ", "ДАҢҒЫЛ", "ДАҢҒЫЛЫ", "ПЕР", "ПЕРЕУЛОК", "МКР", "МИКРОРАЙОН",
    "ЫҚШАМАУДАН", "ЫҚШАМАУДАНЫ",
}  # fmt: skip
"""What a place or a street is; written or left out, before the name or behind it."""


def place_of(address: Address | None) -> str:
    """District, region, place, street, house and flat; nothing where no house is named: that is no one's home."""
    if address is None or not address.building:
        return ""
    named = (" ".join(_name(part)) for part in (address.city, address.street))
    house = "-".join((*_parts(address.building), *_parts(address.corpus)))
    return "/".join((_code(address.district), _code(address.region), *named, house, "-".join(_parts(address.flat))))


def address_index(address: Address | None, blind: Callable[[str], str]) -> str | None:
    """What stands for the address in a row or an account, and cannot be read; nothing where no home is told."""
    place = place_of(address)
    return blind(f"address/{place}") if place else None


def _code(entry: Entry | None) -> str:
    return entry.code if entry else ""


def _name(text: str | None) -> list[str]:
    parts = _parts(text)
    return [part for part in parts if part not in _KINDS] or parts


def _parts(text: str | None) -> list[str]:
    """Words and numbers in capitals. Ё is Е, a Latin letter the Cyrillic one it looks like; 007 is 7."""
    written = unicodedata.normalize("NFC", text or "").upper().replace("Ё", "Е").translate(_ALIKE)
    return [part.lstrip("0") or "0" if part.isdecimal() else part for part in _PART.findall(written)]
