"""Fifteen kills of a service that holds two hundred messages: each comes again, and none is given up."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator

import pytest

from shared.contracts import intake as i
from shared.engine.adapters.faststream import PREFETCH_IN_BULK
from shared.process import COORDINATOR, INTAKE
from shared.topology import DELIVERY_LIMIT
from tests.engine.beds import Heard, RabbitBed, publish_all, row
from tests.live.hostage import hold
from tests.servers import Servers

pytestmark = pytest.mark.live
MESSAGES, KILLS = 300, 15
FORKED = multiprocessing.get_context("forkserver")  # what the process needs is imported once, not fifteen times
FORKED.set_forkserver_preload(["tests.live.hostage"])


@pytest.fixture
async def bed(servers: Servers) -> AsyncIterator[RabbitBed]:
    bed = RabbitBed(servers.broker.address, DELIVERY_LIMIT)
    yield await bed.open()
    await bed.close()


async def test_fifteen_kills_with_two_hundred_messages_in_hand_leave_the_dead_letters_empty(bed: RabbitBed) -> None:
    rows = [row(i.ApplicationRegistered, b"%d" % number) for number in range(MESSAGES)]
    assert set(await publish_all(bed.publisher(INTAKE), rows)) == {"CONFIRMED"}
    for _ in range(KILLS):
        await asyncio.to_thread(_killed_with_its_hands_full, bed.url(COORDINATOR))
        assert await bed.dead() == []
    heard = Heard()
    listener = bed.listener(COORDINATOR, heard)
    await listener.start()
    found = await heard.until(MESSAGES)
    assert sorted(delivery.body for delivery in found) == sorted(each.body for each in rows)
    assert max(delivery.deliveries for delivery in found) > KILLS
    assert await bed.dead() == []
    assert await bed.waiting(COORDINATOR) == 0


def _killed_with_its_hands_full(url: str) -> None:
    ours, theirs = FORKED.Pipe()
    process = FORKED.Process(target=hold, args=(url, PREFETCH_IN_BULK, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        assert ours.poll(30), "it never held as many as it may"
        ours.recv()
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
