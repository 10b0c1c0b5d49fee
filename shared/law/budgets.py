"""How long each stage of an application may take before it is stuck, in one dated table [D]: shown, and driven again.

A stage that waits for a person, or for the production centre, has its own term (a limit, working days); its budget is
what the service may take to act when that term is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from shared.law.dated import row_in_force


@dataclass(frozen=True, slots=True)
class Budgets:
    """Machine time."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    valid_from: date = date.min
    valid_until: date | None = None

    opened: timedelta = timedelta(minutes=2)  # S1: КДП is asked
    consent: timedelta = timedelta(minutes=5)  # S1, S2: after the citizen's ten minutes
    identification: timedelta = timedelta(minutes=5)  # S3: after the citizen's fifteen
    identified: timedelta = timedelta(minutes=3)  # S4–S7
    form: timedelta = timedelta(minutes=2)  # S8, S9: after the citizen's day
    form_accepted: timedelta = timedelta(minutes=3)  # S10, S11
    signing: timedelta = timedelta(minutes=2)  # S12: after the citizen's day
    submitted: timedelta = timedelta(minutes=5)  # S13
    registered: timedelta = timedelta(minutes=5)  # S14, S15
    payment: timedelta = timedelta(minutes=5)  # S15: after the citizen's day
    settled: timedelta = timedelta(minutes=5)  # S16
    requested: timedelta = timedelta(minutes=2)  # S17: into the queue
    review: timedelta = timedelta(minutes=5)  # S17: after the officers' working days
    approved: timedelta = timedelta(minutes=5)  # S18: the order is placed
    returned: timedelta = timedelta(minutes=2)  # S18 → S17: back into the queue
    production: timedelta = timedelta(minutes=5)  # S18: after the centre's working days
    delivery: timedelta = timedelta(minutes=5)  # S18 → S19: after the working days of delivery
    collection: timedelta = timedelta(minutes=5)  # S19: after the days the card waits
    story: timedelta = timedelta(minutes=2)  # one step of a story
    telling: timedelta = timedelta(minutes=5)  # the citizen is told of the ending
    refund: timedelta = timedelta(minutes=5)  # after the revenue authority's working days
    rarest: timedelta = timedelta(hours=1)  # between two drives, once they have become rare

    def of(self, stage: str) -> timedelta:
        """Raises `LookupError` for what is no stage of this table."""
        if stage not in STAGES:
            raise LookupError(f"no budget for {stage}")
        budget: timedelta = getattr(self, stage)
        return budget


STAGES = frozenset(each.name for each in fields(Budgets)) - {"valid_from", "valid_until", "rarest"}
BUDGETS = (Budgets(),)
_BUDGETS: TypeAdapter[Budgets] = TypeAdapter(Budgets)


def budgets_on(day: date, table: tuple[Budgets, ...] = BUDGETS) -> Budgets:
    """The budgets of that day."""
    return row_in_force(table, day)


def budgets_from(settings: Mapping[str, object], base: Budgets = BUDGETS[-1]) -> Budgets:
    """`base` with some lines set anew: seconds or ISO 8601 (`PT5M`). Raises pydantic's `ValidationError`."""
    return _BUDGETS.validate_python({**asdict(base), **settings})
