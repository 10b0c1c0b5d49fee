"""Whatever the order in which the facts of one application come, and however often: one state, the same words."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import UUID, uuid5

from shared.contracts.base import Message
from shared.contracts.intake import Circumstance, CircumstanceChanged
from shared.contracts.production_dispatch import DocumentMade
from shared.contracts.ums_review import WithdrawReview
from tests.services.running import APPLICATION, Run
from tests.services.ums_review.cases import a_run, approved, facts, form, photo, refusal

SAMPLES = 600
ALL: list[Message] = [
    *facts(revision=2),
    form(1, region="75", point="75-01"),
    photo(1),
    CircumstanceChanged(application_id=APPLICATION, circumstance=Circumstance.RECORD_CHANGED),
]


def _id(number: int) -> UUID:
    return uuid5(APPLICATION, f"message/{number}")


async def _heard(order: list[int], chance: random.Random | None = None) -> Run:
    """Each in its turn; with chance some come again, under the same id or a new one."""
    run = a_run()
    for place, number in enumerate(order):
        await run.hear(ALL[number], _id(number))
        if chance is not None and chance.random() < 0.5:
            again = chance.choice(order[: place + 1])
            await run.hear(ALL[again], chance.choice([_id(again), None]))
    return run


async def test_any_order_of_the_facts_with_repeats_ends_in_the_same_state_and_the_same_words() -> None:
    chance = random.Random(17)
    expected = await _heard(list(range(len(ALL))))
    assert len(expected.said) == 1
    for _ in range(SAMPLES):
        run = await _heard(chance.sample(range(len(ALL)), len(ALL)), chance)
        assert run.state == expected.state
        assert run.said == expected.said


async def test_what_production_says_twice_or_late_ends_the_same() -> None:
    made = DocumentMade(application_id=APPLICATION, order_id="o1")
    ends = set()
    for order in ([refusal(), made], [refusal(), refusal(), made, made], [refusal(), made, refusal()]):
        run = await approved()
        await run.hear_all(order)
        ends.add((run.state.standing, run.state.round, run.state.made, len(run.said)))
    assert len(ends) == 1


async def test_an_order_to_withdraw_at_any_moment_leaves_one_ending_and_one_answer() -> None:
    order = WithdrawReview(application_id=APPLICATION)
    ends = set()
    for place in range(len(ALL) + 1):
        run = await a_run().hear_all([*ALL[:place], order, *ALL[place:]])
        ends.add((run.state.standing, run.state.withdrawal, repr(run.said[-1])))
        again = replace(run)
        await again.hear(order)
        assert again.state == run.state
    assert len(ends) == 1
