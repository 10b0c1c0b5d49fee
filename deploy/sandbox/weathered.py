"""The switches for addresses that speak neither ШЭП's nor a REST system's way: НУЦ РК and NCANode."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.http import Systems
from deploy.sandbox.spoiling import half, signed_wrongly

Endpoint = Callable[[Request], Awaitable[Response]]


def weathered(systems: Systems, system: str, routes: Sequence[Route]) -> list[Route]:
    """The same routes, to which happens what is switched for the system; every call is noted."""
    return [
        Route(route.path, _in_weather(systems, system, route.path, route.endpoint), methods=list(route.methods or ()))
        for route in routes
    ]


def _in_weather(systems: Systems, system: str, path: str, endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        weather, what = systems.faults.weather(system), f"{request.method} {path}"
        await asyncio.sleep(weather.delay)
        if weather.fails:
            systems.note(system, what, "failed")
            return JSONResponse({"error": "UNAVAILABLE"}, 503)
        found = await endpoint(request)
        systems.note(system, what, weather.outcome if found.status_code == 200 else str(found.status_code))
        if weather.lost:
            return JSONResponse({"error": "LOST"}, 503)
        content = bytes(found.body)
        content = signed_wrongly(content) if weather.forged else content
        content = half(content) if weather.truncated else content
        return Response(content, found.status_code, media_type=found.media_type)

    return answer
