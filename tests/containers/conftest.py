"""Only `make test-containers` runs what lies here: it needs a container engine and the images of `make images`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from deploy.containers.composed import Composed
from deploy.demo.play import SETTINGS
from deploy.local.folder import RunFolder

ASKED = "KUALIK_TEST_CONTAINERS"
collect_ignore_glob = [] if os.environ.get(ASKED) else ["test_*.py"]
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # its image would come from a registry


@asynccontextmanager
async def composed(name: str) -> AsyncIterator[tuple[Composed, httpx.AsyncClient]]:
    """A compose stack of its own with the demonstration's terms; nothing of it stays."""
    folder = RunFolder(RunFolder().home / name)
    async with (
        Composed(folder, SETTINGS) as stack,
        httpx.AsyncClient(trust_env=False, timeout=30.0) as http,
    ):
        yield stack, http
