"""What must hold while it runs: looked at with every commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.process import INTAKE, REVIEW
from tests.simulation.house import House


class Leases(dict[UUID, Any]):
    """Due rows; of those that are gone, or written anew, whose lease they had."""

    def __init__(self) -> None:
        super().__init__()
        self.holders: dict[UUID, UUID | None] = {}

    def __setitem__(self, id: UUID, row: Any) -> None:
        self._note(id)
        super().__setitem__(id, row)

    def pop(self, id: UUID, *default: Any) -> Any:
        self._note(id)
        return super().pop(id, *default)

    def _note(self, id: UUID) -> None:
        if id in self and self[id].row.token is not None:
            self.holders[id] = self[id].row.token


def watch(house: House) -> None:
    """From now on every commit of intake and review is judged as it is made."""
    for tables in house.tables.values():
        tables.due = Leases()
    house.tables[INTAKE].watches.append(_Persons(house).saw)
    house.tables[REVIEW].watches.append(_Leases(house).saw)


class _Persons:
    """At most one live application per person, and an ending that stays."""

    def __init__(self, house: House) -> None:
        self._broken, self._loop = house.chronicle.broken, house.loop
        self._live: dict[str, UUID] = {}
        self._ended: dict[UUID, str] = {}

    def saw(self, id: UUID, row: Mapping[str, Any]) -> None:
        ending, person = row["ending"], row["iin_index"]
        if id in self._ended and self._ended[id] != ending:
            self._broken.append(("one_ending", f"{id} ended {self._ended[id]}, then {ending}"))
        if ending is not None:
            self._ended.setdefault(id, ending)
        if not row["opened"]:
            return
        if ending is not None:
            if self._live.get(person) == id:
                del self._live[person]
        elif self._live.setdefault(person, id) != id:
            self._loop.call_soon(self._judge, person, id)

    def _judge(self, person: str, id: UUID) -> None:
        """Once the whole commit is made: the other may have ended in it."""
        other = self._live.get(person)
        if id in self._ended:
            return
        if other is None:
            self._live[person] = id
        elif other != id:
            self._broken.append(("one_live_application", f"{id} lives beside {other}"))


class _Leases:
    """A decision is signed by who held the lease when it was committed."""

    def __init__(self, house: House) -> None:
        self._broken, self._clock = house.chronicle.broken, house.clock
        self._before: dict[UUID, Mapping[str, Any]] = {}

    def saw(self, id: UUID, row: Mapping[str, Any]) -> None:
        before = self._before.get(id)
        self._before[id] = row
        verdict = json.loads(row["verdict"]) if row["verdict"] else None
        known = json.loads(before["verdict"]) if before and before["verdict"] else None
        if verdict is None or (known and known["decision_id"] == verdict["decision_id"]):
            return
        held = before is not None and (before["lease_officer"], before["lease_token"]) == (
            verdict["officer_id"],
            verdict["lease_token"],
        )
        until = before["lease_until"] if before else None
        if not held or until is None or datetime.fromisoformat(verdict["signed_at"]) > until:
            self._said(f"{id} was decided by {verdict['officer_id']}, who did not hold it")
        if verdict["region"] != row["region"]:
            self._said(f"{id} of {row['region']} was decided in {verdict['region']}")

    def _said(self, what: str) -> None:
        self._broken.append(("decided_by_who_may", what))
