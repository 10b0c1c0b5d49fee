"""The issue desk's pages over a counter in memory, with the real issuer beside them and a browser without a script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from starlette.applications import Starlette

from deploy.identity.__main__ import application
from deploy.identity.accounts import FOLDER, generate
from deploy.identity.issuer import KEY
from deploy.identity.settings import IdentitySettings
from deploy.sandbox.keys import OfficerAccount, keep_first
from services.production_dispatch.api import Counter as Calls
from services.production_dispatch.production import Alert, Production, Standing
from services.production_dispatch.registers import RegisterLine
from services.production_dispatch.web import pages_of
from services.production_dispatch.web.counter import HERE, HOME, IssueDesk
from services.production_dispatch.web.lookups import Listed, Shipment, Waiting
from shared.clock import SeededIds
from shared.security.evidence import KeptSignature
from shared.web.gate import SESSION, Gate
from shared.web.held_sessions import HeldSessions
from shared.web.knocks import recording
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Role
from shared.web.oidc import BY_KEY, Issuer
from shared.web.parts import routes_behind
from shared.web.problems import EXCEPTION_HANDLERS
from shared.web.sessions import Session
from shared.web.site import Site
from tests.engine.house import Quiet
from tests.services.production_dispatch import cases
from tests.services.production_dispatch.counter import AUTHORITY, BIN, DESK, IIN, SEALER, Counter, counter_in
from tests.services.ums_review.console import _KEY, AT, ISSUER, Browser


class Keys:
    """Software keys of the desk's officers; `broken` ones sign something else."""

    broken = False

    async def sign(self, officer_id: str, payload: bytes, moment: datetime) -> bytes:
        return AUTHORITY.officer(IIN, BIN).sign(b"something else" if self.broken else payload)


class Visitor(Browser):
    """A browser that signs in at the issue desk."""

    async def sign_in(self, id: str = DESK, password: str | None = None, home: str = HOME) -> httpx.Response:
        return await super().sign_in(id, password, home)


class House:
    """A counter with its pages and issuer; what the pages look up is read from the tables in memory."""

    def __init__(
        self, counter: Counter, passwords: dict[str, str], at: str = AT, issuer_at: str = ISSUER, ncalayer: str = ""
    ) -> None:
        self.counter, self.passwords, self.sessions, self.keys = counter, passwords, HeldSessions(), Keys()
        self.at, self.issuer_at, returns = at, issuer_at, f"{at}{HOME}/signed-in"
        self.clients: list[httpx.AsyncClient] = []
        settings = IdentitySettings(key_folder=counter.folder, issuer_url=issuer_at, issuer_returns=returns)
        self.identity = application(settings, self.keys, counter.office.verifier)
        wire = self.client({issuer_at: httpx.ASGITransport(self.identity)})
        issuer = Issuer(issuer_at, "kualik-console", wire, acr=BY_KEY)
        site = Site(HERE, HOME, connects=(ncalayer,) if ncalayer else ())
        gate = Gate(
            site, self.sessions, counter.office.officers, issuer, counter.clock, SeededIds(9).nonce,
            Quiet(), at, recording(counter.engine),
        )  # fmt: skip
        keys = OfficerKeys(None if ncalayer else self.keys, ncalayer)
        self.desk = IssueDesk(counter.office, Calls(counter.office), gate, self, keys)
        self.pages = pages_of(self.desk)
        self.app = Starlette(routes=routes_behind(gate, self.pages), exception_handlers=EXCEPTION_HANDLERS)

    def mounts(self) -> dict[str, Any]:
        """Ways to the desk and to the issuer without a port."""
        return {self.at: httpx.ASGITransport(self.app), self.issuer_at: httpx.ASGITransport(self.identity)}

    def client(self, mounts: dict[str, Any], **settings: Any) -> httpx.AsyncClient:
        """One that is closed with the house."""
        self.clients.append(httpx.AsyncClient(mounts=mounts, **settings))
        return self.clients[-1]

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()

    def browser(self, language: str = "ru") -> Visitor:
        return Visitor(self, language)

    async def signed_in(self, id: str = DESK, role: Role = Role.ISSUE, region: str = cases.REGION) -> Visitor:
        """A browser with a session of that account, begun behind the issuer's back."""
        now = self.counter.clock.machine_now()
        session = Session(f"session-{id}", id, region, frozenset({role.value}), f"csrf-{id}", now)
        await self.sessions.begin(session)
        browser = self.browser()
        browser.http.cookies.set(SESSION, session.id, domain="console.test")
        return browser

    def _lines(self, register: str | None = None) -> list[RegisterLine]:
        rows = self.counter.tables.rows_of(RegisterLine, SEALER)
        return [row for row in rows if register in (None, row.register)]

    def _state(self, id: UUID) -> Production:
        return self.counter.state(id)

    async def list_shipments(self, point: str, registers: Sequence[str]) -> list[Shipment]:
        found: dict[tuple[str, str], set[UUID]] = {}
        for line in self._lines():
            if line.register in registers and self._state(line.application_id).point == point:
                found.setdefault((line.register, line.shipment), set()).add(line.application_id)
        return [
            Shipment(*key, len(ids), sum(self._state(id).standing is Standing.SHIPPED for id in ids))
            for key, ids in sorted(found.items())
        ]

    async def list_shipment(self, point: str, register: str, shipment: str) -> list[Listed]:
        lines = {line.application_id: line for line in self._lines(register) if line.shipment == shipment}
        found = [(line, self._state(id)) for id, line in lines.items()]
        mine = [Listed(s.application_id, line.talon, s.standing.value) for line, s in found if s.point == point]
        return sorted(mine, key=lambda card: card.talon)

    async def list_waiting(self, point: str, until: date, offset: int, limit: int) -> list[Waiting]:
        states = [state for state in self.counter.tables.all_states(SEALER).values() if isinstance(state, Production)]
        waiting = [
            Waiting(s.talon or "", s.standing.value, s.ready_on, s.collect_until)
            for s in states
            if s.point == point and s.standing in ("READY", "UNCOLLECTED") and s.ready_on and s.ready_on <= until
        ]
        return sorted(waiting, key=lambda card: (card.ready_on, card.talon))[offset : offset + limit]

    async def differences(self, applications: Sequence[UUID]) -> dict[UUID, str]:
        rows = self.counter.tables.rows_of(Alert, SEALER)
        return {
            row.application_id: row.what.removeprefix("SHIPMENT_")
            for row in rows
            if row.what.startswith("SHIPMENT_") and row.application_id in applications
        }

    async def signed(self, application_id: UUID) -> str | None:
        kept = [r for r in self.counter.tables.rows_of(KeptSignature, SEALER) if r.application_id == application_id]
        return kept[-1].payload_sha256 if kept else None


@asynccontextmanager
async def house_in(folder: Path, at: str = AT, issuer_at: str = ISSUER, ncalayer: str = "") -> AsyncIterator[House]:
    async with counter_in(folder) as counter:
        accounts = json.loads((folder / "officers.json").read_text())
        officers = [
            OfficerAccount(a["id"], a["iin"], a["bin"], a["region"], a["point"], tuple(a["roles"]), "")
            for a in accounts
        ]  # fmt: skip
        (folder / FOLDER).mkdir(mode=0o700)
        keep_first(folder / FOLDER / KEY, _KEY)
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        house = House(counter, generate(folder, officers, cheap), at, issuer_at, ncalayer)
        try:
            yield house
        finally:
            await house.close()
