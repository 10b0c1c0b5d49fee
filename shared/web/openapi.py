"""Endpoints as data: from one declaration the route, the checks of the body, `/openapi.json` and the page `/docs`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from shared.web.bodies import JSON, MOST_BYTES, read_as, read_bytes
from shared.web.document import document_of
from shared.web.page import POLICY, page_of
from shared.web.problems import HEADERS, Problem, answered

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Answer = Response | BaseModel | None
Handler = Callable[..., Awaitable[Answer]]
Allows = Callable[[Request], None]
"""Judges who knocks before the body is read; raises `Problem` 401 or 403."""
Checks = Callable[[Request, bytes], None]
"""Judges the raw body before it is understood (a signature over it); raises `Problem` 401."""
Notes = Callable[[Request], Awaitable[None]]
"""Is told of a body that `Checks` did not let in, before the answer goes out."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`handler(request)`, or `handler(request, body)` when a body is declared (a model, or `bytes` with its `media`).

    It returns a model (written with `status`), nothing (204) or a response; a no is raised as `Problem`.
    """

    method: Method
    path: str
    handler: Handler
    body: type[BaseModel] | type[bytes] | None = None
    answer: type[BaseModel] | None = None
    summary: str = ""
    errors: tuple[int, ...] = ()
    status: int = 200
    media: tuple[str, ...] = (JSON,)
    most: int = MOST_BYTES
    gives: str = JSON
    """Media type of the answer, for those that give no JSON."""
    allows: Allows | None = None
    checks: Checks | None = None
    notes: Notes | None = None
    secured: Literal["bearer", "signature", ""] = ""


def routes_of(endpoints: Sequence[Endpoint], title: str) -> list[BaseRoute]:
    """One route per path (so that another method is 405), then the document and its page."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        methods = by_path.setdefault(endpoint.path, {})
        if endpoint.method in methods:
            raise ValueError(f"{endpoint.method} {endpoint.path} is declared twice")
        methods[endpoint.method] = endpoint
    document = document_of(endpoints, title)
    page = page_of(document)

    async def openapi(_: Request) -> Response:
        return JSONResponse(document, headers=HEADERS)

    async def docs(_: Request) -> Response:
        return HTMLResponse(page, headers={**HEADERS, "Content-Security-Policy": POLICY})

    return [
        *(Route(path, _dispatch(methods), methods=list(methods)) for path, methods in by_path.items()),
        Route("/openapi.json", openapi),
        Route("/docs", docs),
    ]


def _dispatch(methods: dict[str, Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    async def dispatch(request: Request) -> Response:
        endpoint = methods.get(request.method) or methods.get("GET")
        if endpoint is None:
            return Problem(405, "Method Not Allowed").response()
        found = endpoint
        return await answered(lambda: _serve(found, request))

    return dispatch


async def _serve(endpoint: Endpoint, request: Request) -> Response:
    if endpoint.allows is not None:
        endpoint.allows(request)
    given: list[Any] = []
    if endpoint.body is not None:
        body = await read_bytes(request, endpoint.media, endpoint.most)
        await _check(endpoint, request, body)
        given.append(body if issubclass(endpoint.body, bytes) else read_as(endpoint.body, body))
    answer = await endpoint.handler(request, *given)
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status_code=204, headers=HEADERS)
    return Response(answer.model_dump_json(), endpoint.status, media_type=JSON, headers=HEADERS)


async def _check(endpoint: Endpoint, request: Request, body: bytes) -> None:
    if endpoint.checks is None:
        return
    try:
        endpoint.checks(request, body)
    except Problem as no:
        if endpoint.notes is not None and no.status == 401:
            await endpoint.notes(request)
        raise
