"""Payment's own engine on a real database, beside a sandbox over HTTP; and the command that reconciles the two."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import asyncpg
import httpx
import uvicorn

from deploy.local.folder import REPOSITORY
from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.people import Citizen
from deploy.sandbox.smtp import Mailbox
from deploy.sandbox.systems.state import State
from services.payment.app import SERVICE
from services.payment.books import SqlBooks
from services.payment.gateway import RestGateway, RestRevenue, ShepRegisters, World
from services.payment.invoice import Invoice, Phase
from services.payment.records import SqlRecords
from shared.clock import SystemClock, SystemIds
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import ConsentToken
from shared.contracts.values import RefundAccount
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.work import Context
from shared.gateways.consents import Kdp, Renewals
from shared.gateways.rest import Rest
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.law.rules import Rules
from shared.telemetry import Silent
from tests.engine.house import Quiet, Wire
from tests.gateways.wire import SENDER, company, near, sandbox
from tests.sandbox.crowds import kdp, person, register
from tests.servers import Servers
from tests.services.payment.stage import annulled, cancel, form, identity, registered
from tests.services.payment.till import KEYS, SEALER

BEGAN = datetime.fromisoformat("2025-10-06T10:00:00+05:00")
RULES = Rules(poll=timedelta(seconds=0.05))
PACE = Pace(refresh=0.1, sweep=0.2, careful=0.0)


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class Branch:
    """Two replicas of payment; `admin` is the database's administrator, `log` what the service's log was told."""

    def __init__(self, admin: asyncpg.Connection, pool: asyncpg.Pool, url: str, http: httpx.AsyncClient) -> None:
        self.admin, self.pool, self._url, self.http = admin, pool, url, http
        self.systems = sandbox()
        self.clock, self.wire, self.log = SystemClock(), Wire(), Quiet()
        self.records = SqlRecords(pool)
        self.at = ""

    @property
    def state(self) -> State:
        return self.systems.state

    async def leap(self, to: datetime) -> None:
        """It is that business time from now on, for everybody."""
        offset = to - self.clock.machine_now()
        await self.admin.execute("update platform.clock set offset_seconds = $1", offset.total_seconds())
        for clock in (self.clock, self.systems.clock):
            clock.set_offset(offset)

    def engine(self) -> Engine:
        clock = SystemClock()
        channel = Shep(self.http, f"{self.at}/shep", Login(SENDER), near(), clock, SystemIds())
        shep = ShepRegisters(channel, clock.machine_now)
        world = World(
            shep, shep, RestGateway(Rest(self.http, f"{self.at}/gateway", "payment-gateway"), f"{self.at}/nobody"),
            RestRevenue(Rest(self.http, f"{self.at}/revenue", "revenue")), SqlBooks(self.pool),
            Renewals(Kdp(channel, company(), clock.machine_now)), self.log.error,
        )  # fmt: skip
        store = PostgresStore(self.pool, SERVICE, SEALER, SystemIds())
        context = Context(SERVICE, store, SEALER, Silent(), RULES, KEYS.blind_index)
        return Engine(context, Ports(store, cast(Publisher, self.wire), clock, SystemIds(), world, self.log), PACE)

    async def asked_to_pay(self, engine: Engine, seed: int) -> tuple[UUID, Citizen]:
        """An application whose fee is due."""
        citizen = person("annulled-photo", seed)
        self.state.admit([citizen])
        id = citizen.application_id(0)
        talon, held = self._registered(citizen), self._consented(citizen)
        account = RefundAccount(iban=citizen.iban, holder_iin=citizen.iin)
        for message in (
            identity().model_copy(update={"person": Sealed(citizen.person), "consents": Sealed((held,))}),
            form().model_copy(update={"refund_account": Sealed(account), "refund_application": True}),
            registered().model_copy(update={"talon": talon}),
        ):
            await engine.act(message.model_copy(update={"application_id": id}), f"{id}/{type(message).__name__}")
        await self.comes_to(lambda: self.is_in(engine, id, Phase.OPEN))
        return id, citizen

    def _registered(self, citizen: Citizen) -> str:
        key = str(citizen.application_id(0))
        return str(register(self.state, citizen, self.clock.now(), key=key)["talonNumber"])

    def _consented(self, citizen: Citizen) -> ConsentToken:
        now, id = self.clock.now(), str(citizen.application_id(0))
        asked = kdp(citizen.iin, "AIS_SIK", ovt=company().ovt())
        self.state.shep("KDP_SERVICE", asked, now - timedelta(minutes=1), id)
        given = self.state.shep("KDP_SERVICE", asked, now, id)
        token, key = "".join(given["code"].split()), given["public-key"]
        return ConsentToken(access_name="AIS_SIK", token=token, public_key=key, expires_at=now + timedelta(hours=1))

    async def paid(self, engine: Engine, seed: int) -> UUID:
        """Its fee has come, and was found by looking: no call-back is made here."""
        id, _ = await self.asked_to_pay(engine, seed)
        invoice: Invoice = await engine.read(id)
        self.state.gateway_system.pay(invoice.invoice_id, invoice.fee, self.clock.now())
        await self.comes_to(lambda: self.is_in(engine, id, Phase.PAID))
        return id

    async def annul(self, engine: Engine, id: UUID) -> None:
        for message in (annulled(), cancel()):
            await engine.act(message.model_copy(update={"application_id": id}), f"{id}/{type(message).__name__}")

    async def is_in(self, engine: Engine, id: UUID, phase: Phase) -> bool:
        invoice: Invoice = await engine.read(id)
        return invoice.phase is phase

    async def comes_to(self, holds: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110  what is waited for lies in tables, not in an event
                await asyncio.sleep(0.05)

    async def misstate(self, what: str, id: str, amount: int = 0, at: datetime | None = None) -> str:
        body = {"what": what, "id": id, "amount": amount, "at": at.isoformat() if at else None}
        answer = await self.http.post(f"{self.at}/control/misstate", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def command(self, *arguments: str, **settings: str) -> tuple[int, str]:
        """The command as a person runs it: exit code and what it printed."""
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KUALIK_")},
            "KUALIK_DATABASE_URL": self._url, "KUALIK_GATEWAY_URL": f"{self.at}/gateway",
            "KUALIK_REVENUE_URL": f"{self.at}/revenue", **settings,
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.payment.reconcile", *arguments, env=env, cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()


@asynccontextmanager
async def opened(servers: Servers) -> AsyncIterator[tuple[Branch, Engine]]:
    address, passwords = await servers.new_database("payment")
    url = address.url("payment", passwords["payment"])
    async with AsyncExitStack() as stack:
        pool = await connect(url, SERVICE)
        stack.push_async_callback(pool.close)
        admin = await asyncpg.connect(address.url())
        stack.push_async_callback(admin.close)
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=10))
        branch = Branch(admin, pool, url, http)
        app = application(branch.systems, Mailbox(branch.systems), Authority(BEGAN, b"branch"))
        server = _Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(server.serve())]
        try:
            await branch.comes_to(lambda: _started(server))
            branch.at = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            await branch.leap(BEGAN)
            engines = [branch.engine() for _ in range(2)]
            for engine in engines:
                await engine.start()
                tasks.append(asyncio.create_task(engine.run()))
            yield branch, engines[0]
        finally:
            server.should_exit = True
            for task in tasks[1:]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _started(server: uvicorn.Server) -> bool:
    return server.started
