"""Which Tax Code speaks of the state duty on a day, and how it is named to people (S14, S15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from shared.law.dated import row_in_force


class Norm(StrEnum):
    """A norm that a charge or a waiver stands on."""

    RATE_2017 = "tax-code-2017-art-615"
    EXEMPTION_2017 = "tax-code-2017-art-622-4"
    RATE_2025 = "tax-code-2025-art-662-672"
    EXEMPTION_2025 = "tax-code-2025-art-671"


@dataclass(frozen=True, slots=True)
class TaxCode:
    valid_from: date
    valid_until: date | None
    rate: Norm
    exemption: Norm


# The order still names art. 622; from 2026 its place is taken by art. 671 of the new Code.
TAX_CODES = (
    TaxCode(date(2018, 1, 1), date(2025, 12, 31), Norm.RATE_2017, Norm.EXEMPTION_2017),
    TaxCode(date(2026, 1, 1), None, Norm.RATE_2025, Norm.EXEMPTION_2025),
)

WORDING = {
    "ru": {
        Norm.RATE_2017: "статья 615 Налогового кодекса от 25.12.2017 № 120-VI",
        Norm.EXEMPTION_2017: "пункт 4 статьи 622 Налогового кодекса от 25.12.2017 № 120-VI",
        Norm.RATE_2025: "статьи 662–672 Налогового кодекса от 18.07.2025 № 214-VIII",
        Norm.EXEMPTION_2025: "статья 671 Налогового кодекса от 18.07.2025 № 214-VIII",
    },
    "kk": {
        Norm.RATE_2017: "25.12.2017 жылғы № 120-VI Салық кодексінің 615-бабы",
        Norm.EXEMPTION_2017: "25.12.2017 жылғы № 120-VI Салық кодексі 622-бабының 4-тармағы",
        Norm.RATE_2025: "18.07.2025 жылғы № 214-VIII Салық кодексінің 662–672-баптары",
        Norm.EXEMPTION_2025: "18.07.2025 жылғы № 214-VIII Салық кодексінің 671-бабы",
    },
}


REFUND_WORDING = {
    "ru": (
        "статьи 101, 103 и 108 Налогового кодекса от 25.12.2017 № 120-VI",
        "Налоговый кодекс от 18.07.2025 № 214-VIII",
    ),
    "kk": (
        "25.12.2017 жылғы № 120-VI Салық кодексінің 101, 103 және 108-баптары",
        "18.07.2025 жылғы № 214-VIII Салық кодексі",
    ),
}
"""Before 2026 and from then on: which article of the new Code it is has not been confirmed, so none is named."""


def tax_code_on(day: date) -> TaxCode:
    """Raises `NotInForce` before 2018."""
    return row_in_force(TAX_CODES, day)


def wording(norm: Norm, locale: Literal["ru", "kk"]) -> str:
    """The norm as it is named to a citizen."""
    return WORDING[locale][norm]


def refund_wording(day: date, locale: Literal["ru", "kk"]) -> str:
    """By which norm a duty paid goes back when this is claimed on that day. Raises `NotInForce` before 2018."""
    old, new = REFUND_WORDING[locale]
    return old if tax_code_on(day).rate is Norm.RATE_2017 else new
