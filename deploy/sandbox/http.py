"""The state's systems over HTTP: ШЭП by SOAP, the others by REST, each under its own first part of the path."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.exchanges import Exchanges
from deploy.sandbox.faults import Faults, Weather
from deploy.sandbox.hosted import FORM, hosted
from deploy.sandbox.receiving import XML, received
from deploy.sandbox.soap import Channel, Declined
from deploy.sandbox.soap import Request as Asked
from deploy.sandbox.spoiling import Earlier, half, signed_wrongly
from deploy.sandbox.systems.ground import Refused
from deploy.sandbox.systems.state import REST, State
from shared.clock import SystemClock

NOTHING_KNOWN = "UNKNOWN"
"""Such a standing is no earlier one: whoever says it again has lost something, and `misstating` does that."""


@dataclass(slots=True)
class Systems:
    """The state and everything that may go wrong with it; `act` is how far the demonstration has come.

    Without a `channel` nobody answers at ШЭП's address.
    """

    state: State
    channel: Channel | None = None
    clock: SystemClock = field(default_factory=SystemClock)
    faults: Faults = field(default_factory=Faults)
    exchanges: Exchanges = field(default_factory=Exchanges)
    earlier: Earlier = field(default_factory=Earlier)
    act: int = 1

    def note(self, system: str, what: str, outcome: str, asked: Any = None, answered: Any = None) -> None:
        self.exchanges.note(self.clock.now(), system, what, outcome, asked, answered)


def system_routes(systems: Systems) -> list[Route]:
    """`POST /shep` and `/shep/async`; each of `REST` under its own name; the gateway's page is `/gateway/pay/{id}`."""

    async def shep(request: Request) -> Response:
        if systems.channel is None:
            return Response(status_code=503)
        return await _shep(systems, systems.channel, await request.body())

    async def letter(request: Request) -> Response:
        if systems.channel is None:
            return Response(status_code=503)
        return await received(systems, systems.channel, await request.body())

    def rest(system: str) -> Route:
        async def ask(request: Request) -> Response:
            path = request.path_params["path"]
            if system == "gateway" and path.startswith("pay/") and _is_page(request):
                gateway = systems.state.gateway_system
                return await hosted(gateway, systems.faults, systems.clock, path.removeprefix("pay/"), request)
            return await _rest(systems, system, request)

        return Route(f"/{system}/{{path:path}}", ask, methods=["GET", "POST", "PUT"])

    by_shep = (Route("/shep", shep, methods=["POST"]), Route("/shep/async", letter, methods=["POST"]))
    return [*by_shep, *(rest(system) for system in REST)]


async def _shep(systems: Systems, channel: Channel, content: bytes) -> Response:
    async def fault(code: str, message: str, inner: str = "") -> Response:
        return Response(await channel.fault(code, message, str(uuid4()), inner), 500, media_type=XML)

    try:
        asked = await channel.read(content)
    except Declined as declined:
        systems.note("shep", declined.inner or "?", declined.code)
        return await fault(declined.code, "the request is not accepted", declined.inner)
    system, service = asked.service.dependency, asked.service.id
    weather = systems.faults.weather(system, service)
    await asyncio.sleep(weather.delay)
    if weather.fails:
        systems.note(system, service, "failed", asked.data)
        return await fault("SCSE001", "the service does not answer")
    try:
        data = systems.state.shep(service, asked.data, systems.clock.now(), asked.correlation)
    except Refused as refusal:
        systems.note(system, service, refusal.code, asked.data)
        return await fault("SCSE001", "the service refuses", refusal.code)
    await asyncio.sleep(systems.state.delay(service, asked.data))
    systems.note(system, service, weather.outcome, asked.data, data)
    if weather.lost:
        return await fault("SCSE002", "the answer was lost")
    return Response(await _sealed(systems, channel, asked, data, weather), media_type=XML)


async def _sealed(systems: Systems, channel: Channel, asked: Asked, data: Any, weather: Weather) -> bytes:
    """The answer as it leaves ШЭП. A stale one is the service's answer before this one, or this one, an hour old."""
    content = await channel.answer(asked, data, str(uuid4()))
    earlier = systems.earlier.before(f"shep {asked.service.id}", content)
    if weather.stale:
        content = earlier or await channel.answer(asked, data, str(uuid4()), age=timedelta(hours=1))
    content = signed_wrongly(content) if weather.forged else content
    return half(content) if weather.truncated else content


async def _rest(systems: Systems, system: str, request: Request) -> Response:
    dependency, path = REST[system], f"/{request.path_params['path']}"
    what = f"{request.method} /{_kind(path)}"
    weather = systems.faults.weather(dependency)
    await asyncio.sleep(weather.delay)
    if weather.fails:
        systems.note(dependency, what, "failed")
        return JSONResponse({"error": "UNAVAILABLE"}, 503)
    body: Any = None
    try:
        body = await request.json() if await request.body() else dict(request.query_params)
        found = systems.state.rest(system, request.method, path, body, systems.clock.now())
    except (Refused, ValueError, AttributeError, TypeError) as refusal:
        code, status = (refusal.code, refusal.status) if isinstance(refusal, Refused) else ("BAD_REQUEST", 400)
        systems.note(dependency, what, code, body)
        return JSONResponse({"error": code}, status)
    if found is None:
        systems.note(dependency, what, "not found", body)
        return JSONResponse({"error": "NOT_FOUND"}, 404)
    if request.method == "GET" and found.get("status") != NOTHING_KNOWN:
        first = systems.earlier.than(f"{system} {path} {json.dumps(body, sort_keys=True)}", found)
        found = first if weather.stale else found
    systems.note(dependency, what, weather.outcome, body, found)
    if weather.lost:
        return JSONResponse({"error": "LOST"}, 503)
    content = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(half(content) if weather.truncated else content, media_type="application/json")


def _kind(path: str) -> str:
    """The path without ids: its first part and its last word."""
    parts = path.strip("/").split("/")
    return f"{parts[0]}/…/{parts[2]}" if len(parts) > 2 else parts[0]


def _is_page(request: Request) -> bool:
    """A person looks, or has clicked; a machine posts JSON."""
    return request.method == "GET" or request.headers.get("content-type", "").startswith(FORM)
