"""What the services wrote, read from PostgreSQL by its administrator, for the rules and for the report."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import asyncpg

from deploy.oracle.evidence import PASSED_OVER, Course, Told
from deploy.sandbox.books import Books
from deploy.sandbox.people import Citizen
from deploy.sandbox.portal.acts import BESIDE
from shared.contracts.base import Sealer
from shared.engine.columns import from_row
from shared.engine.rows import Due, InboxKey
from shared.engine.service import Audited, Service, Step
from shared.process import SERVICES

DUE = "id, application_id, name, body, headers, due_at, clock, since, attempts, failures, token"


def service_of(name: str) -> Service:
    """The wiring of a service by its name."""
    found = import_module(f"services.{name.replace('-', '_')}.app").SERVICE
    assert isinstance(found, Service)
    return found


class DatabaseEvidence:
    """`Evidence` of one moment: everything is read at once by `gather`; what others tell is added by the `found_…`."""

    over = True
    passed_over: frozenset[str] = frozenset()

    def __init__(self, sealer: Sealer, leap: timedelta) -> None:
        self._sealer, self.leap = sealer, leap
        self._states: dict[str, dict[UUID, Any]] = {}
        self._rows: dict[tuple[str, type[Any]], list[tuple[datetime, Any]]] = {}
        self._audit: dict[str, tuple[list[dict[str, Any]], bytes]] = {}
        self._due: dict[str, list[Due]] = {}
        self._claims: dict[str, dict[str, UUID | None]] = {}
        self._inbox: dict[str, set[InboxKey]] = {}
        self._unsent: dict[str, int] = {}
        self._shown: dict[UUID, list[Told]] = {}
        self._letters: list[str] = []
        self._books: Books | None = None
        self._officers: dict[str, str] | None = None
        self._courses: list[Course] | None = None

    async def gather(self, connection: asyncpg.Connection) -> None:
        for name in SERVICES:
            service = service_of(name)
            rows = await connection.fetch(f"select * from {service.table.name}")
            states = [from_row(service.table.of, dict(row), self._sealer) for row in rows]
            self._states[name] = {state.application_id: state for state in states}
            await self._gather_logs(connection, service)
            await self._gather_engine(connection, service)

    async def _gather_logs(self, connection: asyncpg.Connection, service: Service) -> None:
        for log in service.all_logs:
            rows = await connection.fetch(f"select * from {log.name} order by seq")
            if log.of is Audited:
                head = await connection.fetchval(f"select hash from {service.schema}.head where log = 'audit'")
                self._audit[service.name] = ([dict(row) for row in rows], head)
            else:
                read = [(row["at"], from_row(log.of, dict(row), self._sealer)) for row in rows]
                self._rows[(service.name, log.of)] = read

    async def _gather_engine(self, connection: asyncpg.Connection, service: Service) -> None:
        name, schema = service.name, service.schema
        due = await connection.fetch(f"select {DUE} from {schema}.due order by due_at, id")
        self._due[name] = [Due(**{**row, "headers": json.loads(row["headers"])}) for row in due]
        claims = await connection.fetch(f"select key, owner from {schema}.claim")
        self._claims[name] = {row["key"]: row["owner"] for row in claims}
        inbox = await connection.fetch(f"select exchange, message_id from {schema}.inbox")
        self._inbox[name] = {(row["exchange"], row["message_id"]) for row in inbox}
        self._unsent[name] = await connection.fetchval(f"select count(*) from {schema}.outbox")

    def show(self, id: UUID, told: list[Told]) -> None:
        self._shown[id] = told

    def found_dead(self, letters: list[str]) -> None:
        self._letters = letters

    def found_books(self, books: Books) -> None:
        """What the outside systems hold, read after everything else."""
        self._books = books

    def found_officers(self, regions: dict[str, str]) -> None:
        self._officers = regions

    def found_citizens(self, citizens: Sequence[Citizen]) -> None:
        """Of those whom the portal shows, each is to end as their persona says."""
        self._courses = [
            Course(id, citizen.name, persona, frozenset({persona.ending}), self.passed_over, whole=True)
            if number != BESIDE
            else Course(id, citizen.name, persona, frozenset({None}), whole=False)
            for citizen in citizens
            for id, (number, persona) in citizen.courses().items()
            if id in self._shown
        ]

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

    def steps(self) -> Sequence[Step] | None:
        """The database keeps no order of commits across services: only moments."""
        return None

    def due(self, service: str) -> Sequence[Due]:
        return self._due[service]

    def claims(self, service: str) -> Mapping[str, UUID | None]:
        return self._claims[service]

    def inbox(self, service: str) -> Container[InboxKey]:
        return self._inbox[service]

    def unsent(self, service: str) -> int:
        return self._unsent[service]

    def books(self) -> Books | None:
        return self._books

    def officers(self) -> Mapping[str, str] | None:
        return self._officers

    def courses(self) -> Sequence[Course] | None:
        return self._courses


class AfterTrouble(DatabaseEvidence):
    """What comes after the ending is not told: where answers fail, a change may come late."""

    passed_over = PASSED_OVER
