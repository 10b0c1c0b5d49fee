"""The portal over a real broker: what it says arrives sealed, what it is told is heard, and it may do no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aio_pika
import httpx
import pytest

from deploy.local.addresses import BrokerAddress
from deploy.local.broker_api import upload
from deploy.sandbox.portal import papers
from deploy.sandbox.portal.acts import Start
from deploy.sandbox.portal.errand import Errand
from deploy.sandbox.portal.wires import RealWires, listen
from shared.contracts.base import Sealed, read, write
from shared.contracts.portal import ApplicationStarted, MessageRejected, StatusChanged, Text
from shared.contracts.values import Stage
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.rows import Fate, Outgoing
from shared.process import INTAKE, NOTIFICATION, PORTAL, SERVICES
from shared.security.keyring import Keyring, system_nonces
from shared.security.sealing import KeyringSealer, PortalSealer
from shared.topology import OPERATIONS, definitions
from tests.sandbox.crowds import NOW, person
from tests.servers import Servers

pytestmark = pytest.mark.live
KEYS = Keyring.derived(b"a portal")
PASSWORDS = {user: f"{user}-secret" for user in (*SERVICES, PORTAL, OPERATIONS)}


@pytest.fixture(scope="module")
async def broker(servers: Servers) -> BrokerAddress:
    """A virtual host of its own."""
    address = replace(servers.broker.address, vhost="sandbox-portal")
    await upload(address, definitions(PASSWORDS, vhost=address.vhost))
    return address


@pytest.fixture
async def wires(broker: BrokerAddress, tmp_path: Path) -> AsyncIterator[RealWires]:
    publisher = RabbitPublisher(broker.url(PORTAL, PASSWORDS[PORTAL]), PORTAL)
    sealer = PortalSealer(KEYS.portal_public(), system_nonces)
    async with httpx.AsyncClient() as http:
        yield RealWires(publisher, sealer, http, "http://127.0.0.1:1", tmp_path / "portal.token")
    await publisher.close()


async def test_a_start_arrives_sealed_and_once_by_its_id(broker: BrokerAddress, wires: RealWires) -> None:
    errand = Errand(person("issued-paid"))
    message = papers.started(errand, Start(0))
    id = papers.message_id(message, Start(0))
    for _ in range(2):
        await wires.say(message, id, papers.headers(message, NOW))
    connection = await aio_pika.connect(broker.url(INTAKE, PASSWORDS[INTAKE]))
    async with connection:
        queue = await (await connection.channel()).get_queue("intake.application-started", ensure=False)
        got = [await queue.get(no_ack=True, timeout=5, fail=True) for _ in range(2)]
    assert {each.message_id for each in got} == {str(id)}
    assert errand.citizen.iin.encode() not in got[0].body
    assert got[0].headers["said-at"] == NOW.isoformat()
    sealer = KeyringSealer(KEYS, system_nonces, lambda: "2025-12")
    opened = read(ApplicationStarted, got[0].body, message.application_id, sealer)
    assert opened.iin == Sealed(errand.citizen.iin)


async def test_a_status_is_heard_and_what_does_not_read_is_let_go(broker: BrokerAddress) -> None:
    heard: list[StatusChanged | MessageRejected] = []
    ready, came = asyncio.Event(), asyncio.Event()

    def hear(status: StatusChanged | MessageRejected) -> None:
        heard.append(status)
        came.set()

    listening = asyncio.create_task(listen(broker.url(PORTAL, PASSWORDS[PORTAL]), hear, ready))
    status = StatusChanged(
        application_id=uuid4(), code="OPENED", stage=Stage.OPENED, rank=0, round=1, version=10,
        text=Text(kk="к", ru="р"), at=datetime.now(UTC),
    )  # fmt: skip
    publisher = RabbitPublisher(broker.url(NOTIFICATION, PASSWORDS[NOTIFICATION]), NOTIFICATION)
    for body in (b"{}", write(status)):
        row = Outgoing(uuid4(), "portal.status", "status-changed", status.application_id, body, {})
        assert await publisher.publish([row]) == [Fate.CONFIRMED]
    async with asyncio.timeout(10):
        await ready.wait()
        await came.wait()
    assert heard == [status]
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await publisher.close()
