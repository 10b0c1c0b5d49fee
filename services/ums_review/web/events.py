"""Server-sent events: a page is told that its lease or its counts look otherwise now, and asks for them itself.

An event bears a name and nothing else, so that all a page shows comes by the routes that judge session and region.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import asyncpg
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.ums_review.gateway import DECIDERS
from services.ums_review.web.console import CASE, HOME, Console, Page
from services.ums_review.web.live import Stream
from shared.web.officers import officer_of
from shared.web.problems import Problem

EVENT_STREAM: Final = "text/event-stream"
AGAIN: Final = 3000
"""Milliseconds after which a browser comes again when a stream has ended."""


@dataclass(frozen=True, slots=True)
class EventPages:
    console: Console

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("GET", f"{HOME}/events", self.events, quiet=True),
            Page("GET", f"{CASE}/events", self.events, quiet=True),
        )

    async def events(self, request: Request) -> Response:
        """Of the case of the path, or of the queue. Who may not see the case is refused before it begins."""
        if "id" in request.path_params:
            await self.console.case(request, "extend-lease")
        headers = {**self.console.site.headers, "X-Accel-Buffering": "no"}
        return StreamingResponse(self._told(request), headers=headers, media_type=EVENT_STREAM)

    async def _told(self, request: Request) -> AsyncIterator[str]:
        """Until the session, the page or the process ends; the database being away ends it, too."""
        live, officer = self.console.live, officer_of(request)
        stream = live.open(officer.id, officer.region, request.path_params.get("id"))
        try:
            yield f"retry: {AGAIN}\n\n"
            async for event in self._changes(request, stream):
                yield event
        except Problem:
            yield _event("session")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return
        finally:
            live.leave(stream)

    async def _changes(self, request: Request, stream: Stream) -> AsyncIterator[str]:
        """A page is told at once, for it was made a moment ago; a browser that comes again says what it was told last.

        Raises `Problem` when the session is over, or is no longer of who may see the page.
        """
        live, last = self.console.live, request.headers.get("last-event-id", "")
        begun = beaten = live.clock.monotonic()
        while True:
            shown, now = await live.shown(stream), live.clock.monotonic()
            if shown != last:
                yield _event("lease" if stream.case else "counts", shown)
                last = shown
            if stream.over:
                if not live.closed:
                    yield _event("enough")
                return
            if now - begun >= live.pace.life:
                return
            if now - beaten >= live.pace.beat:
                await self.console.gate.admit(request, DECIDERS, active=False)
                yield _event("beat")
                beaten = now
            await stream.wait(live.pace.look)


def _event(name: str, id: str = "") -> str:
    """With an id the browser says, when it comes again, that this was the last it was told."""
    lines = (f"event: {name}", *([f"id: {id}"] if id else []), "data: .")
    return "\n".join(lines) + "\n\n"
