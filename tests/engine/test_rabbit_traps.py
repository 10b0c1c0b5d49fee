"""Traps of RabbitMQ and its clients that the model cannot show: each was met once, and each has its test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import aio_pika
import pytest
from faststream.specification import AsyncAPI

from shared.contracts import intake as i
from shared.engine.adapters.faststream import Listener
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.adapters.subscribers import missing, silence
from shared.engine.service import Service, Table
from shared.process import COORDINATOR, INTAKE, PAYMENT, queues_of
from shared.topology import OPERATIONS
from tests.engine.beds import Heard, Nothing, RabbitBed, eventually, publish_all, row
from tests.servers import Servers

pytestmark = pytest.mark.live
PAYMENT_SERVICE = Service(PAYMENT, Table("payment.nothing", Nothing), ())


@pytest.fixture
def unopened(servers: Servers) -> RabbitBed:
    return RabbitBed(servers.broker.address, 20)


@pytest.fixture
async def bed(unopened: RabbitBed) -> AsyncIterator[RabbitBed]:
    yield await unopened.open()
    await unopened.close()


class Wire:
    """A connection's way to the broker that can go deaf, as a network does, or be cut."""

    def __init__(self, bed: RabbitBed) -> None:
        self._bed, self.deaf = bed, False
        self.fuse: int | None = None  # bytes until it is cut
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers = []

    def url(self, user: str) -> str:
        return replace(self._bed.address, port=self.port).url(user, self._bed.passwords[user])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._bed.address.host, self._bed.address.port)
        self._writers += [writer, back]
        with suppress(OSError):
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deaf_since = self.deaf
        while data := await reader.read(65536):
            if self.fuse is not None:
                self.fuse -= len(data)
                if self.fuse < 0:
                    self.fuse = None
                    self.cut()
                    return
            if not self.deaf and not deaf_since:
                writer.write(data)
                await writer.drain()


async def test_what_is_published_is_persistent_and_says_who_said_what_of_which_application(bed: RabbitBed) -> None:
    said = row(i.ApplicationRegistered, b"{}", **{"said-at": "2025-10-01T00:00:00+05:00"})
    assert await publish_all(bed.publisher(INTAKE), [said]) == ["CONFIRMED"]
    async with await aio_pika.connect(bed.url(OPERATIONS)) as connection, connection.channel() as channel:
        found = await (await channel.get_queue("payment.application-registered", ensure=False)).get(no_ack=True)
    assert found is not None
    assert found.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert (found.message_id, found.correlation_id) == (str(said.id), str(said.application_id))
    assert (found.content_type, found.app_id, found.type) == ("application/json", INTAKE, "application-registered")
    assert found.headers["said-at"] == "2025-10-01T00:00:00+05:00"


async def test_a_broker_that_does_not_answer_is_a_failure_after_the_time_out_and_not_for_ever(bed: RabbitBed) -> None:
    async with Wire(bed) as wire:
        publisher = RabbitPublisher(wire.url(INTAKE), INTAKE, timeout=0.5)
        assert await publish_all(publisher, [row(i.ApplicationRegistered)]) == ["CONFIRMED"]
        wire.deaf = True
        async with asyncio.timeout(20):  # one after another they would take 25 s
            assert await publish_all(publisher, [row(i.ApplicationRegistered) for _ in range(50)]) == ["FAILED"] * 50
        wire.deaf = False
        assert await publish_all(publisher, [row(i.ApplicationRegistered)]) == ["CONFIRMED"]
        await publisher.close()


async def test_a_cut_wire_fails_what_was_under_way_and_the_next_goes_through(bed: RabbitBed) -> None:
    async with Wire(bed) as wire:
        publisher = RabbitPublisher(wire.url(INTAKE), INTAKE)
        await publish_all(publisher, [row(i.ApplicationRegistered)])
        rows = [row(i.ApplicationRegistered) for _ in range(300)]
        wire.fuse = 20_000
        assert set(await publish_all(publisher, rows)) <= {"CONFIRMED", "FAILED"}
        assert wire.fuse is None, "it was cut in their midst"
        assert await publish_all(publisher, [row(i.ApplicationRegistered)]) == ["CONFIRMED"]
        await publisher.close()


async def test_a_cut_wire_cancels_no_work_that_was_begun(bed: RabbitBed) -> None:
    done: list[str] = []

    async def take(delivery: object) -> None:
        done.append("begun")
        await asyncio.sleep(0.4)
        done.append("ended")

    async with Wire(bed) as wire:
        listener = Listener(PAYMENT_SERVICE, wire.url(PAYMENT), take)
        await listener.start()
        await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered)])
        await eventually(lambda: done == ["begun"])
        wire.cut()
        await eventually(lambda: "ended" in done)
        await listener.stop(patience=0)


