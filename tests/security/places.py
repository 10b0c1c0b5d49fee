"""Where signatures are verified: each adapter as the services have it, over an authority's own HTTP side, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.authority import Authority
from deploy.sandbox.certificates import certificate_routes
from deploy.sandbox.ncanode import ncanode_routes
from deploy.sandbox.ncanode_cms import cms_of
from shared.clock import SystemClock
from shared.gateways.eds_ncanode import NcanodeVerifier
from shared.security.eds import LocalVerifier, SignatureVerifier
from shared.security.eds_x509 import X509Verifier
from shared.security.shelf import Shelf
from shared.security.status import Statuses
from tests.engine.house import Quiet

NOW = datetime(2025, 10, 1, 9, 0, tzinfo=UTC)
IIN, OTHER_IIN, BIN, OTHER_BIN = "900115390019", "900115391807", "123456789021", "990940000017"
AUTHORITY = Authority(NOW, b"seed of the true authority")
FALSE_AUTHORITY = Authority(NOW, b"seed of one that has the same names")
LISTS = ("http://authority/crl", "http://authority/crl/root")
RESPONDER = "http://authority/ocsp"


class StillClock(SystemClock):
    """Business time stands; the machine's goes on in steps."""

    def __init__(self, now: datetime = NOW) -> None:
        super().__init__()
        self.stands, self.ticks = now, 0.0

    def now(self) -> datetime:
        return self.stands

    def monotonic(self) -> float:
        return self.ticks


@dataclass
class Place:
    """`speaks`: the certification authority's side; what it is made to answer instead can be put into `instead`."""

    folder: Path
    clock: StillClock = field(default_factory=StillClock)
    lists: tuple[str, ...] = LISTS
    responder: str = RESPONDER
    instead: dict[str, Callable[[], Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        ncanode = ncanode_routes(more=cms_of(AUTHORITY, self.clock.now))
        own = certificate_routes(AUTHORITY, self.clock.now) + ncanode
        self._own = Starlette(routes=own)
        outside = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(outside), base_url="http://authority")
        self.trust = AUTHORITY.trust()
        self.shelf = Shelf(self.folder)
        self.statuses = self.fresh_statuses()

    def fresh_statuses(self) -> Statuses:
        """As another process would have them: the same shelf, nothing remembered."""
        return Statuses(self.http, self.shelf, lambda: self.trust, self.clock, Quiet(), self.lists, self.responder)

    async def _answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if request.url.path in self.instead:
            return self.instead[request.url.path]()
        transport = httpx.ASGITransport(self._own)
        async with httpx.AsyncClient(transport=transport, base_url="http://own") as inside:
            found = await inside.request(request.method, request.url.path, content=await request.body())
        return Response(found.content, found.status_code, {"content-type": found.headers.get("content-type", "")})

    @property
    def local(self) -> SignatureVerifier:
        return LocalVerifier(lambda: self.trust)

    @property
    def x509(self) -> SignatureVerifier:
        return X509Verifier(lambda: self.trust, self.statuses, self.shelf)

    @property
    def ncanode(self) -> SignatureVerifier:
        return NcanodeVerifier(self.http, "http://authority/ncanode", self.clock.now)
