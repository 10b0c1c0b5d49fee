"""Production goes on when rows or facts were lost: one order, one card, and the centre is asked where it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.production_dispatch import messages as m
from services.production_dispatch.messages import NodeAnswer, OrderStatus, What
from services.production_dispatch.production import Standing
from services.production_dispatch.resuming import awaited
from shared.contracts.base import Message, routing_key
from shared.contracts.production_dispatch import (
    DocumentIssued,
    DocumentMade,
    DocumentReady,
    DocumentShipped,
    DocumentUncollected,
    ProductionRefused,
    ProductionStarted,
    ResumeProduction,
)
from shared.engine.decision import Given
from shared.engine.waiting import Awaited
from tests.services.healing import Life, unmet
from tests.services.production_dispatch.cases import (
    ID,
    MADE,
    SHIPPED,
    SUBSTANTIVE,
    TECHNICAL,
    Node,
    a_run,
    after,
    approved,
    check_in,
    closed,
    issue,
    ready,
    refused,
    settle,
    told,
)
from tests.services.running import Run

RESUME = ResumeProduction(application_id=ID)
WAY: tuple[Message, ...] = (approved(), told(What.SPOILED, 1), MADE, SHIPPED, check_in(), issue())


def waits(run: Run) -> list[Awaited]:
    return list(awaited(run.state, Given(now=run.now)))


def missing(run: Run) -> list[str]:
    return unmet(run, waits(run))


def a_life() -> Life:
    async def tell_the_node(run: Run) -> None:
        """The node knows what the centre has told of."""
        reports = run.state.reports
        if reports:
            run.world.central_node.stands(OrderStatus(reports[-1].what.value), reports[-1].register_id)

    return Life(a_run, WAY, RESUME, waits, settle, tell_the_node)


@pytest.mark.parametrize("place", range(len(WAY)), ids=lambda place: f"after {routing_key(WAY[place])} {place}")
async def test_rows_lost_at_any_step_are_made_anew_and_it_ends_the_same(place: int) -> None:
    expected, run = await a_life().lived(), await a_life().lived(place, twice=True)
    assert run.words() == expected.words()
    assert run.state.standing is expected.state.standing is Standing.ISSUED
    assert len(run.world.central_node.sent) == 1


async def test_a_lost_order_is_sent_once() -> None:
    run = a_run()
    await run.hear(approved())
    run.waiting.clear()
    assert missing(run) == ["send-order"]
    await run.hear_all([RESUME, RESUME])
    await settle(run)
    assert len(run.world.central_node.sent) == 1
    assert len(run.said_of(ProductionStarted)) == 1


async def test_a_card_whose_timers_were_lost_is_looked_for_at_the_centre() -> None:
    run = await after(approved())
    run.waiting.clear()
    assert missing(run) == ["look-at-order"]
    run.world.central_node.stands(OrderStatus.MADE)
    await run.hear(RESUME)
    await settle(run)
    assert run.state.standing is Standing.MADE
    assert missing(run) == []


async def test_an_order_accepted_after_its_term_has_passed_still_has_somebody_who_looks() -> None:
    run = a_run(Node())
    await run.hear(approved())
    asks = [row for row in run.waiting if isinstance(row[1].message, m.SendOrder)]
    run.waiting = [row for row in run.waiting if row not in asks]
    await run.let_pass(timedelta(days=7))
    run.waiting += asks
    await settle(run)
    assert run.state.standing is Standing.IN_PRODUCTION
    assert missing(run) == []
    assert any(isinstance(later.message, m.LookAtOrder) for _, later in run.waiting)


async def test_a_card_that_waits_for_its_owner_has_its_last_day_again() -> None:
    run = await ready()
    run.waiting.clear()
    assert missing(run) == ["give-up-collection"]
    await run.hear(RESUME)
    assert [routing_key(later.message) for _, later in run.waiting].count("remind-collection") == 3
    assert await run.fire(m.GiveUpCollection) == 1
    assert len(run.said_of(DocumentUncollected)) == 1


async def test_where_the_card_is_is_said_again_word_for_word() -> None:
    run = await ready()
    words = run.words()
    run.said.clear()
    await run.hear(RESUME)
    assert [type(said) for said in run.said] == [ProductionStarted, DocumentMade, DocumentShipped, DocumentReady]
    assert run.words() <= words


@pytest.mark.parametrize(("fault", "held"), [(TECHNICAL, Standing.HELD), (SUBSTANTIVE, Standing.RETURNED)])
async def test_a_refusal_is_said_again_with_its_reason(fault: object, held: Standing) -> None:
    run = await after(approved(), node=Node([refused(fault, "INPUT_CONTROL")]))  # type: ignore[arg-type]
    assert run.state.standing is held
    await run.hear(RESUME)
    first, again = run.said_of(ProductionRefused)
    assert (first, again.reason) == (again, "INPUT_CONTROL")


async def test_a_card_handed_over_is_said_again_until_the_ending_is_known() -> None:
    run = await ready()
    await run.hear_all([issue(), RESUME])
    first, again = run.said_of(DocumentIssued)
    assert first == again
    run.said.clear()
    await run.hear_all([closed(), RESUME])
    assert run.said == []


async def test_what_must_not_be_made_is_cancelled_though_the_row_was_lost() -> None:
    run = await after(approved())
    await run.hear(closed())
    run.waiting.clear()
    await run.hear_all([RESUME, RESUME])
    await settle(run)
    assert run.world.central_node.told == ["cancel"]


async def test_a_stranger_stays_a_stranger() -> None:
    run = a_run(Node([NodeAnswer(OrderStatus.ACCEPTED)]))
    await run.hear(RESUME)
    assert (run.said, run.waiting, run.state.standing) == ([], [], Standing.NOTHING)
