"""What the search finds and the streams look at, over tables in memory, by the same rules as the SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.ums_review.finding import MOST_FOUND, Earlier
from services.ums_review.review import UNDECIDED, Review
from services.ums_review.web.live import Standing
from shared.engine.adapters.memory_store import MemoryTables


class Findings:
    def __init__(self, tables: MemoryTables, sealer: Any) -> None:
        self._tables, self._sealer = tables, sealer

    async def by_talon(self, region: str, talon: str) -> list[Earlier]:
        return self._found(region, 1, lambda review: review.talon == talon)

    async def of_person(self, region: str, iin_index: str) -> list[Earlier]:
        return self._found(region, MOST_FOUND, lambda review: review.iin_index == iin_index)

    async def of_name(self, region: str, name_index: str, officer_index: str) -> list[Earlier]:
        return self._found(
            region, MOST_FOUND + 1,
            lambda review: name_index in review.name_indexes and review.iin_index != officer_index,
        )  # fmt: skip

    def _found(self, region: str, most: int, fits: Callable[[Review], bool]) -> list[Earlier]:
        return found_among(list(self._tables.all_states(self._sealer).values()), region, most, fits)


def found_among(
    reviews: list[Review], region: str, most: int, fits: Callable[[Review], bool]
) -> list[Earlier]:  # fmt: skip
    found = [
        Earlier(review.application_id, review.talon or "", review.queued_at, review.standing.value)
        for review in reviews
        if review.round and review.queued_at and review.region == region and fits(review)
    ]
    found.sort(key=lambda case: str(case.application_id))
    return sorted(found, key=lambda case: case.queued_at, reverse=True)[:most]


@dataclass(frozen=True, slots=True)
class Looking:
    tables: MemoryTables
    sealer: Any

    async def leases(self, cases: Collection[UUID]) -> dict[UUID, Standing]:
        states = {id: state for id, state in self.tables.all_states(self.sealer).items() if id in cases}
        return {id: Standing(r.standing.value, r.lease_officer, r.lease_until) for id, r in states.items()}

    async def waiting(self, regions: Collection[str], machine_now: datetime) -> dict[str, Any]:
        found: Counter[tuple[str, str, str]] = Counter()
        for review in self.tables.all_states(self.sealer).values():
            if review.region in regions and review.standing in UNDECIDED:
                held = review.lease_until is not None and review.lease_until > machine_now
                found[review.region, review.standing.value, review.lease_officer if held else ""] += 1
        ordered = sorted(found, key=lambda of: (of[:2], not of[2], of[2]))  # SQL has nobody last
        return {
            region: [(standing, holder or None, found[of, standing, holder])
                     for of, standing, holder in ordered if of == region]
            for region in regions
        }  # fmt: skip
