"""Intake over a real engine, with the store in memory, real signatures, images in envelopes, and РП ДРН a stand-in."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from starlette.applications import Starlette

from deploy.sandbox.authority import Authority, Signatory
from deploy.sandbox.pictures import portrait, signature_sample
from services.intake.api import PORTAL_TOKEN, intake_routes
from services.intake.app import SERVICE
from services.intake.domain.application import Application
from services.intake.domain.door import DoorFacts, IdentityRefusal, person_key
from services.intake.gateway import World
from services.intake.mobile import Mobile
from services.intake.uploading import Cleaning, Uploads, in_a_thread
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Message, Sealed
from shared.contracts.values import FileRef
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.work import Context
from shared.law.limits import Limits
from shared.law.rules import Rules
from shared.security.canonical import CanonicalApplication
from shared.security.eds import LocalVerifier
from shared.security.grants import Grants
from shared.security.keyring import Keyring
from shared.security.objects import MemoryObjects, Objects
from shared.security.sealing import KeyringSealer
from shared.telemetry import Silent
from shared.web.problems import EXCEPTION_HANDLERS
from tests.engine.house import Quiet, Wire, until
from tests.gateways.wire import mailbox
from tests.services.intake import cases

KEYS = Keyring.derived(b"intake")
SEALER = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2025-10")
TOKEN = "portal-token-of-the-tests"
TODAY = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
_AUTHORITY = Authority(TODAY, b"intake")
PHOTO, SAMPLE = (f"/applications/{cases.ID}/files/{purpose}" for purpose in ("photo", "signature-sample"))


def key_of(iin: str) -> Signatory:
    return _AUTHORITY.citizen(iin)


class TableRecords:
    """Our own records, read from the tables in memory as the SQL reads them."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables

    async def door_facts(self, iin_index: str, since: datetime) -> DoorFacts:
        rows: list[IdentityRefusal] = self._tables.rows_of(IdentityRefusal, SEALER)
        refusals = sum(row.iin_index == iin_index and row.at > since for row in rows)
        owner = self._tables.claims.get(person_key(iin_index))
        if owner is None:
            return DoorFacts(refusals=refusals)
        live: Application = self._tables.state_of(owner, SEALER)
        return DoorFacts(owner, live.stage, refusals)

    async def holder_of(self, talon: str) -> UUID | None:
        return self._tables.claims.get(f"talon:{talon}")


class Desk:
    """`caller()` knocks as the portal; `say` brings a message, as the broker would."""

    def __init__(self, folder: Path, objects: Objects | None = None, clean: Cleaning = in_a_thread) -> None:
        self.folder = folder
        (folder / PORTAL_TOKEN).write_text(TOKEN)
        self.clock = SystemClock()
        self.envelopes = MemoryObjects(KEYS.object_key, SeededIds(3).nonce)
        self.objects = objects or self.envelopes
        offset = TODAY - self.clock.machine_now()
        self.tables = MemoryTables(SERVICE, MemoryPlatform(offset), self.clock)
        self.wire, self.register = Wire(), cases.Register()
        world = World(TableRecords(self.tables), self.register, LocalVerifier(_AUTHORITY.trust), self.objects)
        store = MemoryStore(self.tables, SEALER)
        pause = timedelta(milliseconds=5)
        context = Context(SERVICE, store, SEALER, Silent(), Rules(), KEYS.blind_index, try_again=(pause, pause, pause))
        ports = Ports(store, cast(Publisher, self.wire), self.clock, SeededIds(2), world, Quiet())
        self.engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))
        self.grants = Grants(KEYS.grant_key)
        uploads = Uploads(self.engine, self.objects, Limits(), self.grants, clean)
        self.links = Grants(KEYS.link_key)
        mobile = Mobile(self.engine, Limits(), self.links, "http://here", "000140000000")
        routes = intake_routes(self.engine, folder, mailbox(self.clock), uploads, mobile)
        self._app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)

    def caller(self, token: str = TOKEN) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://here", headers=headers)

    async def grant(self, id: UUID = cases.ID) -> str:
        async with self.caller() as portal:
            return str((await portal.post(f"/applications/{id}/grants")).json()["grant"])

    async def put(self, path: str, content: bytes, media: str = "image/jpeg", grant: str = "") -> httpx.Response:
        """As a citizen's browser sends a file, by a grant of its own or this one."""
        async with self.caller(grant or await self.grant()) as browser:
            return await browser.put(path, content=content, headers={"content-type": media})

    async def files(self) -> tuple[FileRef, FileRef]:
        """A photo and a signature sample that are uploaded."""
        photo = await self.put(PHOTO, portrait(1))
        sample = await self.put(SAMPLE, signature_sample(1), "image/png")
        return FileRef(**photo.json()), FileRef(**sample.json())

    async def say(self, message: Message, id: str) -> None:
        await self.engine.act(message, id)

    async def opened(self, time: int = 1) -> Desk:
        """The citizen's application stands open; for the nth `time`, once the table has forgotten it."""
        await self.say(cases.started(), f"start/{time}")
        await self.until_state(lambda state: state.opened)
        await self.say(cases.eligible(), f"eligible/{time}")
        return self

    def state(self) -> Application:
        found = self.tables.state_of(cases.ID, SEALER)
        assert isinstance(found, Application)
        return found

    async def until_state(self, holds: Any) -> None:
        await until(lambda: holds(self.state()))

    async def said(self, key: str) -> None:
        await until(lambda: bool(self.wire.said(key)))

    def form(self, photo: FileRef, sample: FileRef) -> Message:
        return cases.a_form(photo=photo, signature_sample=sample)

    def signed(self) -> Message:
        """Signed with ЭЦП over what intake has accepted."""
        form = self.state().form
        assert form is not None
        payload = CanonicalApplication.of(cases.IIN, form).canonical()
        cms = _AUTHORITY.citizen(cases.IIN).sign(payload)
        return cases.signed(cms=Sealed(base64.b64encode(cms).decode()))


@asynccontextmanager
async def desk_in(folder: Path, objects: Objects | None = None, clean: Cleaning = in_a_thread) -> AsyncIterator[Desk]:
    desk = Desk(folder, objects, clean)
    await desk.engine.start()
    task = asyncio.create_task(desk.engine.run())
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
