"""The state's systems and their people as one process: HTTP, SMTP, call-backs, officers and issue desks."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from deploy.sandbox import keys
from deploy.sandbox.authority import Authority
from deploy.sandbox.callbacks import Callbacks
from deploy.sandbox.certificates import certificate_routes
from deploy.sandbox.channel import channel_of
from deploy.sandbox.control import Control
from deploy.sandbox.faults import Faults
from deploy.sandbox.http import Systems, system_routes
from deploy.sandbox.ncanode import ncanode_routes
from deploy.sandbox.ncanode_cms import cms_of
from deploy.sandbox.ovt import KDP_SENDERS, OvtJudge
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.smtp import Mailbox
from deploy.sandbox.staffing import Staffing
from deploy.sandbox.strangers import NoStrangers
from deploy.sandbox.switchboard import Switchboard
from deploy.sandbox.systems.state import State
from deploy.sandbox.weathered import weathered
from deploy.sandbox.workstation import Workstation
from shared.clock import SystemClock
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.gateways.transport import client
from shared.security import keyring
from shared.security.sealing import PortalSealer
from shared.topology import workstation_of


def application(systems: Systems, mailbox: Mailbox, authority: Authority) -> Starlette:
    """Everything that the process answers over HTTP."""
    routes = [
        *Control(systems, mailbox.counts).routes(),
        *Switchboard(systems).routes(),
        *system_routes(systems),
        *weathered(systems, "eds", certificate_routes(authority, systems.clock.now)),
        *weathered(systems, "ncanode", ncanode_routes(more=cms_of(authority, systems.clock.now))),
    ]
    names = (urlsplit(systems.state.ground.base).hostname or "",)
    return Starlette(routes=routes, middleware=[Middleware(NoStrangers, names=names)])


async def run(settings: SandboxSettings) -> None:
    """Until SIGTERM or SIGINT."""
    accounts = keys.write(settings.key_folder)
    authority = Authority.kept_in(settings.key_folder / keys.AUTHORITY, datetime.now(UTC))
    base = settings.sandbox_url or f"http://{settings.http_host}:{settings.http_port}"
    clock = SystemClock(timedelta(seconds=settings.clock_offset_seconds))
    systems = Systems(State(settings.sandbox_seed, base), clock=clock, faults=Faults(settings.sandbox_seed))
    mailbox = Mailbox(systems)
    services = {
        "intake": settings.intake_url,
        "payment": settings.payment_url,
        "production-dispatch": settings.production_dispatch_url,
    }
    async with client(timeout=10.0) as http, smtp_sink(settings, mailbox):
        systems.channel = channel_of(settings, authority, http, systems.clock.machine_now)
        systems.state.digital_id_system.api_key = settings.digital_id_key
        senders = settings.key_folder / keys.AUTHORITY / KDP_SENDERS
        systems.state.consents.judge = OvtJudge.load(senders, systems.clock.machine_now)
        callbacks = Callbacks(systems, http, settings.key_folder, services)
        work: list[Coroutine[Any, Any, None]] = [callbacks.run()]
        if settings.ums_review_url and settings.production_dispatch_url:
            review, production = settings.ums_review_url, settings.production_dispatch_url
            left, desks = settings.left_to_people, frozenset(settings.desks_left_to_people.split())
            staffing = Staffing(
                systems, http, authority, accounts, review, production, left_to_people=left, desks_left=desks
            )  # fmt: skip
            staffing.stations = workstations(settings, staffing)
            work += [each.run(settings.workstation_urls[region]) for region, each in staffing.stations.items()]
            work.append(staffing.run())
        await serve(application(systems, mailbox, authority), settings, work)


def workstations(settings: SandboxSettings, staffing: Staffing) -> dict[str, Workstation]:
    """Of the regions whose inspectors are stood in for; a feed that is left to people is left alone."""
    inspectors, _ = staffing.at_work()
    regions = settings.workstation_urls.keys() & {officer.region for officer in inspectors}
    if not regions:
        return {}
    public = keyring.load_portal_public(settings.key_folder / keyring.PORTAL_PUBLIC)
    sealer = PortalSealer(public, keyring.system_nonces)
    note = partial(staffing.systems.note, "staff", "decision by message")
    return {
        region: Workstation(
            region, RabbitPublisher(settings.workstation_urls[region], workstation_of(region)), sealer, note
        )
        for region in sorted(regions)
    }


@contextlib.asynccontextmanager
async def smtp_sink(settings: SandboxSettings, mailbox: Mailbox) -> AsyncIterator[None]:
    """Listens while the block runs; not at all without a port."""
    if not settings.smtp_port:
        yield
        return
    loop = asyncio.get_running_loop()
    server = await loop.create_server(mailbox.server, settings.smtp_host, settings.smtp_port)
    try:
        yield
    finally:
        server.close()


async def serve(app: Starlette, settings: SandboxSettings, work: list[Coroutine[Any, Any, None]]) -> None:
    """The HTTP side and what is done beside it, until a signal; then all of it is let go."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        web = group.create_task(server.serve())
        running = [group.create_task(each) for each in work]
        await stop.wait()
        server.should_exit = True
        await web
        for task in running:
            task.cancel()


class _Server(uvicorn.Server):
    """Signals are this module's business."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


def main(run_with: Callable[[SandboxSettings], Coroutine[Any, Any, None]] = run) -> None:
    """With the settings of the environment."""
    import uvloop

    uvloop.run(run_with(SandboxSettings()))


if __name__ == "__main__":
    main()
