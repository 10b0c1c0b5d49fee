"""The officers' console over an office in memory, with the real issuer beside it and a browser without a script."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette

from deploy.identity.__main__ import application
from deploy.identity.accounts import FOLDER, generate
from deploy.identity.issuer import KEY
from deploy.identity.settings import IdentitySettings
from deploy.sandbox.keys import OfficerAccount, keep_first
from services.ums_review.api import Reviews
from services.ums_review.routes import review_routes
from services.ums_review.store import Whose
from services.ums_review.web import pages_of
from services.ums_review.web.console import HERE, HOME, Console, console_routes
from services.ums_review.web.live import Live, Pace
from services.ums_review.web.lookups import Counts, Past
from shared.clock import SeededIds
from shared.engine.service import Audited
from shared.web.gate import SESSION, Gate
from shared.web.held_sessions import HeldSessions
from shared.web.knocks import recording
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Role
from shared.web.oidc import BY_KEY, Issuer
from shared.web.problems import EXCEPTION_HANDLERS
from shared.web.sessions import Session
from shared.web.site import Site
from tests.engine.house import Quiet
from tests.services.ums_review import cases
from tests.services.ums_review.findings import Findings, Looking
from tests.services.ums_review.numbers import Tallied
from tests.services.ums_review.office import _AUTHORITY, BIN, IINS, SEALER, Office, office_in
from tests.services.ums_review.recorded import Recorded

_KEY = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
ONCE, QUICK = Pace(life=0.0), Pace(look=0.1, beat=0.3)
"""A stream that says how things stand and ends, for where no real port is; and one that need not be waited for."""
AT, ISSUER = "http://console.test", "http://issuer.test"
_INPUT = re.compile(r"<input[^>]*>")
_FORM = re.compile(r'<form method="post" action="([^"]*)".*?</form>', re.DOTALL)


class Keys:
    """Software keys of the office; `broken` ones sign something else."""

    broken = False

    async def sign(self, officer_id: str, payload: bytes, moment: datetime) -> bytes:
        signed = b"something else" if self.broken else payload
        return _AUTHORITY.officer(IINS.get(officer_id, IINS["17"]), BIN).sign(signed, moment)


class Desk(Findings):
    """An office with its console and issuer; `browser()` is a new browser. Officers have software keys, unless they are
    to sign by NCALayer.
    """

    def __init__(
        self, office: Office, passwords: dict[str, str], at: str = AT, issuer_at: str = ISSUER, ncalayer: str = ""
    ) -> None:
        super().__init__(office.tables, SEALER)
        self.office, self.passwords, self.sessions, self.keys = office, passwords, HeldSessions(), Keys()
        self.at, self.issuer_at = at, issuer_at
        returns = f"{at}{HOME}/signed-in"
        settings = IdentitySettings(
            key_folder=office.folder, issuer_url=issuer_at, issuer_returns=returns, ncalayer_url=ncalayer or "ws://none"
        )
        self.identity = application(settings, self.keys, office.room.verifier)
        self.clients: list[httpx.AsyncClient] = []
        wire = self.client(self._mounts())
        site = Site(HERE, HOME, connects=(ncalayer,) if ncalayer else ())
        issuer = Issuer(issuer_at, "kualik-console", wire, acr=BY_KEY)
        gate = Gate(
            site, self.sessions, office.room.officers, issuer, office.clock, SeededIds(9).nonce, Quiet(), at,
            recording(office.engine),
        )  # fmt: skip
        keys = OfficerKeys(None if ncalayer else self.keys, ncalayer)
        self.live = Live(Looking(office.tables, SEALER), office.clock, QUICK if at != AT else ONCE)
        office.watched = self.live.poke
        self.console = Console(office.room, Reviews(office.room), gate, site, self, keys, self.live)
        self.pages = pages_of(self.console, Tallied(office.tables, SEALER), Recorded(office.tables, SEALER))
        routes = [*console_routes(self.console, self.pages), *review_routes(office.room)]
        self.app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)

    def _mounts(self) -> dict[str, Any]:
        """Ways to the issuer where no real port is."""
        return {ISSUER: httpx.ASGITransport(self.identity)} if self.issuer_at == ISSUER else {}

    def mounts(self) -> dict[str, Any]:
        here = {AT: httpx.ASGITransport(self.app)} if self.at == AT else {}
        return {**here, **self._mounts()}

    def client(self, mounts: dict[str, Any], **settings: Any) -> httpx.AsyncClient:
        """One that is closed with the desk."""
        self.clients.append(httpx.AsyncClient(mounts=mounts, **settings))
        return self.clients[-1]

    async def close(self) -> None:
        self.live.close()
        for client in self.clients:
            await client.aclose()

    def browser(self, language: str = "ru") -> Browser:
        return Browser(self, language)

    async def signed_in(
        self, id: str, roles: frozenset[Role] = frozenset({Role.INSPECTOR}), region: str = cases.REGION
    ) -> Browser:
        """A browser with a session of that account, begun behind the issuer's back."""
        session = Session(
            f"session-{id}",
            id,
            region,
            frozenset(r.value for r in roles),
            f"csrf-{id}",
            self.office.clock.machine_now(),
        )
        await self.sessions.begin(session)
        browser = self.browser()
        browser.http.cookies.set(SESSION, session.id, domain=httpx.URL(self.at).host)
        return browser

    async def counts(self, region: str, officer_id: str, officer_index: str, machine_now: datetime) -> Counts:
        parts = [
            await self.office.list_reviews(region, officer_id, officer_index, whose, machine_now, 0, 1000)
            for whose in (Whose.MINE, Whose.UNASSIGNED, Whose.ALL)
        ]
        return Counts(*map(len, parts))

    async def history(self, application_id: UUID) -> list[Past]:
        rows = [row for row in self.office.tables.rows_of(Audited, SEALER) if row.application_id == application_id]
        return [Past(self.office.clock.now(), row.who, row.what, row.result) for row in reversed(rows)]


