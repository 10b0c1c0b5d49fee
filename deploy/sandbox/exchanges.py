"""What was exchanged with the systems: the last calls and call-backs, masked, and counts of all of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from deploy.sandbox.masking import masked

KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call or call-back at the business time `at`. What was `asked` and `answered` is masked."""

    at: datetime
    system: str
    what: str
    outcome: str
    asked: str = ""
    answered: str = ""


@dataclass(slots=True)
class Exchanges:
    """The last calls, and counts of all of them by system, what, outcome."""

    last: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def note(self, at: datetime, system: str, what: str, outcome: str, asked: Any = None, answered: Any = None) -> None:
        self.last.append(Exchange(at, system, what, outcome, masked(asked), masked(answered)))
        self.counts[system, what, outcome] += 1

    def latest(self, system: str = "", most: int = KEPT) -> list[Exchange]:
        """The newest first, of one system or of all."""
        found = [each for each in reversed(self.last) if system in ("", each.system)]
        return found[:most]

    def tally(self, system: str) -> Counter[str]:
        """How often each outcome came about."""
        found: Counter[str] = Counter()
        for (of, _, outcome), count in self.counts.items():
            if of == system:
                found[outcome] += count
        return found

    def shown(self, system: str = "", most: int = KEPT) -> Mapping[str, Any]:
        """Counts, and the latest in the order in which they came."""
        counts = [
            {"system": of, "what": what, "outcome": outcome, "count": count}
            for (of, what, outcome), count in sorted(self.counts.items())
            if system in ("", of)
        ]
        last = [{**asdict(each), "at": each.at.isoformat()} for each in reversed(self.latest(system, most))]
        return {"counts": counts, "last": last}
