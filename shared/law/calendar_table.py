"""The days off of Kazakhstan as officially listed, year by year, besides plain weekends. Data only."""

from __future__ import annotations

from datetime import date


def _days(year: int, *months: tuple[int, ...]) -> frozenset[date]:
    return frozenset(date(year, month, day) for month, *days in months for day in days)


# (month, days …). 3 January 2025 is free for Sunday the 5th, which is worked.
# Құрбан айт: 6 June 2025, 27 May 2026, 16 May 2027 (expected: the moon decides).
LISTED = {
    2025: _days(
        2025, (1, 1, 2, 3, 7), (3, 8, 10, 21, 22, 23, 24, 25), (5, 1, 7, 9), (6, 6), (7, 6, 7), (8, 30), (9, 1),
        (10, 25, 27), (12, 16),
    ),
    2026: _days(
        2026, (1, 1, 2, 7), (3, 8, 9, 21, 22, 23, 24, 25), (5, 1, 7, 9, 11, 27), (7, 6), (10, 25, 26), (12, 16)
    ),
    2027: _days(2027, (1, 1, 2, 4, 7), (3, 8, 15, 21, 22, 23, 24), (5, 1, 3, 7, 9, 10, 16), (7, 6), (10, 25), (12, 16)),
}  # fmt: skip

WORKED = frozenset({date(2025, 1, 5)})
"""Weekend days that are worked in exchange for a free one."""

FIXED = (
    (1, 1), (1, 2), (3, 8), (3, 21), (3, 22), (3, 23), (5, 1), (5, 7), (5, 9), (7, 6), (10, 25), (12, 16),
)  # fmt: skip
"""State holidays, (month, day), of every year."""