async def test_a_message_that_asks_for_a_reply_gets_none_and_harms_nobody(bed: RabbitBed) -> None:
    heard = Heard()
    await bed.listener(INTAKE, heard).start()
    await bed.say_raw("portal", "form-filled", b"{}", message_id="a", reply_to="amq.gen-nobody", correlation_id="x")
    await bed.say_raw("portal", "form-filled", b"{}", message_id="b")
    await heard.until(2)
    await asyncio.sleep(0.2)
    assert [delivery.message_id for delivery in heard.deliveries] == ["a", "b"]


async def test_consumers_that_are_gone_without_a_word_are_made_anew(bed: RabbitBed) -> None:
    heard = Heard()
    listener = Listener(PAYMENT_SERVICE, bed.url(PAYMENT), heard, look_every=0.2)
    await listener.start()
    await silence(listener._subscribers)
    assert missing(listener._subscribers)
    await eventually(lambda: listener.ready, "consumers again")
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered)])
    await heard.until(1)
    assert await listener.consumers() == dict.fromkeys(queues_of(PAYMENT), 1)
    await listener.stop()


async def test_whoever_watches_over_the_consumers_outlives_a_wire_that_went_dead_without_a_word(bed: RabbitBed) -> None:
    heard = Heard()
    async with Wire(bed) as wire:
        listener = Listener(PAYMENT_SERVICE, f"{wire.url(PAYMENT)}?heartbeat=1", heard, look_every=0.2)
        await listener.start()
        assert listener.ready
        wire.deaf = True
        await eventually(lambda: not listener.ready, "the loss is seen")
        await asyncio.sleep(1.0)
        assert not any(task.done() for task in listener._running)
        wire.deaf = False
        await eventually(lambda: listener.ready, "consumers again", 40.0)
        await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered)])
        await heard.until(1)
        await listener.stop()


async def test_after_a_careful_start_the_full_prefetch_comes_back(bed: RabbitBed) -> None:
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered) for _ in range(6)])
    heard = Heard(acks=False)
    listener = Listener(PAYMENT_SERVICE, bed.url(PAYMENT), heard, prefetch=6, careful=True, careful_for=0.5)
    await listener.start()
    await asyncio.sleep(0.3)
    assert len(heard.deliveries) == 1
    await heard.until(6)
    await heard.deliveries[0].ack()
    assert [delivery.deliveries for delivery in heard.deliveries] == [1] * 6
    await listener.stop(patience=0)


async def test_a_backlog_is_not_passed_over_while_the_consumers_begin(bed: RabbitBed) -> None:
    rows = [row(i.ApplicationRegistered, b"%d" % n) for n in range(300)]
    await publish_all(bed.publisher(INTAKE), rows)
    for _ in range(3):
        heard = Heard(acks=False)
        listener = bed.listener(PAYMENT, heard, prefetch=300)
        await listener.start()
        await heard.until(300)
        await bed.die(listener)


async def test_a_stopped_listener_lets_what_is_in_hand_end_first(bed: RabbitBed) -> None:
    ended: list[int] = []

    async def take(delivery: object) -> None:
        await asyncio.sleep(0.5)
        await delivery.ack()  # type: ignore[attr-defined]
        ended.append(1)

    listener = bed.listener(PAYMENT, take)
    await listener.start()
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered)])
    await eventually(lambda: listener.in_hand == 1)
    await listener.stop()
    assert ended == [1]
    assert await bed.waiting("payment.application-registered") == 0


def test_faststream_still_documents_each_queue_and_its_payload(unopened: RabbitBed) -> None:
    broker, _ = Listener(PAYMENT_SERVICE, unopened.url(PAYMENT), Heard()).broker()
    document = AsyncAPI(broker).to_specification().to_jsonable()
    assert len(document["channels"]) == len(queues_of(PAYMENT))
    assert {"ApplicationRegistered", "CancelInvoice"} <= document["components"]["schemas"].keys()


async def test_a_killed_broker_loses_nothing_and_is_heard_again_when_it_is_back(
    bed: RabbitBed, servers: Servers
) -> None:
    publisher, heard = bed.publisher(INTAKE), Heard(acks=False)
    listener = bed.listener(COORDINATOR, heard)
    await listener.start()
    await publish_all(publisher, [row(i.ApplicationRegistered, b"%d" % n) for n in range(30)])
    await heard.until(30)
    await servers.broker.kill()
    try:
        async with asyncio.timeout(60):
            assert await publish_all(publisher, [row(i.ApplicationRegistered)]) == ["FAILED"]
        await eventually(lambda: not listener.ready, "the broker's end is noticed")
    finally:
        await servers.broker.restart()
    heard.acks = True
    await eventually(lambda: len(heard.deliveries) >= 60, "all thirty again", patience=60)
    assert heard.bodies[30:60] == heard.bodies[:30]
    assert await publish_all(publisher, [row(i.ApplicationRegistered)]) == ["CONFIRMED"]
