"""Call-backs of the state's systems: signed, sent when they fall due, sent again until the service says 2xx."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.sandbox.http import Systems
from deploy.sandbox.pushing import HEADERS, pushed, taken
from deploy.sandbox.systems.ground import Callback

LOOK_EVERY = 0.1  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds between two tries
AT_ONCE = 16


def signature(key: bytes, body: bytes) -> str:
    """The header `X-Signature`."""
    return f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"


@dataclass(slots=True)
class Callbacks:
    """Sends what the state owes. `services`: name of a service → its base address."""

    systems: Systems
    http: httpx.AsyncClient
    keys: Path
    services: Mapping[str, str]
    sent: set[str] = field(default_factory=set)
    trying: set[str] = field(default_factory=set)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                for callback in self.systems.state.due(self.systems.clock.now()):
                    group.create_task(self.deliver(callback))
                await asyncio.sleep(LOOK_EVERY)

    async def deliver(self, callback: Callback, pause: float = FIRST_PAUSE) -> None:
        """Until it is heard."""
        self.trying.add(callback.id)
        while not await self._try(callback):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        self.trying.discard(callback.id)
        self.sent.add(callback.id)

    async def _try(self, callback: Callback) -> bool:
        weather = self.systems.faults.weather("callbacks", callback.to)
        await asyncio.sleep(weather.delay)
        url = callback.url or f"{self.services.get(callback.to, '')}{callback.path}"
        if weather.fails or not url.startswith("http"):
            self.systems.note("callbacks", callback.path, "failed")
            return False
        try:
            body, headers = await self._written(callback)
            async with self._room:
                answer = await self.http.post(url, content=body, headers=headers, timeout=10.0)
        except (httpx.HTTPError, OSError) as error:
            self.systems.note("callbacks", callback.path, type(error).__name__)
            return False
        outcome = str(answer.status_code)
        if answer.is_success and not callback.key and self.systems.channel is not None:
            outcome = await taken(self.systems.channel, callback, answer.content) or outcome
        self.systems.note("callbacks", callback.path, "lost" if weather.lost else outcome)
        return outcome.startswith("2") and not weather.lost

    async def _written(self, callback: Callback) -> tuple[bytes, dict[str, str]]:
        """Raises `OSError` while there is no key to sign with."""
        if not callback.key:
            if self.systems.channel is None:
                raise OSError
            return await pushed(self.systems.channel, callback), HEADERS
        body = json.dumps(callback.body, separators=(",", ":")).encode()
        key = (self.keys / callback.key).read_bytes().strip()
        return body, {"Content-Type": "application/json", "X-Signature": signature(key, body)}
