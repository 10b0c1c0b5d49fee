"""The rules in force from the settings of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

from shared.law.limits import limits_from
from shared.law.pilot import Pilot
from shared.law.rules import RULES, Rules
from shared.law.terms import terms_from


class Settled(Protocol):
    """The part of the settings that overrides the law's tables; see shared/settings.py."""

    @property
    def limits(self) -> Mapping[str, object]: ...
    @property
    def terms(self) -> Mapping[str, int]: ...
    @property
    def pilot_first(self) -> date | None: ...
    @property
    def pilot_last(self) -> date | None: ...
    @property
    def poll_seconds(self) -> float | None: ...


def rules_from(settings: Settled, base: Rules = RULES) -> Rules:
    """Raises pydantic's `ValidationError` for an unknown limit or term, `ValueError` for a pilot that ends first."""
    pilot = Pilot(settings.pilot_first or base.pilot.first, settings.pilot_last or base.pilot.last)
    rules = replace(base, limits=limits_from(settings.limits), terms=terms_from(settings.terms), pilot=pilot)
    return replace(rules, poll=timedelta(seconds=settings.poll_seconds)) if settings.poll_seconds else rules