class Visited(Protocol):
    """What a browser knows of where it goes."""

    at: str
    passwords: dict[str, str]

    def client(self, mounts: dict[str, Any], **settings: Any) -> httpx.AsyncClient: ...

    def mounts(self) -> dict[str, Any]: ...


class Browser:
    """Follows links and sends forms as they stand on the page it is on."""

    def __init__(self, desk: Visited, language: str) -> None:
        self.http = desk.client(desk.mounts(), follow_redirects=True, headers={"accept-language": language})
        self.desk = desk
        self.page: httpx.Response

    @property
    def text(self) -> str:
        return unescape(self.page.text)

    async def open(self, path: str) -> httpx.Response:
        self.page = await self.http.get(f"{self.desk.at}{path}")
        return self.page

    def hidden(self, action: str) -> dict[str, Any]:
        """The hidden fields of the first form with that ending of its action."""
        forms = (form[0] for form in _FORM.finditer(self.page.text) if form[1].partition("?")[0].endswith(action))
        return _hidden(next(forms))

    def csrf(self) -> Any:
        return self.hidden("/sign-out")["csrf"]

    async def send(self, action: str, origin: str | None = None, **fields: Any) -> httpx.Response:
        """The form with that ending of its action, its hidden fields as they stand."""
        for form in _FORM.finditer(self.page.text):
            target = unescape(form[1])
            if target.partition("?")[0].endswith(action):
                return await self.post(target, {**_hidden(form[0]), **fields}, origin)
        raise AssertionError(f"no form {action} on {self.page.url}")

    async def post(self, target: str, fields: dict[str, Any], origin: str | None = None) -> httpx.Response:
        base = self.page.url if hasattr(self, "page") else httpx.URL(self.desk.at)
        headers = {"origin": origin or f"{base.scheme}://{base.netloc.decode()}"}
        self.page = await self.http.post(base.join(target), data=fields, headers=headers)
        return self.page

    async def sign_in(self, id: str = "17", password: str | None = None, home: str = HOME) -> httpx.Response:
        await self.open(f"{home}/sign-in")
        await self.send("/authorize", account=id, password=password or self.desk.passwords[id])
        return await self.sign_by_key()

    async def sign_by_key(self) -> httpx.Response:
        """The second step of a sign-in whose password was right."""
        return await self.send("/authorize/key") if "/authorize/key" in self.page.text else self.page


def _hidden(form: str) -> dict[str, Any]:
    """The hidden fields; several of a name as a list."""
    found: dict[str, Any] = {}
    for tag in _INPUT.findall(form):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if parts.get("type") == "hidden":
            found.setdefault(parts["name"], []).append(unescape(parts["value"]))
    return found


@asynccontextmanager
async def desk_in(
    folder: Path, undo: timedelta = timedelta(seconds=0.05), at: str = AT, issuer_at: str = ISSUER, ncalayer: str = "",
    **limits: timedelta,
) -> AsyncIterator[Desk]:  # fmt: skip
    async with office_in(folder, undo, **limits) as office:
        accounts = json.loads((folder / "officers.json").read_text())
        officers = [
            OfficerAccount(a["id"], a["iin"], a["bin"], a["region"], None, tuple(a["roles"]), "") for a in accounts
        ]
        (folder / FOLDER).mkdir(mode=0o700)
        keep_first(folder / FOLDER / KEY, _KEY)
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        passwords = generate(folder, officers, cheap)
        desk = Desk(office, passwords, at, issuer_at, ncalayer)
        try:
            yield desk
        finally:
            await desk.close()
