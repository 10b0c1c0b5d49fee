"""After S13 РП ДРН is asked to tell of the talon, until the REQUEST has been delivered; then no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.asking import watch_talon
from services.intake.domain.own import WatchTalon
from services.intake.domain.resuming import awaited
from services.intake.domain.watching import LOOK_AGAIN, SEND_AGAIN, Fate
from shared.contracts.intake import CloseApplication, RecallRegistration, ResumeApplication
from shared.contracts.values import Ending
from shared.engine.decision import Given
from shared.engine.service import Audited
from tests.services.intake.cases import ID, a_registered, a_submitted
from tests.services.intake.certified import TALON
from tests.services.running import Run


async def registered(*fates: Fate) -> Run:
    """Registered, and nothing sent yet; this is what becomes of what will be."""
    run = await a_registered()
    run.world.register.fates = list(fates)
    return run


def sent(run: Run) -> int:
    return len(run.world.register.watched)


def rows(run: Run) -> list[WatchTalon]:
    return [later.message for _, later in run.waiting if isinstance(later.message, WatchTalon)]


async def test_registered_it_asks_once_to_be_told_of_its_talon() -> None:
    run = await registered()
    assert await run.fire(WatchTalon) == 1
    assert run.world.register.watched == [(TALON, ID)]
    assert (run.state.watch, rows(run)) == ("request 1", [])
    assert [row.result for row in run.appended_of(Audited) if row.what == "WatchTalon"] == ["delivered: request 1"]


async def test_before_the_talon_there_is_nothing_to_be_told_of() -> None:
    run = await a_submitted()
    assert (rows(run), list(awaited(run.state))[-1].later.key) == ([], "register")


async def test_what_is_under_way_is_looked_for_and_not_sent_again() -> None:
    run = await registered(Fate.UNDER_WAY, Fate.UNDER_WAY)
    await run.fire(WatchTalon)
    assert (sent(run), run.state.watch) == (1, "")
    assert [row.sent for row in rows(run)] == ["request 1"]
    await run.let_pass(LOOK_AGAIN)
    await run.let_pass(LOOK_AGAIN)
    assert (sent(run), run.state.watch, rows(run)) == (1, "request 1", [])


async def test_what_reached_nobody_is_sent_again_until_it_is_delivered() -> None:
    run = await registered(Fate.LOST, Fate.UNDER_WAY, Fate.LOST)
    await run.fire(WatchTalon)
    assert (sent(run), run.state.watch) == (1, "")
    await run.let_pass(SEND_AGAIN)
    assert (sent(run), [row.sent for row in rows(run)]) == (2, ["request 2"])
    await run.let_pass(LOOK_AGAIN + SEND_AGAIN)
    assert (sent(run), run.state.watch, rows(run)) == (3, "request 3", [])


@pytest.mark.parametrize(
    "word",
    [CloseApplication(application_id=ID, ending=Ending.WITHDRAWN), RecallRegistration(application_id=ID)],
    ids=["ended", "recalled"],
)
async def test_of_what_has_ended_or_goes_out_again_nobody_is_to_be_told(
    word: CloseApplication | RecallRegistration,
) -> None:
    run = await registered()
    await run.hear(word)
    await run.fire(WatchTalon)
    assert (sent(run), run.state.watch, rows(run)) == (0, "", [])


async def test_an_answer_that_comes_after_the_end_changes_nothing() -> None:
    run = await registered()
    said = WatchTalon(application_id=ID)
    late = await watch_talon(run.state, said, run.world, Given())
    await run.hear(CloseApplication(application_id=ID, ending=Ending.WITHDRAWN))
    before = run.state
    await run.hear(said, answers=late)
    assert run.state == before


async def test_told_to_go_on_it_asks_if_it_is_not_told_yet_and_no_more_when_it_is() -> None:
    run = await registered()
    run.waiting.clear()
    await run.hear(ResumeApplication(application_id=ID))
    assert len(rows(run)) == 1
    await run.let_pass(timedelta())
    assert run.state.watch
    await run.hear(ResumeApplication(application_id=ID))
    assert rows(run) == []
