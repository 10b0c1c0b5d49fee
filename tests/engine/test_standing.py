"""Rows of the house: what a service says to itself from its first start on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from shared.contracts.base import Own
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Reaction
from tests.engine.house import SERVICE, House, Tally, Tick, until

ID = UUID(int=99)
DAILY = Later(Tick(application_id=ID), key="daily")


class Unheard(Own):
    """Nobody hears it."""


def begets(state: Tally, said: Tick, given: Given) -> Decision[Tally]:
    return Decision(replace(state, ticks=state.ticks + 1), later=(replace(DAILY, after=timedelta(days=1)),))


STANDING = replace(
    SERVICE, reactions=(*(r for r in SERVICE.reactions if r.hears is not Tick), Reaction(Tick, begets)),
    standing=(DAILY,), tells_failures=True,
)  # fmt: skip


async def test_a_standing_row_is_worked_off_once_however_many_processes_start() -> None:
    house, running = House(service=STANDING), []
    for _ in range(3):
        house.start()
        running.append(await house.running())
    await until(lambda: house.state(ID).ticks == 1)
    house.start()
    await house.engine.start()
    assert [row.name for row in house.tables.waiting()] == ["tick"]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert house.state(ID).ticks == 1


def test_a_service_tells_of_applications_and_not_of_its_own_rows() -> None:
    assert STANDING.tells(UUID(int=1))
    assert not STANDING.tells(ID)
    assert not SERVICE.tells(UUID(int=1))


@pytest.mark.parametrize("row", [replace(DAILY, key=None), Later(Unheard(application_id=ID), key="daily")])
def test_what_stands_has_a_key_and_is_heard(row: Later) -> None:
    with pytest.raises(ValueError, match="does not hear what stands, or it has no key"):
        replace(STANDING, standing=(row,))
