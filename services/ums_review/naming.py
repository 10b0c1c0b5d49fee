"""A person's name as it is searched: folded to one spelling, then only its keyed hash, another one in every region.

Equal names of a region have equal hashes: whoever has the rows without the key can count them, and cannot read them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from shared.law.person import Person

_SILENT: Final = re.compile(r"['’ʼ`‘´]")
"""Apostrophes part no words: Д’Артаньян is written in many ways."""
_NO_LETTER: Final = re.compile(r"[\W\d_]+")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_ALIKE: Final = str.maketrans("ABCEHIKMOPTXYƏ", "АВСЕНІКМОРТХУӘ")


def folded(text: str) -> str:
    """The words in capitals, a space between them.

    Hyphens, dots and double spaces part words alike; accents are dropped; Ё is Е, for registers write either. Latin
    letters among Cyrillic ones are the Cyrillic ones they look like: a Russian keyboard has neither І nor Ә. Letters of
    Kazakh stay what they are: Әлі and Али are different names.
    """
    composed = unicodedata.normalize("NFC", _SILENT.sub("", text)).upper().replace("Ё", "Е")
    bare = "".join(letter for letter in composed if unicodedata.category(letter) != "Mn")
    words = (word for word in _NO_LETTER.split(bare) if word)
    return " ".join(word.translate(_ALIKE) if _CYRILLIC.search(word) else word for word in words)


def name_index(region: str, name: str, blind: Callable[[str], str]) -> str:
    """What stands for a name in a region; nothing for text without a letter."""
    words = folded(name)
    return blind(f"name/{region}/{words}") if words else ""


def indexes_of(region: str, person: Person, blind: Callable[[str], str]) -> tuple[str, ...]:
    """By surname, by surname and name, and by the whole name; each once."""
    parts = (person.surname, person.name, person.patronymic or "")
    found = (name_index(region, " ".join(parts[:length]), blind) for length in (1, 2, 3))
    return tuple(dict.fromkeys(index for index in found if index))
