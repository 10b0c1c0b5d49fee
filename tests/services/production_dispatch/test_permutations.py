"""Whatever the order in which the facts of one card come, and however often: one state, the same words."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any
from uuid import uuid5

from services.production_dispatch.messages import What
from services.production_dispatch.production import Standing
from shared.contracts.base import Message
from shared.contracts.intake import Circumstance
from shared.contracts.production_dispatch import DocumentIssued, DocumentMade, ProductionRefused
from tests.services.production_dispatch.cases import (
    ID,
    SUBSTANTIVE,
    Node,
    a_run,
    annulled,
    approved,
    changed,
    check_in,
    closed,
    issue,
    refused,
    settle,
    told,
)
from tests.services.running import Run

ON_THE_WAY = [
    told(What.SPOILED, 1), told(What.SPOILED, 2), told(What.MADE, 3), told(What.SPOILED, 4), told(What.MADE, 5),
    told(What.SHIPPED, 6, "Р-1"),
]  # fmt: skip


async def _heard(
    order: Sequence[Message], chance: random.Random | None = None, node: Node | None = None, early: bool = False
) -> Run:
    """Each in its turn; with chance some come again, under the same id or a new one, and the node answers early."""
    run = a_run(node)
    for place, message in enumerate(order):
        await run.hear(message, _id(message))
        if chance is not None and chance.random() < 0.5:
            again = chance.choice(order[: place + 1])
            await run.hear(again, chance.choice([_id(again), None]))
        if early and chance is not None and chance.random() < 0.2:
            await settle(run)
    return await settle(run)


def _id(message: Message) -> Any:
    return uuid5(ID, repr(message))


def _ends(runs: Sequence[Run]) -> tuple[set[str], set[frozenset[str]]]:
    return {repr(run.state) for run in runs}, {frozenset(run.words()) for run in runs}


async def test_approval_and_call_backs_in_any_order_end_in_the_same_state_and_the_same_words() -> None:
    chance = random.Random(17)
    facts = [approved(), *ON_THE_WAY]
    orders = list(itertools.permutations(facts))
    assert len(orders) == 5040
    states, words = _ends([await _heard(order, chance, early=True) for order in orders])
    assert (len(states), len(words)) == (1, 1)
    assert len(next(iter(words))) == 1 + 3 + 1 + 1


async def test_an_approval_and_a_later_change_in_any_order_are_one_refusal() -> None:
    chance = random.Random(18)
    runs = [await _heard(order, chance) for order in itertools.permutations([approved(), changed()]) for _ in range(20)]
    states, words = _ends(runs)
    assert (len(states), len(words)) == (1, 1)
    assert [said.fault for said in runs[0].said_of(ProductionRefused)] == [SUBSTANTIVE]


async def test_what_ends_a_refused_card_may_come_in_any_order_and_with_late_call_backs() -> None:
    chance = random.Random(19)
    late = [annulled(), closed(), changed(Circumstance.RECORD_CHANGED), approved(1), told(What.MADE, 5)]
    runs = []
    for order in itertools.permutations(late):
        run = await _heard([approved()], node=Node([refused(SUBSTANTIVE)]))
        for message in order:
            await run.hear(message)
            if chance.random() < 0.5:
                await run.hear(message)
        runs.append(await settle(run))
    states, words = _ends(runs)
    assert (len(states), len(words)) == (1, 1)
    assert runs[0].state.standing is Standing.STOPPED
    assert all(run.said_of(DocumentMade) == [] for run in runs)


async def test_at_whatever_moment_the_stop_comes_the_card_is_refused_or_made_never_both() -> None:
    way = [approved(), told(What.MADE, 5), told(What.SHIPPED, 6, "Р-1"), check_in(), issue()]
    for place in range(len(way) + 1):
        run = a_run()
        for message in [*way[:place], changed(), *way[place:]]:
            await run.hear(message)
            await settle(run)
        assert len(run.said_of(ProductionRefused)) + len(run.said_of(DocumentMade)) == 1
        assert len(run.said_of(DocumentIssued)) == len(run.said_of(DocumentMade))


async def test_at_whatever_moment_the_annulment_comes_nothing_is_issued_after_it() -> None:
    way = [approved(), told(What.MADE, 5), told(What.SHIPPED, 6, "Р-1"), check_in(), issue()]
    for place, stop in itertools.product(range(len(way)), (annulled(), closed())):
        run = a_run()
        for message in [*way[:place], stop, *way[place:], issue("again")]:
            await run.hear(message)
            await settle(run)
        assert run.said_of(DocumentIssued) == []
        assert run.state.standing is Standing.STOPPED
