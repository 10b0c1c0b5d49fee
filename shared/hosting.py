"""One process of a service: its ports made real, its HTTP side, its orderly start and stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import httpx
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from shared.clock import SystemClock, SystemIds
from shared.engine.adapters.faststream import Listener
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.engine.engine import Engine, Ports
from shared.engine.service import Service
from shared.engine.work import Context
from shared.gateways import policies
from shared.gateways.eds import Eds
from shared.gateways.transport import client
from shared.law.rules import Rules
from shared.law.settled import rules_from
from shared.security import keyring
from shared.security.eds import SignatureVerifier
from shared.security.objects import Objects, objects_of
from shared.security.sealing import KeyringSealer
from shared.settings import Settings
from shared.telemetry import telemetry_of
from shared.telemetry.log import configure
from shared.web.asyncapi import asyncapi_routes
from shared.web.problems import EXCEPTION_HANDLERS


@dataclass(frozen=True, slots=True)
class Desk:
    """What a service's gateways and routes are made of."""

    settings: Settings
    http: httpx.AsyncClient
    sealer: KeyringSealer
    keyring: keyring.Keyring
    objects: Objects
    pool: asyncpg.Pool
    clock: SystemClock
    ids: SystemIds
    eds: Eds
    rules: Rules
    log: Any
    closes: list[Callable[[], None]] = field(default_factory=list)
    """Called when the process begins to stop, by whoever would hold it up."""

    @property
    def verifier(self) -> SignatureVerifier:
        return self.eds.verifier


@dataclass(frozen=True, slots=True)
class App:
    """A service and how its world and its HTTP side are made from a desk."""

    service: Service
    world: Callable[[Desk], Any] = lambda desk: None
    routes: Callable[[Engine, Desk], list[BaseRoute]] = lambda engine, desk: []
    verifies: bool = False
    """Whether it checks ЭЦП, and so keeps revocation lists fresh."""


def serve(app: App) -> None:
    """Run until SIGTERM or SIGINT; the environment says how (shared/settings.py)."""
    import uvloop

    gc.freeze()  # what the imports made lives as long as the process: it need not be looked through
    gc.set_threshold(20_000, 20, 20)
    uvloop.run(_serve(app, Settings()))


async def _serve(app: App, settings: Settings) -> None:
    settings.needs("amqp_url", "database_url")
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        desk, engine, publisher, telemetry = await _build(app, settings, stack)
        unclean = await engine.start()
        listener = Listener(app.service, settings.amqp_url, engine.take, careful=unclean)
        server = _http(app, desk, engine, listener)
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(engine.run()), group.create_task(_pauses(engine, listener, desk.clock))]
            running += [group.create_task(desk.eds.statuses.run())] if app.verifies else []
            web = group.create_task(server.serve())
            await listener.start()
            desk.log.info("started", unclean=unclean)
            await stop.wait()
            for close in desk.closes:
                close()
            server.should_exit = True
            await listener.stop()
            await web
            await _drained(engine, desk.clock)
            for task in running:
                task.cancel()
        await engine.ports.store.end(desk.clock.now())
        await publisher.close()
        telemetry.close()


async def _build(app: App, settings: Settings, stack: AsyncExitStack) -> tuple[Desk, Engine, RabbitPublisher, Any]:
    service = app.service
    configure(service.name, settings.log_file, settings.log_level)
    log = structlog.get_logger()
    clock, ids = SystemClock(), SystemIds()
    keys = keyring.load(settings.key_folder)
    sealer = KeyringSealer(keys, ids.nonce, lambda: f"{clock.now():%Y-%m}")
    pool = await connect(settings.database_url, service)
    stack.push_async_callback(_close_pool, pool)
    http = await stack.enter_async_context(client(most=32))
    telemetry = telemetry_of(service.name, settings)
    objects = objects_of(settings, keys.object_key, ids.nonce)
    rules = rules_from(settings)
    eds = Eds(settings, http, clock, log)
    desk = Desk(settings, http, sealer, keys, objects, pool, clock, ids, eds, rules, log)
    store = PostgresStore(pool, service, sealer, ids)
    publisher = RabbitPublisher(settings.amqp_url, service.name)
    apart = partial(policies.apart, settings.resumed_per_second)
    context = Context(service, store, sealer, telemetry, rules, keys.blind_index, apart=apart)
    engine = Engine(context, Ports(store, publisher, clock, ids, app.world(desk), log))
    return desk, engine, publisher, telemetry


async def _close_pool(pool: asyncpg.Pool) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await pool.close()


async def _drained(engine: Engine, clock: SystemClock) -> None:
    """Give the relay a moment to publish what is committed; what stays is swept by the next incarnation."""
    for _ in range(50):
        if not engine.relay.held and not engine.relay.busy:
            return
        await clock.sleep(0.05)


async def _pauses(engine: Engine, listener: Listener, clock: SystemClock) -> None:
    """While the store is out of reach nothing new is taken from the broker."""
    paused = False
    while True:
        await clock.sleep(0.5)
        if engine.store_lost and not paused:
            await listener.pause()
            paused = True
        elif paused and not engine.store_lost:
            await listener.resume()
            paused = False


def _http(app: App, desk: Desk, engine: Engine, listener: Listener) -> uvicorn.Server:
    async def live(_: Request) -> JSONResponse:
        return JSONResponse({"service": app.service.name})

    async def ready(_: Request) -> JSONResponse:
        faults = [] if listener.ready else ["the broker's queues are not consumed"]
        faults += ["the database is out of reach"] if engine.store_lost else []
        body = {"service": app.service.name, "ready": not faults, "faults": faults, "held": engine.relay.held}
        return JSONResponse(body, status_code=503 if faults else 200)

    routes: list[BaseRoute] = [
        Route("/live", live),
        Route("/ready", ready),
        *asyncapi_routes(app.service.name),
        *app.routes(engine, desk),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS),
        host=desk.settings.http_host,
        port=desk.settings.http_port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """Signals are the host's business: uvicorn leaves them alone."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()
