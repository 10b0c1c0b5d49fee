"""The console with its issuer on real ports, for real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from tests.services.ums_review.console import Desk, desk_in


@asynccontextmanager
async def served_desk(
    folder: Path, undo: timedelta = timedelta(seconds=0.05), ncalayer: str = "", **limits: timedelta
) -> AsyncIterator[Desk]:
    """Where it is found stands in `at` and `issuer_at`."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    at, issuer_at = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    async with desk_in(folder, undo, at, issuer_at, ncalayer, **limits) as desk:
        servers = [_server(app) for app in (desk.app, desk.identity)]
        async with asyncio.TaskGroup() as group:
            for server, listening in zip(servers, sockets, strict=True):
                group.create_task(server.serve(sockets=[listening]))
            try:
                yield desk
            finally:
                await desk.close()
                for server in servers:
                    server.should_exit = True


def _server(app: Starlette) -> uvicorn.Server:
    class Quiet(uvicorn.Server):
        def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
            return contextlib.nullcontext()

    return Quiet(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2))
