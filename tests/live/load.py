"""Citizens under way while services, broker and database are killed; then what became of them, in figures."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.demo.__main__ import judged
from deploy.demo.play import FIRST, THIRD, Play
from deploy.demo.report import Report
from deploy.demo.stage import SEED
from deploy.local import layout
from deploy.sandbox.people import Citizen, crowd
from deploy.sandbox.persona import Consent, Paying, Persona, Signing
from deploy.sandbox.personas import PERSONAS
from shared.process import PORTAL, SERVICES
from tests.live.house import House, until

CITIZENS, RATE = 80, 1.6  # people, and how many of them begin in a second
BETWEEN_KILLS = 3.0  # seconds
STRANDED = 5  # committed rows without a broker, before all are killed
LONGEST = 480.0  # seconds of the whole load
WITNESS = "refund-confirmed"
"""Begins when all is healed: no span of this application was lost with a killed process."""
HEARD = "select name, said_at, at from saga_coordinator.timeline where what = 'heard'"

Window = tuple[datetime, datetime]


def ends_in_act_1(persona: Persona) -> bool:
    """Neither an outage nor days or minutes that nobody shortens stand between its start and its ending."""
    conduct, treatment = persona.conduct, persona.treatment
    waits = (
        not conduct.fills
        or Signing.NEVER in conduct.signs
        or (not conduct.pays or Paying.AFTER_LAPSE in conduct.pays)
        or treatment.consent is Consent.SILENT
        or treatment.refund_days > 5
        or not persona.visits
    )
    return persona.act == 1 and persona.outage is None and not waits


CAST = tuple(persona for persona in PERSONAS if ends_in_act_1(persona))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One event on its way: from the decision that said it to the coordinator's line; seconds with all servers up."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the load left. `stranded`: rows that were committed and unpublished when every service was killed."""

    report: Report
    citizens: Sequence[Citizen] = field(repr=False)
    handed_over: Sequence[HandedOver] = field(repr=False)
    at_the_state: Mapping[str, Any]
    deaths: Mapping[str, int]
    stranded: int
    given_up: Sequence[str]
    seconds: Mapping[str, float]

    def slowest(self, part: float) -> float:
        """The given part of all hand-overs took no longer: seconds."""
        ordered = sorted(each.seconds for each in self.handed_over)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Load:
    """Runs once, against the clock of the first act."""

    def __init__(self, house: House) -> None:
        self.house, self.stage = house, house.stage
        self.citizens = crowd(SEED, FIRST.date(), CITIZENS, CAST)
        self.play = Play(self.stage, self.citizens)
        self._down: list[Window] = []
        self._deaths: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}
        self._stranded = 0
        self._mark = time.monotonic()

    async def run(self) -> Outcome:
        async with asyncio.timeout(LONGEST):
            await self._admit()
            begin = sorted({citizen.persona.name for citizen in self.citizens} - {WITNESS})
            starting = asyncio.create_task(self.stage.start(begin, rate=RATE))
            await asyncio.sleep(BETWEEN_KILLS)
            await self._kill_each()
            await self._kill_between_commit_and_publish()
            await self._kill_the_database()
            await starting
            await self.stage.start([WITNESS])
            await until(self._have_ended, 300.0, every=1.0)
            self._took("until all had ended")
            handed_over = await self._handed_over()
            return await self._judged(handed_over)

    async def _admit(self) -> None:
        await self.stage.set_clock(FIRST)
        wanted = {
            "seed": SEED,
            "today": FIRST.date().isoformat(),
            "count": CITIZENS,
            "personas": [each.name for each in CAST],
        }
        for name in (layout.SANDBOX, PORTAL):
            answer = await self.house.http.post(f"{self.stage.url(name)}/control/people", json=wanted)
            assert answer.json() == {"people": CITIZENS}, answer.text

    async def _kill_each(self) -> None:
        """One after another, while those before it still come back."""
        for name in SERVICES:
            await self._kill(name)
            await asyncio.sleep(BETWEEN_KILLS)
        self._took("kills in turn")

    async def _kill_between_commit_and_publish(self) -> None:
        """With the broker gone nothing committed can be published; then everyone dies with it in hand."""
        await self.house.all_ready()
        since = self.stage.now
        await self.house.stack.broker.kill()
        await until(self._rows_stand, 20.0)
        await asyncio.gather(*map(self._kill, SERVICES))
        self._stranded = await self.house.standing()
        await self.house.stack.broker.restart()
        self._down.append((since, self.stage.now))
        self._took("broker and services killed")
        await self.house.all_ready()
        self._took("ready again after the broker")

    async def _kill_the_database(self) -> None:
        await asyncio.sleep(BETWEEN_KILLS)
        since = self.stage.now
        await self.house.stack.database.kill()
        await self.house.stack.database.restart()
        self._down.append((since, self.stage.now))
        await self.house.reconnect()
        await self.house.all_ready()
        self._took("database killed")

    async def _kill(self, name: str) -> None:
        if self.house.stack.processes.running(name):
            await self.house.stack.processes.kill(name)
            self._deaths[name] += 1

    async def _rows_stand(self) -> bool:
        return await self.house.standing() >= STRANDED

    async def _have_ended(self) -> bool:
        """Every application shows its ending, and nobody says anything any more."""
        rows, before = await self.stage.applications(), await self.stage.progress()
        if any(row["ending"] != row["expected"] for row in rows if row["expected"]):
            return False
        await asyncio.sleep(2.0)
        return await self.stage.progress() == before and await self.house.standing() == 0

    async def _handed_over(self) -> list[HandedOver]:
        rows = await self.house.connection.fetch(HEARD)
        return [HandedOver(row["name"], self._seconds_up(row["said_at"], row["at"])) for row in rows]

    def _seconds_up(self, said_at: datetime, at: datetime) -> float:
        """What lies between them, without the time in which a server was down."""
        down = sum(max(0.0, (min(at, until) - max(said_at, since)).total_seconds()) for since, until in self._down)
        return (at - said_at).total_seconds() - down

    async def _judged(self, handed_over: Sequence[HandedOver]) -> Outcome:
        """The refunds come working days later; then everything that was written is read."""
        given_up = await self.stage.given_up()
        self.play.leap = THIRD - FIRST
        await self.stage.set_clock(THIRD)
        await until(self._refunded, 30.0, every=1.0)
        report = await judged(self.stage, self.play, self.citizens)
        self._took("refunds and judgement")
        at_the_state = await self.house.at_the_state()
        return Outcome(
            report, self.citizens, handed_over, at_the_state, self._deaths, self._stranded, given_up, self._seconds
        )

    async def _refunded(self) -> bool:
        """No refund is still under way, and nobody says anything any more."""
        before = await self.stage.progress()
        await asyncio.sleep(2.0)
        return await self.stage.open_refunds() == 0 and await self.stage.progress() == before

    def _took(self, what: str) -> None:
        now = time.monotonic()
        self._seconds[what], self._mark = round(now - self._mark, 1), now
