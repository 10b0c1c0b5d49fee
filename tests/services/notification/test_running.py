"""The service under the real engine: events in the wrong order, a gateway that fails first, everything told once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from services.notification.app import SERVICE
from services.notification.gateway import World
from shared.clock import SeededIds, SystemClock
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts.base import Message, read, routing_key, write
from shared.contracts.notification import CitizenNotified
from shared.contracts.portal import StatusChanged
from shared.contracts.values import Ending
from shared.engine.adapters.memory_store import MemoryPlatform, MemoryStore, MemoryTables
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.rows import Delivery, Fate, Outgoing, Unavailable
from shared.engine.work import Context
from shared.telemetry import Silent
from tests.engine.house import SEALER, Quiet, until
from tests.services.notification.events import ID, Mail, Outbox, Sms, said


class Wire:
    """Confirms and keeps everything."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def publish(self, rows: Sequence[Outgoing]) -> list[Fate]:
        self.sent += rows
        return [Fate.CONFIRMED for _ in rows]

    def said(self, key: str) -> list[Outgoing]:
        return [row for row in self.sent if row.routing_key == key]


class Halting(Sms):
    """Fails the first time."""

    failed = False

    async def send(self, notice_id: str, phone: str, text: str) -> None:
        if not self.failed:
            self.failed = True
            raise Unavailable("sms")
        await super().send(notice_id, phone, text)


def delivery(message: Message, id: str) -> Delivery:
    return Delivery("notification", "events", routing_key(message), id, {}, write(message, SEALER))


async def test_events_in_the_wrong_order_are_told_stored_and_sent() -> None:
    outbox, wire, clock = Outbox(), Wire(), SystemClock()
    tables = MemoryTables(SERVICE, MemoryPlatform(), clock)
    store = MemoryStore(tables, SEALER)
    world = World(Halting(outbox), Mail(outbox), "https://portal")
    engine = Engine(
        Context(SERVICE, store, SEALER, Silent()),
        Ports(store, wire, clock, SeededIds(1), world, Quiet()),
        Pace(refresh=0.01, sweep=0.02, careful=0.0),
    )
    await engine.start()
    running = asyncio.create_task(engine.run())
    events = [
        said(i.ApplicationClosed, ending=Ending.REFUSED),
        said(v.IdentityConfirmed),
        said(e.EligibilityRefused),
        said(i.ApplicationOpened),
    ]
    for n, event in enumerate(events):
        await engine.take(delivery(event, str(n)))
        await engine.take(delivery(event, str(n)))
    await until(lambda: len(wire.said("citizen-notified")) == 3, 10.0)
    statuses = [read(StatusChanged, row.body, ID) for row in wire.said("status-changed")]
    notified = [read(CitizenNotified, row.body, ID) for row in wire.said("citizen-notified")]
    assert {row.exchange for row in wire.said("status-changed")} == {"portal.status"}
    assert [status.code for status in statuses].count("NOT_AVAILABLE") == 2
    assert {word.ending for word in notified} == {Ending.REFUSED}
    assert (len(outbox.sms), len(outbox.mail)) == (1, 1)
    assert tables.state_of(ID, SEALER).ended is Ending.REFUSED
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
