"""A service that takes messages and never answers: the process that is killed with two hundred of them in hand."""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection

from shared.engine.adapters.faststream import Listener
from shared.engine.rows import Delivery
from shared.engine.service import Service, Table
from shared.process import COORDINATOR
from tests.engine.beds import Nothing


def hold(url: str, count: int, full: Connection) -> None:
    """Take from the coordinator's queue until `count` are in hand, say so, and hold them for ever."""
    asyncio.run(_hold(url, count, full))


async def _hold(url: str, count: int, full: Connection) -> None:
    taken = 0

    async def take(delivery: Delivery) -> None:
        nonlocal taken
        taken += 1
        if taken == count:
            full.send(delivery.deliveries)
        await asyncio.Event().wait()

    await Listener(Service(COORDINATOR, Table("saga_coordinator.nothing", Nothing), ()), url, take).start()
    await asyncio.Event().wait()
