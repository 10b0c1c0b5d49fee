"""The outside as the services meet it: the sandbox's own systems in the same interpreter, behind bad connections.

The gateways are the real ones; only what they speak over is replaced: ШЭП, REST, mail, our own records.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from deploy.sandbox.systems.ground import Refused
from deploy.sandbox.systems.state import REST, State
from shared.clock import SystemClock
from shared.engine.adapters.memory_queue import Life
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import CONSENT_REFUSED
from shared.gateways.letters import Standing
from shared.gateways.post import Post
from shared.gateways.rest import Answer, Rest
from shared.gateways.shep import ConsentRefused, Shep, dependency_of
from tests.simulation.chronicle import Chronicle
from tests.simulation.luck import Luck

SYSTEM_OF = {dependency: system for system, dependency in REST.items()}
LATE_EFFECTS = ("RPDRN_REGISTER", "RPDRN_INVOICE", "POST /sessions", "POST /orders")
"""What can be undone, or is known by its key, when it comes to pass late."""
TIMEOUT = 8.0  # seconds, as the gateways have it
QUICK, SLOW = 0.01, 0.3
"""Seconds that an answer takes on a good day, and how often it is slow on a bad one."""


@dataclass(slots=True)
class Outside:
    """All outside systems of one seed, and what is wrong with the way to them."""

    state: State
    luck: Luck
    clock: SystemClock
    chance: Random
    chronicle: Chronicle
    peril: Callable[[str, Life], None] = lambda who, life: None
    mails: dict[str, int] = field(default_factory=dict)
    on_the_way: int = 0
    """Questions that were given up, and will have their effect."""

    @property
    def troubled(self) -> bool:
        return self.clock.monotonic() < self.luck.until

    def down(self, system: str, service: str = "") -> bool:
        now = self.clock.monotonic()
        return any(outage.strikes(system, service, now) for outage in self.luck.outages)

    @property
    def any_down(self) -> bool:
        now = self.clock.monotonic()
        return any(outage.since <= now < outage.until for outage in self.luck.outages)

    async def reach(
        self, life: Life, who: str, system: str, what: str, effect: Callable[[datetime], Any], delay: float = 0.0
    ) -> Any:
        """Ask; the question or the answer may be lost on the way, or who asks may die. Raises `Unavailable`."""
        self.peril(who, life)
        await life.go_on()
        clock, luck, troubled = self.clock, self.luck, self.troubled
        await clock.sleep(self._pause(troubled))
        await life.go_on()
        if self.down(system, what) or (troubled and self.chance.random() < luck.fails):
            self.chronicle.note(who, f"asks {system} {what}: silent")
            raise Unavailable(system)
        if what in LATE_EFFECTS and self.mistakes(luck.late_effects):
            self.on_the_way += 1
            asyncio.get_running_loop().call_later(self.chance.random() * 60.0, self._late_effect, what, effect)
            await clock.sleep(TIMEOUT)
            await life.go_on()
            raise Unavailable(system)
        lost = troubled and self.chance.random() < luck.lost_answers
        try:
            found = effect(clock.now())
        except Refused as refusal:
            self.chronicle.note(who, f"asks {system} {what}: {refusal.code}")
            raise
        self.chronicle.note(who, f"asks {system} {what}: {'answer lost' if lost else 'answered'}")
        await clock.sleep(delay + self.slowness(system, what) + self._pause(troubled))
        self.peril(who, life)
        await life.go_on()
        if lost:
            raise Unavailable(system)
        return found

    def _late_effect(self, what: str, effect: Callable[[datetime], Any]) -> None:
        """What was given up long ago comes to pass after all."""
        self.on_the_way -= 1
        self.chronicle.note("outside", f"{what} comes to pass")
        with suppress(Refused):
            effect(self.clock.now())

    def slowness(self, system: str, what: str) -> float:
        """How many seconds longer that question takes."""
        if not self.luck.slow or not self.troubled:
            return 0.0
        return sum(slow.seconds for slow in self.luck.slow if not slow.who and slow.name in (system, what))

    def mistakes(self, rate: float) -> bool:
        """Whether a system is wrong this time."""
        return rate > 0.0 and self.troubled and self.chance.random() < rate

    def _pause(self, troubled: bool) -> float:
        slow = troubled and self.luck.slow_answers > 0.0 and self.chance.random() < SLOW
        return min(self.chance.random() * (self.luck.slow_answers if slow else QUICK), TIMEOUT)


class NearShep(Shep):
    """ШЭП without a wire. What goes through is text, as it would be in XML."""

    def __init__(self, outside: Outside, life: Life, sender: str) -> None:
        self._outside, self._life, self._who = outside, life, sender

    async def ask(self, service_id: str, data: Mapping[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
        said, state, system = as_text(data), self._outside.state, dependency_of(service_id)
        try:
            found = await self._outside.reach(
                self._life, self._who, system, service_id, lambda now: state.shep(service_id, said, now, message_id),
                state.delay(service_id, said),
            )  # fmt: skip
        except Refused as refused:
            if refused.code in CONSENT_REFUSED:
                raise ConsentRefused(system, refused.code) from None
            raise Unavailable(system) from None
        if service_id == "RPDRN_INVOICE" and self._outside.mistakes(self._outside.luck.wrong_sums):
            found = {**found, "amount": int(found["amount"]) + 1}
        answer = as_text(found)
        return answer if isinstance(answer, dict) else {}


class NearPost(Post):
    """The asynchronous channel without a wire. What is lost on the way to the services is lost on the way from them."""

    def __init__(self, outside: Outside, life: Life, sender: str) -> None:
        self._outside, self._life, self._who = outside, life, sender

    async def request(self, service_id: str, data: Mapping[str, Any], at: datetime) -> str:
        said, outside = as_text(data), self._outside

        def taken(now: datetime) -> str:
            return outside.state.post.take(said, now, undelivered=outside.mistakes(outside.luck.lost_calls))

        return str(await outside.reach(self._life, self._who, "rpdrn", service_id, taken))

    async def standing(self, service_id: str, message_id: str) -> Standing:
        post = self._outside.state.post
        found = await self._outside.reach(
            self._life, self._who, "rpdrn", service_id, lambda now: post.standing(message_id)
        )
        return Standing(found)


class NearRest(Rest):
    """One of the systems that speak JSON, without a wire."""

    def __init__(self, outside: Outside, life: Life, sender: str, dependency: str) -> None:
        self._outside, self._life, self._who = outside, life, sender
        self._dependency = dependency

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None, once: bool = False) -> Answer:
        said, state, system = json.loads(json.dumps(body or {})), self._outside.state, SYSTEM_OF[self._dependency]
        what = f"{method} {path}"
        where, _, query = path.partition("?")
        said |= dict(parse_qsl(query))
        try:
            found = await self._outside.reach(
                self._life, self._who, self._dependency, what, lambda now: state.rest(system, method, where, said, now)
            )
        except Refused as refusal:
            if refusal.status == 404:
                return {}
            raise Unavailable(self._dependency) from None
        return found if isinstance(found, dict) else {}


def as_text(value: Any) -> Any:
    """As it reads on the other side of XML: every leaf is text, what is absent is left out."""
    if isinstance(value, Mapping):
        return {name: as_text(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [as_text(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
