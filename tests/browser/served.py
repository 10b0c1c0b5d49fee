"""A desk with its console and issuer on real ports, in a loop of its own beside the browser's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Page

from services.ums_review.web.console import HOME
from tests.browser.walking import Officer, sign_in
from tests.services.ums_review.console import Desk
from tests.services.ums_review.serving import served_desk

T = TypeVar("T")


class Served:
    """While it is open `at` is the console's origin and `path` the first case; ten minutes to undo, however slow."""

    def __init__(
        self, folder: Path, undo: timedelta = timedelta(minutes=10), ncalayer: str = "", **limits: timedelta
    ) -> None:
        self._folder, self._undo, self._limits, self._ncalayer = folder, undo, limits, ncalayer
        self._ready = threading.Event()
        self.path = self.at = ""
        self.desk: Desk
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with served_desk(self._folder, self._undo, self._ncalayer, **self._limits) as self.desk:
            self.path, self.at = await self.desk.office.arrive(), self.desk.at
            self._ready.set()
            await self._stop.wait()

    def officer(self, id: str) -> Officer:
        return Officer(id, self.desk.passwords[id])

    def enter(self, page: Page, id: str = "17") -> None:
        """That officer signs in and sees the queue."""
        sign_in(page, f"{self.at}{HOME}", self.officer(id))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Something done in the desk's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()
