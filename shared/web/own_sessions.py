"""A person's own sessions: the list with its ends, and the warning before the one at hand is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from shared.web.officers import Role
from shared.web.pages import paged
from shared.web.problems import Problem
from shared.web.sessions import Session, handle_of

if TYPE_CHECKING:
    from shared.web.gate import Gate

WARN: Final = timedelta(minutes=5)
"""So long before its end a session warns."""
ANYONE: Final = tuple(Role)


def session_routes(gate: Gate) -> list[BaseRoute]:
    home, site = gate.site.home, gate.site

    async def listed(request: Request) -> Response:
        session = await gate.admit(request, ANYONE)
        lives = await gate.sessions.of(session.officer_id, gate.clock.machine_now())
        return site.page(request, "sessions.html", lives=lives, this=handle_of(session.id))

    async def end(request: Request) -> Response:
        """One of one's own sessions by its handle; another's is not found."""
        session = await gate.admit(request, ANYONE)
        form = await gate.form(request)
        if not await gate.sessions.end_one(session.officer_id, form.get("handle", ""), gate.clock.machine_now()):
            raise Problem(404, "No such session")
        gate.log.info("session ended", officer=session.officer_id)
        return RedirectResponse(f"{home}/sessions", 303, site.headers)

    async def time(request: Request) -> Response:
        """What a page asks each minute, which keeps nothing alive: the warning, or that it is over."""
        try:
            session = await gate.admit(request, ANYONE, active=False)
        except Problem:
            return site.page(request, "session_time.html", over=True, warns=False)
        return shown(request, session)

    async def stay(request: Request) -> Response:
        session = await gate.admit(request, ANYONE)
        await gate.form(request)
        return shown(request, session) if request.headers.get("hx-request") == "true" else _home()

    def shown(request: Request, session: Session) -> Response:
        warns = session.ends_at - gate.clock.machine_now() <= WARN
        return site.page(request, "session_time.html", over=False, warns=warns, ends_at=session.ends_at)

    def _home() -> Response:
        return RedirectResponse(home, 303, site.headers)

    return [
        Route(f"{home}/sessions", paged(site, listed)),
        Route(f"{home}/sessions/end", paged(site, end), methods=["POST"]),
        Route(f"{home}/session-time", paged(site, time)),
        Route(f"{home}/stay", paged(site, stay), methods=["POST"]),
    ]
