"""The rules in force from the settings of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

from shared.law.budgets import budgets_from
from shared.law.limits import limits_from
from shared.law.pilot import Pilot
from shared.law.rules import RULES, Rules
from shared.law.terms import terms_from


class Settled(Protocol):
    """The part of the settings that overrides the law's tables; see shared/settings.py."""

    @property
    def limits(self) -> Mapping[str, object]: ...
    @property
    def budgets(self) -> Mapping[str, object]: ...
    @property
    def terms(self) -> Mapping[str, int]: ...
    @property
    def pilot_first(self) -> date | None: ...
    @property
    def pilot_last(self) -> date | None: ...
    @property
    def poll_seconds(self) -> float | None: ...


def rules_from(settings: Settled, base: Rules = RULES) -> Rules:
    """Raises `ValidationError` for an unknown limit, budget or term, `ValueError` for a pilot that ends first."""
    pilot = Pilot(settings.pilot_first or base.pilot.first, settings.pilot_last or base.pilot.last)
    limits, budgets, terms = limits_from(settings.limits), budgets_from(settings.budgets), terms_from(settings.terms)
    rules = replace(base, limits=limits, budgets=budgets, terms=terms, pilot=pilot)
    return replace(rules, poll=timedelta(seconds=settings.poll_seconds)) if settings.poll_seconds else rules
