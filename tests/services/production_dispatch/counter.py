"""The service's HTTP side over a real engine, with the store in memory and a central node that answers as told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

import httpx
from starlette.applications import Starlette

from deploy.sandbox.authority import Authority
from services.production_dispatch.app import SERVICE
from services.production_dispatch.bodies import CardStated
from services.production_dispatch.gateway import World
from services.production_dispatch.messages import RegisterKind
from services.production_dispatch.office import Office
from services.production_dispatch.production import Alert, Production, order_id_of
from services.production_dispatch.registers import RegisterLine, key_of
from services.production_dispatch.routes import production_routes
from services.production_dispatch.signing import payload_of
from services.production_dispatch.store import CardAtPoint, Raised, Register, at_point
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Sealed
from shared.contracts.ums_review import ReviewApproved
from shared.contracts.values import FileRef
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.service import Audited
from shared.engine.work import Context
from shared.security.eds import LocalVerifier
from shared.security.keyring import Keyring
from shared.security.objects import MemoryObjects
from shared.security.sealing import KeyringSealer
from shared.telemetry import Silent
from shared.web.officer_keys import moment_of
from shared.web.officers import Officers
from shared.web.problems import EXCEPTION_HANDLERS
from shared.web.signed import signature_of
from tests.engine.house import Quiet, Wire, until
from tests.services.production_dispatch import cases

KEYS = Keyring.derived(b"counter")
SEALER = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2025-10")
IMAGE = b"\xff\xd8\xff and the rest of a photo"
KEY = b"0123456789abcdef-of-the-centre"
DESK, ELSEWHERE, OPERATIONS, INSPECTOR, ITSELF = "70", "72", "ops", "17", "me"
BIN, IIN = "140940009999", "850101300017"
IINS = {ITSELF: cases.CITIZEN, ELSEWHERE: "850101300072"}
POINTS = {ELSEWHERE: cases.ELSEWHERE, OPERATIONS: None}
AUTHORITY = Authority(datetime.now(UTC), b"desk")
STATED = {"act_id": "out", "person_established": True, "by_proxy": False, "old_card_taken": True}
ROLES = {OPERATIONS: ["operations"], INSPECTOR: ["inspector"]}


class Counter:
    """`caller(id)` knocks as that officer; `approve` lets an officer of review approve an application."""

    def __init__(self, folder: Path) -> None:
        ids = (DESK, ELSEWHERE, OPERATIONS, INSPECTOR, ITSELF)
        accounts = [
            {"id": id, "iin": IINS.get(id, IIN), "bin": BIN, "region": cases.REGION,
             "point": POINTS.get(id, cases.POINT), "roles": ROLES.get(id, ["issue"]),
             "token_sha256": hashlib.sha256(f"token-{id}".encode()).hexdigest()}
            for id in ids
        ]  # fmt: skip
        (folder / "officers.json").write_text(json.dumps(accounts))
        (folder / "offices.json").write_text(json.dumps({cases.REGION: [BIN]}))
        (folder / "production.key").write_bytes(KEY)
        self.clock, self.node, self.wire = SystemClock(), cases.Node(), Wire()
        self.objects = MemoryObjects(KEYS.object_key, SeededIds(3).nonce)
        self.tables = MemoryTables(SERVICE, MemoryPlatform(), self.clock)
        context = Context(SERVICE, MemoryStore(self.tables, SEALER), SEALER, Silent(), blind=KEYS.blind_index)
        ports = Ports(
            context.store, cast(Publisher, self.wire), self.clock, SeededIds(2), World(self.node), Quiet()
        )  # fmt: skip
        self.engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))
        trust = AUTHORITY.trust()
        verifier = LocalVerifier(lambda: trust)
        self.folder = folder
        self.office = Office(self.engine, self, Officers(folder), self.objects, KEYS, folder, verifier)
        self._app = Starlette(routes=production_routes(self.office), exception_handlers=EXCEPTION_HANDLERS)

    def caller(self, id: str = DESK) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer token-{id}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://here", headers=headers)

    async def approve(self, number: int = 1) -> UUID:
        """An approved application; its talon is `talon-<number>`."""
        id, talon = uuid5(UUID(int=9), str(number)), f"talon-{number}"
        photo = FileRef(**(await self.objects.put(IMAGE, "image/jpeg"))._asdict())
        said = ReviewApproved(
            application_id=id, decision_id="d", round=1, officer_id="17", region=cases.REGION, point=cases.POINT,
            talon=talon, certified=Sealed(cases.certified(talon=talon, photo=photo)),
        )  # fmt: skip
        await self.engine.act(said, f"approved/{id}")
        return id

    async def tell(self, id: UUID, what: str, callback_id: str, key: bytes = KEY, **changes: Any) -> httpx.Response:
        """A signed call-back of the centre."""
        body: dict[str, Any] = {"callback_id": callback_id, "order_id": order_id_of(id), "application_id": str(id),
                                "what": what, "at": self.clock.now().isoformat(), **changes}  # fmt: skip
        content = json.dumps(body).encode()
        headers: Mapping[str, str] = {"content-type": "application/json", "x-signature": signature_of(key, content)}
        async with self.caller() as centre:
            return await centre.post("/callbacks/production", content=content, headers=headers)

    async def at_its_point(self, number: int = 1) -> UUID:
        """A card that was made and shipped."""
        id = await self.approve(number)
        await self.tell(id, "MADE", f"made-{number}")
        await self.tell(id, "SHIPPED", f"shipped-{number}", register_id="Р-1")
        await until(lambda: self.state(id).standing == "SHIPPED")
        return id

    def handed(self, id: UUID, who: str = DESK, signer: str = "", **changes: Any) -> dict[str, Any]:
        """The body of a hand-over of that card, signed by the officer `who`, or by `signer` in their place."""
        stated, moment = {**STATED, **changes}, moment_of(self.clock.now())
        covered = payload_of(self.state(id), who, CardStated(**stated), moment)
        cms = AUTHORITY.officer(IINS.get(signer or who, IIN), BIN).sign(covered.canonical())
        return {**stated, "moment": moment.isoformat(), "cms": base64.b64encode(cms).decode()}

    def state(self, id: UUID) -> Production:
        found = self.tables.state_of(id, SEALER)
        assert isinstance(found, Production)
        return found

    def audits(self, id: UUID | None = None) -> list[tuple[str, str, str]]:
        rows = self.tables.rows_of(Audited, SEALER)
        return [(row.who, row.what, row.result) for row in rows if id is None or row.application_id == id]

    async def find_talon(self, talon: str) -> UUID | None:
        states = self.tables.all_states(SEALER).values()
        return next((state.application_id for state in states if state.talon == talon), None)

    async def list_cards(self, point: str, offset: int, limit: int) -> list[CardAtPoint]:
        return at_point(self.tables.all_states(SEALER).values(), point)[offset : offset + limit]

    async def find_register(self, kind: RegisterKind, place: str, day: date) -> Register:
        rows = [row for row in self.tables.rows_of(RegisterLine, SEALER) if row.register == key_of(kind, place, day)]
        return Register(kind, place, day, None, tuple(sorted((row.talon, row.shipment) for row in rows)))

    async def list_alerts(self, offset: int, limit: int) -> list[Raised]:
        at: datetime = self.clock.now()
        rows = [Raised(row.application_id, at, row.what, row.whom, row.detail)
                for row in self.tables.rows_of(Alert, SEALER)]  # fmt: skip
        return rows[::-1][offset : offset + limit]


@asynccontextmanager
async def counter_in(folder: Path) -> AsyncIterator[Counter]:
    counter = Counter(folder)
    await counter.engine.start()
    task = asyncio.create_task(counter.engine.run())
    try:
        yield counter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
