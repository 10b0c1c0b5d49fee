"""The two brokers behind one handle, so that one behaviour suite runs on both."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import quote
from uuid import UUID, uuid4

import aio_pika
import httpx

from deploy.local.addresses import BrokerAddress
from deploy.local.broker_api import upload
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import Message, bound_key
from shared.engine.adapters.faststream import Listener
from shared.engine.adapters.memory_broker import MemoryBroker
from shared.engine.adapters.memory_handles import MemoryListener, Take
from shared.engine.adapters.memory_queue import Kept
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.ports import Publisher
from shared.engine.rows import Delivery, Outgoing
from shared.engine.service import Service, Table
from shared.process import PORTAL, SERVICES
from shared.topology import DEAD_LETTERS, OPERATIONS, definitions, workstation_of

WORKSTATIONS = ("71", "75")
Hearing = Listener | MemoryListener


@dataclass(frozen=True, slots=True)
class Nothing:
    """A state for services that only listen."""

    application_id: UUID


def row(kind: type[Message], body: bytes = b"{}", **headers: str) -> Outgoing:
    """A message of that class as a row of the outbox."""
    return Outgoing(uuid4(), kind.exchange, bound_key(kind).replace("*", WORKSTATIONS[0]), uuid4(), body, headers)


class Heard:
    """A `take` that keeps what it is given; it acknowledges when told so."""

    def __init__(self, *, acks: bool = True) -> None:
        self.acks, self.deliveries = acks, list[Delivery]()

    async def __call__(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        if self.acks:
            await delivery.ack()

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.body for delivery in self.deliveries]

    async def until(self, count: int) -> list[Delivery]:
        await eventually(lambda: len(self.deliveries) >= count, f"{count} deliveries, got {len(self.deliveries)}")
        return self.deliveries


async def eventually(condition: Callable[[], bool], what: str = "it", patience: float = 20.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not after {patience} s: {what}"
        await asyncio.sleep(0.01)


class Bed(Protocol):
    """A broker with the topology of the process, empty."""

    def publisher(self, user: str) -> Publisher: ...
    def listener(self, service: str, take: Take, prefetch: int | None = None, careful: bool = False) -> Hearing: ...
    async def die(self, listener: Hearing) -> None: ...
    async def say_raw(self, exchange: str, key: str, body: bytes, **properties: Any) -> None: ...
    async def waiting(self, queue: str) -> int: ...
    async def dead(self) -> list[tuple[bytes, str]]: ...
    async def lose_connections(self) -> None: ...
    async def close(self) -> None: ...


class MemoryBed:
    def __init__(self, delivery_limit: int) -> None:
        topology = definitions({}, delivery_limit=delivery_limit)
        self.broker = MemoryBroker(SystemClock(), SeededIds(1), topology=topology)
        self._listeners: list[MemoryListener] = []

    def publisher(self, user: str) -> Publisher:
        return self.broker.publisher(user)

    def listener(self, service: str, take: Take, prefetch: int | None = None, careful: bool = False) -> Hearing:
        self._listeners.append(self.broker.listener(service, take, prefetch, careful))
        return self._listeners[-1]

    async def die(self, listener: Hearing) -> None:
        assert isinstance(listener, MemoryListener)
        listener.kill()

    async def say_raw(self, exchange: str, key: str, body: bytes, **properties: Any) -> None:
        self.broker.put(Kept(exchange, key, properties.get("message_id"), properties.get("headers", {}), body))

    async def waiting(self, queue: str) -> int:
        return len(self.broker.queues[queue].waiting)

    async def dead(self) -> list[tuple[bytes, str]]:
        kept = self.broker.queues[DEAD_LETTERS].waiting
        return [(message.body, str(message.headers.get("x-first-death-reason"))) for message in kept]

    async def lose_connections(self) -> None:
        self.broker.disconnect()

    async def close(self) -> None:
        for listener in self._listeners:
            listener.kill()


class RabbitBed:
    """A virtual host of its own on the session's RabbitMQ."""

    def __init__(self, address: BrokerAddress, delivery_limit: int) -> None:
        self.address = replace(address, vhost=f"bed-{delivery_limit}")
        self.passwords = {user: f"{user}-secret" for user in (*SERVICES, PORTAL, OPERATIONS)}
        self.passwords |= {user: f"{user}-secret" for user in map(workstation_of, WORKSTATIONS)}
        self.definitions = definitions(
            self.passwords, vhost=self.address.vhost, delivery_limit=delivery_limit, workstations=WORKSTATIONS
        )
        self._publishers: list[RabbitPublisher] = []
        self._listeners: list[Listener] = []
        self._operations: aio_pika.abc.AbstractConnection | None = None

    def url(self, user: str) -> str:
        return self.address.url(user, self.passwords[user])

    async def open(self) -> RabbitBed:
        await upload(self.address, self.definitions)
        self._operations = await aio_pika.connect(self.url(OPERATIONS))
        async with self._operations.channel() as channel:
            for queue in self.definitions["queues"]:
                await (await channel.get_queue(queue["name"], ensure=False)).purge()
        return self

    def publisher(self, user: str) -> Publisher:
        self._publishers.append(RabbitPublisher(self.url(user), user))
        return self._publishers[-1]

    def listener(self, service: str, take: Take, prefetch: int | None = None, careful: bool = False) -> Hearing:
        made = Service(service, Table(f"{service}.nothing", Nothing), ())
        self._listeners.append(Listener(made, self.url(service), take, prefetch, careful, look_every=1.0))
        return self._listeners[-1]

    async def die(self, listener: Hearing) -> None:
        await listener.stop(patience=0)

    async def say_raw(self, exchange: str, key: str, body: bytes, **properties: Any) -> None:
        """Over the management API: every client invents a message id where there is none."""
        said = {
            "routing_key": key,
            "payload": base64.b64encode(body).decode(),
            "payload_encoding": "base64",
            "properties": properties,
        }
        where = f"/api/exchanges/{quote(self.address.vhost, safe='')}/{exchange}/publish"
        async with httpx.AsyncClient(base_url=self.address.management_url, auth=self.address.administrator) as client:
            answer = await client.post(where, json=said)
        assert answer.json() == {"routed": True}, answer.text

    async def waiting(self, queue: str) -> int:
        assert self._operations is not None
        async with self._operations.channel() as channel:
            found = await channel.declare_queue(queue, passive=True)
            return found.declaration_result.message_count or 0

    async def dead(self) -> list[tuple[bytes, str]]:
        assert self._operations is not None
        found: list[tuple[bytes, str]] = []
        async with self._operations.channel() as channel:
            queue = await channel.get_queue(DEAD_LETTERS, ensure=False)
            while (message := await queue.get(no_ack=True, fail=False)) is not None:
                found.append((message.body, str(message.headers.get("x-first-death-reason"))))
        return found

    async def lose_connections(self) -> None:
        async with httpx.AsyncClient(base_url=self.address.management_url, auth=self.address.administrator) as client:
            for user in SERVICES:
                answer = await client.delete(f"/api/connections/username/{user}")
                assert answer.is_success, answer.text

    async def close(self) -> None:
        for publisher in self._publishers:
            await publisher.close()
        for listener in self._listeners:
            await listener.stop(patience=0)
        if self._operations is not None:
            await self._operations.close()


async def publish_all(publisher: Publisher, rows: Sequence[Outgoing]) -> list[str]:
    return [fate.name for fate in await publisher.publish(rows)]
