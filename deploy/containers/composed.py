"""The compose stack as one `async with`, in the shape in which the demonstration directs any running stack."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import httpx

from deploy.containers.engine import Project, compose_command, has_image, has_made_images, label_of, said
from deploy.containers.prepare import PUBLISHED, Prepared, prepare
from deploy.images import source
from deploy.local.addresses import BrokerAddress
from deploy.local.business_day import BusinessDay
from deploy.local.child import CommandFailed
from deploy.local.debian import Tell
from deploy.local.folder import RunFolder
from deploy.local.layout import SANDBOX, Addresses
from deploy.local.processes import Process
from deploy.postgres.bootstrap import connected
from shared.process import PORTAL

IMAGE = "kualik/services:1"
OTHER_SOURCE = f"The image {IMAGE} was made of another source than this one; make images makes it anew."
START, READY = 420.0, 240.0  # seconds for compose to start all, and until all say that they are well


def image_is_fresh() -> bool:
    """Whether the services' image is of this tree. Raises `NoEngine`, or `CommandFailed` when there is no image."""
    compose_command()
    if not has_image(IMAGE):
        raise CommandFailed(f"The image {IMAGE} is not there; make images makes it.")
    return label_of(IMAGE, source.LABEL) == source.digest()


@dataclass(frozen=True)
class Published:
    """The processes behind ports of this machine."""

    ports: Mapping[str, int]

    def list(self) -> Sequence[Process]:
        return [Process(name, (), {}, self.ports[name]) for name in PUBLISHED]


@dataclass(frozen=True)
class Reached:
    """A server and where this machine reaches it."""

    address: BrokerAddress


class Composed:
    """`async with Composed(folder) as stack:` returns when all is healthy; leaves no container, network or volume.

    `settings` go to compose as variables of its environment. `begins`: the business day of its start; today without
    one. `keep`: containers and rows stay. Raises `NoEngine`, `CommandFailed`, `AlreadyRunning`.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: Mapping[str, str] | None = None,
        *,
        begins: BusinessDay | None = None,
        keep: bool = False,
        tell: Tell = print,
    ) -> None:
        self.folder, self._begins, self._keep, self._tell = folder, begins, keep, tell
        self.project = Project(folder.name, folder.home / "compose.env", settings=settings or {})
        self._prepared: Prepared
        self._began = time.monotonic()

    async def __aenter__(self) -> Self:
        self._began = time.monotonic()
        if not image_is_fresh():
            self._tell(OTHER_SOURCE)
        self.folder.acquire()
        try:
            await self.up()
        except BaseException:
            await self._finish()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._keep:
            self._tell("Stopping the containers …")
        await self._finish()

    async def up(self) -> None:
        """Fresh: what an earlier run of this folder left is taken away first."""
        made = has_made_images()
        self._told(f"Containers of {'make images' if made else 'the registries'} …")
        if self.project.variables.exists():
            await self.project.compose("down", "-v", "--remove-orphans", "-t", "5")
        shutil.rmtree(self.folder.data, ignore_errors=True)
        self.folder.data.mkdir()
        self._prepared = prepare(self.folder, made=made)
        self._prepared.write(self.project.variables)
        await self.project.compose("up", "-d", patience=START)
        self._told("All are started; waiting until they are well …")
        await self.all_healthy()
        if self._begins:
            await self._set_clock(self._begins)
        self._told("Ready.")

    async def _set_clock(self, begins: BusinessDay) -> None:
        """The row that the services read, and the sandbox, which reads no rows."""
        async with connected(self.addresses.administrator_url) as connection:
            offset, line = await begins.set(connection)
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as http:
            for name in (SANDBOX, PORTAL):
                at = f"http://127.0.0.1:{self._prepared.ports[name]}/control/clock"
                (await http.post(at, json={"offset_seconds": offset.total_seconds()})).raise_for_status()
        self._told(line)

    async def all_healthy(self, patience: float = READY) -> None:
        """Raises `CommandFailed` with the end of the log of one that is not."""
        deadline = time.monotonic() + patience
        while ill := await self.project.healthy_all():
            if time.monotonic() > deadline:
                log = await self.project.compose("logs", "--no-color", "--tail", "15", ill[0])
                raise CommandFailed(f"not well after {patience:.0f} s: {', '.join(sorted(ill))}\n{log}")
            await asyncio.sleep(1.0)

    @property
    def processes(self) -> Published:
        return Published(self._prepared.ports)

    @property
    def broker(self) -> Reached:
        return Reached(self._prepared.addresses.broker)

    @property
    def addresses(self) -> Addresses:
        return self._prepared.addresses

    async def collect(self) -> None:
        """Logs of all, and the broker's files: where the search for data in clear looks."""
        log = await self.project.compose("logs", "--no-color")
        (self.folder.logs / "containers.log").write_text(log, encoding="utf-8")
        into = self.folder.data / "rabbitmq"
        shutil.rmtree(into, ignore_errors=True)
        await said(["docker", "cp", f"{await self.project.container('rabbitmq')}:/var/lib/rabbitmq", str(into)])

    async def _finish(self) -> None:
        try:
            if not self._keep and self.project.variables.exists():
                await self.project.compose("down", "-v", "--remove-orphans", "-t", "5")
        finally:
            self.folder.release()

    def _told(self, text: str) -> None:
        self._tell(f"{time.monotonic() - self._began:6.1f} s  {text}")
