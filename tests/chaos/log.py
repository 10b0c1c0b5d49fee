"""The log of victims: who fell, when, until when; what of it excuses a wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.chaos.schedule import SERVERS, Kind, To
from tests.chaos.times import Window

EXCUSED = (Kind.KILLED, Kind.STOPPED, Kind.OUTLIVED, *SERVERS)
"""Down by themselves; a black hole excuses too, on the ways that a hand-over goes."""


@dataclass(slots=True)
class Fallen:
    """One victim. `until` None: it still lasts. `count` is of what was lost: connections, committed rows."""

    kind: Kind
    name: str
    at: datetime
    to: To | None = None
    words: str = ""
    until: datetime | None = None
    count: int = 0

    def rose(self, at: datetime | None = None) -> None:
        if self.until is None:
            self.until = at or datetime.now(UTC)


@dataclass(slots=True)
class Log:
    """Everyone who fell, in that order."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    fallen: list[Fallen] = field(default_factory=list)

    def fell(self, kind: Kind, name: str, to: To | None = None, words: str = "") -> Fallen:
        victim = Fallen(kind, name, datetime.now(UTC), to, words)
        self.fallen.append(victim)
        return victim

    @property
    def lasting(self) -> Sequence[Fallen]:
        """Who is down now."""
        return [victim for victim in self.fallen if victim.until is None]

    @property
    def kinds(self) -> Mapping[Kind, int]:
        counted = Counter(victim.kind for victim in self.fallen)
        return {kind: counted[kind] for kind in Kind if counted[kind]}

    def windows(self) -> list[Window]:
        """What excuses a wait: servers for all, a service and the black holes to its servers for itself."""
        found = []
        for victim in self.fallen:
            on_the_way = victim.kind is Kind.HOLE and victim.to in (To.BROKER, To.DATABASE)
            if victim.kind in EXCUSED or on_the_way:
                name = None if victim.kind in SERVERS else victim.name
                found.append(Window(victim.at, victim.until or datetime.max.replace(tzinfo=UTC), name))
        return found

    def as_json(self) -> list[dict[str, Any]]:
        """Moments as seconds since the beginning."""
        return [
            {
                "at": self.seconds(victim.at),
                "until": self.seconds(victim.until) if victim.until else None,
                "kind": victim.kind.value,
                "name": victim.name,
                "to": victim.to.value if victim.to else None,
                "what": victim.words,
                "count": victim.count,
            }
            for victim in self.fallen
        ]

    def seconds(self, at: datetime) -> float:
        return round((at - self.began).total_seconds(), 2)
