"""Debian's Chromium, driven by playwright; where it lies, if it lies anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

PLACES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120_000
"""Milliseconds: a slow machine is no fault of a page."""
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def found() -> str | None:
    """The program, or None."""
    return next((path for path in map(shutil.which, PLACES) if path), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises `LookupError` without one."""
    program = found()
    if program is None:
        raise LookupError("no Chromium is installed; this mends it: sudo apt-get install -y chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield browser
        browser.close()


def opened(browser: Browser, **settings: Any) -> BrowserContext:
    """A new context whose waits are patient."""
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(**settings)
    context.set_default_timeout(PATIENCE)
    return context
