"""What each user of the real broker may and may not do: exactly the table, tried one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import aio_pika
import httpx
import pytest
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import ProbableAuthenticationError
from aiormq.exceptions import ChannelAccessRefused

from deploy.local.broker_api import upload
from shared.contracts.base import bound_key
from shared.process import MESSAGES, PORTAL, SERVICES
from shared.topology import (
    DEAD_LETTERS,
    EXCHANGES,
    FEED,
    MOST_FED,
    OPERATIONS,
    UNKNOWN_EXCHANGE,
    definitions,
    reads,
    says,
    workstation_of,
)
from tests.engine.beds import WORKSTATIONS, RabbitBed
from tests.servers import Servers

pytestmark = pytest.mark.live
USERS = (*SERVICES, PORTAL, *map(workstation_of, WORKSTATIONS))
KEYS = tuple(dict.fromkeys(bound_key(kind).replace("*", at) for kind in MESSAGES.values() for at in WORKSTATIONS))


@pytest.fixture
def opened(servers: Servers) -> RabbitBed:
    return RabbitBed(servers.broker.address, 20)


@pytest.fixture
async def bed(opened: RabbitBed) -> AsyncIterator[RabbitBed]:
    yield await opened.open()
    await opened.close()


class Attempts:
    """One channel, opened again whenever the broker closed it."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._channel: AbstractChannel | None = None

    async def channel(self) -> AbstractChannel:
        if self._channel is None or self._channel.is_closed:
            self._channel = self._connection.channel(publisher_confirms=True)
            await self._channel.initialize()
        return self._channel

    async def may_publish(self, exchange: str, key: str) -> bool:
        channel = await self.channel()
        try:
            await (await channel.get_exchange(exchange, ensure=False)).publish(aio_pika.Message(b"{}"), key)
        except ChannelAccessRefused:
            return False
        return True

    async def may_consume(self, queue: str) -> bool:
        channel = await self.channel()
        try:
            found = await channel.get_queue(queue, ensure=False)
            await found.cancel(await found.consume(_look_away))
        except ChannelAccessRefused:
            return False
        return True


async def _look_away(message: object) -> None:
    return None


@pytest.mark.parametrize("user", USERS)
async def test_a_user_says_what_the_table_says_and_nothing_else(bed: RabbitBed, user: str) -> None:
    allowed = {(exchange, key) for exchange, keys in says(user).items() for key in keys}
    if user == PORTAL:  # whatever it says on its own exchange is answered
        allowed = {("portal", key) for key in KEYS}
    allowed = {(exchange, key.replace("*", at)) for exchange, key in allowed for at in WORKSTATIONS}
    if "commands" in says(user):  # on a direct exchange a key cannot be forbidden, and it is bound to nobody else
        allowed |= {("commands", key) for key in KEYS}
    async with await aio_pika.connect(bed.url(user)) as connection:
        attempts = Attempts(connection)
        for exchange in (each for each in EXCHANGES if each not in (DEAD_LETTERS, UNKNOWN_EXCHANGE)):
            for key in KEYS:
                assert await attempts.may_publish(exchange, key) == ((exchange, key) in allowed), (exchange, key)
        assert not await attempts.may_publish("", "intake.form-filled")
        assert not await attempts.may_publish("portal.unknown", "form-filled")
        for other in USERS:
            own = user == other and user in SERVICES
            assert await attempts.may_publish(DEAD_LETTERS, f"{other}.not-json") == own
        assert not await attempts.may_publish(DEAD_LETTERS, "not-json")


@pytest.mark.parametrize("user", USERS)
async def test_a_user_consumes_its_own_queues_and_no_other(bed: RabbitBed, user: str) -> None:
    async with await aio_pika.connect(bed.url(user)) as connection:
        attempts = Attempts(connection)
        for queue in bed.definitions["queues"]:
            assert await attempts.may_consume(queue["name"]) == (queue["name"] in reads(user)), queue["name"]


@pytest.mark.parametrize("user", USERS)
async def test_a_user_makes_binds_and_deletes_nothing(bed: RabbitBed, user: str) -> None:
    own = reads(user)[0]
    async with await aio_pika.connect(bed.url(user)) as connection:
        attempts = Attempts(connection)
        tries: list[Callable[[AbstractChannel], Awaitable[object]]] = [
            lambda channel: channel.declare_queue("mine", durable=True),
            lambda channel: channel.declare_queue(exclusive=True),
            lambda channel: channel.declare_exchange("mine", "topic", durable=True),
            lambda channel: channel.queue_delete(own),
            lambda channel: channel.exchange_delete("events"),
        ]
        for attempt in tries:
            with pytest.raises(ChannelAccessRefused):
                await attempt(await attempts.channel())
        for exchange in EXCHANGES:
            queue = await (await attempts.channel()).get_queue(own, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await queue.bind(exchange, "fee-paid")
        # looking passively is all that hearing needs, and is allowed without a right to configure
        await (await attempts.channel()).declare_queue(own, passive=True)


async def test_no_service_sees_the_management(bed: RabbitBed) -> None:
    async with httpx.AsyncClient(base_url=bed.address.management_url) as client:
        answer = await client.get("/api/overview", auth=("payment", bed.passwords["payment"]))
    assert answer.status_code == httpx.codes.UNAUTHORIZED


async def test_a_user_defined_without_a_password_cannot_log_in(bed: RabbitBed) -> None:
    alone = replace(bed.address, vhost="bed-without-passwords")
    await upload(alone, definitions({OPERATIONS: bed.passwords[OPERATIONS]}, vhost=alone.vhost))
    try:
        for password in ("", "payment-secret"):
            with pytest.raises(ProbableAuthenticationError):
                await aio_pika.connect(alone.url("payment", password or " "))
    finally:
        await upload(bed.address, bed.definitions)


async def test_every_queue_is_a_quorum_queue_and_its_limits_are_policies(bed: RabbitBed) -> None:
    where = f"/api/queues/{bed.address.vhost}"
    async with httpx.AsyncClient(base_url=bed.address.management_url, auth=bed.address.administrator) as client:
        await upload(bed.address, bed.definitions)  # a second time it changes nothing
        queues = (await client.get(where)).json()
    assert {queue["name"] for queue in queues} == {queue["name"] for queue in bed.definitions["queues"]}
    for queue in queues:
        assert (queue["type"], queue["durable"], queue["arguments"]) == ("quorum", True, {"x-queue-type": "quorum"})
        effective = queue["effective_policy_definition"]
        if queue["name"].startswith(FEED):
            assert effective == {"delivery-limit": 20, "max-length": MOST_FED, "overflow": "drop-head"}
        elif queue["name"] == DEAD_LETTERS:
            assert not {"dead-letter-exchange", "overflow", "max-length"} & effective.keys()
        else:
            assert effective == {
                "delivery-limit": 20,
                "dead-letter-exchange": DEAD_LETTERS,
                "dead-letter-strategy": "at-least-once",
                "overflow": "reject-publish",
            }
