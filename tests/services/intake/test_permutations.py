"""Whatever order its messages are heard in, and however often, an application ends the same and says the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from services.intake.domain.own import (
    RegisterApplication,
    ReportStage,
    RequestResult,
    SettleAbandonment,
    TidyTalons,
    VerifySignature,
    WatchTalon,
)
from shared.contracts.base import Message
from shared.contracts.intake import CloseApplication, RecallRegistration
from shared.contracts.values import Ending
from tests.services.intake.cases import (
    ID,
    a_form,
    a_run,
    eligible,
    photo_accepted,
    photo_returned,
    signed,
    started,
    upload,
    waived,
)
from tests.services.intake.certified import approved
from tests.services.intake.test_reports import annulled, issued, made, queued
from tests.services.running import Run

SAMPLE_SIZE = 600
OWN = (VerifySignature, RegisterApplication, ReportStage, RequestResult, SettleAbandonment, TidyTalons, WatchTalon)

Told = tuple[Message, ...]
# Each story: what is heard, and by index what the portal or the coordinator says only after something else was heard.
ISSUED: Told = (
    started(), eligible(), a_form(), photo_accepted(), signed(), waived(), queued(), approved(), made(), issued(),
    CloseApplication(application_id=ID, ending=Ending.ISSUED),
)  # fmt: skip
ISSUED_CAUSES = {2: (0,), 4: (1, 2), 10: (3, 4, 5, 9)}
RETURNED: Told = (started(), eligible(), a_form(), photo_returned(), a_form(2), photo_accepted(2), signed(2), waived())
RETURNED_CAUSES = {2: (0,), 4: (1, 2), 6: (4,)}
ANNULLED: Told = (
    started(), eligible(), a_form(), photo_accepted(), signed(), waived(), queued(), annulled(),
    CloseApplication(application_id=ID, ending=Ending.ANNULLED), RecallRegistration(application_id=ID),
)  # fmt: skip
ANNULLED_CAUSES = {2: (0,), 4: (1, 2), 8: (3, 4, 5, 7), 9: (8,)}


def orders(told: Told, causes: dict[int, tuple[int, ...]], seed: int) -> list[list[int]]:
    """Seeded orders in which nothing comes before its cause, each message once or twice."""
    chance = random.Random(seed)
    found = []
    for _ in range(SAMPLE_SIZE):
        weights = list(range(len(told)))
        chance.shuffle(weights)
        order: list[int] = []
        while weights:
            ready = [index for index in weights if all(cause in order for cause in causes.get(index, ()))]
            order.append(ready[0])
            weights.remove(ready[0])
        for index in chance.sample(order, chance.randint(0, 3)):
            order.insert(chance.randint(order.index(index) + 1, len(order)), index)
        found.append(order)
    return found


async def lived(told: Told, order: Sequence[int], eager: random.Random | None) -> Run:
    """Messages in that order; own messages come due at once, or whenever chance has it, but all in the end."""
    run = a_run()
    uploaded = False
    commands = {index for index, message in enumerate(told) if message.exchange == "commands"}
    for index in order:
        if index in commands:
            await work_off(run)  # an order comes after what intake itself has said to cause it
        await run.hear(told[index])
        if run.state.opened and not uploaded:
            uploaded = True
            await upload(run)
        if eager is None or eager.random() < 0.5:
            await work_off(run)
    await work_off(run)
    return run


async def work_off(run: Run) -> None:
    while sum([await run.fire(kind) for kind in OWN]):
        pass


@pytest.mark.parametrize(
    ("told", "causes"),
    [(ISSUED, ISSUED_CAUSES), (RETURNED, RETURNED_CAUSES), (ANNULLED, ANNULLED_CAUSES)],
    ids=["issued", "returned", "annulled"],
)
async def test_any_order_with_repeats_ends_the_same_and_says_the_same(
    told: Told, causes: dict[int, tuple[int, ...]]
) -> None:
    model = await lived(told, range(len(told)), None)
    assert model.state.talon
    chance = random.Random(7)
    for order in orders(told, causes, 11):
        run = await lived(told, order, chance)
        assert _essence(run) == _essence(model), order


def _essence(run: Run) -> tuple[object, ...]:
    """State, words by content but for rejections of what came twice, and what РП ДРН holds and heard."""
    words = {word for word in run.words() if not word.startswith(("message-rejected", "signature-returned"))}
    stages = [(fact.number, fact.stage) for _, fact in run.world.register.stages]
    return run.state, words, stages, run.world.register.talons, run.owners
