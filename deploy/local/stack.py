"""The whole system on one machine, as one `async with`: servers, roles, tables, topology, processes."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import signal
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

from rich.console import Console
from rich.markup import escape

from deploy.local import layout, workstations
from deploy.local.broker_api import Definitions
from deploy.local.business_day import BusinessDay
from deploy.local.child import together
from deploy.local.debian import Tell
from deploy.local.folder import RunFolder
from deploy.local.processes import Process, Supervisor
from deploy.local.servers import Broker, Database, broker_for, database_for
from deploy.postgres.bootstrap import bootstrap, connected, make_schemas
from deploy.postgres.migrate import migrate, plan
from shared.process import PORTAL, SERVICES

CONSOLE = Console(highlight=False)
MakeDefinitions = Callable[[dict[str, str]], Definitions]
MakeProcesses = Callable[[RunFolder, layout.Addresses], Sequence[Process]]


class Stack:
    """`async with Stack() as stack:` returns when all is ready, and leaves nothing running behind.

    `keep`: whether the data is kept for the next run; what is thrown away is killed rather than stopped, which is
    quicker. `fresh`: begin with no data. `begins`: the business day of its start; today without one.
    `workstations_of`: regions that have one; those of `KUALIK_WORKSTATIONS` when nothing is said.
    Raises `AlreadyRunning`, `NoServer`, `CommandFailed`, `EditedMigration`.
    """

    def __init__(
        self,
        folder: RunFolder | None = None,
        *,
        fresh: bool = False,
        keep: bool = True,
        definitions: MakeDefinitions | None = None,
        processes: MakeProcesses = layout.processes,
        restart_crashed: bool = True,
        begins: BusinessDay | None = None,
        workstations_of: Sequence[str] | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.folder = folder or RunFolder()
        self._fresh, self._keep, self._definitions, self._processes = fresh, keep, definitions, processes
        self._began = time.monotonic()
        self._workstations = workstations_of
        self._tell, self._begins = tell or self._print, begins
        self.processes = Supervisor(self.folder, restart_crashed=restart_crashed, tell=self._tell)
        self.broker: Broker
        self.database: Database
        self.addresses: layout.Addresses
        self._cleaning = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._began = time.monotonic()
        left = self.folder.acquire()
        try:
            if left:
                self._tell(f"A killed run had left {len(left)} processes; they were stopped: {', '.join(sorted(left))}")
            if self._fresh:
                self.folder.wipe()
            await self._start()
        except BaseException:
            await self._finish()
            raise
        self._tell("Ready.")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tell("Stopping …")
        await self._finish()
        self._tell("Stopped.")

    async def _start(self) -> None:
        self.broker, self.database = broker_for(self.folder, self._tell), database_for(self.folder, self._tell)
        regions = workstations.named() if self._workstations is None else self._workstations
        words = {user: self.folder.secret(f"broker {user}") for user in (PORTAL, *SERVICES)}
        words |= workstations.secrets_of(self.folder, regions)
        roles = {layout.role_of(service): self.folder.secret(f"database {service}") for service in SERVICES}
        self._cleaning.push_async_callback(self._end, self.database)
        self._cleaning.push_async_callback(self._end, self.broker)
        make = self._definitions or partial(_generated, regions)
        await together(self.broker.start(make(words)), self._start_database(roles))
        self.addresses = layout.Addresses(self.broker.address, self.database.address, words, roles, regions)
        workstations.hand_out(self.folder, self.addresses.workstation_urls)
        await self._cleaning.enter_async_context(self.processes)
        wanted = self._processes(self.folder, self.addresses)
        if self._begins:
            told = {"KUALIK_CLOCK_OFFSET_SECONDS": str(await self._set_clock(self._begins))}
            wanted = [replace(each, env={**each.env, **told}) for each in wanted]
        if wanted:
            self._tell(f"Starting {len(wanted)} processes: {', '.join(process.name for process in wanted)} …")
            await self.processes.start(*wanted)

    async def _start_database(self, roles: Mapping[str, str]) -> None:
        server = await self.database.start()
        self._tell("Roles, schemas and tables …")
        await bootstrap(server.url(), layout.DATABASE, roles)
        async with connected(server.url(database=layout.DATABASE)) as connection:
            await make_schemas(connection, roles)
            await migrate(connection, plan(list(roles)))

    async def _set_clock(self, begins: BusinessDay) -> float:
        """Before anybody reads it. Gives the seconds that business time is ahead of the machine's."""
        async with connected(self.addresses.administrator_url) as connection:
            offset, line = await begins.set(connection)
        self._tell(line)
        return offset.total_seconds()

    async def _end(self, server: Broker | Database) -> None:
        await server.stop(keep=self._keep)

    async def _finish(self) -> None:
        try:
            await self._cleaning.aclose()
        finally:
            if not self._keep:
                self.folder.wipe()
            self.folder.release()

    def _print(self, text: str) -> None:
        CONSOLE.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/]  {escape(text)}", soft_wrap=True)


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run it to its end. The first Ctrl-C, SIGTERM or hang-up cancels it, so that it cleans; later ones wait for that.

    Returns its exit code, or 130 when it was cancelled.
    """

    async def cancellable() -> int:
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(main)
        asked = False

        def cancel() -> None:
            nonlocal asked
            if not asked:
                asked = True
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return 130

    return asyncio.run(cancellable())


def _generated(regions: Sequence[str], passwords: dict[str, str]) -> Definitions:
    made: Definitions = importlib.import_module("deploy.generate").definitions(passwords, workstations=regions)
    return made
