"""Images are measured beside the loop: a flood of them neither holds it up nor fills the memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deploy.sandbox.pictures import portrait, signature_sample
from services.identity_verification.app import SERVICE
from services.identity_verification.gateway import LABORATORY
from services.identity_verification.laboratory import SECONDS, Laboratory, examined
from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.photo.measuring import measured
from services.identity_verification.strokes import measured_sample
from services.identity_verification.verdicts import Verdicts
from shared.engine.rows import Unavailable
from shared.gateways.policies import LONG
from shared.isolated import Broken, Isolated, Starved
from tests.photos.flood import TARGET, Shelf, in_the_laboratory, refs

MOST_WORK = 0.05
"""Processor seconds of the loop at a stretch; measured on the wall by `make photos`."""
MOST_MEMORY = 300 * 1024**2


async def test_fifty_at_once_leave_the_loop_and_the_memory_alone() -> None:
    flood, found = await in_the_laboratory()
    print(flood)
    assert all(one.fault is None and one.raw[PhotoFault.FACE_PRESENT] for one in found)
    assert flood.work < MOST_WORK
    assert 0 < flood.memory < MOST_MEMORY


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


class Frail:
    """A worker that fails so many times; `asked` is how often it was asked."""

    def __init__(self, failures: int, failure: Broken) -> None:
        self.failures, self.failure, self.asked = failures, failure, 0

    async def __call__(self, request: bytes) -> bytes:
        self.asked += 1
        if self.asked <= self.failures:
            raise self.failure
        return examined(request)


@pytest.mark.parametrize("check", ["photos", "samples"])
@pytest.mark.parametrize(
    ("failure", "times"), [(Starved("no answer in 60 s"), 1), (Broken("IncompleteReadError"), 2)], ids=["busy", "ended"]
)
async def test_what_we_fail_to_measure_is_no_verdict_and_is_measured_when_asked_again(
    check: str, failure: Broken, times: int
) -> None:
    content = portrait(1) if check == "photos" else signature_sample(1)
    worker, told = Frail(times, failure), []
    verdicts: Verdicts[Any] = getattr(Laboratory(worker, lambda *said, **more: told.append(said)), check)
    (file,), shelf = refs({"image": content}), Shelf({"image": content})
    with pytest.raises(Unavailable, match="laboratory"):
        await verdicts.of(file, shelf)
    assert (worker.asked, len(told)) == (times, times)
    found = await verdicts.of(file, shelf)
    assert found == (measured(content) if check == "photos" else measured_sample(content))
    assert await verdicts.of(file, shelf) is found
    assert (worker.asked, shelf.fetched) == (times + 1, 2)


async def test_a_process_that_ends_once_is_forgiven() -> None:
    worker = Frail(1, Broken("gone"))
    assert (await Laboratory(worker).photo(portrait(1))).fault is None
    assert worker.asked == 2


async def test_a_process_that_is_killed_over_an_image_says_nothing_of_it() -> None:
    worker = Isolated("tests.shared.oddities:act")
    pids = set()

    async def fatal(request: bytes) -> bytes:
        pids.add(await worker(b"pid"))
        return await worker(b"die")

    with pytest.raises(Unavailable, match="laboratory"):
        await Laboratory(fatal).photo(portrait(1))
    assert len(pids) == 2
    await worker.close()


def test_whoever_waits_for_the_laboratory_is_sent_on_in_the_end() -> None:
    judging = SERVICE.by_key["judge-photo"]
    assert judging.policy is LABORATORY
    assert LABORATORY.deadline is not None
    assert LABORATORY.deadline < LONG
    assert not LABORATORY.p12
    assert LABORATORY.timeout > 2 * 6 * SECONDS
