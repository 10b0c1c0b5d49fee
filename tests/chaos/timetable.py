"""Who plays the rounds: citizens come whatever falls; the clock leaps only when nobody is under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from deploy.demo.play import OUTAGE
from deploy.demo.resting import has_ended, is_at_rest, is_stopped
from deploy.demo.stage import OPEN_REFUNDS, PROGRESS, UNSENT, Stage
from deploy.local import layout
from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Persona
from services.identity_verification.state import ConfirmPhone, OpenSession
from shared.contracts.base import routing_key
from shared.process import IDENTITY, PORTAL
from tests.chaos.crew import Crew
from tests.chaos.line import Line
from tests.chaos.rounds import Round
from tests.chaos.schedule import To
from tests.chaos.times import Leaps
from tests.live.house import OUTBOXES, until

REST = 180.0  # seconds until an act must have come to rest; it is judged as it stands
SETTLES = 1.3  # seconds in which every service reads the clock
QUIET = 2.0  # seconds without a new line in any timeline
SHARE = 0.5  # of a round's time in which citizens come
PORTAL_LETS_IN = 3600.0  # seconds that the portal may take to let everybody in
P12 = ("digital-id", "bmg")
REFUNDS_MISSED = 3  # leaps more for refunds that were filed late
UNSAID = f"select sum(count) from ({OUTBOXES}) of_each"
FAILING = "select failing_since from platform.dependency where name = $1"
WAITING = """
select count(distinct application_id) from identity_verification.due
where application_id = any($1::uuid[]) and name = $2 and attempts > 0
"""
Standing = Callable[[Mapping[str, Any], Persona], bool]
ASKS = {"digital-id": routing_key(OpenSession), "bmg": routing_key(ConfirmPhone)}


class Timetable:
    """`perform` returns when every planned act is over and everything has come to its end."""

    def __init__(self, stage: Stage, line: Line, crew: Crew, planned: Sequence[Round], seed: int, rate: float) -> None:
        self.stage, self.line, self.crew, self.planned = stage, line, crew, planned
        self.leaps = Leaps()
        self.citizens: list[Citizen] = []
        self.now_doing = "not begun"
        self.awaited: list[str] = []
        self.broken_off: list[str] = []
        self._seed, self._rate = seed, rate
        self._people: tuple[Citizen, ...] = ()

    async def perform(self, seconds: float) -> None:
        """Play all rounds, so that citizens come in about half of so many seconds."""
        ends = time.monotonic() + seconds
        for round in self.planned:
            share = (ends - time.monotonic()) / (len(self.planned) - round.number)
            await self._play(round, max(share, 0.0) * SHARE)
        await self._close(self.planned[-1])

    async def _play(self, round: Round, seconds: float) -> None:
        self._begins(round, "act 1")
        await self._leap(round.first)
        await self._control(layout.SANDBOX, "/control/act", {"act": 1})
        await self._admit(round, max(int(seconds * self._rate), len(round.personas)))
        await self._let_in({"act": 1})
        self.crew.spared = frozenset()
        await self._come_to("rest in act 1", 1, is_at_rest)
        self._begins(round, "act 2")
        await self._outage()
        self._begins(round, "act 3")
        await self._control(layout.SANDBOX, "/control/act", {"act": 3})
        await self._leap(round.third)
        await self._let_in({"act": 3})
        await self._come_to("their ends", 3, has_ended)

    async def _outage(self) -> None:
        """p.12, as in the demonstration: whoever waits on БМГ or Digital-ID is sent away after eleven minutes."""
        await self._control(layout.SANDBOX, "/control/act", {"act": 2})
        others = [each.persona for each in self._people if each.persona.act == 2 and each.persona.outage not in P12]
        for system, services in {each.outage: each.outage_services for each in others if each.outage}.items():
            await self._fault(system, services)
        await self._let_in({"personas": sorted({each.name for each in others})})
        await self._come_to("rest in act 2", 2, is_stopped, but=P12)
        self.crew.spared = frozenset({(IDENTITY, To.OUTSIDE)})  # else an outage of minutes would be one of weeks
        for system in P12:
            await self._fault(system)
            waiting = [each for each in self._people if each.persona.outage == system]
            await self._let_in({"personas": sorted({each.persona.name for each in waiting})})
            ids = [each.application_id(0) for each in waiting]
            await self._until(f"wait for {system}", partial(self._wait_on, system, ids))
        await self._leap(self.stage.now + OUTAGE)
        await self._come_to("rest in the outage", 2, is_stopped)
        await self._surely(self.stage.heal)
        await self._come_to("rest after the outage", 2, is_at_rest)

    async def _close(self, round: Round) -> None:
        """The last terms pass. A refund that was filed late is paid later: then days pass again."""
        day = round.end
        for _ in range(REFUNDS_MISSED):
            self._begins(round, "end")
            await self._leap(day)
            if await self._until("refunds", self._all_is_paid, REST / 3):
                break
            day += timedelta(days=14)
        await self._until("silence", self._all_is_said, REST / 3)

    async def _leap(self, moment: datetime) -> None:
        """One row, sandbox and portal; services read it within a second, or when they can."""
        at = datetime.now(UTC)
        offset = max(moment - at, self.leaps.offset) if self.leaps.made else moment - at
        await self.line.fetch("update platform.clock set offset_seconds = $1", offset.total_seconds())
        for name in (layout.SANDBOX, PORTAL):
            await self._control(name, "/control/clock", {"offset_seconds": offset.total_seconds()})
        if not self.leaps.made or offset > self.leaps.offset:
            self.leaps.add(at, offset)
        self.stage.offset = offset
        await asyncio.sleep(SETTLES)

    async def _admit(self, round: Round, count: int) -> None:
        first = len(self.citizens)
        for name in (layout.SANDBOX, PORTAL):
            await self._control(name, "/control/people", round.as_said(self._seed, count, first))
        self._people = round.crowd(self._seed, count, first)
        self.citizens += self._people

    async def _let_in(self, whom: Mapping[str, Any]) -> None:
        """So many a second, whatever falls meanwhile."""
        await self._control(PORTAL, "/control/start", {**whom, "rate": self._rate}, PORTAL_LETS_IN)

    async def _come_to(self, what: str, act: int, holds: Standing, but: Sequence[str] = ()) -> None:
        """It holds of every application of who came up to that act, but of those who wait on these systems."""

        async def all_are_there() -> bool:
            await self._operate()
            rows = {row["application_id"]: row for row in await self.stage.applications()}
            self.awaited = [
                citizen.name
                for citizen in self._people
                if citizen.persona.act <= act and citizen.persona.outage not in but
                for id, (course, persona) in citizen.courses().items()
                if course >= 0 and not (str(id) in rows and holds(rows[str(id)], persona))
            ]
            return not self.awaited

        await self._until(what, all_are_there)
        self.awaited = []
        await self._quiet()

    async def _quiet(self) -> None:
        """No line is added to any timeline, if that comes to be within a while."""

        async def quiet() -> bool:
            before = await self.line.value(PROGRESS)
            await asyncio.sleep(QUIET)
            return bool(before == await self.line.value(PROGRESS))

        await until(quiet, 15 * QUIET)

    async def _operate(self) -> None:
        with suppress(Exception):
            self.stage.connection = await self.line.connection()
            await self.stage.operate()

    async def _wait_on(self, system: str, ids: Sequence[object]) -> bool:
        failing = await self.line.value(FAILING, system)
        waiting = await self.line.value(WAITING, ids, ASKS[system])
        return bool(failing) and waiting == len(ids)

    async def _all_is_paid(self) -> bool:
        await self._operate()
        return not (await self.line.value(OPEN_REFUNDS) or await self.line.value(UNSENT))

    async def _all_is_said(self) -> bool:
        before = await self.line.value(PROGRESS)
        await asyncio.sleep(QUIET)
        return not await self.line.value(UNSAID) and bool(before == await self.line.value(PROGRESS))

    async def _fault(self, system: str, services: Sequence[str] = ()) -> None:
        await self._surely(lambda: self.stage.fault(system, services))

    async def _control(self, name: str, path: str, body: Mapping[str, Any], patience: float = 30.0) -> None:
        async def post() -> None:
            answer = await self.stage.http.post(f"{self.stage.url(name)}{path}", json=body, timeout=patience)
            answer.raise_for_status()

        await self._surely(post)

    async def _surely(self, act: Callable[[], Awaitable[None]]) -> None:
        for _ in range(20):
            try:
                return await act()
            except httpx.HTTPError:
                await asyncio.sleep(0.5)
        return await act()

    async def _until(self, what: str, holds: Callable[[], Awaitable[bool]], seconds: float = REST) -> bool:
        async def safely() -> bool:
            with suppress(httpx.HTTPError):
                return await holds()
            return False

        held = await until(safely, seconds, every=1.0)
        if not held:
            self.broken_off.append(f"{self.now_doing}: {what} after {seconds:.0f} s; {self.awaited[:10]}")
        return held

    def _begins(self, round: Round, act: str) -> None:
        self.now_doing = f"round {round.number + 1}, {act}"
