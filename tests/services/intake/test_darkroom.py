"""An upload is written anew beside the loop; a process that fails says nothing of the file, and nothing is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.sandbox.pictures import portrait, signature_sample
from services.intake.darkroom import DEPENDENCY, Darkroom, washed
from shared.engine.rows import Unavailable
from shared.isolated import Broken, Isolated, Starved
from shared.security.cleaning import cleaned
from shared.security.images import ImageLimits
from tests.fuzz.seeds import bomb
from tests.services.intake.desk import PHOTO, desk_in
from tests.services.intake.test_uploads import problem

LIMITS = ImageLimits(1_048_576, 16_000_000, 6000)
FILES = {
    "a photo": portrait(1),
    "a sample": signature_sample(1),
    "no picture": b"GIF89a" + bytes(2000),
    "cut short": portrait(1)[:9000],
    "too many pixels": bomb(5000, 5000),
    "too large": portrait(1) + bytes(2_000_000),
    "nothing": b"",
}


async def test_what_comes_out_of_the_other_process_is_what_this_one_would_make() -> None:
    worker = Isolated("services.intake.darkroom:washed")
    darkroom = Darkroom(worker)
    for name, content in FILES.items():
        assert await darkroom(content, LIMITS) == cleaned(content, LIMITS), name
    await worker.close()


@pytest.mark.parametrize(("failure", "times"), [(Starved("no answer"), 1), (Broken("gone"), 2)], ids=["busy", "ended"])
async def test_while_it_fails_the_citizen_is_told_to_come_again_and_nothing_is_kept(
    tmp_path: Path, failure: Broken, times: int
) -> None:
    failing, told = [failure] * times, list[str]()

    async def frail(request: bytes) -> bytes:
        if failing:
            raise failing.pop()
        return washed(request)

    async with desk_in(tmp_path, clean=Darkroom(frail, lambda what, **more: told.append(what))) as desk:
        await desk.opened()
        problem(await desk.put(PHOTO, portrait(1)), 503)
        assert (desk.state().uploads, desk.envelopes.envelopes, len(told)) == ((), {}, times)
        assert (await desk.put(PHOTO, portrait(1))).status_code == 201


async def test_a_process_that_dies_over_a_file_is_replaced_for_the_next(tmp_path: Path) -> None:
    worker = Isolated("tests.shared.oddities:act")

    async def fatal(request: bytes) -> bytes:
        return await worker(b"die")

    with pytest.raises(Unavailable, match=DEPENDENCY):
        await Darkroom(fatal)(portrait(1), LIMITS)
    assert int(await worker(b"pid")) > 0
    await worker.close()
