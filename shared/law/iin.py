"""The individual identification number (ИИН): YYMMDD, century and sex, serial, check digit.

Resolution 565 of 11.06.2003.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

CENTURIES = {"3": 1900, "4": 1900, "5": 2000, "6": 2000}
FIRST_PASS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
SECOND_PASS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


class IinFault(StrEnum):
    LENGTH = "length"
    NOT_DIGITS = "not-digits"
    CENTURY = "century"
    """The seventh digit names no century of a living citizen; 0 (foreigners, no data) is not served online."""
    NO_SUCH_DATE = "no-such-date"
    IN_THE_FUTURE = "in-the-future"
    CHECK_DIGIT = "check-digit"


def fault_in(iin: str, today: date) -> IinFault | None:
    """The first fault of the number, or None when it may be a living citizen's on that day (S8, format control)."""
    if len(iin) != 12:
        return IinFault.LENGTH
    if not re.fullmatch("[0-9]{12}", iin):
        return IinFault.NOT_DIGITS
    if iin[6] not in CENTURIES:
        return IinFault.CENTURY
    try:
        born = birth_date(iin)
    except ValueError:
        return IinFault.NO_SUCH_DATE
    if born > today:
        return IinFault.IN_THE_FUTURE
    return None if check_digit(iin[:11]) == int(iin[11]) else IinFault.CHECK_DIGIT


def birth_date(iin: str) -> date:
    """The date of birth that the number names. Raises `ValueError`, which never quotes the number."""
    if not re.fullmatch("[0-9]{6}[3-6][0-9]{5}", iin):
        raise ValueError("the number names no date of birth")
    return date(CENTURIES[iin[6]] + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))


def check_digit(eleven: str) -> int | None:
    """The twelfth digit for the first eleven; None when both passes give 10, and such a number is never issued."""
    for weights in (FIRST_PASS, SECOND_PASS):
        rest = sum(int(digit) * weight for digit, weight in zip(eleven, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None
