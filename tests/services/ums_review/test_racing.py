"""Two officers reach for one case a thousand times, each through a process of their own, over the real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import asyncpg
import pytest

from services.ums_review import acts
from services.ums_review.app import SERVICE
from services.ums_review.review import Review, Standing
from shared.clock import SystemClock, SystemIds
from shared.contracts.base import Message, Sealed
from shared.contracts.ums_review import Choice
from shared.engine import audit
from shared.engine.adapters.postgres import PostgresStore, connect
from shared.engine.engine import Engine, Pace, Ports
from shared.engine.ports import Publisher
from shared.engine.work import Context
from shared.law.limits import Limits
from shared.law.rules import Rules
from shared.telemetry import Silent
from shared.web.refusals import BY_CODE
from tests.engine.house import Quiet, Wire
from tests.servers import Servers
from tests.services.running import APPLICATION
from tests.services.ums_review import cases
from tests.services.ums_review.office import KEYS, SEALER

pytestmark = pytest.mark.live
ROUNDS, SIGNED_EVERY = 1000, 20
CASE = APPLICATION
OFFICERS = ("17", "18")


class Replica:
    """One process of the service; `hear` takes a message, `by` an act of an officer."""

    def __init__(self, pool: asyncpg.Pool, wire: Wire, undo: timedelta) -> None:
        self.clock, self._ids = SystemClock(), SystemIds()
        store = PostgresStore(pool, SERVICE, SEALER, self._ids)
        context = Context(
            SERVICE, store, SEALER, Silent(), Rules(limits=Limits(decision_undo=undo)), KEYS.blind_index
        )  # fmt: skip
        ports = Ports(store, cast(Publisher, wire), self.clock, self._ids, None, Quiet())
        self.engine = Engine(context, ports, Pace(refresh=0.05, sweep=0.05, careful=0.0))

    async def hear(self, message: Message) -> Any:
        return (await self.engine.act(message, str(self._ids.uuid()))).reply

    async def by(self, act: type[acts.OfficersAct], officer: str, **fields: Any) -> Any:
        head = {"application_id": CASE, "officer_id": officer, "officer_region": cases.REGION, "where": "10.0.0.7"}
        at = self.clock.machine_now()
        return await self.hear(act(**head, officer_index=f"index-of-{officer}", at=at, **fields))

    async def sign(self, officer: str, token: str, id: str) -> Any:
        return await self.by(
            acts.SignDecision, officer, decision_id=id, lease_token=token, round=1, choice=Choice.APPROVE,
            documentation_code=cases.CODE, decided_at=self.clock.now(), payload_sha256="f" * 64, cms=Sealed(cases.CMS),
        )  # fmt: skip


@asynccontextmanager
async def replicas(url: str, wire: Wire, undo: timedelta) -> AsyncIterator[tuple[Replica, Replica]]:
    pools = [await connect(url, SERVICE) for _ in OFFICERS]
    one, other = (Replica(pool, wire, undo) for pool in pools)
    runs = []
    for replica in (one, other):
        await replica.engine.start()
        runs.append(asyncio.create_task(replica.engine.run()))
    try:
        yield one, other
    finally:
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        for pool in pools:
            await pool.close()


def parted(replies: list[Any], of: type[Any]) -> tuple[int, Any, list[acts.Refusal]]:
    """Whose reply is the only one of that kind, and what the others were told."""
    won = [place for place, reply in enumerate(replies) if isinstance(reply, of)]
    assert len(won) == 1, replies
    return won[0], replies[won[0]], [reply for reply in replies if isinstance(reply, acts.Refusal)]


async def test_one_wins_the_other_is_told_and_nothing_is_double(servers: Servers) -> None:
    address, passwords = await servers.new_database("ums_review")
    url, wire = address.url("ums_review", passwords["ums_review"]), Wire()
    async with replicas(url, wire, timedelta(seconds=30)) as both:
        for fact in cases.facts():
            await both[0].hear(fact)
        for number in range(ROUNDS):
            first = number % 2
            takes = [both[place].by(acts.TakeReview, OFFICERS[place]) for place in (first, 1 - first)]
            place, lease, told = parted([*await asyncio.gather(*takes)], acts.Leased)
            place = first if place == 0 else 1 - first
            winner, loser, side = OFFICERS[place], OFFICERS[1 - place], both[place]
            assert told == [acts.Refusal(acts.Code.HELD_BY_ANOTHER)]
            if number % SIGNED_EVERY == 0:
                await decide_at_once(both, winner, loser, lease.token, f"d-{number}")
            await side.by(acts.GiveBack, winner, lease_token=lease.token, reason=Sealed("next round"))
        review = cast(Review, await both[0].engine.read(CASE))
        assert (review.standing, review.lease_officer, review.verdict) == (Standing.QUEUED, None, None)
    assert acts.Code.HELD_BY_ANOTHER.value in BY_CODE, "the page has words for who came second"
    await nothing_double(url)


async def decide_at_once(both: tuple[Replica, Replica], winner: str, loser: str, token: str, id: str) -> None:
    """Two tabs of who holds the case and the colleague with a copied lease decide at the same moment; undone again."""
    replies = await asyncio.gather(
        both[0].sign(winner, token, id), both[1].sign(winner, token, f"{id}-tab"), both[1].sign(loser, token, f"{id}-x")
    )
    _, accepted, told = parted(list(replies), acts.Signed)
    assert len(told) == 2
    assert {refusal.code for refusal in told} <= {acts.Code.ALREADY_SIGNED, acts.Code.LEASE_LOST}
    assert isinstance(await both[0].by(acts.UndoDecision, winner, decision_id=accepted.decision_id), acts.Done)


async def nothing_double(url: str) -> None:
    """Every round left one line of each kind in an unbroken trail."""
    rows = await asyncpg.connect(url)
    try:
        found = await rows.fetch("select what, result, count(*) as lines from ums_review.audit group by 1, 2")
        decisions = await rows.fetchval("select count(*) from ums_review.decision")
    finally:
        await rows.close()
    lines = {(row["what"], row["result"]): row["lines"] for row in found}
    assert lines["take-review", "done"] == lines["take-review", "HELD_BY_ANOTHER"] == ROUNDS
    assert lines["give-back", "done"] == ROUNDS
    assert lines["sign-decision", "APPROVE"] == lines["undo-decision", "done"] == ROUNDS // SIGNED_EVERY
    assert decisions == 0
    broken, seen, _ = await audit.check(url, "ums_review")
    assert (broken, seen) == (None, sum(lines.values()))
