"""Payment goes on when rows or facts were lost: nobody pays twice, nothing is paid back twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payment.answers import RefundStanding, RefundStatus
from services.payment.invoice import CasePhase, Phase
from services.payment.ledger import Account
from services.payment.messages import EndPaymentTerm, InquireInvoice
from services.payment.resuming import awaited
from shared.contracts.base import Message, routing_key
from shared.contracts.payment import (
    FeeLapsed,
    FeePaid,
    FeeRefunded,
    FeeRequested,
    FeeWaived,
    RefundRejected,
    ResumePayment,
    WaiverGround,
)
from shared.contracts.values import Ending
from shared.engine.decision import Given
from tests.services.healing import unmet
from tests.services.payment.stage import (
    FEE,
    IN_2025,
    IN_2026,
    OWN,
    Outside,
    a_run,
    annulled,
    approved,
    cancel,
    charged,
    closed,
    form,
    identity,
    receipt,
    registered,
    sums,
)
from tests.services.running import APPLICATION, Run

RESUME = ResumePayment(application_id=APPLICATION)
DAY = timedelta(days=1)
ACCEPTED = RefundStanding(RefundStatus.ACCEPTED, IN_2025.date())
PAID_BACK = RefundStanding(RefundStatus.PAID, IN_2025.date())
WAY: tuple[Message, ...] = (identity(), form(holds=OWN), registered(), receipt(), annulled(), cancel())


def missing(run: Run) -> list[str]:
    return unmet(run, awaited(run.state, Given(now=run.now)))


async def step(run: Run) -> bool:
    """The first row that is due by now is worked off."""
    due = [row for row in run.waiting if row[0] <= run.now]
    if not due:
        return False
    first = min(due, key=lambda row: row[0])
    run.waiting.remove(first)
    await run.hear(first[1].message)
    return True


async def lived(lose_at: int | None = None) -> tuple[Run, int]:
    """Charged, paid, annulled, paid back in the end; rows are lost before that question. Gives their number."""
    outside = Outside()
    outside.revenue.script = [ACCEPTED, ACCEPTED, PAID_BACK]
    run, questions = a_run(outside), 0
    for message in WAY:
        await run.hear(message)
        while True:
            assert missing(run) == [], routing_key(message)
            if questions == lose_at:
                run.waiting.clear()
                await run.hear_all([RESUME, RESUME])
                assert missing(run) == [], routing_key(message)
            questions += 1
            if not await step(run):
                break
    await run.let_pass(DAY)
    return run, questions


async def test_whatever_question_is_lost_it_is_asked_again_and_the_money_is_the_same() -> None:
    expected, questions = await lived()
    assert [case.phase for case in expected.state.cases] == [CasePhase.REFUNDED]
    assert questions > 8
    for place in range(questions):
        run, _ = await lived(place)
        assert (sums(run), run.state.cases[0].amount) == (sums(expected), FEE), place
        assert len(run.world.revenue.filed) == 1
        assert {routing_key(said) for said in run.said} == {routing_key(said) for said in expected.said}


async def test_going_on_makes_no_row_twice() -> None:
    run = await charged(Outside())
    rows = sorted(routing_key(later.message) for _, later in run.waiting)
    await run.hear_all([RESUME, RESUME])
    assert sorted(routing_key(later.message) for _, later in run.waiting) == rows


async def test_a_lost_deadline_still_ends_an_invoice_that_nobody_pays() -> None:
    run = await charged(Outside())
    run.waiting.clear()
    assert missing(run) == ["end-payment-term", "inquire-invoice", "check-fee-law"]
    await run.let_pass(2 * DAY)
    assert run.said_of(FeeLapsed) == []
    await run.hear(RESUME)
    await run.fire(EndPaymentTerm)
    while await step(run):
        pass
    assert run.state.phase is Phase.LAPSED
    await run.hear(RESUME)
    first, again = run.said_of(FeeLapsed)
    assert first == again


async def test_money_of_a_lost_call_back_is_found_though_the_row_was_lost_too() -> None:
    outside = Outside()
    run = await charged(outside)
    run.waiting.clear()
    outside.gateway.pay("INV-1", "R-1", FEE, run.now)
    await run.hear(RESUME)
    assert await run.fire(InquireInvoice) == 1
    assert run.state.phase is Phase.PAID


async def test_the_request_to_pay_is_said_again_with_the_same_term() -> None:
    run = await charged(Outside())
    await run.hear(RESUME)
    first, again = run.said_of(FeeRequested)
    assert first == again


async def test_a_payment_is_said_again_word_for_word_and_books_nothing() -> None:
    run = await charged(Outside())
    await run.hear(receipt())
    rows = len(run.appended)
    await run.hear(RESUME)
    first, again = run.said_of(FeePaid)
    assert (first, len(run.appended)) == (again, rows)


async def test_a_waiver_is_said_again_with_its_ground() -> None:
    run = await charged(Outside(), started=IN_2026)
    await run.hear(RESUME)
    assert [said.ground for said in run.said_of(FeeWaived)] == [WaiverGround.ZERO_RATE] * 2


@pytest.mark.parametrize(
    ("standing", "kind"),
    [
        (PAID_BACK, FeeRefunded),
        (RefundStanding(RefundStatus.REJECTED, reason="LAW"), RefundRejected),
        (RefundStanding(RefundStatus.REJECTED, reason="ACCOUNT", correctable=True), RefundRejected),
    ],
)
async def test_how_a_refund_ended_is_said_again(standing: RefundStanding, kind: type[Message]) -> None:
    outside = Outside()
    outside.revenue.script = [standing]
    run = await charged(outside)
    await run.hear_all([receipt(), annulled(), cancel()])
    await run.let_pass(DAY)
    await run.hear(RESUME)
    first, again = run.said_of(kind)
    assert first == again


async def test_while_a_refund_is_under_way_none_is_told_of_again() -> None:
    outside = Outside()
    outside.revenue.script = [ACCEPTED]
    run = await charged(outside)
    await run.hear_all([receipt(), annulled(), cancel()])
    await run.let_pass(DAY)
    words = len(run.said)
    await run.hear(RESUME)
    assert len(run.said) == words


@pytest.mark.parametrize("ending", [Ending.ISSUED, Ending.NOT_COLLECTED])
async def test_an_approval_that_was_never_heard_is_earned_by_the_ending_that_follows_from_it(ending: Ending) -> None:
    run = await charged(Outside())
    await run.hear_all([receipt(), closed(ending), approved(), closed(ending)])
    assert run.state.earned
    assert sums(run)[Account.EARNED] == -FEE


async def test_what_is_not_registered_yet_stays_so() -> None:
    run = a_run(Outside())
    await run.hear_all([identity(), RESUME, approved(), RESUME])
    assert (run.said, run.waiting, run.state.phase) == ([], [], Phase.NEW)
