"""The bad luck of the modelled broker: what is killed stays silent, what is lost is lost as it would be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from shared.clock import SeededIds, SystemClock
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.engine.adapters.memory_broker import Faults, MemoryBroker
from shared.engine.adapters.memory_handles import CAREFUL
from shared.engine.rows import Delivery, Outgoing
from shared.process import COORDINATOR, INTAKE, PAYMENT
from tests.engine.beds import Heard, publish_all, row

QUEUE = "payment.application-registered"


class SkippingClock(SystemClock):
    """Sleeping takes no time but a few turns of the loop; what was slept is added up."""

    def __init__(self) -> None:
        super().__init__()
        self.slept = 0.0

    def machine_now(self) -> datetime:
        return datetime(2025, 10, 1, tzinfo=UTC) + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        for _ in range(3):
            await asyncio.sleep(0)


def broker(seed: int = 1, faults: Faults | None = None) -> MemoryBroker:
    return MemoryBroker(SkippingClock(), SeededIds(seed), faults or Faults())


def rows(count: int) -> list[Outgoing]:
    return [row(i.ApplicationRegistered, b"%d" % n) for n in range(count)]


async def settle() -> None:
    for _ in range(2000):
        await asyncio.sleep(0)


async def test_a_lost_message_failed_and_never_came_an_unconfirmed_one_failed_and_came() -> None:
    lossy = broker(faults=Faults(lost=1.0))
    assert await publish_all(lossy.publisher(INTAKE), rows(3)) == ["FAILED"] * 3
    assert not lossy.queues[QUEUE].waiting
    unsure = broker(faults=Faults(unconfirmed=1.0))
    assert await publish_all(unsure.publisher(INTAKE), rows(3)) == ["FAILED"] * 3
    assert len(unsure.queues[QUEUE].waiting) == 3


async def test_a_duplicate_comes_beside_its_original() -> None:
    made, heard = broker(faults=Faults(duplicated=1.0)), Heard()
    await made.listener(PAYMENT, heard).start()
    await publish_all(made.publisher(INTAKE), rows(2))
    await settle()
    assert heard.bodies == [b"0", b"0", b"1", b"1"]
    assert len({delivery.message_id for delivery in heard.deliveries}) == 2


async def test_a_connection_that_breaks_at_the_acknowledgement_brings_the_message_again() -> None:
    made, heard = broker(faults=Faults(disconnected=1.0)), Heard()
    listener = made.listener(PAYMENT, heard)
    await listener.start()
    await publish_all(made.publisher(INTAKE), rows(1))
    await heard.until(2)
    made.faults = Faults()
    await settle()
    assert [delivery.deliveries for delivery in heard.deliveries] == list(range(1, len(heard.deliveries) + 1))
    assert not made.queues[QUEUE].waiting
    assert listener.in_hand == 0


async def test_delays_reorder_between_queues_and_never_within_one() -> None:
    made, heard = broker(seed=5, faults=Faults(delay=1.0)), Heard()
    await made.listener(PAYMENT, heard).start()
    said = [row(kind, b"%d" % n) for n in range(40) for kind in (i.ApplicationRegistered, i.FormAccepted)]
    await publish_all(made.publisher(INTAKE), said)
    await heard.until(80)
    for queue in (QUEUE, "payment.form-accepted"):
        bodies = [int(delivery.body) for delivery in heard.deliveries if delivery.queue == queue]
        assert bodies == sorted(bodies)


async def test_the_calls_of_a_killed_process_never_return_and_what_it_had_goes_to_the_next() -> None:
    made = broker()
    reached: list[str] = []
    begun = asyncio.Event()

    async def take(delivery: Delivery) -> None:
        reached.append("taken")
        begun.set()
        await asyncio.sleep(0)
        await delivery.ack()
        reached.append("acknowledged")

    publisher, listener = made.publisher(PAYMENT), made.listener(PAYMENT, take)
    await listener.start()
    await publish_all(made.publisher(INTAKE), rows(1))
    await begun.wait()
    listener.kill()
    publisher.kill()
    saying = asyncio.create_task(publish_all(publisher, [row(p.FeePaid)]))
    heard = Heard()
    await made.listener(PAYMENT, heard).start()
    await settle()
    assert reached == ["taken"]
    assert not saying.done()
    assert "fee-paid" not in [message.routing_key for message in made.queues[COORDINATOR].waiting]
    assert [delivery.deliveries for delivery in heard.deliveries] == [2]
    saying.cancel()


async def test_while_the_broker_is_down_nothing_is_taken_and_what_it_kept_is_delivered_afterwards() -> None:
    made, heard = broker(), Heard()
    listener = made.listener(PAYMENT, heard)
    await listener.start()
    made.go_down()
    assert not listener.ready
    assert await publish_all(made.publisher(INTAKE), rows(1)) == ["FAILED"]
    await settle()
    assert not listener.ready
    made.come_up()
    await settle()
    assert listener.ready
    assert await publish_all(made.publisher(INTAKE), rows(1)) == ["CONFIRMED"]
    await heard.until(1)


async def test_after_a_careful_start_the_full_prefetch_comes_back() -> None:
    made, heard = broker(), Heard(acks=False)
    await publish_all(made.publisher(INTAKE), rows(9))
    await made.listener(PAYMENT, heard, prefetch=9, careful=True).start()
    await heard.until(9)
    assert made.clock.monotonic() >= CAREFUL


async def test_the_same_seed_brings_the_same_bad_luck() -> None:
    async def story(seed: int) -> list[tuple[bytes, int]]:
        faults = Faults(lost=0.1, unconfirmed=0.1, duplicated=0.2, disconnected=0.1, delay=0.5)
        made, heard = broker(seed, faults), Heard()
        await made.listener(PAYMENT, heard).start()
        for some in rows(30):
            await publish_all(made.publisher(INTAKE), [some])
        await settle()
        made.disconnect()
        made.faults = Faults()
        await settle()
        return [(delivery.body, delivery.deliveries) for delivery in heard.deliveries]

    first, again, other = await story(7), await story(7), await story(8)
    assert first == again
    assert first != other
