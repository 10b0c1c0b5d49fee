"""`python -m deploy.identity`: the issuer and the software keys of officers as one process."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.identity.accounts import FOLDER, Accounts, generate
from deploy.identity.issuer import Issuer, key_in
from deploy.identity.settings import IdentitySettings
from deploy.identity.signer import Signer
from deploy.sandbox import keys
from deploy.sandbox.__main__ import _Server
from deploy.sandbox.authority import Authority
from shared.web.pages import handlers
from shared.web.site import Site

HERE = Path(__file__).parent


def prepare(key_folder: Path) -> dict[str, str]:
    """Make what is not there yet; the demonstration's passwords by account."""
    key_in(key_folder)
    return generate(key_folder, keys.write(key_folder))


def application(settings: IdentitySettings) -> Starlette:
    folder = settings.key_folder
    origins = sorted({"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in settings.returns})
    site = Site(HERE, "/authorize", links=origins, way_out=settings.returns[0].rpartition("/")[0])
    accounts = Accounts(folder / FOLDER, lambda: datetime.now(UTC))
    issuer = Issuer(settings, accounts, key_in(folder), site, lambda: datetime.now(UTC))
    authority = Authority.kept_in(folder / keys.AUTHORITY, datetime.now(UTC))

    async def ready(_: Request) -> JSONResponse:
        return JSONResponse({"service": "identity", "ready": True})

    routes = [Route("/ready", ready), *issuer.routes(), *Signer(folder, authority, keys.write(folder)).routes()]
    return Starlette(routes=routes, exception_handlers=handlers(site))


async def run(settings: IdentitySettings) -> None:
    prepare(settings.key_folder)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = _Server(
        uvicorn.Config(
            application(settings), host=settings.http_host, port=settings.http_port, log_level="warning",
            access_log=False, server_header=False, lifespan="off", timeout_graceful_shutdown=3,
        )
    )  # fmt: skip
    async with asyncio.TaskGroup() as group:
        web = group.create_task(server.serve())
        await stop.wait()
        server.should_exit = True
        await web


if __name__ == "__main__":
    asyncio.run(run(IdentitySettings()))
