"""The business days of a run: rounds of the demonstration's acts, one after another, with fresh people in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deploy.demo.play import FIRST, SETTINGS
from deploy.sandbox.people import Citizen, crowd
from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import PERSONAS
from shared.engine.decision import ALMATY
from shared.law.calendar import add_working_days

DAYS, DAYS_TO_ACT_3 = 11, 6  # working days of a round; until its deadlines and terms have passed
PILOT_GOES_ON = timedelta(days=3)  # from the first day of the last round
MOST = 4  # rounds: the fee table changes with the year


@dataclass(frozen=True, slots=True)
class Round:
    """`first` is the day of act 1, `third` that of act 3, `end` the day when the last terms have passed (Almaty)."""

    number: int
    last: bool
    first: datetime
    third: datetime
    end: datetime

    @property
    def personas(self) -> Sequence[Persona]:
        """Everybody; the pilot is over in the last round only."""
        return [persona for persona in PERSONAS if self.last or persona.act < 3]

    def crowd(self, seed: int, count: int, first: int) -> tuple[Citizen, ...]:
        return crowd(f"chaos {seed}", self.first.date(), count, self.personas, first)

    def as_said(self, seed: int, count: int, first: int) -> dict[str, object]:
        """The same crowd, as sandbox and portal are told of it."""
        return {
            "seed": f"chaos {seed}",
            "today": self.first.date().isoformat(),
            "count": count,
            "personas": [persona.name for persona in self.personas],
            "first": first,
        }


def rounds(minutes: float) -> tuple[Round, ...]:
    """About four minutes each."""
    count = max(1, min(MOST, int(minutes // 4)))
    return tuple(_round(number, number == count - 1) for number in range(count))


def settings(planned: Sequence[Round]) -> dict[str, str]:
    """The demonstration's terms; the pilot ends in the last round."""
    return {**SETTINGS, "KUALIK_PILOT_LAST": (planned[-1].first.date() + PILOT_GOES_ON).isoformat()}


def _round(number: int, last: bool) -> Round:
    day = add_working_days(FIRST.date(), number * DAYS) if number else FIRST.date()
    later = [add_working_days(day, days) for days in (DAYS_TO_ACT_3, DAYS)]
    return Round(number, last, _at(day), *map(_at, later))


def _at(day: date) -> datetime:
    return datetime.combine(day, FIRST.time(), ALMATY)
