"""The proxies between every service and RabbitMQ, PostgreSQL and the outside; services know no other addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from deploy.local import layout
from deploy.local.folder import RunFolder
from deploy.local.processes import Process
from shared.process import NOTIFICATION, PORTAL, SERVICES
from tests.chaos.proxy import Way
from tests.chaos.schedule import To

PREFIX = "KUALIK_"
AMQP, DATABASE, MAIL, PUBLIC = (f"{PREFIX}{name}" for name in ("AMQP_URL", "DATABASE_URL", "SMTP_PORT", "PUBLIC_URL"))


class Ways:
    """`async with Ways(seed, settings) as ways:` they listen; `processes` says where they lead."""

    def __init__(self, seed: int, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._ways = {(name, to): [Way(f"{name} {to}", seed)] for name in SERVICES for to in To}
        self._ways[PORTAL, To.BROKER] = [Way(f"{PORTAL} broker", seed)]
        self._mail = Way(f"{NOTIFICATION} mail", seed)
        self._ways[NOTIFICATION, To.OUTSIDE].append(self._mail)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for way in self:
            await self._open.enter_async_context(way)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()
        await asyncio.sleep(0)  # the ends that were reset are let go

    def __iter__(self) -> Iterator[Way]:
        return (way for ways in self._ways.values() for way in ways)

    def between(self, name: str, to: To) -> Sequence[Way]:
        return self._ways[name, to]

    def processes(self, folder: RunFolder, addresses: layout.Addresses) -> Sequence[Process]:
        """Everything to start, with the addresses of the ways instead of the servers' own."""
        plain = layout.processes(folder, addresses)
        ports = {process.name: process.port or 0 for process in plain}
        return [replace(each, env={**each.env, **self._settings, **self._led(each, ports)}) for each in plain]

    def _led(self, process: Process, ports: Mapping[str, int]) -> dict[str, str]:
        """The settings of this process that name an address with a way to it."""
        name, found = process.name, {}
        for key, value in process.env.items():
            if not key.startswith(PREFIX):
                continue
            if key == MAIL and name == NOTIFICATION:
                self._mail.leads_to("127.0.0.1", int(value))
                found[key] = str(self._mail.port)
                continue
            way = self._way(name, key, value, ports)
            if way is not None:
                parts = urlsplit(value)
                way.leads_to(parts.hostname or "127.0.0.1", parts.port or 0)
                found[key] = led(value, way.port)
        return found

    def _way(self, name: str, key: str, value: str, ports: Mapping[str, int]) -> Way | None:
        if key == AMQP:
            return self._ways[name, To.BROKER][0]
        if key == DATABASE:
            return self._ways[name, To.DATABASE][0]
        if key == PUBLIC:
            return self._ways[name, To.INSIDE][0]
        if not key.endswith("_URL"):
            return None
        port = urlsplit(value).port
        if name in SERVICES:
            return self._ways[name, To.OUTSIDE][0] if port == ports[layout.SANDBOX] else None
        service = next((each for each in SERVICES if ports[each] == port), None)
        return self._ways[service, To.INSIDE][0] if service else None


def led(url: str, port: int) -> str:
    """The same address at a port of this machine."""
    parts = urlsplit(url)
    who = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{who}127.0.0.1:{port}"))
