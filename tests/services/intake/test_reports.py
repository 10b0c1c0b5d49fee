"""S16 and p.4.2: РП ДРН is told every stage, under the talon, in order, once."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.intake.domain.facts import Reported
from services.intake.domain.own import ReportStage, RequestResult
from shared.contracts.base import Message
from shared.contracts.intake import CloseApplication, ResultRequested
from shared.contracts.payment import FeePaid
from shared.contracts.production_dispatch import DocumentIssued, DocumentMade
from shared.contracts.ums_review import AnnulmentGround, ReviewAnnulled, ReviewQueued
from shared.contracts.values import Ending, Stage
from shared.engine.service import Step
from tests.services.intake.cases import ID, a_registered, a_run, a_settled, a_submitted, only, waived
from tests.services.intake.certified import TALON, approved
from tests.services.running import NOW, Run


def queued(round: int = 1) -> ReviewQueued:
    return ReviewQueued(application_id=ID, region="71", talon=TALON, round=round, due_on=NOW.date())


def annulled(round: int = 1) -> ReviewAnnulled:
    return ReviewAnnulled(
        application_id=ID, decision_id="d", round=round, officer_id="17", ground=AnnulmentGround.PHOTO
    )


def made() -> DocumentMade:
    return DocumentMade(application_id=ID, order_id="o")


def issued() -> DocumentIssued:
    return DocumentIssued(application_id=ID, point="71-01", officer_id="9")


def told(run: Run) -> list[tuple[int, Reported, int]]:
    return [(fact.number, fact.stage, fact.round) for _, fact in run.world.register.stages]


async def report_all(run: Run) -> Run:
    while await run.fire(ReportStage):
        pass
    return run


@pytest.mark.parametrize(
    "settled", [waived(), FeePaid(application_id=ID, amount=786, receipt_id="r", paid_at=NOW)], ids=["waived", "paid"]
)
async def test_settled_it_is_reported_and_the_result_is_asked_for(settled: Message) -> None:
    run = await a_registered()
    await run.hear(settled)
    await report_all(run)
    await run.fire(RequestResult)
    said = only(run, ResultRequested)
    assert (said.talon, said.request_id) == (TALON, f"result {TALON}")
    assert (told(run), run.state.stage) == ([(1, Reported.SETTLED, 0)], Stage.SETTLED)
    assert [row.step for row in run.appended_of(Step)][-1] == "S16"


async def test_nothing_is_asked_before_the_settlement() -> None:
    run = await a_registered()
    assert (await run.fire(ReportStage), await run.fire(RequestResult)) == (0, 0)


async def test_settled_twice_it_is_reported_once() -> None:
    run = await a_settled()
    await run.hear(waived())
    assert (await run.fire(ReportStage), len(run.said_of(ResultRequested))) == (0, 1)


async def test_after_the_ending_nobody_is_asked_for_a_result() -> None:
    run = await a_registered()
    await run.hear(waived())
    await report_all(run)
    await run.hear(CloseApplication(application_id=ID, ending=Ending.WITHDRAWN))
    await run.fire(RequestResult)
    assert not run.said_of(ResultRequested)


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_stages_are_reported_in_order_however_they_are_heard(order: tuple[int, ...]) -> None:
    run = await a_settled()
    facts = (queued(), approved(), made(), issued())
    await run.hear_all([facts[index] for index in order])
    await report_all(run)
    assert [stage for _, stage, _ in told(run)] == list(Reported)
    assert [number for number, _, _ in told(run)] == [1, 2, 3, 4, 5]
    assert run.state.stage is Stage.READY


async def test_one_report_is_under_way_at_a_time() -> None:
    run = await a_settled()
    await run.hear_all([queued(), approved(), made()])
    assert len([row for row in run.waiting if isinstance(row[1].message, ReportStage)]) == 1


async def test_a_decision_is_reported_with_its_ground_and_its_officer() -> None:
    run = await a_settled()
    await report_all(await run.hear_all([queued(), annulled()]))
    _, fact = run.world.register.stages[-1]
    assert (fact.stage, fact.ground, fact.officer) == (Reported.DECIDED, "PHOTO", "17")


async def test_a_second_round_of_review_is_reported_after_the_first() -> None:
    run = await a_settled()
    await report_all(await run.hear_all([annulled(2), queued(2), approved(1), queued(1)]))
    assert told(run)[1:] == [
        (2, Reported.IN_REVIEW, 1), (3, Reported.DECIDED, 1), (4, Reported.IN_REVIEW, 2), (5, Reported.DECIDED, 2),
    ]  # fmt: skip


async def test_a_fact_that_comes_before_the_talon_waits_for_it() -> None:
    run = await a_submitted()
    await run.hear(waived())
    assert await run.fire(ReportStage) == 0
    assert run.state.stage is Stage.SUBMITTED


async def test_an_application_that_is_not_ours_to_report_stays_silent() -> None:
    run = a_run()
    await run.hear_all([waived(), made()])
    assert (run.said, await run.fire(ReportStage)) == ([], 0)
