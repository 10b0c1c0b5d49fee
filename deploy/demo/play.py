"""The three acts: a day in the paid part of the pilot, eleven minutes with an outage, six working days later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from rich.live import Live

from deploy.demo import faults
from deploy.demo.resting import is_at_rest, is_stopped
from deploy.demo.screen import board, console
from deploy.demo.stage import Stage
from deploy.local.business_day import FIRST_MORNING
from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import PERSONAS
from shared.contracts.values import Ending
from shared.engine.decision import ALMATY
from shared.law.calendar import add_working_days

FIRST = FIRST_MORNING
THIRD = datetime.combine(add_working_days(FIRST.date(), 6), FIRST.time(), ALMATY)
LAST = datetime.combine(add_working_days(FIRST.date(), 11), FIRST.time(), ALMATY)
PILOT_LAST = FIRST.date() + timedelta(days=3)
OUTAGE = timedelta(minutes=11)
"""By so much the clock goes on while БМГ and Digital-ID are down: more than p.12 asks for."""
QUIET = 3.0
"""Seconds without a new line in any case timeline, and with nothing that stays in hand: the act has come to rest."""
STILL, STILL_IN_FAULTS = 120.0, 300.0
"""Seconds without a new line after which an act that has not come to rest is broken off, and judged as it stands: a
slow machine is waited for as long as anything goes on, up to `LONGEST`.
"""
LONGEST = 1800.0  # seconds of an act
P12 = ("digital-id", "bmg")
SETTINGS = {
    "KUALIK_PILOT_LAST": PILOT_LAST.isoformat(),
    "KUALIK_POLL_SECONDS": "0.3",
    "KUALIK_LIMITS": '{"decision_undo": 1, "reminder_days": [2, 4], "uncollected_days": 7}',
}


def _waits_on(*outages_and_persona: Any) -> bool:
    """Whether the persona (the last argument) needs one of these outages; None: needs none."""
    *outages, persona = outages_and_persona
    return persona.outage in outages


class Play:
    """Directs one stack; `follow` shows the board until the act has come to rest."""

    def __init__(self, stage: Stage, citizens: Sequence[Citizen], *, faults: bool = False) -> None:
        self.stage, self.citizens, self.faults = stage, citizens, faults
        self.leap = timedelta()
        self._still = STILL_IN_FAULTS if faults else STILL

    async def perform(self) -> None:
        console.rule(f"Act 1 · {FIRST:%d.%m.%Y %H:%M} in Almaty: a day in the paid part of the pilot")
        await self.stage.set_clock(FIRST)
        await self.stage.admit(len(self.citizens))
        await self._spoil()
        await self.follow("Act 1", self._first, until=partial(self._settled, 1, is_at_rest))
        console.rule(f"Act 2 · {FIRST:%d.%m.%Y}: an outage of БМГ and Digital-ID, and eleven minutes of it (p.12)")
        await self.outage()
        console.rule(f"Act 3 · {THIRD:%d.%m.%Y}: six working days later; the pilot ended on {PILOT_LAST:%d.%m.%Y}")
        await self.stage.act(3)
        await self.stage.set_clock(THIRD)
        await self.follow("Act 3", lambda: self.stage.start(act=3), enough=2.0, until=self._all_ended)
        console.rule(f"Epilogue · {LAST:%d.%m.%Y}: five working days on, the last refunds come, one of them overdue")
        await self.stage.set_clock(LAST)
        await self.follow("Epilogue", self._nobody, enough=1.0, until=self._all_refunded)

    async def outage(self) -> None:
        """Who waits on a system that is down for more than ten minutes is sent to ЦОН; the registered only wait."""
        await self.stage.act(2)
        for persona in PERSONAS:
            if persona.outage in ("aissik", "rpdrn"):
                await self.stage.fault(persona.outage, persona.outage_services)
        others, stopped = partial(_waits_on, None, "aissik", "rpdrn"), partial(self._settled, 2, is_stopped)
        await self.follow("Act 2", lambda: self._start(others), enough=1.5, until=stopped)
        for dependency in P12:
            await self.stage.fault(dependency)
            await self._start(partial(_waits_on, dependency))
            await self._until(partial(self._are_failing, {dependency}), seconds=120.0)
        await self.stage.set_clock(self.stage.now + OUTAGE)
        self.leap = OUTAGE
        await self.follow("Act 2", self._nobody, enough=1.0, until=self._all_redirected)
        await self.stage.heal()
        await self._spoil(but=P12)
        if self.faults:
            await self.follow("Act 2", self._nobody, enough=1.0, until=partial(self._settled, 2, is_at_rest))

    async def _spoil(self, but: Sequence[str] = ()) -> None:
        """With faults: everything goes wrong now and then, but these systems. Those of p.12, once they are back, fail
        no more: nobody asks them again before days have passed, and a failure then were an outage of days.
        """
        if self.faults:
            await self.stage.spoil(faults.everywhere(but))

    async def _first(self) -> int:
        """The citizens of the first act; with faults, one system is down meanwhile."""
        starting = asyncio.ensure_future(self.stage.start(act=1, rate=40.0))
        if self.faults:
            await asyncio.sleep(faults.DOWN_AFTER)
            await self.stage.fault(faults.DOWN)
            await asyncio.sleep(faults.DOWN_FOR)
            await self._spoil()
        return await starting

    async def follow(
        self,
        act: str,
        begin: Callable[[], Awaitable[int]],
        enough: float = QUIET,
        until: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """Let citizens begin and show the board until nothing has happened for `enough` seconds (and `until` holds)."""
        starting = asyncio.ensure_future(begin())
        began = moved = stirred = time.monotonic()
        seen, held = -1, frozenset[str]()
        with Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live:
            while time.monotonic() - stirred < self._still and time.monotonic() - began < LONGEST:
                with suppress(Exception):
                    await self.stage.operate()
                progress, rows = await self.stage.progress(), await self.stage.applications()
                held, before = await self.stage.in_hand(), held
                if progress != seen:
                    stirred = time.monotonic()
                if progress != seen or held & before or not starting.done():
                    moved, seen = time.monotonic(), progress
                if console.is_terminal:
                    live.update(board(act, f"{progress} lines in the timelines", rows, self._moment))
                at_rest = time.monotonic() - moved >= enough
                if at_rest and (until is None or await until()):
                    break
                await asyncio.sleep(0.7)
        if not console.is_terminal:
            console.print(board(act, f"{seen} lines in the timelines", await self.stage.applications(), self._moment))
        await starting
        console.print(f"[dim]{act}: {time.monotonic() - began:.0f} s[/]")

    @property
    def _moment(self) -> str:
        return f"{self.stage.now.astimezone(ALMATY):%d.%m.%Y %H:%M:%S}"

    async def _start(self, which: Callable[[Persona], bool]) -> int:
        names = sorted({each.persona.name for each in self.citizens if each.persona.act == 2 and which(each.persona)})
        return await self.stage.start(names) if names else 0

    async def _nobody(self) -> int:
        return 0

    async def _are_failing(self, names: set[str]) -> bool:
        return names <= await self.stage.failing()

    async def _settled(self, act: int, holds: Callable[[Mapping[str, Any], Persona], bool]) -> bool:
        """With faults a pause says little: it holds of every application of who came up to that act."""
        rows = {row["application_id"]: row for row in await self.stage.applications()}
        return not self.faults or all(
            str(id) in rows and holds(rows[str(id)], persona)
            for citizen in self.citizens
            if citizen.persona.act <= act
            and (citizen.persona.outage not in P12 or str(citizen.application_id(0)) in rows)
            for id, (course, persona) in citizen.courses().items()
            if course >= 0
        )

    async def _all_redirected(self) -> bool:
        rows = await self.stage.applications()
        return all(row["ending"] for row in rows if row["expected"] == Ending.REDIRECTED.value)

    async def _all_refunded(self) -> bool:
        return await self.stage.open_refunds() == 0 and await self.stage.unsent() == 0

    async def _all_ended(self) -> bool:
        return all(row["ending"] == row["expected"] for row in await self.stage.applications() if row["expected"])

    async def _until(self, holds: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
        for _ in range(int(seconds / 0.2)):
            if await holds():
                return
            await asyncio.sleep(0.2)
