"""What cannot be decided, and what cannot be delivered: each is dealt with alone, and delays nobody."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.topology import DEAD_LETTERS, OPERATIONS
from tests.engine.beds import eventually
from tests.live.house import until
from tests.live.workshop import LAPSED, POISON, QUICK, Workshop, opened
from tests.servers import Servers

pytestmark = pytest.mark.live


@pytest.fixture
async def shop(servers: Servers) -> AsyncIterator[Workshop]:
    async with opened(servers) as shop:
        yield shop


async def test_a_poisonous_message_delays_no_other_and_is_a_dead_letter_after_its_third_attempt(
    shop: Workshop,
) -> None:
    """Its first decision fails among the others; then it is tried alone, three times."""
    poison, others = shop.registered(POISON), [shop.registered("good") for _ in range(50)]
    began = time.monotonic()
    await shop.say(poison, *others)
    await eventually(partial(_have_settled, shop, len(others)), patience=1.0)
    assert time.monotonic() - began < 1.0
    assert len(shop.tried) <= 2
    letter = await _dead_letter(shop)
    assert len(shop.tried) == 1 + len(QUICK)
    assert letter.routing_key == "payment.decision-failed"
    assert letter.body == poison.body
    told = {name: letter.headers[name] for name in ("reason", "error", "message", "queue", "said-by")}
    assert told == {
        "reason": "DECISION_FAILED",
        "error": "ZeroDivisionError",
        "message": "application-registered",
        "queue": "payment.application-registered",
        "said-by": "payment",
    }
    assert await shop.bed.waiting("payment.application-registered") == 0
    assert await shop.admin.fetchval("select count(*) from payment.due") == 0


async def test_an_unroutable_row_backs_off_alone_and_goes_when_its_way_is_mended(shop: Workshop) -> None:
    await shop.unbind("fee-lapsed")
    await shop.say(shop.registered(LAPSED))
    for attempts in (1, 2, 3):
        expected = len(shop.settled) + 20
        await shop.say(*(shop.registered("good") for _ in range(20)))
        await eventually(partial(_have_settled, shop, expected), patience=1.0)
        assert await until(partial(_is_alone_after, shop, attempts), 15, every=0.02)
    assert (await shop.outbox())[0]["waits"] > 2.5
    assert "unroutable" in shop.log.lines
    heard = await shop.bed.waiting("saga-coordinator")
    await shop.mend()
    assert await until(partial(_is_empty, shop), 20)
    assert await shop.bed.waiting("saga-coordinator") == heard + 1


def _have_settled(shop: Workshop, expected: int) -> bool:
    return len(shop.settled) >= expected


async def _is_empty(shop: Workshop) -> bool:
    return not await shop.outbox()


async def _is_alone_after(shop: Workshop, attempts: int) -> bool:
    """Only the unroutable row is left, and was tried that often; nobody else ever is tried twice."""
    rows = [(row["routing_key"], row["attempts"]) for row in await shop.outbox()]
    assert all(tried == 0 for key, tried in rows if key != "fee-lapsed")
    return rows == [("fee-lapsed", attempts)]


async def _is_dead(shop: Workshop) -> bool:
    return await shop.bed.waiting(DEAD_LETTERS) > 0


async def _dead_letter(shop: Workshop) -> AbstractIncomingMessage:
    """The one that comes to lie there; it is taken."""
    assert await until(partial(_is_dead, shop), 20)
    async with await aio_pika.connect(shop.bed.url(OPERATIONS)) as connection, connection.channel() as channel:
        queue = await channel.get_queue(DEAD_LETTERS, ensure=False)
        found = await queue.get(no_ack=True)
        assert await queue.get(no_ack=True, fail=False) is None
        assert found is not None
        return found
