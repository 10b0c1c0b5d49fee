"""`python -m deploy.identity`: the issuer, its administrator's pages and the officers' software keys as one process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.identity.accounts import FOLDER, Accounts, generate
from deploy.identity.door import administration
from deploy.identity.issuer import Issuer, key_in
from deploy.identity.second_step import SecondStep
from deploy.identity.settings import IdentitySettings
from deploy.identity.signer import Signer
from deploy.sandbox import keys
from deploy.sandbox.__main__ import _Server
from deploy.sandbox.authority import Authority
from shared.gateways.signer import Signer as Software
from shared.security.eds import LocalVerifier, SignatureVerifier
from shared.security.trust import TrustFolder
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Officers
from shared.web.pages import handlers
from shared.web.parts import routes_behind
from shared.web.site import Site

HERE = Path(__file__).parent
machine_now = partial(datetime.now, UTC)


def prepare(key_folder: Path) -> dict[str, str]:
    """Make what is not there yet; the demonstration's passwords by account."""
    key_in(key_folder)
    return generate(key_folder, keys.write(key_folder))


def application(
    settings: IdentitySettings, software: Software | None = None, verifier: SignatureVerifier | None = None,
    now: Callable[[], datetime] = machine_now,
) -> Starlette:  # fmt: skip
    """With the sandbox's software keys, the folder of trust and the machine's time, unless others are given."""
    folder = settings.key_folder
    origins = sorted({"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in settings.returns})
    way_out = settings.returns[0].rpartition("/")[0]
    site = Site(HERE, "/authorize", links=origins, way_out=way_out, connects=(settings.ncalayer_url,))
    keys.write(folder)
    officers = Officers(folder)
    signer = Signer(folder, Authority.kept_in(folder / keys.AUTHORITY, now()), officers)
    held = OfficerKeys(software or signer, settings.ncalayer_url)
    verifier = verifier or LocalVerifier(TrustFolder(settings.trust_folder))
    second = SecondStep(settings.issuer_url, officers, held, verifier, now) if settings.second_step else None
    accounts = Accounts(folder / FOLDER, now)
    issuer = Issuer(settings, accounts, key_in(folder), site, now, second)
    inner = Starlette(routes=issuer.routes(), exception_handlers=handlers(site))
    pages = administration(settings, accounts, officers, inner, now)
    issuer.changed = pages.publish
    pages.publish()

    async def ready(_: Request) -> JSONResponse:
        return JSONResponse({"service": "identity", "ready": True})

    routes = [Route("/ready", ready), *issuer.routes(), *signer.routes(), *routes_behind(pages.gate, pages.pages())]
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
