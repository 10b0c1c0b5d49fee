"""What can be switched to go wrong while the sandbox runs: slow answers, errors, lost answers, outages, by system."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SYSTEMS = (
    "kdp", "gbdfl", "bmg", "zags", "address-register", "aissik", "rpdrn", "digital-id", "payment-gateway", "revenue",
    "central-node", "sms", "smtp", "callbacks",
)  # fmt: skip
KEPT = 2_000


class Fault(BaseModel):
    """`delay` in machine seconds before each answer; `error_rate` 0–1 fails before anything is done, `lost_rate` after
    it was done; `outage`: every call fails. `services`: only these services of ШЭП; none named: all of the system.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(pattern="^(" + "|".join(SYSTEMS) + ")$")
    delay: float = Field(0.0, ge=0, le=120)
    error_rate: float = Field(0.0, ge=0, le=1)
    lost_rate: float = Field(0.0, ge=0, le=1)
    outage: bool = False
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to one call."""

    delay: float = 0.0
    fails: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call, without anything that was said in it."""

    at: datetime
    system: str
    what: str
    outcome: str


@dataclass(slots=True)
class Faults:
    """The switches; the same seed and calls fail in the same places."""

    seed: int | str = 0
    switched: dict[str, Fault] = field(default_factory=dict)
    _chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = Random(f"faults {self.seed}")

    def switch(self, fault: Fault) -> None:
        """From now on the system behaves so; a fault with nothing wrong heals it."""
        self.switched[fault.system] = fault

    def weather(self, system: str, service: str = "") -> Weather:
        fault = self.switched.get(system)
        if fault is None or (fault.services and service not in fault.services):
            return Weather()
        fails = fault.outage or self._chance.random() < fault.error_rate
        return Weather(fault.delay, fails, not fails and self._chance.random() < fault.lost_rate)

    def shown(self) -> list[Mapping[str, Any]]:
        return [fault.model_dump() for fault in self.switched.values()]


@dataclass(slots=True)
class Exchanges:
    """The last calls, and counts of all of them by system, what, outcome."""

    last: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def note(self, at: datetime, system: str, what: str, outcome: str) -> None:
        self.last.append(Exchange(at, system, what, outcome))
        self.counts[system, what, outcome] += 1

    def shown(self) -> Mapping[str, Any]:
        counts = [
            {"system": system, "what": what, "outcome": outcome, "count": count}
            for (system, what, outcome), count in sorted(self.counts.items())
        ]
        return {"counts": counts, "last": [{**asdict(each), "at": each.at.isoformat()} for each in self.last]}
