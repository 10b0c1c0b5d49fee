"""The operations desk of the coordinator: cases, timelines, what is stuck and why, and: drive again now."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from services.saga_coordinator.driving import DriveCase, Driven, Refusal
from services.saga_coordinator.page import POLICY, case_page, stuck_page
from services.saga_coordinator.saga import Case
from services.saga_coordinator.shown import CaseDriven, CaseShown, StuckShown, TimelineShown, case_shown, line_shown
from services.saga_coordinator.store import Files
from shared.engine.engine import Engine
from shared.engine.work import Result
from shared.web.officers import Officers, Role, officer_of
from shared.web.openapi import Endpoint, routes_of
from shared.web.problems import HEADERS, Problem, conflict, forbidden, invalid, not_found, unprocessable

CASES, LINES = 50, 200  # shown at once
FORM = "application/x-www-form-urlencoded"
WHY_NOT = {
    Refusal.NOTHING_WAITS: "The case waits for nothing: it has ended, and all that follows is done.",
    Refusal.WITH_OPERATIONS: "Production holds the order for operations: send it again there (production-dispatch).",
}


@dataclass(frozen=True, slots=True)
class Desk:
    engine: Engine
    files: Files

    async def show(self, request: Request) -> CaseShown:
        return case_shown(await self._case(request))

    async def show_page(self, request: Request) -> Response:
        case, timeline = await self._case(request), await self.timeline(request)
        return page(case_page(case_shown(case), timeline, form_token(request), request.query_params.get("told", "")))

    async def timeline(self, request: Request) -> TimelineShown:
        """In order, from the beginning or after a line: `?after=<seq>`."""
        after = number(request, "after", 0)
        id = (await self._case(request)).application_id
        found = await self.files.list_lines(id, after, LINES + 1)
        lines = tuple(map(line_shown, found[:LINES]))
        more = lines[-1].seq if len(found) > LINES else None
        return TimelineShown(application_id=id, lines=lines, after=more)

    async def list_stuck(self, request: Request) -> StuckShown:
        at = number(request, "page", 1)
        offset = (at - 1) * CASES
        stuck = await self.files.list_stuck(offset, CASES + 1)
        attention = await self.files.list_attention(offset, CASES + 1)
        unwatched = await self.files.list_unwatched(CASES)
        return StuckShown(
            stuck=tuple(map(case_shown, stuck[:CASES])),
            attention=tuple(map(case_shown, attention[:CASES])),
            unwatched=tuple(map(case_shown, unwatched)),
            page=at,
            more=max(len(stuck), len(attention)) > CASES,
        )

    async def stuck_page(self, request: Request) -> Response:
        return page(stuck_page(await self.list_stuck(request)))

    async def drive(self, request: Request, body: CaseDriven) -> CaseShown:
        await self._drive(request, body)
        return case_shown(await self._case(request))

    async def drive_by_form(self, request: Request, content: bytes) -> Response:
        """The page's button; a form that did not come from our page is refused."""
        fields = dict(parse_qsl(content.decode("utf-8", "replace")))
        if not hmac.compare_digest(fields.pop("token", "").encode(), form_token(request).encode()):
            raise forbidden("This form is not of our page. Load the page again.", "FORM")
        try:
            body = CaseDriven.model_validate(fields)
        except ValidationError as error:
            raise invalid(error) from None
        driven = await self._drive(request, body)
        return RedirectResponse(f"page?told={driven.stage or 'once already'}", 303, headers=HEADERS)

    async def _drive(self, request: Request, body: CaseDriven) -> Driven:
        case, officer = await self._case(request), officer_of(request)
        where = request.client.host if request.client else "unknown"
        act = DriveCase(
            application_id=case.application_id, act_id=body.act_id, officer_id=officer.id, where=where,
            reason=body.reason.strip(),
        )  # fmt: skip
        outcome = await self.engine.act(act, f"drive/{officer.id}/{body.act_id}")
        if outcome.result not in (Result.DONE, Result.REPEATED):
            raise Problem(503, "Not now", "The act was not taken. Try again.", headers={"Retry-After": "3"})
        driven = outcome.reply if isinstance(outcome.reply, Driven) else Driven()  # the same act again: it is done
        if driven.refusal is not None:
            raise conflict(WHY_NOT[driven.refusal], driven.refusal.value)
        return driven

    async def _case(self, request: Request) -> Case:
        id: UUID = request.path_params["id"]
        case: Case = await self.engine.read(id)
        if case.heard_at is None:
            raise not_found("The coordinator has heard of no such application.")
        return case


def number(request: Request, name: str, otherwise: int) -> int:
    """A whole number of the query. Raises `Problem` 422."""
    text = request.query_params.get(name, str(otherwise))
    if not text.isdecimal() or not otherwise <= int(text) < 2**53:
        raise unprocessable({"field": name, "problem": "not-a-number"})
    return int(text)


def form_token(request: Request) -> str:
    """What only a page of ours can carry: bound to the caller's own secret and to the address."""
    secret = request.headers.get("authorization", "").encode()
    path = request.url.path.encode()
    return hmac.new(secret, path, hashlib.sha256).hexdigest()


def page(html: str) -> Response:
    return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": POLICY})


def coordinator_routes(engine: Engine, files: Files, officers: Officers) -> list[BaseRoute]:
    """The calls with a bearer token, and the same as pages for a browser; `/openapi.json` and `/docs`."""
    desk = Desk(engine, files)
    reads, drives = officers.allow(Role.OPERATIONS, Role.AUDITOR), officers.allow(Role.OPERATIONS)
    sees, presses = officers.greet(Role.OPERATIONS, Role.AUDITOR), officers.greet(Role.OPERATIONS)
    endpoints = (
        Endpoint("GET", "/cases/{id:uuid}", desk.show, None, CaseShown, "Where a case stands and in whose hands",
                 (401, 403, 404), allows=reads, secured="bearer"),
        Endpoint("GET", "/cases/{id:uuid}/timeline", desk.timeline, None, TimelineShown,
                 "All that happened, in order: ?after=<seq>", (401, 403, 404, 422), allows=reads, secured="bearer"),
        Endpoint("GET", "/operations/stuck", desk.list_stuck, None, StuckShown,
                 "Cases past their time, and why: ?page=1", (401, 403, 422), allows=reads, secured="bearer"),
        Endpoint("POST", "/operations/cases/{id:uuid}/drive", desk.drive, CaseDriven, CaseShown,
                 "Go on with this case now", (401, 403, 404, 409), 202, allows=drives, secured="bearer"),
        Endpoint("GET", "/operations", desk.stuck_page, summary="The same as a page", errors=(401, 403),
                 gives="text/html", allows=sees),
        Endpoint("GET", "/cases/{id:uuid}/page", desk.show_page, summary="A case and its timeline as a page",
                 errors=(401, 403, 404), gives="text/html", allows=sees),
        Endpoint("POST", "/cases/{id:uuid}/page", desk.drive_by_form, bytes, summary="The page's button",
                 errors=(401, 403, 404, 409), status=303, media=(FORM,), gives="text/html", allows=presses),
    )  # fmt: skip
    return routes_of(endpoints, "Saga coordinator")
