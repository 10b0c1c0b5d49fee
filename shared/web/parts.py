"""The pages of a web part as data: for every address the method, the handler and the roles that may use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from shared.web.gate import Gate
from shared.web.officers import Role
from shared.web.pages import paged
from shared.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Page:
    """One address. `quiet`: the browser asks by itself, which keeps no session alive."""

    method: Literal["GET", "POST"]
    path: str
    handler: Callable[[Request], Awaitable[Response]]
    roles: tuple[Role, ...]
    quiet: bool = False


def routes_behind(gate: Gate, pages: Iterable[Page]) -> list[BaseRoute]:
    """One route per address, then the door."""
    by_path: dict[str, dict[str, Page]] = {}
    for page in pages:
        by_path.setdefault(page.path, {})[page.method] = page
    found: list[BaseRoute] = [
        Route(path, paged(gate.site, _admitting(gate, methods)), methods=[*methods])
        for path, methods in by_path.items()
    ]
    return [*found, *gate.routes()]


def _admitting(gate: Gate, methods: dict[str, Page]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        page = methods.get(request.method) or methods.get("GET")
        if page is None:
            raise Problem(405, "Method Not Allowed")
        await gate.admit(request, page.roles, active=not page.quiet)
        return await page.handler(request)

    return handle
