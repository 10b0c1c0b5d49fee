"""The embedded issuer with its administrator's pages, whose clock the test turns, and browsers without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

from deploy.identity.__main__ import application
from deploy.identity.accounts import FOLDER, Accounts, generate
from deploy.identity.register import Past, Register
from deploy.identity.settings import ADMINISTRATION, IdentitySettings
from deploy.sandbox import keys
from deploy.sandbox.authority import Authority
from shared.security.eds import LocalVerifier
from shared.web import oidc
from shared.web.officers import Officers
from tests.services.ums_review.console import Browser

ISSUER, CONSOLE = "http://issuer.test", "http://console.test/console/signed-in"
ADMINISTRATOR, INSPECTOR = "administrator-1", "71-inspector-1"
KNOWN = (INSPECTOR, "71-head", "71-01-issue", "operations-1", "auditor-1", ADMINISTRATOR)
"""One account of each role."""
NOW = datetime(2026, 1, 12, 5, 0, tzinfo=UTC)
_CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class House:
    """`started` again over the same folder it is the issuer after a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.at = folder, NOW, ISSUER
        officers = [each for each in keys.write(folder) if each.id in KNOWN]
        self.iin = {each.id: each.iin for each in officers}
        self.passwords = generate(folder, officers, _CHEAP)
        self.settings = IdentitySettings(key_folder=folder, issuer_url=ISSUER, issuer_returns=CONSOLE)
        self.clients: list[httpx.AsyncClient] = []
        self.started()

    def started(self) -> None:
        authority = Authority.kept_in(self.folder / keys.AUTHORITY, NOW)
        self.app = application(self.settings, None, LocalVerifier(authority.trust), lambda: self.now)

    def client(self, mounts: dict[str, Any], **settings: Any) -> httpx.AsyncClient:
        self.clients.append(httpx.AsyncClient(mounts=mounts, **settings))
        return self.clients[-1]

    def mounts(self) -> dict[str, Any]:
        return {ISSUER: httpx.ASGITransport(self.app)}

    def browser(self, language: str = "ru") -> Browser:
        return Browser(self, language)

    async def signed_in(self, id: str = ADMINISTRATOR) -> Browser:
        """By password and key, as everybody."""
        browser = self.browser()
        await browser.sign_in(id, home=ADMINISTRATION)
        return browser

    async def at_console(self, password: str, id: str = INSPECTOR) -> tuple[Browser, oidc.Issuer]:
        """A browser that has given that password on its way to the console, and the console's own client."""
        browser = self.browser()
        browser.http.follow_redirects = False
        client = oidc.Issuer(ISSUER, "kualik-console", self.client(self.mounts()), acr=oidc.BY_KEY)
        address = await client.address("state", "nonce", "v" * 43, CONSOLE, "ru")
        await browser.open(address.removeprefix(ISSUER))
        await browser.send("/authorize", account=id, password=password)
        return browser, client

    def officers(self) -> Officers:
        return Officers(self.folder)

    def accounts(self) -> Accounts:
        """As another process reads them."""
        return Accounts(self.folder / FOLDER, lambda: self.now)

    def record(self) -> list[Past]:
        """The newest first."""
        return Register(self.folder / FOLDER).past(None, 100)


@asynccontextmanager
async def administered(folder: Path) -> AsyncIterator[House]:
    house = House(folder)
    try:
        yield house
    finally:
        for client in house.clients:
            await client.aclose()
