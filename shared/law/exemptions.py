"""Who pays no state duty for an identity card (S14): the categories of the Tax Code, by the day of payment.

A category is as personal as a diagnosis: payment alone keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.law.dated import rows_in_force
from shared.law.tax_code import Norm, tax_code_on


class Category(StrEnum):
    HERO = "HERO"
    MOTHER_LARGE = "MOTHER_LARGE"
    VETERAN = "VETERAN"
    HOME_FRONT = "HOME_FRONT"
    DISABLED = "DISABLED"
    PARENT_DISABLED = "PARENT_DISABLED"
    ELDERLY_INSTITUTION = "ELDERLY_INSTITUTION"
    ORPHAN = "ORPHAN"
    CHERNOBYL = "CHERNOBYL"


@dataclass(frozen=True, slots=True)
class SocialStatus:
    """What АИС СИК says of a person: a code and the days it holds, both inclusive; an open end is None."""

    code: str = field(repr=False)
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    category: Category
    valid_from: date
    valid_until: date | None = None


# Art. 622 p.4 of the Code of 2017; art. 671 of the Code of 2025 is carried with the same list. Pensioners as such pay.
EXEMPTIONS = tuple(Exemption(category, date(2018, 1, 1)) for category in Category)


def exempt_on(
    day: date, statuses: Iterable[SocialStatus], exemptions: Sequence[Exemption] = EXEMPTIONS
) -> Category | None:
    """The first category of the list that holds on the day, or None: codes that the law does not name exempt nobody."""
    held = {status.code for status in statuses if _holds(status, day)}
    return next((row.category for row in rows_in_force(exemptions, day) if row.category.value in held), None)


def exemption_ground(day: date) -> Norm:
    """Art. 622 p.4 until the end of 2025, art. 671 of the new Code from then on."""
    return tax_code_on(day).exemption


def _holds(status: SocialStatus, day: date) -> bool:
    begun = status.valid_from is None or status.valid_from <= day
    return begun and (status.valid_until is None or day <= status.valid_until)
