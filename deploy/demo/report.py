"""From evidence to figures: endings as expected, stories seen, durations of the automatic parts, violations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from deploy.demo.evidence import DatabaseEvidence
from deploy.oracle import judge
from deploy.oracle.stories import story_of
from deploy.sandbox.people import Citizen
from services.saga_coordinator.timeline import Happening
from shared.process import COORDINATOR, INTAKE

PARTS = {
    "start to consent asked": ("application-opened", ("consent-requested",)),
    "identity to eligibility": ("identity-confirmed", ("eligibility-confirmed", "eligibility-refused")),
    "form to photo judged": ("form-accepted", ("photo-accepted", "photo-returned")),
    "signature to fee": ("application-submitted", ("fee-requested", "fee-waived")),
    "settled to officers' queue": ("fee-paid", ("review-queued",)),
    "approved to production": ("review-approved", ("production-started",)),
}
AT_THE_DOOR = "at the door"


@dataclass(frozen=True, slots=True)
class Report:
    applications: int
    endings: Mapping[str, int]
    lines: Sequence[tuple[str, int, int, str]]
    unseen: Sequence[str]
    wrong: Sequence[str]
    parts: Mapping[str, tuple[float, float, int]]
    broken: Mapping[str, Sequence[str]]
    unjudged: Mapping[str, str]

    @property
    def violations(self) -> int:
        return sum(map(len, self.broken.values()))

    @property
    def good(self) -> bool:
        return not (self.violations or self.unseen or self.wrong)

    def as_json(self) -> dict[str, Any]:
        return {
            "applications": self.applications,
            "endings": dict(self.endings),
            "violations": {rule: list(found) for rule, found in self.broken.items()},
            "not_judged": dict(self.unjudged),
            "unseen": list(self.unseen),
            "wrong_endings": list(self.wrong),
            "parts_seconds": {part: {"p50": p50, "p99": p99, "count": n} for part, (p50, p99, n) in self.parts.items()},
        }


def report_on(evidence: DatabaseEvidence, citizens: Sequence[Citizen]) -> Report:
    """Every persona's application must have ended as its story says, and have seen what its story needs."""
    said: dict[UUID, set[str]] = defaultdict(set)
    when: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for at, line in evidence.rows(COORDINATOR, Happening):
        if line.what == "heard":
            said[line.application_id].add(line.name)
            when[line.application_id].setdefault(line.name, at)
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wrong: list[str] = []
    unseen: list[str] = []
    started = 0
    states = evidence.states(INTAKE)
    for citizen in citizens:
        for id, (course, persona) in citizen.courses().items():
            if course == -1 or id not in said:
                if course == 0:
                    unseen.append(f"{citizen.name} never began")
                continue
            started += 1
            state = states.get(id)
            ending = state.ending.value if state is not None and state.ending is not None else None
            if persona.ending is None and "application-refused" in said[id]:
                ending = AT_THE_DOOR
            name = persona.ending.value if persona.ending is not None else AT_THE_DOOR
            expected[name] += ending == name
            found[ending or "(none yet)"] += 1
            if ending != name:
                wrong.append(f"{citizen.name} ({id}): {ending} instead of {name}")
            missing = sorted(story_of(persona) - said[id])
            if missing:
                unseen.append(f"{citizen.name} ({id}): never {', '.join(missing)}")
    lines = [(ending, count, expected[ending], "") for ending, count in sorted(found.items())]
    judged = judge(evidence)
    broken = {one.sentence: one.broken for one in judged if not one.not_judged}
    unjudged = {one.sentence: one.not_judged for one in judged if one.not_judged}
    return Report(started, found, lines, unseen, wrong, _parts(when), broken, unjudged)


def _parts(when: Mapping[UUID, Mapping[str, datetime]]) -> dict[str, tuple[float, float, int]]:
    """p50 and p99 in seconds; business time runs as machine time does, and its leaps are not counted."""
    parts = {}
    for name, (begins, ends) in PARTS.items():
        spans = []
        for moments in when.values():
            end = next((moments[kind] for kind in ends if kind in moments), None)
            if begins in moments and end is not None:
                spans.append((end - moments[begins]).total_seconds())
        short = sorted(span for span in spans if 0 <= span < 300)
        if short:
            parts[name] = (short[len(short) // 2], short[min(len(short) - 1, int(len(short) * 0.99))], len(short))
    return parts
