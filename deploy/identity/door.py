"""The door of the administrator's pages: they sign in at this very issuer, by the same way as at console and desk."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import structlog
from starlette.requests import Request
from starlette.types import ASGIApp

from deploy.identity.accounts import Accounts
from deploy.identity.administration import AccountPages
from deploy.identity.register import Change, Register, act_of
from deploy.identity.settings import ADMINISTRATION, IdentitySettings
from shared.clock import SystemClock
from shared.web.forgeries import Forgeries
from shared.web.gate import Gate
from shared.web.held_sessions import HeldSessions
from shared.web.knocks import LONGEST, Record
from shared.web.officers import Officers
from shared.web.oidc import BY_KEY, Issuer
from shared.web.site import Site

HERE = Path(__file__).parent


class Machine(SystemClock):
    """A clock of which machine time alone is asked."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now

    def machine_now(self) -> datetime:
        return self._now()


def administration(
    settings: IdentitySettings, accounts: Accounts, officers: Officers, issuer: ASGIApp, now: Callable[[], datetime]
) -> AccountPages:
    """The pages; `issuer` is asked in this process, for its address may lead browsers alone to it."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(issuer))
    acr = BY_KEY if settings.second_step else ""
    gate = Gate(
        Site(HERE, ADMINISTRATION), HeldSessions(), officers,
        Issuer(settings.issuer_url, settings.issuer_client, http, acr=acr), Machine(now), secrets.token_bytes,
        structlog.get_logger("identity"), settings.issuer_url, recording(accounts.register, now),
    )  # fmt: skip
    return AccountPages(gate, accounts, settings.second_step)


def recording(register: Register, now: Callable[[], datetime]) -> Record:
    """Officers who are signed in are noted each time; whoever is not, once a minute for each address and code."""
    strangers = Forgeries()

    async def record(request: Request, who: str, result: str) -> None:
        where = request.client.host if request.client else "unknown"
        known = any(getattr(request.state, proof, None) is not None for proof in ("session", "officer"))
        if known or strangers.is_news(f"{where} {who} {result}", int(now().timestamp()) // 60):
            row = act_of(who, where, f"{request.method} {request.url.path}"[:LONGEST], result)
            register.change(now(), lambda _: (Change(acts=[row]), None))

    return record
