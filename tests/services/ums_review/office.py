"""An officers' desk over a real engine, with the store in memory, real signatures and images in envelopes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

import httpx
from starlette.applications import Starlette

from deploy.sandbox.authority import Authority
from services.ums_review.app import SERVICE
from services.ums_review.deciding import payload
from services.ums_review.desk import Room, nobody_watches
from services.ums_review.gateway import World
from services.ums_review.review import Review
from services.ums_review.routes import review_routes
from services.ums_review.store import Waiting, Whose, listed
from services.ums_review.urgency import EVER, Days
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Message, Sealed
from shared.contracts.ums_review import AnnulmentGround, Choice
from shared.contracts.values import FileRef
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.service import Audited
from shared.engine.work import Context
from shared.law.address import address_index
from shared.law.limits import Limits
from shared.law.rules import Rules
from shared.security.eds import LocalVerifier
from shared.security.keyring import Keyring
from shared.security.objects import MemoryObjects
from shared.security.sealing import KeyringSealer
from shared.telemetry import Silent
from shared.web.knocks import recording
from shared.web.officers import Officers
from shared.web.problems import EXCEPTION_HANDLERS
from tests.engine.house import Quiet, Wire, until
from tests.law.people import a_person, an_address
from tests.services.ums_review import cases
from tests.services.ums_review.findings import Findings
from tests.services.ums_review.numbers import Tallied

KEYS = Keyring.derived(b"office")
SEALER = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2026-01")
BIN = "140940009999"
IINS = {
    "h": "850101300099",
    "17": "850101300017",
    "18": "850101300018",
    "70": "850101300070",
    "75": "850101300075",
    "a": "850101300101",
    "au": "850101300102",
    "me": cases.CITIZEN,
}
REGIONS = {"75": "75"}
ROLES = {"70": ["issue"], "h": ["head"], "a": ["administrator"], "au": ["auditor"]}
HOME = an_address(street="ҮЛГІ КӨШЕСІ", building="7", flat="12")
AT_HOME = {"18": address_index(HOME, KEYS.blind_index)}
"""Nobody who arrives lives there, unless the test says so."""
IMAGE = b"\xff\xd8\xff and the rest of a photo"
_AUTHORITY = Authority(datetime.now(UTC), b"office")


class Office:
    """`caller(id)` knocks as that officer; `arrive` brings a whole application into review."""

    def __init__(self, folder: Path, undo: timedelta, **limits: Any) -> None:
        accounts = [
            {"id": id, "iin": iin, "bin": BIN, "region": REGIONS.get(id, cases.REGION), "point": None,
             "roles": ROLES.get(id, ["inspector"]), "token_sha256": hashlib.sha256(f"token-{id}".encode()).hexdigest(),
             "address_index": AT_HOME.get(id)}
            for id, iin in IINS.items()
        ]  # fmt: skip
        (folder / "officers.json").write_text(json.dumps(accounts))
        (folder / "offices.json").write_text(json.dumps({region: [BIN] for region in (cases.REGION, "75")}))
        self.folder = folder
        self.clock = SystemClock()
        self.objects = MemoryObjects(KEYS.object_key, SeededIds(3).nonce)
        self.tables = MemoryTables(SERVICE, MemoryPlatform(), self.clock)
        self.wire = Wire()
        rules = Rules(limits=Limits(decision_undo=undo, **limits))
        context = Context(SERVICE, MemoryStore(self.tables, SEALER), SEALER, Silent(), rules, KEYS.blind_index)
        self.trust = _AUTHORITY.trust()
        verifier = LocalVerifier(lambda: self.trust)
        tallied = Tallied(self.tables, SEALER)
        world = World(Officers(folder), verifier, tallied.second_eyes)
        ports = Ports(context.store, cast(Publisher, self.wire), self.clock, SeededIds(2), world, Quiet())
        self.engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))
        self.watched: Callable[[], None] = nobody_watches
        self.room = Room(
            self.engine, Officers(folder), self, Findings(self.tables, SEALER), verifier, self.objects, self.clock,
            KEYS, rules, tallied.second_eyes, recording(self.engine), lambda: self.watched(), tallied.held,
        )  # fmt: skip
        self._app = Starlette(routes=review_routes(self.room), exception_handlers=EXCEPTION_HANDLERS)

    def caller(self, id: str = "17") -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer token-{id}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://here", headers=headers)

    async def arrive(self, number: int = 1, sample: bytes | None = None, **named: Any) -> str:
        """A queued application, whose signature sample is kept when it is given; gives its path. `named`: otherwise."""
        id = uuid5(UUID(int=7), str(number))
        photo = FileRef(**(await self.objects.put(IMAGE, "image/jpeg"))._asdict())
        sign = FileRef(**(await self.objects.put(sample, "image/png"))._asdict()) if sample else None
        for place, fact in enumerate(cases.facts()):
            await self.engine.act(self._own(fact, id, photo, sign, named), f"{id}/{place}")
        return f"/reviews/{id}"

    def _own(self, fact: Message, id: UUID, photo: FileRef, sign: FileRef | None, named: dict[str, Any]) -> Message:
        changes: dict[str, Any] = {"application_id": id}
        match type(fact).__name__:
            case "ApplicationOpened":
                changes["iin_index"] = KEYS.blind_index(cases.CITIZEN)
            case "IdentityConfirmed" if named:
                changes["person"] = Sealed(a_person(**named))
            case "FormAccepted":
                changes["photo"] = photo
                changes |= {"signature_sample": sign} if sign else {}
            case "PhotoAccepted":
                changes["photo_sha256"] = photo.sha256
                changes |= {"signature_sha256": sign.sha256} if sign else {}
        return fact.model_copy(update=changes)

    def state(self, path: str) -> Review:
        found = self.tables.state_of(UUID(path.rpartition("/")[2]), SEALER)
        assert isinstance(found, Review)
        return found

    async def list_reviews(
        self, region: str, officer_id: str, officer_index: str, whose: Whose, machine_now: datetime, offset: int,
        limit: int, due: Days = EVER, address: str | None = None,
    ) -> list[Waiting]:  # fmt: skip
        reviews = list(self.tables.all_states(SEALER).values())
        lines = listed(reviews, region, officer_id, officer_index, whose, machine_now, due, address)
        return lines[offset : offset + limit]

    def decision(self, path: str, token: str, signer: str = "17", **changes: Any) -> dict[str, Any]:
        """The body of a decision that `signer` signed with ЭЦП."""
        fields: dict[str, Any] = {"decision_id": "d-1", "lease_token": token, "decision": "APPROVE", "ground": None,
                                  "reasons": [], "documentation_code": cases.CODE}  # fmt: skip
        fields |= changes
        moment = fields.setdefault("decided_at", self.clock.now().isoformat())
        ground = AnnulmentGround(fields["ground"]) if fields["ground"] else None
        covered = payload(
            self.state(path), signer, Choice(fields["decision"]), ground, tuple(fields["reasons"]),
            fields["documentation_code"], datetime.fromisoformat(moment),
        )  # fmt: skip
        cms = _AUTHORITY.officer(IINS[signer], BIN).sign(covered.canonical())
        return {"cms": base64.b64encode(cms).decode(), **fields}

    def audits(self, path: str) -> list[tuple[str, str, str]]:
        id = UUID(path.rpartition("/")[2])
        rows = [row for row in self.tables.rows_of(Audited, SEALER) if row.application_id == id]
        return [(row.who, row.what, row.result) for row in rows]

    async def said(self, key: str) -> None:
        await until(lambda: bool(self.wire.said(key)))


@asynccontextmanager
async def office_in(folder: Path, undo: timedelta = timedelta(seconds=0.05), **limits: Any) -> AsyncIterator[Office]:
    office = Office(folder, undo, **limits)
    await office.engine.start()
    task = asyncio.create_task(office.engine.run())
    try:
        yield office
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
