"""What fails is told to the timeline: the first time and at every doubling, and when it is laid aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.attempts import AttemptFailed, Failure
from shared.contracts.base import read
from shared.contracts.payment import FeePaid, FeeWaived, WaiverGround
from shared.engine.decision import EPOCH
from shared.engine.rows import Dependency
from shared.engine.service import AskPolicy, Reaction
from shared.engine.telling import is_told
from tests.engine.house import SEALER, SERVICE, House, an_id, answered, answers, ask, silent, until

ID = an_id(1)
PAID = FeePaid(application_id=ID, amount=786, receipt_id="r", paid_at=EPOCH)
HASTY = AskPolicy("aissik", timeout=0.02, first=0.001, most=0.002, probe=0.0)
TELLING = replace(
    SERVICE,
    tells_failures=True,
    reactions=tuple(
        Reaction(FeePaid, answered, asks=ask, policy=HASTY) if reaction.hears is FeePaid else reaction
        for reaction in SERVICE.reactions
    ),
)


@asynccontextmanager
async def at_work(world: Callable[[], Awaitable[str]] = silent, service: Any = TELLING) -> AsyncIterator[House]:
    house = House(world, service)
    task = await house.running()
    yield house
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def told(house: House) -> list[AttemptFailed]:
    return [read(AttemptFailed, row.body, ID, SEALER) for row in house.wire.said("attempt-failed")]


@pytest.mark.parametrize(("attempts", "is_said"), [(0, False), (1, True), (2, True), (3, False), (4, True), (5, False),
                                                   (8, True), (1023, False), (1024, True)])  # fmt: skip
def test_the_first_failure_is_told_and_then_every_doubling(attempts: int, is_said: bool) -> None:
    assert is_told(attempts) is is_said


async def test_an_ask_that_fails_and_fails_is_told_of_ever_more_rarely() -> None:
    async with at_work() as house:
        await house.engine.take(house.delivery(PAID))
        await until(lambda: len(told(house)) >= 4)
        first, *_ = said = told(house)
    assert [each.attempts for each in said[:4]] == [1, 2, 4, 8]
    assert (first.service, first.ask, first.dependency) == ("payment", "fee-paid", "aissik")
    assert {each.failure for each in said} == {Failure.UNAVAILABLE}
    assert len({each.since for each in said}) == 1


async def test_each_is_said_under_an_id_of_its_own_and_in_the_trace_of_the_ask() -> None:
    async with at_work() as house:
        await house.engine.take(house.delivery(PAID, headers={"traceparent": "00-1-2-01"}))
        await until(lambda: len(told(house)) >= 3)
        rows = house.wire.said("attempt-failed")
    assert len({row.id for row in rows}) == len(rows)
    assert {row.headers["traceparent"] for row in rows} == {"00-1-2-01"}


async def test_a_system_that_answers_too_late_is_told_of_as_such() -> None:
    async def slow() -> str:
        await asyncio.sleep(60)
        return "late"

    async with at_work(slow) as house:
        await house.engine.take(house.delivery(PAID))
        await until(lambda: len(told(house)) >= 1)
        assert told(house)[0].failure is Failure.TIMEOUT


async def test_what_is_not_asked_because_the_system_is_switched_off_is_told_of_as_such() -> None:
    async with at_work(answers) as house:
        house.platform.dependencies["aissik"] = Dependency("aissik", switched_off=True)
        await asyncio.sleep(house.pace.refresh * 3)
        await house.engine.take(house.delivery(PAID))
        await until(lambda: len(told(house)) >= 1)
        assert told(house)[0].failure is Failure.HELD_BACK


async def test_a_message_that_is_laid_aside_is_told_of() -> None:
    async with at_work() as house:
        await house.engine.take(house.delivery(FeeWaived(application_id=ID, ground=WaiverGround.EXEMPT)))
        await until(lambda: len(told(house)) == 1)
        (said,) = told(house)
        assert (said.ask, said.dependency, said.failure) == ("fee-waived", "", Failure.LAID_ASIDE)
        assert len(house.wire.said("payment.decision-failed")) == 1


async def test_an_ask_that_is_answered_tells_nothing() -> None:
    async with at_work(answers) as house:
        await house.engine.take(house.delivery(PAID))
        await until(lambda: house.state(ID).answer == "yes")
        assert told(house) == []


async def test_a_service_that_is_not_told_to_tells_nothing() -> None:
    quiet = replace(TELLING, tells_failures=False)
    async with at_work(silent, quiet) as house:
        await house.engine.take(house.delivery(PAID))
        await until(lambda: any(row.attempts > 4 for row in house.tables.waiting()))
        assert told(house) == []
