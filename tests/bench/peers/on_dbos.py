"""The chain in DBOS, run by its own interpreter: a workflow of twelve steps, each writing the application's state.

Every process keeps its share of the applications in flight. It says `ready`, waits for a line, and then prints one JSON
object: when it began and ended (`monotonic`, the same for all processes) and how long each application took.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from typing import Any

import asyncpg
from dbos import DBOS

HOPS = int(os.environ["BENCH_HOPS"])
NOTE = os.environ["BENCH_NOTE"]
DATABASE = os.environ["BENCH_DATABASE_URL"]
SAVE = (
    "insert into passage (application_id, hops, note) values ($1, 1, $2) on conflict (application_id) "
    "do update set hops = passage.hops + 1, note = excluded.note"
)

DBOS(
    config={
        "name": "chain",
        "system_database_url": DATABASE,
        "run_admin_server": False,
        "log_level": "ERROR",
        "executor_id": f"bench-{os.getpid()}",
    }
)
pools: list[Any] = []


@DBOS.step()
async def hop(application: str) -> None:
    await pools[0].execute(SAVE, uuid.UUID(application), NOTE)


@DBOS.workflow()
async def chain(application: str) -> None:
    for _ in range(HOPS):
        await hop(application)


class Share:
    """This process's part of the closed loop."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.applications: list[str] = []

    async def one(self) -> None:
        began, application = time.monotonic(), str(uuid.uuid4())
        handle = await DBOS.start_workflow_async(chain, application)
        await handle.get_result()
        self.latencies.append(time.monotonic() - began)
        self.applications.append(application)

    async def lane(self, until: float) -> None:
        await self.one()
        while time.monotonic() < until:
            await self.one()


async def main() -> None:
    window, seconds = int(sys.argv[1]), float(sys.argv[2])
    pools.append(await asyncpg.create_pool(DATABASE, min_size=4, max_size=10))
    DBOS.launch()
    await asyncio.gather(*(Share().one() for _ in range(3)))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    share, began = Share(), time.monotonic()
    await asyncio.gather(*(share.lane(began + seconds) for _ in range(window)))
    told = {
        "began": began,
        "ended": time.monotonic(),
        "latencies": share.latencies,
        "applications": share.applications,
    }
    print(json.dumps(told), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    os._exit(0)


asyncio.run(main())
