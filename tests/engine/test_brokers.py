"""One behaviour of two brokers: the model that the simulation runs on promises what RabbitMQ keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from deploy.local.addresses import BrokerAddress
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import portal
from shared.process import COORDINATOR, ELIGIBILITY, IDENTITY, INTAKE, PAYMENT, PORTAL, UNKNOWN
from tests.engine.beds import Bed, Heard, MemoryBed, RabbitBed, eventually, publish_all, row
from tests.servers import Servers

LIMIT = 20
REGISTERED = "payment.application-registered"


@pytest.fixture(params=["memory", pytest.param("rabbitmq", marks=pytest.mark.live)])
def address(request: pytest.FixtureRequest) -> BrokerAddress | None:
    """Of the real broker; None where the model is tried."""
    if request.param == "memory":
        return None
    servers: Servers = request.getfixturevalue("servers")
    return servers.broker.address


@pytest.fixture
async def bed(address: BrokerAddress | None) -> AsyncIterator[Bed]:
    made: Bed = MemoryBed(LIMIT) if address is None else await RabbitBed(address, LIMIT).open()
    yield made
    await made.close()


async def test_what_is_said_is_confirmed_and_heard_by_all_who_are_bound(bed: Bed) -> None:
    payment, coordinator = Heard(), Heard()
    for service, heard in ((PAYMENT, payment), (COORDINATOR, coordinator)):
        await bed.listener(service, heard).start()
    said = row(i.ApplicationRegistered, b'{"a":1}', traceparent="00-ab-cd-01", **{"said-by": INTAKE})
    assert await publish_all(bed.publisher(INTAKE), [said]) == ["CONFIRMED"]
    for heard, queue in ((payment, REGISTERED), (coordinator, COORDINATOR)):
        (delivery,) = await heard.until(1)
        assert (delivery.queue, delivery.exchange, delivery.routing_key) == (queue, "events", "application-registered")
        assert (delivery.message_id, delivery.body, delivery.deliveries) == (str(said.id), b'{"a":1}', 1)
        assert delivery.headers["traceparent"] == "00-ab-cd-01"
        assert delivery.headers["said-by"] == INTAKE


async def test_a_message_nobody_is_bound_to_comes_back_and_disturbs_no_other(bed: Bed) -> None:
    astray = replace(row(i.CloseApplication), routing_key="no-such-command")
    rows = [row(i.CloseApplication), astray, row(i.CloseApplication)]
    assert await publish_all(bed.publisher(COORDINATOR), rows) == ["CONFIRMED", "RETURNED", "CONFIRMED"]
    assert await bed.waiting("intake.close-application") == 2


@pytest.mark.parametrize(
    "forbidden",
    [row(i.CloseApplication), row(p.FeePaid), replace(row(p.FeePaid), exchange="no.such"), row(portal.FormFilled)],
    ids=["foreign exchange", "foreign key", "no such exchange", "the portal's exchange"],
)
async def test_a_forbidden_message_fails_alone(bed: Bed, forbidden: object) -> None:
    publisher, heard = bed.publisher(INTAKE), Heard()
    await bed.listener(PAYMENT, heard).start()
    rows = [row(i.ApplicationRegistered, str(n).encode()) for n in range(20)]
    fates = await publish_all(publisher, [*rows[:10], forbidden, *rows[10:]])  # type: ignore[list-item]
    assert fates == ["CONFIRMED"] * 10 + ["FAILED"] + ["CONFIRMED"] * 10
    await eventually(lambda: {str(n).encode() for n in range(20)} <= set(heard.bodies), "all twenty")
    assert await publish_all(publisher, [row(i.ApplicationRegistered)]) == ["CONFIRMED"]


async def test_two_batches_at_once_do_not_disturb_each_other(bed: Bed) -> None:
    publisher = bed.publisher(INTAKE)
    good = [row(i.ApplicationRegistered) for _ in range(50)]
    mixed = [row(i.ApplicationRegistered), row(p.FeePaid)]
    first, second = await asyncio.gather(publish_all(publisher, good), publish_all(publisher, mixed))
    assert first == ["CONFIRMED"] * 50
    assert second == ["CONFIRMED", "FAILED"]


async def test_nothing_to_say_is_nothing_said(bed: Bed) -> None:
    assert await bed.publisher(INTAKE).publish([]) == []


async def test_what_a_dead_consumer_had_in_hand_comes_again_first_in_order_and_counted(bed: Bed) -> None:
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered, b"%d" % n) for n in range(6)])
    dying = Heard(acks=False)
    first = bed.listener(PAYMENT, dying, prefetch=3)
    await first.start()
    await dying.until(3)
    await bed.die(first)
    heard = Heard()
    await bed.listener(PAYMENT, heard, prefetch=3).start()
    await heard.until(6)
    assert heard.bodies == [b"%d" % n for n in range(6)]
    assert [delivery.deliveries for delivery in heard.deliveries] == [2, 2, 2, 1, 1, 1]


async def test_what_was_acknowledged_never_comes_again(bed: Bed) -> None:
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered) for _ in range(5)])
    heard = Heard()
    first = bed.listener(PAYMENT, heard)
    await first.start()
    await heard.until(5)
    await first.stop()
    again = Heard()
    await bed.listener(PAYMENT, again).start()
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered, b"last")])
    await again.until(1)
    assert again.bodies == [b"last"]


async def test_an_acknowledgement_that_comes_too_late_is_no_error_and_the_message_comes_again(bed: Bed) -> None:
    heard = Heard(acks=False)
    listener = bed.listener(PAYMENT, heard)
    await listener.start()
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered)])
    (delivery,) = list(await heard.until(1))
    await bed.lose_connections()
    await heard.until(2)
    await delivery.ack()
    await delivery.ack()
    await heard.deliveries[1].ack()
    assert heard.deliveries[1].deliveries == 2


async def test_no_more_is_in_hand_than_the_prefetch_of_each_queue(bed: Bed) -> None:
    publisher = bed.publisher(INTAKE)
    await publish_all(publisher, [row(i.ApplicationRegistered) for _ in range(9)])
    await publish_all(publisher, [row(i.FormAccepted) for _ in range(9)])
    heard = Heard(acks=False)
    await bed.listener(PAYMENT, heard, prefetch=4).start()
    await heard.until(8)
    await asyncio.sleep(0.2)
    assert len(heard.deliveries) == 8
    await heard.deliveries[0].ack()
    await heard.until(9)


async def test_a_missing_message_id_is_missing_and_stays_missing(bed: Bed) -> None:
    heard = Heard(acks=False)
    first = bed.listener(INTAKE, heard)
    await first.start()
    await bed.say_raw("portal", "form-filled", b"{}")
    assert [delivery.message_id for delivery in await heard.until(1)] == [None]
    await bed.die(first)
    again = Heard()
    await bed.listener(INTAKE, again).start()
    assert [delivery.message_id for delivery in await again.until(1)] == [None]


async def test_a_body_that_is_no_json_arrives_as_it_is(bed: Bed) -> None:
    heard = Heard()
    await bed.listener(INTAKE, heard).start()
    await bed.say_raw("portal", "form-filled", b"\xff\x00 {", message_id="x", headers={"said-at": "yesterday"})
    (delivery,) = await heard.until(1)
    assert (delivery.body, delivery.message_id) == (b"\xff\x00 {", "x")
    assert delivery.headers["said-at"] == "yesterday"


async def test_what_no_class_stands_for_still_reaches_intake_when_the_portal_says_it(bed: Bed) -> None:
    heard = Heard()
    await bed.listener(INTAKE, heard).start()
    strange = replace(row(portal.FormFilled), routing_key="form-burnt")
    assert await publish_all(bed.publisher(PORTAL), [strange]) == ["CONFIRMED"]
    (delivery,) = await heard.until(1)
    assert (delivery.queue, delivery.exchange, delivery.routing_key) == (UNKNOWN, "portal", "form-burnt")


async def test_an_exception_while_taking_neither_acknowledges_nor_requeues(bed: Bed) -> None:
    seen: list[int] = []

    async def take(delivery: object) -> None:
        seen.append(1)
        raise RuntimeError("a bug")

    listener = bed.listener(PAYMENT, take)
    await listener.start()
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered)])
    await eventually(lambda: bool(seen))
    await asyncio.sleep(0.3)
    assert len(seen) == 1
    await bed.die(listener)
    heard = Heard()
    await bed.listener(PAYMENT, heard).start()
    assert [delivery.deliveries for delivery in await heard.until(1)] == [2]


async def test_what_kills_its_hearer_twenty_times_is_laid_in_the_dead_letters_with_its_reason(bed: Bed) -> None:
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered, b"poison")])
    counts = []
    for _ in range(LIMIT + 1):
        heard = Heard(acks=False)
        listener = bed.listener(PAYMENT, heard)
        await listener.start()
        counts += [delivery.deliveries for delivery in await heard.until(1)]
        await bed.die(listener)
    assert counts == list(range(1, LIMIT + 2))
    found: list[tuple[bytes, str]] = []
    for _ in range(200):
        found += await bed.dead()
        if found:
            break
        await asyncio.sleep(0.05)
    assert found == [(b"poison", "delivery_limit")]
    assert await bed.waiting(REGISTERED) == 0


async def test_a_service_lays_its_own_in_the_dead_letters_and_nobody_elses(bed: Bed) -> None:
    own = replace(row(i.ApplicationRegistered), exchange="dead-letters", routing_key="intake.unknown-type")
    foreign = replace(own, id=uuid4(), routing_key="payment.unknown-type")
    assert await publish_all(bed.publisher(INTAKE), [own, foreign]) == ["CONFIRMED", "FAILED"]


async def test_paused_it_takes_nothing_new_and_can_still_acknowledge(bed: Bed) -> None:
    publisher, heard = bed.publisher(INTAKE), Heard(acks=False)
    listener = bed.listener(PAYMENT, heard, prefetch=2)
    await listener.start()
    await publish_all(publisher, [row(i.ApplicationRegistered, b"%d" % n) for n in range(5)])
    await heard.until(2)
    await listener.pause()
    assert not listener.ready
    for delivery in heard.deliveries:
        await delivery.ack()
    await asyncio.sleep(0.2)
    assert len(heard.deliveries) == 2
    heard.acks = True
    await listener.resume()
    await heard.until(5)
    assert listener.ready
    assert heard.bodies == [b"%d" % n for n in range(5)]
    assert [delivery.deliveries for delivery in heard.deliveries] == [1] * 5


async def test_nothing_is_passed_over_when_it_is_paused_in_full_flow(bed: Bed) -> None:
    publisher, heard = bed.publisher(INTAKE), Heard()
    await publish_all(publisher, [row(i.ApplicationRegistered, b"%d" % n) for n in range(400)])
    listener = bed.listener(PAYMENT, heard, prefetch=20)
    await listener.start()
    for turn in range(1, 5):
        await heard.until(60 * turn)
        await listener.pause()
        await listener.resume()
    await heard.until(400)
    assert sorted(heard.bodies) == sorted(b"%d" % n for n in range(400))
    assert await bed.waiting(REGISTERED) == 0


async def test_after_a_lost_connection_it_hears_again_by_itself(bed: Bed) -> None:
    publisher, heard = bed.publisher(ELIGIBILITY), Heard()
    listener = bed.listener(COORDINATOR, heard)
    await listener.start()
    assert await publish_all(publisher, [row(e.EligibilityRefused)]) == ["CONFIRMED"]
    await heard.until(1)
    for turn in (2, 3):
        await bed.lose_connections()
        rows, fates = [row(e.EligibilityRefused)], ["FAILED"]
        while fates == ["FAILED"]:
            fates = await publish_all(publisher, rows)
            await asyncio.sleep(0.05)
        await heard.until(turn)
    await eventually(lambda: listener.ready, "ready again")
    assert await listener.consumers() == {COORDINATOR: 1}


async def test_a_careful_start_takes_one_at_a_time(bed: Bed) -> None:
    await publish_all(bed.publisher(INTAKE), [row(i.ApplicationRegistered) for _ in range(5)])
    heard = Heard(acks=False)
    await bed.listener(PAYMENT, heard, careful=True).start()
    await heard.until(1)
    await asyncio.sleep(0.2)
    assert len(heard.deliveries) == 1
    await heard.deliveries[0].ack()
    await heard.until(2)


async def test_two_incarnations_share_the_work(bed: Bed) -> None:
    publisher, one, other = bed.publisher(IDENTITY), Heard(), Heard()
    for heard in (one, other):
        await bed.listener(ELIGIBILITY, heard, prefetch=1).start()
    await publish_all(publisher, [row(v.IdentityConfirmed, b"%d" % n) for n in range(40)])
    await eventually(lambda: len(one.bodies) + len(other.bodies) == 40)
    assert one.bodies
    assert other.bodies
    assert len({*one.bodies, *other.bodies}) == 40
