"""Fifty images at once, at intake's door and in the laboratory: how late the loop wakes, and what it takes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil

from deploy.sandbox.pictures import portrait
from services.identity_verification.laboratory import Laboratory
from services.identity_verification.photo.findings import Findings
from services.intake.darkroom import Darkroom
from shared.contracts.base import Sealed
from shared.contracts.eligibility import EligibilityConfirmed
from shared.contracts.values import FileRef
from shared.isolated import Isolated
from shared.security.keyring import system_nonces
from shared.security.objects import FolderObjects
from tests.photos.studio import Shot, encoded, taken
from tests.services.intake import cases
from tests.services.intake.desk import Desk, desk_in

TARGET = "services.identity_verification.laboratory:examined"
WASHES = "services.intake.darkroom:washed"
FLOOD = 50
EACH = 25
"""An application takes forty files: two share the flood."""
PAUSE = 0.005


@dataclass(frozen=True, slots=True)
class Flood:
    """`lag` and `took` are seconds, by the clock on the wall; `work` is what the loop itself did at a stretch, in
    seconds of the processor, whoever else shares the machine; `memory` is the largest RSS in bytes.
    """

    lag: float
    work: float
    memory: int
    took: float

    def __str__(self) -> str:
        loop = f"lag of the loop {1000 * self.lag:.0f} ms, its own work at a stretch {1000 * self.work:.0f} ms"
        return f"{loop}, {self.memory / 2**20:.0f} MB of memory, {self.took:.1f} s"


class Watch:
    """How late the loop wakes, and how large a process grows."""

    def __init__(self, worker: Isolated) -> None:
        self._worker, self._lag, self._work, self._memory = worker, 0.0, 0.0, 0
        self._began = time.monotonic()

    @property
    def seen(self) -> Flood:
        return Flood(self._lag, self._work, self._memory, time.monotonic() - self._began)

    @asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._late()), group.create_task(self._large())]
            yield
            for task in tasks:
                task.cancel()

    async def _late(self) -> None:
        while True:
            began, worked = time.monotonic(), time.thread_time()
            await asyncio.sleep(PAUSE)
            self._lag = max(self._lag, time.monotonic() - began - PAUSE)
            self._work = max(self._work, time.thread_time() - worked)

    async def _large(self) -> None:
        while True:
            pid = self._worker.pid
            if pid is not None and psutil.pid_exists(pid):
                self._memory = max(self._memory, psutil.Process(pid).memory_info().rss)
            await asyncio.sleep(0.02)


class Shelf:
    """Images by name; `fetched` is how often one was asked for."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents
        self.fetched = 0

    async def get(self, reference: str) -> bytes:
        self.fetched += 1
        return self.contents[reference]


def refs(contents: Mapping[str, bytes]) -> list[FileRef]:
    return [FileRef(reference=name, sha256=hashlib.sha256(content).hexdigest()) for name, content in contents.items()]


def a_flood(large: tuple[int, int] = (3500, 4500)) -> dict[str, bytes]:
    """Every fifth is of 16 megapixels."""
    great = encoded(taken(Shot(large)), quality=60)
    return {f"photo-{number}": portrait(number) if number % 5 else great + bytes(number) for number in range(FLOOD)}


async def in_the_laboratory() -> tuple[Flood, list[Findings]]:
    """All are filed at once; the memory is that of the process that measures."""
    worker = Isolated(TARGET)
    laboratory, shelf, watch = Laboratory(worker), Shelf(a_flood()), Watch(worker)
    async with watch.on():
        found = await asyncio.gather(*(laboratory.photos.of(file, shelf) for file in refs(shelf.contents)))
    await worker.close()
    return watch.seen, found


async def at_the_door(folder: Path) -> tuple[Flood, list[int]]:
    """All are sent at once, each by a grant of its own; the memory is that of the process that writes them anew."""
    objects = FolderObjects(folder / "objects", bytes(range(32)), system_nonces)
    (folder / "desk").mkdir()
    contents = list(a_flood((3400, 4371)).values())
    worker = Isolated(WASHES)
    async with desk_in(folder / "desk", objects, Darkroom(worker)) as desk:
        ids = [(await desk.opened()).state().application_id, await _another(desk)]
        granted = [(id, await desk.grant(id)) for id in ids for _ in range(EACH)]
        watch = Watch(worker)
        async with watch.on():
            answers = await asyncio.gather(
                *(
                    desk.put(f"/applications/{id}/files/photo", content, grant=grant)
                    for (id, grant), content in zip(granted, contents, strict=True)
                )
            )
    await worker.close()
    return watch.seen, [answer.status_code for answer in answers]


async def _another(desk: Desk) -> UUID:
    id, iin = cases.another(1), Sealed(cases.OTHER_IIN)
    await desk.say(cases.started(application_id=id, iin=iin, authenticated_iin=iin), "start/another")
    await desk.say(EligibilityConfirmed(application_id=id, expires=cases.EXPIRES), "eligible/another")
    return id


def told() -> list[str]:
    """What `make photos` prints of it."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="kualik-flood-") as folder:
        door, answers = asyncio.run(at_the_door(Path(folder)))
    laboratory, found = asyncio.run(in_the_laboratory())
    kept, measured = sum(status == 201 for status in answers), sum(one.fault is None for one in found)
    return [
        f"{FLOOD} at once, ten of them of 16 megapixels, on {cores} cores of load {load:.1f}:",
        f"  sent to intake: {kept} kept; {door}",
        f"  to be measured: {measured} measured; {laboratory}",
    ]
