"""One stack and one load for all live tests: both are costly, and what they leave behind is only read."""

from __future__ import annotations

import faulthandler
from collections.abc import AsyncIterator

import pytest

from tests.live.house import House, opened
from tests.live.load import Load, Outcome
from tests.servers import temporary_folder


@pytest.fixture(scope="session")
async def house() -> AsyncIterator[House]:
    with temporary_folder() as folder:
        folder.release()  # the stack takes it by itself
        async with opened(folder) as house:
            yield house


@pytest.fixture(scope="session")
async def outcome(house: House) -> Outcome:
    """What became of the load under the kills; it bounds its own time, so that pytest's watchdog does not."""
    faulthandler.cancel_dump_traceback_later()
    return await Load(house).run()
