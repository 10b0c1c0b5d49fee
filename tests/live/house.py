"""The whole system on this machine for one test session, and what only the one who tests it may do with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx

from deploy.demo.__main__ import WORKSTATIONS, processes
from deploy.demo.stage import Stage
from deploy.local.folder import RunFolder
from deploy.local.layout import Addresses
from deploy.local.processes import Process
from deploy.local.stack import Stack
from deploy.sandbox import keys
from deploy.sandbox.keys import OfficerAccount
from shared.process import SERVICES
from shared.topology import DEAD_LETTERS

SETTLES = 3.0  # seconds after readiness until a process is idle
OUTBOXES = " union all ".join(f"select count(*) from {name.replace('-', '_')}.outbox" for name in SERVICES)


@dataclass(frozen=True, slots=True)
class Start:
    """How it came up: seconds from servers that answer to the readiness of all, and idle PSS in bytes by service."""

    ready_after: float
    idle: Mapping[str, int]


class House:
    """One running stack; `stage` is what directs it."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient, connection: asyncpg.Connection, start: Start) -> None:
        self.stack, self.http, self.start = stack, http, start
        self.stage = Stage(stack, http, connection)
        management = stack.broker.address.management_url
        self._letters = f"{management}/api/queues/%2F/{DEAD_LETTERS}"

    @property
    def connection(self) -> asyncpg.Connection:
        return self.stage.connection

    @property
    def officers(self) -> tuple[OfficerAccount, ...]:
        return keys.write(self.stack.folder.data / "keys")

    async def reconnect(self) -> None:
        """After the database was away."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self.connection.close(timeout=2.0)
        self.stage.connection = await asyncpg.connect(self.stack.addresses.administrator_url, timeout=10)

    async def standing(self) -> int:
        """Rows of all outboxes that are committed and not yet confirmed."""
        return int(await self.connection.fetchval(f"select sum(count) from ({OUTBOXES}) of_each"))

    async def queued(self) -> dict[str, int]:
        """Queue → what it holds, as the broker counted it within the last seconds; empty ones are left out."""
        broker = self.stack.broker.address
        answer = await self.http.get(f"{broker.management_url}/api/queues/%2F", auth=broker.administrator)
        answer.raise_for_status()
        return {queue["name"]: queue["messages"] for queue in answer.json() if queue.get("messages")}

    async def dead_letters(self) -> list[dict[str, Any]]:
        """What lies in the dead letters, with body and headers; it stays there."""
        wanted = {"count": 1000, "ackmode": "ack_requeue_true", "encoding": "auto"}
        answer = await self.http.post(f"{self._letters}/get", json=wanted, auth=self.stack.broker.address.administrator)
        answer.raise_for_status()
        return list(answer.json())

    async def forget_dead_letters(self) -> None:
        answer = await self.http.delete(f"{self._letters}/contents", auth=self.stack.broker.address.administrator)
        answer.raise_for_status()

    async def at_the_state(self) -> dict[str, Any]:
        """What the outside systems count."""
        answer = await self.http.get(f"{self.stage.url('sandbox')}/control/state")
        answer.raise_for_status()
        return dict(answer.json())

    async def all_ready(self) -> None:
        await asyncio.gather(*(self.stack.processes.wait_ready(name) for name in SERVICES))

    def pids(self) -> dict[str, int]:
        return {name: self.stack.processes.pid(name) for name in SERVICES}


@asynccontextmanager
async def opened(
    folder: RunFolder, settings: Mapping[str, str] | None = None, workstations: Sequence[str] = WORKSTATIONS
) -> AsyncIterator[House]:
    """Started with the demonstration's terms, and with these settings on top; nothing is left behind."""

    def wanted(folder: RunFolder, addresses: Addresses) -> list[Process]:
        return [replace(each, env={**each.env, **(settings or {})}) for each in processes(folder, addresses)]

    moments: dict[str, float] = {}

    def tell(text: str) -> None:
        what = "processes" if " processes: " in text else text
        moments.setdefault(what, time.monotonic())

    async with (
        Stack(folder, fresh=True, keep=False, processes=wanted, workstations_of=workstations, tell=tell) as stack,
        httpx.AsyncClient(trust_env=False, timeout=30.0) as http,
    ):
        connection = await asyncpg.connect(stack.addresses.administrator_url, timeout=10)
        await asyncio.sleep(SETTLES)
        idle = {name: stack.processes.memory(name) for name in SERVICES}
        house = House(stack, http, connection, Start(moments["Ready."] - moments["processes"], idle))
        try:
            yield house
        finally:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await house.connection.close(timeout=2.0)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float, every: float = 0.2) -> bool:
    """Whether it came to hold in time."""
    deadline = time.monotonic() + seconds
    while not await holds():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(every)
    return True
