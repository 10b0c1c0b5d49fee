"""The auditor's record over tables in memory, by the same rules as the SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from services.ums_review.review import Review
from services.ums_review.web.records import WENT, Chain, Line, Wanted
from shared.engine.adapters.memory_store import MemoryTables
from shared.engine.audit import verify

LOG = "ums_review.audit"


@dataclass(frozen=True, slots=True)
class Recorded:
    tables: MemoryTables
    sealer: Any

    async def lines(
        self, region: str, reader_index: str, people: Collection[str], wanted: Wanted, limit: int
    ) -> list[Line]:
        rows = sorted(self.tables.logs[LOG], key=lambda row: (row["at"], row["seq"]), reverse=True)
        before = next(((row["at"], row["seq"]) for row in rows if row["seq"] == wanted.before), None)
        found = []
        for row in rows:
            review = self.tables.state_of(row["application_id"], self.sealer)
            assert isinstance(review, Review)
            mine = review.region == region and review.iin_index != reader_index
            holds = (
                (mine or (review.region is None and row["who"] in people))
                and wanted.application in (None, row["application_id"])
                and (not wanted.officer or row["who"] == f"officer:{wanted.officer}")
                and (wanted.since is None or row["at"] >= wanted.since)
                and (wanted.until is None or row["at"] < wanted.until)
                and not (wanted.refused and (row["result"] in WENT or row["result"].startswith("to:")))
                and (wanted.before is None or (before is not None and (row["at"], row["seq"]) < before))
            )
            if holds:
                told = {name: row[name] for name in ("seq", "at", "application_id", "who", "where", "what", "result")}
                found.append(Line(talon=review.talon, **told))
        return found[:limit]

    async def chain(self) -> Chain:
        rows = self.tables.logs[LOG]
        return Chain(len(rows), verify(rows))
