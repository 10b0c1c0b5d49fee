"""Acknowledgements told together: never one that is not done, and each once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.engine.adapters import acks
from shared.engine.adapters.acks import Acks


class Wire:
    """A channel that keeps what it is told, as the broker would take it."""

    def __init__(self) -> None:
        self.told: list[tuple[int, bool]] = []
        self.open: set[int] = set()

    async def basic_ack(self, delivery_tag: int, multiple: bool = False, wait: bool = True) -> None:
        assert delivery_tag in self.open, "the broker closes the channel on a tag that is not out"
        self.told.append((delivery_tag, multiple))
        self.open -= {tag for tag in self.open if tag <= delivery_tag} if multiple else {delivery_tag}


async def done(acks: Acks, wire: Any, *tags: int) -> None:
    await asyncio.gather(*(acks.ack(wire, tag) for tag in tags))


@pytest.fixture
def wire() -> Wire:
    found = Wire()
    found.open = set(range(1, 31))
    return found


async def test_what_is_ready_together_is_told_together(wire: Wire) -> None:
    await done(Acks(), wire, 3, 1, 2)
    assert wire.told == [(3, True)]


async def test_what_stands_behind_one_in_hand_is_told_alone(wire: Wire) -> None:
    told = Acks()
    await done(told, wire, 1, 2, 4, 5)
    assert wire.told == [(2, True), (4, False), (5, False)]
    assert 3 in wire.open
    await done(told, wire, 3)
    assert wire.told[3:] == [(3, True)]
    await done(told, wire, 6, 7)
    assert wire.told[4:] == [(7, True)]
    assert wire.open == set(range(8, 31))


async def test_in_whatever_order_they_are_done_each_is_told_and_no_other(wire: Wire) -> None:
    told, order = Acks(), [7, 1, 2, 9, 3, 30, 8, 4, 6, 29, 5, 10]
    for place in range(0, len(order), 2):
        await done(told, wire, *order[place : place + 2])
        assert wire.open == set(range(1, 31)) - set(order[: place + 2])


async def test_a_tag_that_never_reaches_us_is_never_told(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acks, "ASTRAY", 5)
    told = Acks()
    for tag in range(2, 31):
        await done(told, wire, tag)
    assert wire.open == {1}
    assert all(not multiple for _, multiple in wire.told)


async def test_channels_count_for_themselves(wire: Wire) -> None:
    told, other = Acks(), Wire()
    other.open = {1, 2}
    await done(told, wire, 1, 2)
    await done(told, other, 1)
    assert (wire.told, other.told) == ([(2, True)], [(1, True)])


async def test_a_lost_channel_is_told_to_all_who_wait(wire: Wire) -> None:
    wire.open.clear()
    told: Any = Acks()
    found = await asyncio.gather(*(told.ack(wire, tag) for tag in (1, 2)), return_exceptions=True)
    assert [type(each) for each in found] == [AssertionError, AssertionError]
