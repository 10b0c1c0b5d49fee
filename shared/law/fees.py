"""The state duty for an identity card, by the day of payment (S15): a share of the МРП, in whole tenge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from hashlib import sha256

from shared.law.dated import NotInForce, rows_in_force
from shared.law.pilot import Reason
from shared.law.tax_code import TAX_CODES, Norm, tax_code_on

KBK = "108126"
"""Code of the budget classification: local budget, duty for identity cards."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A line of the fee table. `index` is the МРП of its year in tenge; no reasons means: every reason."""

    rule: str
    valid_from: date
    valid_until: date | None
    index: int
    share: Decimal
    reasons: tuple[Reason, ...] = ()

    @property
    def amount(self) -> int:
        """Whole tenge; the fraction is dropped, never rounded up (786.4 → 786)."""
        return int((self.index * self.share).to_integral_value(ROUND_DOWN))


@dataclass(frozen=True, slots=True)
class Fee:
    """What is due on a day. `amount` in whole tenge; zero means that nothing is asked of anybody."""

    amount: int
    rule: str
    legal_ground: Norm
    valid_from: date
    valid_until: date | None
    kbk: str = KBK


FIFTH = Decimal("0.2")
# A line that names reasons stands before the line of its year that names none.
RATES = (
    Rate("CARD_2024", date(2024, 1, 1), date(2024, 12, 31), 3692, FIFTH),
    Rate("CARD_2025", date(2025, 1, 1), date(2025, 12, 31), 3932, FIFTH),
    Rate("EXPIRY_2026_FREE", date(2026, 1, 1), None, 4325, Decimal(0), (Reason.EXPIRY, Reason.FIRST)),
    Rate("CARD_2026", date(2026, 1, 1), date(2026, 12, 31), 4325, FIFTH),
)


def fee_on(day: date, reason: Reason, rates: Sequence[Rate] = RATES) -> Fee:
    """The duty of that day. Raises `NotInForce` when the table does not reach it."""
    for rate in rows_in_force(rates, day):
        if not rate.reasons or reason in rate.reasons:
            return Fee(rate.amount, rate.rule, tax_code_on(day).rate, rate.valid_from, rate.valid_until)
    raise NotInForce(f"no duty for {reason.value} is known on {day.isoformat()}")


def table_version(day: date, rates: Sequence[Rate] = RATES) -> str:
    """Changes on the day the table changes, and when its lines are edited: an invoice of another version is dead."""
    lines = repr((rows_in_force(rates, day), rows_in_force(TAX_CODES, day)))
    return sha256(lines.encode()).hexdigest()[:12]
