"""Surname, name and patronymic as the state registers write them: Cyrillic, Kazakh letters included (S8)."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
LETTERS = "А-ЯЁа-яёӘәҒғҚқҢңӨөҰұҮүҺһІі"
NAME = re.compile(f"[{LETTERS}]+(?:[- ][{LETTERS}]+)*")


def is_name(written: str) -> bool:
    """Letters in one or more parts joined by a hyphen or one space, at most 60 characters."""
    return len(written) <= LONGEST and NAME.fullmatch(unicodedata.normalize("NFC", written)) is not None


def is_patronymic(written: str | None) -> bool:
    """As a name; nobody is obliged to have one."""
    return not written or is_name(written)


def same_name(one: str | None, other: str | None) -> bool:
    """Equal but for case, Unicode form and spaces; Е and Ё, І and И are different letters. Absent equals empty."""
    return _bare(one) == _bare(other)


def _bare(written: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", written or "").split()).casefold()
