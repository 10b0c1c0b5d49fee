"""Call-backs of the state's systems: signed, sent when they fall due, sent again until the service says 2xx."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from deploy.sandbox.faults import Weather
from deploy.sandbox.http import Systems
from deploy.sandbox.pushing import HEADERS, pushed, taken
from deploy.sandbox.spoiling import half, signed_wrongly
from deploy.sandbox.systems.ground import Callback
from shared.gateways.catalogue import STATUSES_PUSHED

LOOK_EVERY = 0.1  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds between two tries
AT_ONCE = 16
REPEATS = 5


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
        """Until it is heard. By the switches: late, twice at the same time, and what is older once more after it."""
        self.trying.add(callback.id)
        weather = self._weather(callback)
        await asyncio.sleep(weather.late)
        again = [self._repeat(callback, "again")] if weather.doubled else []
        await asyncio.gather(self._until_heard(callback, pause), *again)
        self.trying.discard(callback.id)
        self.sent.add(callback.id)
        earlier = self.systems.earlier.before(f"told {callback.subject}", callback)
        if weather.stale:
            await self._repeat(self._older(callback, earlier), "older")

    async def _until_heard(self, callback: Callback, pause: float) -> None:
        while self._goes_out(callback) and not await self._try(callback):
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _goes_out(self, callback: Callback) -> bool:
        """What ШЭП pushes it pushes no more when its receiver says so."""
        return bool(callback.key) or self.systems.state.post.push(callback)

    async def _repeat(self, callback: Callback, why: str) -> None:
        """What nobody waits for is tried a few times only."""
        for at in range(REPEATS):
            if await self._try(callback, f" ({why})"):
                return
            await asyncio.sleep(FIRST_PAUSE * 2**at)

    def _older(self, callback: Callback, earlier: Callback | None) -> Callback:
        """The one before it about the same thing. РП ДРН says the same under another id, with an earlier date."""
        if callback.system != "rpdrn":
            return earlier or callback
        said = callback.body
        at = datetime.fromisoformat(said["statusDate"]) - timedelta(hours=1)
        id = self.systems.state.ground.id(f"older {callback.id}")
        return replace(callback, body={**said, "callback_id": id, "statusDate": at.isoformat()})

    def _weather(self, callback: Callback) -> Weather:
        """Of all call-backs, and of the system that makes this one."""
        faults = self.systems.faults
        own = faults.weather(callback.system, STATUSES_PUSHED if callback.system == "rpdrn" else "")
        return faults.weather("callbacks", callback.to) | own

    async def _try(self, callback: Callback, more: str = "") -> bool:
        weather = self._weather(callback)
        await asyncio.sleep(weather.delay)

        def note(outcome: str) -> None:
            self.systems.note("callbacks", f"{callback.path}{more}", outcome, callback.body)

        url = callback.url or f"{self.services.get(callback.to, '')}{callback.path}"
        if weather.fails or not url.startswith("http"):
            note("failed")
            return False
        try:
            body, headers = await self._written(callback, weather)
            async with self._room:
                answer = await self.http.post(url, content=body, headers=headers, timeout=10.0)
        except (httpx.HTTPError, OSError) as error:
            note(type(error).__name__)
            return False
        outcome = str(answer.status_code)
        if answer.is_success and not callback.key and self.systems.channel is not None:
            outcome = await taken(self.systems.channel, callback, answer.content) or outcome
        spoilt = weather.outcome if weather.forged or weather.truncated else ""
        note("lost" if weather.lost else f"{spoilt}: {outcome}" if spoilt else outcome)
        return outcome.startswith("2") and not weather.lost

    async def _written(self, callback: Callback, weather: Weather) -> tuple[bytes, dict[str, str]]:
        """As it goes out, spoiled or not. Raises `OSError` while there is no key to sign with."""
        if not callback.key:
            if self.systems.channel is None:
                raise OSError
            body, headers = await pushed(self.systems.channel, callback), HEADERS
            body = signed_wrongly(body) if weather.forged else body
        else:
            body = json.dumps(callback.body, separators=(",", ":")).encode()
            key = (self.keys / callback.key).read_bytes().strip()
            signed = signature(key[::-1] if weather.forged else key, body)
            headers = {"Content-Type": "application/json", "X-Signature": signed}
        return half(body) if weather.truncated else body, headers
