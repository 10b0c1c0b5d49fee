"""What looks like a person never reaches a log or a span: ИИН, phone numbers, e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
_SUSPICIOUS = re.compile(r"@|\d{2}")
# Ids and hashes come before numbers, so that a run of digits inside one is not taken for an ИИН or a phone.
# No alternative can start in the middle of a word it has failed on: long texts cost no more than their length.
_PERSONAL = re.compile(
    r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?P<kept>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b|\b(?=\d*[a-fA-F])[0-9a-fA-F]{16,}\b)"
    r"|(?<!\d)\d{6}[ -]?\d{6}(?!\d)"
    r"|(?<!\d)(?:\+?7|8)[ \u00a0(-]{0,2}\d{3}[ \u00a0)-]{0,2}\d{3}[ \u00a0-]?\d{2}[ \u00a0-]?\d{2}(?!\d)"
)


def masked(text: str) -> str:
    """The text with every ИИН (12 digits), phone (+7 or 8 and 10 digits) and e-mail address replaced by `***`."""
    if not _SUSPICIOUS.search(text):
        return text
    return _PERSONAL.sub(lambda found: found["kept"] or MASK, text)


def masked_deep(value: Any) -> Any:
    """The same for all strings within; what JSON does not know is written out, then masked."""
    if isinstance(value, str):
        return masked(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {masked(str(key)): masked_deep(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked_deep(inner) for inner in value]
    return masked(str(value))
