"""Under load containers are killed and paused, cables pulled for a minute, servers restarted: nothing is lost."""

from __future__ import annotations

import asyncio
import faulthandler
import time
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg
import httpx

from deploy.containers.composed import Composed
from deploy.demo.__main__ import judged
from deploy.demo.evidence import AfterTrouble
from deploy.demo.play import FIRST, THIRD, Play
from deploy.demo.report import Report
from deploy.demo.stage import SEED, Stage
from deploy.local import layout
from deploy.sandbox.people import crowd
from shared.process import COORDINATOR, ELIGIBILITY, IDENTITY, INTAKE, PAYMENT, PORTAL, PRODUCTION, REVIEW, SERVICES
from tests.containers.conftest import composed
from tests.live.house import OUTBOXES, until
from tests.live.load import CAST

CITIZENS, RATE = 90, 0.6  # people, and how many of them begin in a second: the load outlasts the troubles
CUT = 60.0  # seconds without the broker
PAUSED = 15.0  # seconds frozen
HEALS = 300.0  # seconds until all have ended after the last trouble


@dataclass
class Trouble:
    """Everything that goes wrong while citizens are under way; `lines` moved during the long cut."""

    stack: Composed
    stage: Stage
    moved: int = 0
    healed: dict[str, float] = field(default_factory=dict)

    async def all(self) -> None:
        project = self.stack.project
        await self._killed(*SERVICES)
        for name in (IDENTITY, REVIEW):
            await project.do("kill", name, "--signal", "STOP")  # `docker pause` cannot on every kernel
        await asyncio.sleep(PAUSED)
        for name in (IDENTITY, REVIEW):
            await project.do("kill", name, "--signal", "CONT")
        await self._well("paused")
        await self._without(PAYMENT, "bus", CUT)
        await self._without(PRODUCTION, "store", 10.0)
        await self._without(ELIGIBILITY, "doors", 10.0)
        await project.do("restart", "rabbitmq")
        await self._well("broker restarted")
        await project.do("kill", "postgres")
        await project.do("start", "postgres")
        await self._well("database killed")
        await self._again()
        await project.do("kill", "rabbitmq")
        await self._killed(INTAKE, PAYMENT, COORDINATOR)
        await project.do("start", "rabbitmq")
        await self._well("broker and three services killed")

    async def _killed(self, *names: str) -> None:
        for name in names:
            await self.stack.project.do("kill", name)
            await self.stack.project.do("start", name)

    async def _without(self, service: str, network: str, seconds: float) -> None:
        before = await self.stage.progress()
        await self.stack.project.cut(service, network)
        await asyncio.sleep(seconds)
        self.moved += await self.stage.progress() - before
        await self.stack.project.plug(service, network)
        await self._well(f"{service} without {network}")

    async def _well(self, what: str) -> None:
        began = time.monotonic()
        await self.stack.all_healthy(180.0)
        self.healed[what] = round(time.monotonic() - began, 1)

    async def _again(self) -> None:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self.stage.connection.close(timeout=2.0)
        self.stage.connection = await asyncpg.connect(self.stack.addresses.administrator_url, timeout=10)


async def under_load(stack: Composed, http: httpx.AsyncClient) -> tuple[Trouble, Report, list[str]]:
    citizens = crowd(SEED, FIRST.date(), CITIZENS, CAST)
    connection = await asyncpg.connect(stack.addresses.administrator_url, timeout=10)
    stage = Stage(stack, http, connection)
    play, trouble = Play(stage, citizens), Trouble(stack, stage)
    await stage.set_clock(FIRST)
    wanted = {
        "seed": SEED,
        "today": FIRST.date().isoformat(),
        "count": CITIZENS,
        "personas": [one.name for one in CAST],
    }
    for name in (layout.SANDBOX, PORTAL):
        answer = await http.post(f"{stage.url(name)}/control/people", json=wanted)
        assert answer.json() == {"people": CITIZENS}, answer.text
    names = sorted({each.persona.name for each in citizens})

    async def all_begin() -> None:
        for part in (names[::2], names[1::2]):
            await stage.start(part, rate=RATE)

    starting = asyncio.create_task(all_begin())
    await trouble.all()
    await starting

    async def have_ended() -> bool:
        before = await stage.progress()
        if any(row["ending"] != row["expected"] for row in await stage.applications() if row["expected"]):
            return False
        await asyncio.sleep(2.0)
        standing = await stage.connection.fetchval(f"select sum(count) from ({OUTBOXES}) of_each")
        return await stage.progress() == before and int(standing) == 0

    await until(have_ended, HEALS, every=1.0)
    play.leap = THIRD - FIRST
    await stage.set_clock(THIRD)

    async def refunded() -> bool:
        before = await stage.progress()
        await asyncio.sleep(2.0)
        return await stage.open_refunds() == 0 and await stage.unsent() == 0 and await stage.progress() == before

    await until(refunded, 60.0, every=1.0)
    await stack.collect()
    report = await judged(stage, play, citizens, AfterTrouble)
    given_up = await stage.given_up()
    await stage.connection.close()
    return trouble, report, given_up


async def test_all_heals_and_no_rule_is_broken() -> None:
    faulthandler.cancel_dump_traceback_later()
    async with composed("containers-trouble") as (stack, http):
        trouble, report, given_up = await under_load(stack, http)
    print(trouble.healed)
    assert trouble.moved > 0, "nothing was under way while a cable was pulled"
    assert {rule: found for rule, found in report.broken.items() if found} == {}
    assert report.wrong == []
    assert given_up == []
    assert report.applications >= CITIZENS
