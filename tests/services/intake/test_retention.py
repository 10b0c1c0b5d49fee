"""Images of an ended application are removed when their term is over, and the removal stands in the audit trail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain.own import RemoveImages
from shared.contracts.intake import CloseApplication, ResumeApplication
from shared.contracts.values import Ending
from shared.engine.rows import Unavailable
from shared.engine.service import Audited
from shared.law.rules import RULES
from tests.services.intake.cases import ID, PHOTO, SAMPLE, a_photo_accepted, an_opened
from tests.services.running import Run

TERM = RULES.limits.images_kept


async def an_ended() -> Run:
    run = await a_photo_accepted()
    await run.hear(CloseApplication(application_id=ID, ending=Ending.REDIRECTED))
    return run


def removals(run: Run) -> list[Audited]:
    return [row for row in run.appended_of(Audited) if row.what == "RemoveImages"]


async def test_when_the_term_is_over_the_images_go_and_the_audit_trail_says_so() -> None:
    run = await an_ended()
    (row,) = [later for _, later in run.waiting if isinstance(later.message, RemoveImages)]
    assert (row.at, row.clock) == (run.state.closed_at + TERM, "business")
    await run.let_pass(TERM - timedelta(seconds=1))
    assert run.world.images.removed == []
    await run.let_pass(timedelta(seconds=1))
    assert run.world.images.removed == [PHOTO.reference, SAMPLE.reference]
    assert run.state.uploads == ()
    assert [(row.who, row.where, row.result) for row in removals(run)] == [("service:intake", "objects", "2 removed")]
    assert run.state.form is not None
    assert run.state.form.photo.sha256 == PHOTO.sha256


async def test_removed_once_it_is_told_once() -> None:
    run = await an_ended()
    await run.let_pass(TERM)
    for _ in range(2):
        await run.hear(RemoveImages(application_id=ID), answers=2)
    assert len(removals(run)) == 1


async def test_while_an_application_lives_its_images_stay() -> None:
    run = await a_photo_accepted()
    await run.let_pass(10 * TERM)
    assert await run.fire(RemoveImages) == 0
    await run.hear(RemoveImages(application_id=ID), answers=None)
    assert (len(run.state.uploads), removals(run)) == (2, [])


async def test_a_store_that_is_out_of_reach_is_asked_again() -> None:
    run = await an_ended()
    run.world.images.lost = True
    with pytest.raises(Unavailable, match="objects"):
        await run.let_pass(TERM)
    assert (len(run.state.uploads), removals(run)) == (2, [])


async def test_where_nothing_was_uploaded_nothing_waits() -> None:
    run = await an_opened()
    await run.hear(CloseApplication(application_id=ID, ending=Ending.REFUSED))
    assert not [later for _, later in run.waiting if isinstance(later.message, RemoveImages)]


async def test_a_lost_row_stands_again_when_the_application_is_driven_on() -> None:
    run = await an_ended()
    run.waiting.clear()
    await run.let_pass(timedelta(days=1))
    await run.hear(ResumeApplication(application_id=ID))
    (row,) = [later for _, later in run.waiting if isinstance(later.message, RemoveImages)]
    assert row.at == run.state.closed_at + TERM
