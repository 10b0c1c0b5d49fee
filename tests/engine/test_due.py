"""A due row is in one hand at a time, however long it waits there for its turn, its answer or the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.clock import SystemClock
from shared.contracts.base import Own
from shared.contracts.payment import FeeLapsed, FeePaid
from shared.engine.adapters import memory_store
from shared.engine.decision import Decision, Given, Later
from shared.engine.due import DueRounds
from shared.engine.engine import Pace
from shared.engine.rows import Due
from shared.engine.service import Reaction, Service
from tests.engine.house import SERVICE, House, Tally, an_id, until

EPOCH = datetime(2025, 10, 7, 5, 0, tzinfo=UTC)
LEASE = 0.1  # seconds
LONG = 6 * LEASE


class Slow:
    """An outside system that answers when it is let; `asked` counts the questions, `most` those at once."""

    def __init__(self) -> None:
        self.asked = self.at_once = self.most = 0
        self.answers = asyncio.Event()

    async def __call__(self) -> str:
        self.asked += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.answers.wait()
        self.at_once -= 1
        return "yes"


@pytest.fixture(autouse=True)
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_store, "DUE_LEASE", LEASE)


@asynccontextmanager
async def asking(slow: Slow, keep: float, rows: int = 1) -> AsyncIterator[House]:
    """A house that has taken so many messages whose asks wait."""
    house = House(slow)
    house.pace = Pace(refresh=0.01, sweep=0.02, careful=0.0, keep=keep)
    house.start()
    task = await house.running()
    for number in range(rows):
        paid = FeePaid(application_id=an_id(number), receipt_id=f"r-{number}", amount=786, paid_at=EPOCH)
        await house.engine.take(house.delivery(paid, f"p-{number}"))
    yield house
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("keep", [LEASE / 3, 100 * LEASE], ids=["kept", "lease-runs-out"])
async def test_who_waits_for_an_answer_longer_than_the_lease_is_asked_once(keep: float) -> None:
    """The second as after a stop of the process, in which nobody renewed anything."""
    slow = Slow()
    async with asking(slow, keep) as house:
        await asyncio.sleep(LONG)
        assert slow.asked == 1
        slow.answers.set()
        await until(lambda: house.state(an_id(0)).answer == "yes")
        await asyncio.sleep(2 * LEASE)
        assert slow.asked == 1
        assert not house.tables.due


async def test_who_waits_for_their_turn_longer_than_the_lease_is_asked_once() -> None:
    slow, rows = Slow(), 40  # more than the system is asked at once
    async with asking(slow, LEASE / 3, rows) as house:
        await asyncio.sleep(LONG)
        assert slow.asked == slow.most < rows
        slow.answers.set()
        await until(lambda: all(house.state(an_id(number)).answer == "yes" for number in range(rows)))
        await asyncio.sleep(2 * LEASE)
        assert slow.asked == rows


async def test_the_lease_of_a_row_in_hand_is_renewed_so_that_no_other_process_takes_it() -> None:
    slow = Slow()
    async with asking(slow, LEASE / 3) as house:
        await until(lambda: slow.asked == 1)
        (held,) = house.tables.due.values()
        ran_out = held.until
        assert ran_out is not None
        await until(lambda: all((row.until or 0.0) > ran_out + LEASE for row in house.tables.due.values()))
        slow.answers.set()
        await until(lambda: not house.tables.due)


class Nag(Own):
    """Says something each time, and stands again under the same key."""


def nagged(state: Tally, said: Nag, given: Given) -> Decision[Tally]:
    nag = Later(Nag(application_id=state.application_id), timedelta(seconds=0.01), clock="machine", key="nag")
    lapsed = FeeLapsed(application_id=state.application_id, invoice_id="i")
    return Decision(replace(state, ticks=state.ticks + 1), lapsed, later=(nag,) if state.ticks < 2 else ())


async def test_what_a_timer_says_when_it_stands_again_is_no_repeat_of_what_it_said_before() -> None:
    service = Service("payment", SERVICE.table, (Reaction(Nag, nagged),))
    house = House(service=service)
    task = await house.running()
    await house.engine.act(Nag(application_id=an_id(0)), "call-1")
    await until(lambda: len(house.wire.said("fee-lapsed")) == 3)
    assert len({row.id for row in house.wire.said("fee-lapsed")}) == 3
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Shelf:
    """A store of one row: who takes it has a long lease."""

    def __init__(self, row: Due) -> None:
        self.lies: list[Due] = [row]

    async def take_due(self, limit: int, machine: datetime, business: datetime, token: UUID) -> list[Due]:
        taken, self.lies = self.lies, []
        return taken

    def patience(self, machine: datetime, business: datetime) -> float:
        return 60.0


async def test_a_row_that_is_due_again_before_the_hand_that_put_it_back_is_free_has_its_turn_right_after() -> None:
    row = Due(an_id(0), an_id(0), "nag", b"", {}, EPOCH, "machine", EPOCH)
    shelf = Shelf(row)
    worked: list[int] = []

    async def work(row: Due) -> None:
        worked.append(row.attempts)
        if not row.attempts:
            shelf.lies.append(row.again(EPOCH))
            rounds.wake()
            await asyncio.sleep(0.05)  # it is taken again meanwhile

    clock: Any = SystemClock()
    store: Any = shelf
    rounds = DueRounds(store, clock, None, work, an_id(1), 8)
    task = asyncio.create_task(rounds.run())
    await until(lambda: len(worked) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert worked == [0, 1]
