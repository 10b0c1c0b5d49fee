"""Whatever the order in which one application's messages come, and however often: one state, the same words."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from uuid import UUID

from services.identity_verification.likeness import Likeness
from shared.contracts.base import Message
from shared.contracts.identity_verification import IdentityConfirmed, PhotoAccepted
from shared.engine.service import Step
from tests.services.identity_verification.outside import MINUTE, QUICK, Outside, a_run, closed, form, opened
from tests.services.running import Run

FACTS: tuple[Message, ...] = (opened(), form(1, "dark"), form(2), form(3))
SAMPLES = 600


def outside() -> Outside:
    return Outside(
        sessions=["PROGRESS", "FAILED", "PASSED"], likenesses=[Likeness(match=True, score=91)],
        shown=lambda reference: reference.encode(), eyes=QUICK,
    )  # fmt: skip


async def heard(messages: tuple[Message, ...], chance: random.Random) -> Run:
    """Each under its own id, some twice and some under a new one; what is due is worked off at the end."""
    run = a_run(outside())
    for place, message in enumerate(messages):
        await run.hear(message, UUID(int=100 + place))
        again = chance.randrange(place + 1)
        await run.hear(messages[again], UUID(int=100 + again) if chance.random() < 0.5 else None)
    return await run.let_pass(3 * MINUTE)


async def test_any_order_of_the_facts_with_repeats_ends_in_the_same_state_and_the_same_words() -> None:
    chance = random.Random(23)
    expected = await heard(FACTS, chance)
    assert [said.revision for said in expected.said_of(PhotoAccepted)] == [3]
    for order in itertools.permutations(FACTS):
        run = await heard(order, chance)
        assert (run.state, run.words()) == (expected.state, expected.words())
        assert run.appended_of(Step) == expected.appended_of(Step)


async def test_a_form_that_follows_the_return_of_the_one_before_meets_any_delay_the_same() -> None:
    chance = random.Random(29)
    ends = set()
    for _ in range(SAMPLES // 10):
        run = a_run(outside())
        await run.hear_all([form(1, "dark"), opened()] if chance.random() < 0.5 else [opened(), form(1, "dark")])
        await run.let_pass(timedelta(seconds=chance.randrange(60, 300)))
        await run.hear(form(2))
        await run.hear(chance.choice([form(1, "dark"), form(2), opened()]))
        await run.let_pass(MINUTE)
        quiet = {word for word in run.words() if "until" not in word}
        ends.add((frozenset(quiet), run.state.phase, run.state.judged, run.state.photo_misses))
    assert len(ends) == 1


async def test_wherever_the_ending_comes_nothing_is_said_after_it() -> None:
    chance = random.Random(31)
    for _ in range(SAMPLES // 10):
        run = a_run(outside())
        await run.hear_all(chance.sample(FACTS, len(FACTS)))
        await run.let_pass(timedelta(seconds=chance.randrange(60)))
        await run.hear(closed())
        said, state = list(run.said), run.state
        await run.hear_all(chance.sample(FACTS, len(FACTS)))
        await run.let_pass(60 * MINUTE)
        assert (run.said, run.state, run.waiting) == (said, state, [])
        assert len(run.said_of(IdentityConfirmed)) <= 1
