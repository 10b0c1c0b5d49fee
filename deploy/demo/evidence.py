"""What the services wrote, read from PostgreSQL by its administrator, for the rules and for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import asyncpg

from deploy.oracle.evidence import Told
from shared.contracts.base import Sealer
from shared.engine.columns import from_row
from shared.engine.service import Audited, Service
from shared.process import SERVICES


def service_of(name: str) -> Service:
    """The wiring of a service by its name."""
    found = import_module(f"services.{name.replace('-', '_')}.app").SERVICE
    assert isinstance(found, Service)
    return found


class DatabaseEvidence:
    """`Evidence` of one moment: everything is read at once by `gather`."""

    def __init__(self, sealer: Sealer, leap: timedelta) -> None:
        self._sealer, self.leap = sealer, leap
        self._states: dict[str, dict[UUID, Any]] = {}
        self._rows: dict[tuple[str, type[Any]], list[tuple[datetime, Any]]] = {}
        self._audit: dict[str, tuple[list[dict[str, Any]], bytes]] = {}
        self._shown: dict[UUID, list[Told]] = {}
        self._letters: list[str] = []

    async def gather(self, connection: asyncpg.Connection) -> None:
        for name in SERVICES:
            service = service_of(name)
            rows = await connection.fetch(f"select * from {service.table.name}")
            states = [from_row(service.table.of, dict(row), self._sealer) for row in rows]
            self._states[name] = {state.application_id: state for state in states}
            for log in service.all_logs:
                rows = await connection.fetch(f"select * from {log.name} order by seq")
                if log.of is Audited:
                    head = await connection.fetchval(f"select hash from {service.schema}.head where log = 'audit'")
                    self._audit[name] = ([dict(row) for row in rows], head)
                else:
                    read = [(row["at"], from_row(log.of, dict(row), self._sealer)) for row in rows]
                    self._rows[(name, log.of)] = read

    def show(self, id: UUID, told: list[Told]) -> None:
        self._shown[id] = told

    def found_dead(self, letters: list[str]) -> None:
        self._letters = letters

    def states(self, service: str) -> Mapping[UUID, Any]:
        return self._states[service]

    def rows(self, service: str, of: type[Any]) -> Sequence[tuple[datetime, Any]]:
        return self._rows.get((service, of), [])

    def audit(self, service: str) -> tuple[Sequence[Mapping[str, Any]], bytes]:
        return self._audit[service]

    def shown(self) -> Mapping[UUID, Sequence[Told]]:
        return self._shown

    def dead_letters(self) -> Sequence[str]:
        return self._letters
