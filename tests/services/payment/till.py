"""Payment's HTTP side over a real engine, with the store in memory, in October 2025."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
from starlette.applications import Starlette

from services.payment.api import Held, payment_routes
from services.payment.app import SERVICE
from services.payment.invoice import Invoice, Phase
from services.payment.ledger import Account, Entry, balances
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Message
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.service import Audited
from shared.engine.work import Context
from shared.law.rules import RULES
from shared.security.keyring import Keyring
from shared.security.sealing import KeyringSealer
from shared.telemetry import Silent
from shared.web.problems import EXCEPTION_HANDLERS
from shared.web.signed import signature_of
from tests.engine.house import Quiet, Wire, until
from tests.services.payment.ledgers import MemoryBooks
from tests.services.payment.stage import IN_2025, OWN, Outside, form, identity, registered
from tests.services.running import APPLICATION

KEYS = Keyring.derived(b"till")
SEALER = KeyringSealer(KEYS, SeededIds(1).nonce, lambda: "2025-10")
GATEWAY_KEY = b"a key of the gateway's that is long enough"


class Till:
    def __init__(self, folder: Path, outside: Outside) -> None:
        (folder / "gateway.key").write_bytes(GATEWAY_KEY + b"\n")
        accounts = [
            {"id": role, "iin": "850101300017", "bin": "140940009999", "region": "71", "roles": [role],
             "token_sha256": hashlib.sha256(role.encode()).hexdigest()}
            for role in ("operations", "inspector", "auditor")
        ]  # fmt: skip
        (folder / "officers.json").write_text(json.dumps(accounts))
        self.clock = SystemClock()
        self.clock.set_offset(IN_2025 - self.clock.machine_now())
        self.outside, self.wire = outside, Wire()
        self.tables = MemoryTables(SERVICE, MemoryPlatform(offset=self.clock.offset), self.clock)
        self.books = outside.books = MemoryBooks(self.tables, SEALER)
        context = Context(SERVICE, MemoryStore(self.tables, SEALER), SEALER, Silent(), RULES, KEYS.blind_index)
        ports = Ports(context.store, cast(Publisher, self.wire), self.clock, SeededIds(2), outside.world(), Quiet())
        self.engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))
        routes = payment_routes(self.engine, self, self.books, folder)
        self._app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)

    def caller(self, role: str | None = "operations") -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {role}"} if role else {}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://here", headers=headers)

    async def call_back(self, key: bytes = GATEWAY_KEY, **changes: Any) -> httpx.Response:
        told = {"callback_id": "c-1", "invoice_id": "INV-1", "receipt_id": "R-1", "amount": 786,
                "paid_at": IN_2025.isoformat()}  # fmt: skip
        body = json.dumps(told | changes).encode()
        headers = {"content-type": "application/json", "x-signature": signature_of(key, body)}
        async with self.caller(None) as caller:
            return await caller.post("/callbacks/payment", content=body, headers=headers)

    async def held(self) -> list[Held]:
        held = [one for one in self.tables.all_states(SEALER).values() if one.phase is Phase.HELD]
        return [Held(**{name: getattr(one, name) for name in Held.model_fields}) for one in held]

    async def hear(self, *messages: Message) -> None:
        for message in messages:
            await self.engine.act(message, f"{type(message).__name__}")

    async def register(self, awaits: Phase = Phase.OPEN) -> None:
        """An application whose fee is due."""
        await self.hear(identity(), form(holds=OWN), registered())
        await until(lambda: self.invoice.phase is awaits)

    @property
    def invoice(self) -> Invoice:
        found = self.tables.state_of(APPLICATION, SEALER)
        assert isinstance(found, Invoice)
        return found

    def sums(self) -> dict[Account, int]:
        found = balances(self.tables.rows_of(Entry, SEALER))
        assert sum(found.values()) == 0
        return {account: amount for account, amount in found.items() if amount}

    def audits(self) -> list[Audited]:
        return list(self.tables.rows_of(Audited, SEALER))


@asynccontextmanager
async def till_in(folder: Path, outside: Outside) -> AsyncIterator[Till]:
    till = Till(folder, outside)
    await till.engine.start()
    running = asyncio.create_task(till.engine.run())
    try:
        yield till
    finally:
        running.cancel()
