"""The portal's own HTTP side: who comes and when, what became of each application, and a page a person can read."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from urllib.parse import parse_qs
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.sandbox.control import Body, Offset, People, checked
from deploy.sandbox.portal.acts import BESIDE
from deploy.sandbox.portal.board import Board
from deploy.sandbox.portal.driver import NotNow, Portal
from deploy.sandbox.portal.ways import STYLE, Way, page_of
from shared.contracts.portal import NextAction
from shared.documents.qr import picture_of


class Starting(Body):
    """Which of the admitted citizens begin: all of an act, or those of the named personas, `limit` of them at most."""

    act: int | None = None
    personas: tuple[str, ...] = ()
    limit: int | None = Field(None, ge=1)
    rate: float = Field(20.0, gt=0, le=1000)


@dataclass(frozen=True, slots=True)
class PortalControl:
    """Everything under `/control`, `/applications/{id}`, and `/live` and `/ready`."""

    portal: Portal
    hears: Callable[[], bool]

    def routes(self) -> list[Route]:
        return [
            Route("/live", self.live),
            Route("/ready", self.ready),
            Route("/control/people", checked(self.people), methods=["POST"]),
            Route("/control/clock", checked(self.clock), methods=["POST"]),
            Route("/control/start", checked(self.start), methods=["POST"]),
            Route("/control/applications", self.applications),
            Route("/control/applications/{id:uuid}", self.application),
            Route("/applications/{id:uuid}", self.page),
            Route("/applications/{id:uuid}/sign", self.sign, methods=["GET"]),
            Route("/applications/{id:uuid}/sign", self.pressed, methods=["POST"]),
        ]

    async def live(self, _: Request) -> Response:
        return JSONResponse({"service": "portal"})

    async def ready(self, _: Request) -> Response:
        return JSONResponse({"service": "portal", "ready": self.hears()}, 200 if self.hears() else 503)

    async def people(self, request: Request) -> Response:
        """The same body as the sandbox's own `/control/people` makes the same people."""
        citizens = People.model_validate_json(await request.body()).crowd(self.portal.clock.today())
        self.portal.admit(citizens)
        return JSONResponse({"people": len(citizens)})

    async def clock(self, request: Request) -> Response:
        offset = Offset.model_validate_json(await request.body()).offset_seconds
        self.portal.clock.set_offset(timedelta(seconds=offset))
        return JSONResponse({"now": self.portal.clock.now().isoformat()})

    async def start(self, request: Request) -> Response:
        """Answers when the last of them has been let in; how many began."""
        wanted = Starting.model_validate_json(await request.body())
        chosen = [
            citizen
            for citizen in self.portal.citizens.values()
            if wanted.act in (None, citizen.persona.act)
            and (not wanted.personas or citizen.persona.name in wanted.personas)
            and citizen.application_id(0) not in self.portal.errands
        ]
        begun = await self.portal.start(chosen[: wanted.limit], wanted.rate)
        return JSONResponse({"begun": begun})

    async def applications(self, _: Request) -> Response:
        """`settled`: those with an ending; `open`: the others that were not refused at the door."""
        rows = self.portal.shown()
        unexpected = [row for row in rows if row["course"] != BESIDE and row["ending"] != row["expected"]]
        return JSONResponse(
            {
                "applications": rows,
                "settled": sum(row["ending"] is not None for row in rows),
                "unexpected": len(unexpected),
                "given_up": self.portal.given_up,
            }
        )

    async def application(self, request: Request) -> Response:
        """Every status in the order of arrival, and what of the portal's messages was not taken."""
        board = self.portal.boards.get(request.path_params["id"])
        if board is None:
            return JSONResponse({"error": "NOT_FOUND"}, 404)
        history = [status.model_dump(mode="json", exclude_none=True) for status in board.history]
        rejected = [answer.model_dump(mode="json", exclude_none=True) for answer in board.rejected]
        counts = {"regressed": board.regressed, "repeated": board.repeated}
        return JSONResponse({"history": history, "rejected": rejected, **counts})

    async def page(self, request: Request) -> Response:
        return HTMLResponse(await asyncio.to_thread(self._page, request.path_params["id"]))

    async def sign(self, request: Request) -> Response:
        """The code for eGov Mobile, while there is something to sign."""
        try:
            code = await self.portal.wires.code(request.path_params["id"])
        except NotNow:
            code = None
        if code is None:
            return JSONResponse({"error": "NOTHING_TO_SIGN"}, 409)
        return HTMLResponse(await asyncio.to_thread(page_of, request.path_params["id"], code))

    async def pressed(self, request: Request) -> Response:
        """One of the page's buttons: the telephone looks at a code of its own, or NCALayer is asked for a signature."""
        id, said = request.path_params["id"], parse_qs((await request.body())[:64].decode("ascii", "replace"))
        try:
            await self.portal.sign_by(id, Way(said.get("way", [""])[0]))
        except ValueError:
            return JSONResponse({"error": "WAY"}, 422)
        except NotNow:
            return JSONResponse({"error": "NOTHING_TO_SIGN"}, 409)
        return RedirectResponse(f"/applications/{id}", 303)

    def _page(self, id: UUID) -> str:
        """What the citizen sees, in Kazakh and Russian, with no script."""
        board = self.portal.boards.get(id)
        lines = [
            f"<li><b>{escape(status.text.kk)}</b> · {escape(status.text.ru)} <small>{escape(status.code)}</small></li>"
            for status in (reversed(board.history) if board else ())
        ]
        waits = board is not None and board.current is not None and board.current.next_action is NextAction.SIGN
        sign = f"<p><a href=/applications/{id}/sign>ЭЦҚ қою · Подписать ЭЦП</a></p>" if waits else ""
        return (
            f"<!doctype html><html lang=kk><meta charset=utf-8><title>Өтінім · Заявка</title><style>{STYLE}</style>"
            f"<h1>Өтінім · Заявка</h1><p>{id}</p>{sign}{_code(board)}<ul>{''.join(lines) or '<li>—</li>'}</ul></html>"
        )


def _code(board: Board | None) -> str:
    """What the issue desk scans, while the card waits there: the talon."""
    status = board.current if board else None
    if status is None or status.next_action is not NextAction.COLLECT or status.talon is None:
        return ""
    picture, talon = base64.b64encode(picture_of(status.talon, side=4)).decode(), escape(status.talon)
    words = f"QR-код: № {talon} талоны · талон № {talon}"
    return f'<p><img alt="{words}" src="data:image/png;base64,{picture}">№ {talon} талоны · Талон № {talon}</p>'
