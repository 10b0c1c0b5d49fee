"""Mobile numbers of Kazakhstan, as people write them and as БМГ and the SMS gateway are asked for them (S2)."""

from __future__ import annotations

import re

# Codes of the four networks; landlines (71x, 72x) receive no SMS and stand in no БМГ record.
MOBILE_CODES = frozenset(
    ("700", "701", "702", "703", "704", "705", "706", "707", "708", "747", "771", "775", "776", "777", "778")
)


def normalised(written: str, codes: frozenset[str] = MOBILE_CODES) -> str | None:
    """`8 (701) 123-45-67`, `+7 701 1234567`, `7011234567` → `+77011234567`; None when it is no mobile number."""
    if not re.fullmatch(r"\+?[0-9 ()\-\u00a0]{10,24}", written.strip()):
        return None
    digits = re.sub("[^0-9]", "", written)
    if len(digits) == 11 and (digits[0] == "7" or (digits[0] == "8" and "+" not in written)):
        digits = digits[1:]
    return f"+7{digits}" if len(digits) == 10 and digits[:3] in codes else None
