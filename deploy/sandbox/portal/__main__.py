"""The reference portal as one process: AMQP as user `portal`, its citizens, its control over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware

from deploy.sandbox import keys
from deploy.sandbox.__main__ import main, serve
from deploy.sandbox.authority import Authority
from deploy.sandbox.portal.control import PortalControl
from deploy.sandbox.portal.driver import Portal
from deploy.sandbox.portal.ways import RealWays
from deploy.sandbox.portal.wires import RealWires, listen
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.strangers import NoStrangers
from shared.clock import SystemClock
from shared.engine.adapters.rabbit import RabbitPublisher
from shared.gateways.transport import client
from shared.security import keyring
from shared.security.sealing import PortalSealer


def portal_application(portal: Portal, hears: Callable[[], bool], settings: SandboxSettings) -> Starlette:
    """What the portal answers over HTTP."""
    names = (urlsplit(settings.sandbox_url).hostname or "",)
    return Starlette(routes=PortalControl(portal, hears).routes(), middleware=[Middleware(NoStrangers, names=names)])


async def run(settings: SandboxSettings) -> None:
    """Until SIGTERM or SIGINT."""
    keys.write(settings.key_folder)
    authority = Authority.kept_in(settings.key_folder / keys.AUTHORITY, datetime.now(UTC))
    public = keyring.load_portal_public(settings.key_folder / keyring.PORTAL_PUBLIC)
    sealer = PortalSealer(public, keyring.system_nonces)
    publisher, hears = RabbitPublisher(settings.amqp_url, "portal"), asyncio.Event()
    async with client(timeout=15.0) as http:
        token = settings.key_folder / keys.PORTAL_TOKEN
        wires = RealWires(publisher, sealer, http, settings.intake_url.rstrip("/"), token)
        clock = SystemClock(timedelta(seconds=settings.clock_offset_seconds))
        portal = Portal(wires, authority, clock, ways=RealWays(http, clock))
        app = portal_application(portal, hears.is_set, settings)
        await serve(app, settings, [listen(settings.amqp_url, portal.hear, hears)])
        await portal.close()
        await publisher.close()


if __name__ == "__main__":
    main(run)
