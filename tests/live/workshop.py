"""One engine in this interpreter on a real broker and a real database, for a service that can be poisoned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx

from deploy.local.broker_api import upload
from shared.clock import SystemClock, SystemIds
from shared.contracts.base import routing_key, write
from shared.contracts.intake import ApplicationRegistered
from shared.contracts.payment import FeeLapsed, FeePaid
from shared.engine.adapters.faststream import Listener
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.decision import Decision, Given
from shared.engine.engine import Engine, Ports
from shared.engine.rows import Outgoing
from shared.engine.schema import tables_sql
from shared.engine.service import Reaction, Service, Table
from shared.engine.work import Context
from shared.law.rules import RULES
from shared.process import INTAKE, PAYMENT
from shared.telemetry import Silent
from tests.engine.beds import RabbitBed
from tests.engine.house import KEYS, SEALER, Quiet
from tests.servers import Servers

POISON, LAPSED = "poison", "lapsed"
QUICK = tuple(timedelta(seconds=s) for s in (0.3, 0.6, 0.9))  # as 1, 5, 25 s are in earnest


@dataclass(frozen=True, slots=True)
class Register:
    application_id: UUID
    settled: int = 0


class Workshop:
    """`settled` and `tried` are what its decisions saw; talon `POISON` raises, of `LAPSED` it says just that."""

    def __init__(self, bed: RabbitBed, admin: asyncpg.Connection, address: str) -> None:
        self.bed, self.admin, self._address = bed, admin, address
        self.settled: list[UUID] = []
        self.tried: list[UUID] = []
        self.log = Quiet()
        self.service = Service(
            PAYMENT, Table("payment.register", Register), (Reaction(ApplicationRegistered, self._settle),)
        )

    def _settle(self, state: Register, said: ApplicationRegistered, given: Given) -> Decision[Register]:
        if said.talon == POISON:
            self.tried.append(said.application_id)
            raise ZeroDivisionError
        self.settled.append(said.application_id)
        id = said.application_id
        if said.talon == LAPSED:
            return Decision(replace(state, settled=1), FeeLapsed(application_id=id, invoice_id=str(id)))
        paid = FeePaid(application_id=id, amount=1, receipt_id=str(id), paid_at=given.now)
        return Decision(replace(state, settled=1), paid)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        await self.admin.execute(tables_sql(self.service))
        pool = await connect(self._address, self.service)
        publisher = RabbitPublisher(self.bed.url(PAYMENT), PAYMENT)
        store = PostgresStore(pool, self.service, SEALER, SystemIds())
        context = Context(self.service, store, SEALER, Silent(), RULES, KEYS.blind_index, QUICK)
        engine = Engine(context, Ports(store, publisher, SystemClock(), SystemIds(), None, self.log))
        await engine.start()
        listener = Listener(self.service, self.bed.url(PAYMENT), engine.take)
        running = asyncio.create_task(engine.run())
        await listener.start()
        try:
            yield
        finally:
            await listener.stop(patience=0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await publisher.close()
            await pool.close()

    def registered(self, talon: str) -> Outgoing:
        """The event as intake says it."""
        said = ApplicationRegistered(
            application_id=uuid4(), talon=talon, documentation_code="1", region="71", point="71-01",
            registered_on=date(2025, 10, 7), expires=date(2025, 11, 1),
        )  # fmt: skip
        return Outgoing(uuid4(), "events", routing_key(said), said.application_id, write(said, SEALER), {})

    async def outbox(self) -> list[asyncpg.Record]:
        """What is said and not confirmed; `waits` are seconds until it is tried again."""
        return await self.admin.fetch(
            "select routing_key, attempts, extract(epoch from lease_until - clock_timestamp()) as waits "
            "from payment.outbox"
        )

    async def mend(self) -> None:
        """All bindings stand again."""
        await upload(self.bed.address, self.bed.definitions)

    async def say(self, *rows: Outgoing) -> None:
        fates = await self.bed.publisher(INTAKE).publish(rows)
        assert {fate.name for fate in fates} == {"CONFIRMED"}

    async def unbind(self, key: str) -> None:
        """Somebody has taken away every binding of that event."""
        address = self.bed.address
        at = f"{address.management_url}/api"
        async with httpx.AsyncClient(auth=address.administrator, trust_env=False) as http:
            found = await http.get(f"{at}/exchanges/{address.vhost}/events/bindings/source")
            for bound in found.json():
                if bound["routing_key"] == key:
                    name = f"e/events/q/{bound['destination']}/{bound['properties_key']}"
                    answer = await http.delete(f"{at}/bindings/{address.vhost}/{name}")
                    assert answer.is_success, answer.text


@asynccontextmanager
async def opened(servers: Servers) -> AsyncIterator[Workshop]:
    """An empty broker and a database of its own; the broker gets back what a test took away."""
    bed = await RabbitBed(servers.broker.address, 20).open()
    database, passwords = await servers.new_database(PAYMENT)
    admin = await asyncpg.connect(database.url())
    shop = Workshop(bed, admin, database.url(PAYMENT, passwords[PAYMENT]))
    try:
        async with shop.at_work():
            yield shop
    finally:
        await admin.close()
        await shop.mend()
        await bed.close()
