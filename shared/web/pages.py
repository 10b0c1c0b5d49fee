"""Handlers of pages: forms are read with care, and every refusal is a page of its own in the reader's language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.web.bodies import JSON, read_bytes
from shared.web.problems import PROBLEM_JSON, Problem, answered
from shared.web.refusals import FAULTS, N_, told
from shared.web.site import Site

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 100
Page = Callable[[Request], Awaitable[Response]]


class Form(dict[str, str]):
    """The fields of a form, the last of a name; `all` gives every value of a name."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self._pairs if key == name)


async def form_of(request: Request) -> Form:
    """Raises `Problem` 415, 413, and 400 for one that does not read."""
    body = await read_bytes(request, (FORM,))
    try:
        return Form(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Problem(400, "The form does not read") from None


def paged(site: Site, handle: Page) -> Page:
    """The handler, whose refusals (and whatever else it raises) become pages; for a script of ours, what it shows."""

    async def page(request: Request) -> Response:
        kept: list[Problem] = []

        async def keeping() -> Response:
            try:
                return await handle(request)
            except Problem as problem:
                kept.append(problem)
                raise

        answer = await answered(keeping)
        if answer.media_type != PROBLEM_JSON:
            return told_where(site, request, answer)
        extra: dict[str, Any] = kept[0].extra if kept else {}
        headers = {name: value for name, value in answer.headers.items() if name in ("retry-after", "allow")}
        return refusal(site, request, answer.status_code, str(extra.get("code", "")), extra.get("faults", ()), headers)

    return page


def by_script(request: Request) -> bool:
    """Whether a script of the page asks, which tells what comes of it on that page."""
    return request.headers.get("accept") == JSON


def told_where(site: Site, request: Request, answer: Response) -> Response:
    """The answer; a script learns where it leads instead of being led."""
    if by_script(request) and answer.status_code == 303:
        told = JSONResponse({"to": answer.headers["location"]}, headers=site.headers)
        told.raw_headers.extend(header for header in answer.raw_headers if header[0] == b"set-cookie")
        return told
    return answer


def refusal(
    site: Site, request: Request, status: int, code: str = "", faults: Any = (), headers: dict[str, str] | None = None
) -> Response:
    """The page of a no, or the words of it."""
    title, detail = (site.text(request, text) for text in told(status, code))
    words = [FAULTS[word] for fault in faults for word in (fault["problem"], fault["field"]) if word in FAULTS]
    lines = [site.text(request, word) for word in dict.fromkeys(words)]
    if by_script(request):
        shown = {"title": title, "detail": detail, "faults": lines}
        return JSONResponse(shown, status, headers={**site.headers, **(headers or {})})
    out, way_out = N_("To the first page"), site.way_out
    if status == 401 or code == "SIGN_IN":
        out, way_out = N_("Sign in"), f"{way_out}/sign-in" if way_out == site.home else way_out
    return site.page(
        request, "problem.html", status, headers, title=title, detail=detail, faults=lines,
        out=site.text(request, out), way_out=way_out, code=code or str(status),
    )  # fmt: skip


def handlers(site: Site) -> dict[Any, Any]:
    """For `Starlette(exception_handlers=…)` of a process whose every address is a page."""

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return refusal(site, request, error.status_code, headers=dict(error.headers or {}))

    async def of_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return refusal(site, request, error.status, str(error.extra.get("code", "")), error.extra.get("faults", ()))

    return {HTTPException: of_http, Problem: of_problem}
