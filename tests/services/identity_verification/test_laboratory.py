"""Images are measured beside the loop: a flood of them neither holds it up nor fills the memory."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import psutil
import pytest

from deploy.sandbox.pictures import portrait, signature_sample
from services.identity_verification.laboratory import Laboratory, examined
from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.photo.measuring import measured
from services.identity_verification.signature_sample import SampleFault
from services.identity_verification.strokes import measured_sample
from shared.contracts.values import FileRef
from shared.isolated import Broken, Isolated, Starved
from tests.photos.studio import Shot, encoded, taken

TARGET = "services.identity_verification.laboratory:examined"
FLOOD = 50
MOST_LAG = 0.05
MOST_MEMORY = 300 * 1024**2


class Shelf:
    """`out` are the images that were fetched and are not measured yet."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents
        self.fetched = 0

    async def get(self, reference: str) -> bytes:
        self.fetched += 1
        return self.contents[reference]


class Watch:
    """How late the loop wakes, and how large the worker grows."""

    def __init__(self, worker: Isolated) -> None:
        self.worker, self.lag, self.memory = worker, 0.0, 0

    @asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._late()), group.create_task(self._large())]
            yield
            for task in tasks:
                task.cancel()

    async def _late(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.005)
            self.lag = max(self.lag, time.monotonic() - began - 0.005)

    async def _large(self) -> None:
        while True:
            if self.worker.pid is not None and psutil.pid_exists(self.worker.pid):
                self.memory = max(self.memory, psutil.Process(self.worker.pid).memory_info().rss)
            await asyncio.sleep(0.02)


def refs(contents: Mapping[str, bytes]) -> list[FileRef]:
    return [FileRef(reference=name, sha256=hashlib.sha256(content).hexdigest()) for name, content in contents.items()]


def a_flood() -> dict[str, bytes]:
    """Every fifth is of 16 megapixels."""
    large = encoded(taken(Shot((3500, 4500))), quality=60)
    return {f"photo-{number}": portrait(number) if number % 5 else large + bytes(number) for number in range(FLOOD)}


async def test_fifty_at_once_leave_the_loop_and_the_memory_alone() -> None:
    """Fifty milliseconds of a machine that is ours; one that is shared is later by as many as share it."""
    worker = Isolated(TARGET)
    laboratory, shelf = Laboratory(worker), Shelf(a_flood())
    watch = Watch(worker)
    crowded = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    async with watch.on():
        found = await asyncio.gather(*(laboratory.photos.of(file, shelf) for file in refs(shelf.contents)))
    await worker.close()
    print(f"lag {1000 * watch.lag:.0f} ms, crowded by {crowded:.1f}; worker {watch.memory / 1e6:.0f} MB")
    assert all(one.fault is None and one.raw[PhotoFault.FACE_PRESENT] for one in found)
    assert watch.lag < MOST_LAG * crowded
    assert 0 < watch.memory < MOST_MEMORY


async def test_however_many_wait_one_image_lies_in_memory() -> None:
    contents = {f"sample-{number}": signature_sample(number) for number in range(4)}
    shelf, begun = Shelf(contents), asyncio.Event()

    async def slow(request: bytes) -> bytes:
        await begun.wait()
        return examined(request)

    laboratory = Laboratory(slow)
    async with asyncio.TaskGroup() as group:
        for file in refs(contents):
            group.create_task(laboratory.samples.of(file, shelf))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert shelf.fetched == 1
        begun.set()
    assert shelf.fetched == 4


async def test_what_is_found_beside_the_loop_is_what_is_found_on_it() -> None:
    worker = Isolated(TARGET)
    laboratory = Laboratory(worker)
    assert await laboratory.photo(portrait(1)) == measured(portrait(1))
    assert await laboratory.sample(signature_sample(1)) == measured_sample(signature_sample(1))
    await worker.close()


async def test_a_busy_machine_is_not_held_against_the_image() -> None:
    async def starved(request: bytes) -> bytes:
        raise Starved("no answer in 60 s")

    for measure, content in ((Laboratory(starved).photo, portrait(1)), (Laboratory(starved).sample, b"")):
        with pytest.raises(Starved):
            await measure(content)


@pytest.mark.parametrize("ends", [1, 2])
async def test_a_process_that_ends_once_is_forgiven_and_an_image_that_ends_it_again_is_damaged(ends: int) -> None:
    asked = 0

    async def frail(request: bytes) -> bytes:
        nonlocal asked
        asked += 1
        if asked <= ends:
            raise Broken("gone")
        return examined(request)

    found = await Laboratory(frail).photo(portrait(1))
    assert found.fault == (PhotoFault.DAMAGED if ends == 2 else None)
    asked = 0
    assert (await Laboratory(frail).sample(signature_sample(1))).fault == (SampleFault.DAMAGED if ends == 2 else None)
