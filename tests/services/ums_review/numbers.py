"""The head's numbers over tables in memory, by the same rules as the SQL."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.ums_review.notes import SignedDecision
from services.ums_review.review import Review
from services.ums_review.seconding import SecondEyes, Unseconded
from services.ums_review.web.tallies import Annulled, Barred, Decided, Held
from shared.engine.adapters.memory_store import MemoryTables
from shared.engine.decision import ALMATY
from shared.engine.service import Audited


@dataclass(frozen=True, slots=True)
class Tallied:
    tables: MemoryTables
    sealer: Any

    async def waiting(self, region: str, officer_index: str, machine_now: datetime) -> list[Held]:
        found = []
        for review in self.tables.all_states(self.sealer).values():
            if not isinstance(review, Review) or review.region != region or review.iin_index == officer_index:
                continue
            if review.standing not in ("QUEUED", "SIGNED"):
                continue
            assert review.submission
            assert review.registration
            assert review.queued_at
            assert review.due_on
            held = review.lease_until is not None and review.lease_until > machine_now
            found.append(
                Held(
                    review.application_id, review.talon or "", review.round, review.submission.received_on,
                    review.queued_at, review.due_on, review.warned, review.standing.value,
                    review.lease_officer if held else None, review.registration.documentation_code,
                )
            )  # fmt: skip
        return sorted(found, key=lambda case: (case.due_on, case.queued_at, str(case.application_id)))

    def _made(self, region: str, since: datetime, until: datetime) -> list[SignedDecision]:
        rows = self.tables.rows_of(SignedDecision, self.sealer)
        return [row for row in rows if row.region == region and since <= row.decided_at < until]

    async def decided(self, region: str, since: datetime, until: datetime) -> list[Decided]:
        every, found = self.tables.rows_of(SignedDecision, self.sealer), dict[str, Counter[str]]()
        for made in self._made(region, since, until):
            counts = found.setdefault(made.officer_id, Counter())
            counts[made.choice] += 1
            counts["overturned"] += any(
                later.application_id == made.application_id and later.round > made.round and later.choice != made.choice
                for later in every
            )
        lines = [Decided(id, c["APPROVE"], c["ANNUL"], c["overturned"]) for id, c in found.items()]
        return sorted(lines, key=lambda line: (-line.all, line.officer_id))

    async def annulled(self, region: str, since: datetime, until: datetime) -> list[Annulled]:
        found: Counter[tuple[Any, str, str]] = Counter()
        for made in self._made(region, since, until):
            day = made.decided_at.astimezone(ALMATY).date()
            for reason in made.reasons if made.choice == "ANNUL" else ():
                found[day - timedelta(days=day.weekday()), made.ground, reason] += 1
        return [Annulled(*key, times) for key, times in sorted(found.items())]

    async def second_eyes(self, region: str) -> bool:
        rows = [row for row in self.tables.rows_of(SecondEyes, self.sealer) if row.region == region]
        return bool(rows) and rows[-1].wanted

    async def barred(self, region: str, officer_index: str) -> list[Barred]:
        states, now = self.tables.all_states(self.sealer), datetime.now(ALMATY)
        refused = [row for row in self.tables.rows_of(Audited, self.sealer) if row.result == "SAME_ADDRESS"]
        found = [(row, states[row.application_id]) for row in reversed(refused)]
        return [
            Barred(now, row.application_id, state.talon or "", row.who.removeprefix("officer:"))
            for row, state in found
            if isinstance(state, Review) and state.region == region and state.iin_index != officer_index
        ]

    async def held(self, region: str, officer_index: str) -> list[Unseconded]:
        states = [state for state in self.tables.all_states(self.sealer).values() if isinstance(state, Review)]
        return [
            Unseconded(state.application_id, state.talon or "", state.verdict.officer_id, state.due_on)
            for state in states
            if state.region == region and state.standing == "SIGNED" and state.iin_index != officer_index
            if state.verdict and state.verdict.held and state.due_on
        ]
