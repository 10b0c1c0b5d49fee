"""What the search finds over tables in memory, by the same rules as the SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.ums_review.finding import MOST_FOUND, Earlier
from services.ums_review.review import Review
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
