"""An issue desk and its issuer on real ports, in a loop of their own beside the browser's."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page

from services.production_dispatch.web.counter import HOME
from tests.browser.walking import Officer, sign_in
from tests.services.production_dispatch.counter import DESK
from tests.services.production_dispatch.house import House, house_in
from tests.services.ums_review.serving import _server as served


class Served:
    """While it is open one card, `talon-1`, is on its way in a shipment."""

    def __init__(self, folder: Path, ncalayer: str = "") -> None:
        self._folder, self._ncalayer, self._ready = folder, ncalayer, threading.Event()
        self.house: House
        self.card: UUID
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.at, self.issuer = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in self._sockets)

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with house_in(self._folder, self.at, self.issuer, self._ncalayer) as self.house:
            self.card = await self.house.counter.at_its_point()
            servers = [served(app) for app in (self.house.app, self.house.identity)]
            async with asyncio.TaskGroup() as group:
                for server, listening in zip(servers, self._sockets, strict=True):
                    group.create_task(server.serve(sockets=[listening]))
                self._ready.set()
                await self._stop.wait()
                for server in servers:
                    server.should_exit = True

    def enter(self, page: Page) -> None:
        """The officer of the point signs in and sees the desk."""
        sign_in(page, f"{self.at}{HOME}", Officer(DESK, self.house.passwords[DESK]))

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()
