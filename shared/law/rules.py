"""The dated tables and limits in force, as one value that every decision is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from shared.law.budgets import Budgets
from shared.law.calendar import NONE, Overrides
from shared.law.limits import Limits
from shared.law.pilot import PILOT, Pilot
from shared.law.terms import Terms


@dataclass(frozen=True, slots=True)
class Rules:
    """`poll` is machine time between two looks at an answer that is awaited (consent, session, call-back)."""

    limits: Limits = field(default_factory=Limits)
    pilot: Pilot = PILOT
    terms: Terms = field(default_factory=Terms)
    calendar: Overrides = NONE
    poll: timedelta = timedelta(seconds=2)
    budgets: Budgets = field(default_factory=Budgets)


RULES = Rules()
