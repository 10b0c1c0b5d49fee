"""The console in a real browser: from the sign-in to a decision, in both languages, with and without JavaScript."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage
from starlette.applications import Starlette

from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from tests.browser.chromium import chromium
from tests.services.ums_review import cases
from tests.services.ums_review.console import Desk, desk_in

APPROVED = {"kk": "Мақұлданды", "ru": "Одобрено"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Served:
    """A desk with its console and issuer on real ports, in a loop of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ready = folder, threading.Event()
        self.path = ""
        self.desk: Desk
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.at, self.issuer = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in sockets)
        self._sockets = sockets

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with desk_in(self._folder, timedelta(seconds=8), self.at, self.issuer) as self.desk:
            self.path = await self.desk.office.arrive()
            servers = [_server(app) for app in (self.desk.app, self.desk.identity)]
            async with asyncio.TaskGroup() as group:
                for server, listening in zip(servers, self._sockets, strict=True):
                    group.create_task(server.serve(sockets=[listening]))
                self._ready.set()
                await self._stop.wait()
                for server in servers:
                    server.should_exit = True

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()


def _server(app: Starlette) -> uvicorn.Server:
    class Quiet(uvicorn.Server):
        def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
            return contextlib.nullcontext()

    return Quiet(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2))


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_officer_decides_undoes_and_decides_again(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    with Served(tmp_path) as served:
        context = browser.new_context(locale=language, java_script_enabled=script)
        page, said = context.new_page(), list[str]()

        def heard(message: ConsoleMessage) -> None:
            said.extend([message.text] if message.type == "error" else [])

        page.on("console", heard)
        page.goto(f"{served.at}{HOME}/sign-in")
        page.fill("#account", "17")
        page.fill("#password", served.desk.passwords["17"])
        page.press("#password", "Enter")
        page.click(f"form[action='{HOME}/next'] button")
        assert page.get_attribute("html", "lang") == language
        for again in (False, True):
            page.fill("#documentation_code", cases.CODE)
            page.check("#approve")
            page.click("form[action$='/preview'] button")
            page.click("form[action$='/decision'] button")
            assert page.inner_text("h1") == APPROVED[language]
            if not again:
                page.click("form[action$='/undo'] button")
        if script:
            page.wait_for_selector("#undo-time:not(:has(form))", timeout=40_000)
        context.close()
        assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []
        assert served.desk.office.state(served.path).standing in (Standing.SIGNED, Standing.APPROVED)
