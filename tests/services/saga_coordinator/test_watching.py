"""A case that does not move is stuck after its budget, is shown with why, and is driven ever more rarely."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from services.saga_coordinator.driving import watch_case
from services.saga_coordinator.saga import StepOverdue
from services.saga_coordinator.stages import GO_ON, STAGES
from services.saga_coordinator.watching import LOST, WatchCase, owner, pause, wait_of
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import notification as n
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.attempts import AttemptFailed, Failure
from shared.contracts.base import Message
from shared.contracts.payment import RefundCause
from shared.contracts.values import Ending
from shared.engine.decision import Given
from shared.law.budgets import STAGES as BUDGETS
from shared.law.rules import RULES
from shared.process import ELIGIBILITY, IDENTITY
from tests.services.saga_coordinator.telling import (
    DAY,
    ID,
    NOW,
    Telling,
    a_case,
    annulled,
    closed,
    not_closed,
    notified,
    recalled,
    refund,
)
from tests.services.saga_coordinator.ways import WAY, at

B = RULES.budgets
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def resumed(telling: Telling) -> list[type[Message]]:
    """What was ordered to go on, since it was last told."""
    orders, telling.resumed = [type(order) for order in telling.resumed], []
    return orders


def drives(telling: Telling) -> list[datetime]:
    return [row.said_at for row in telling.rows if row.what in ("stuck", "driven")]


def failed(service: str = ELIGIBILITY, attempts: int = 1, dependency: str = "zags") -> Message:
    return AttemptFailed(
        application_id=ID, service=service, ask="identity-confirmed", dependency=dependency,
        failure=Failure.UNAVAILABLE, attempts=attempts, since=NOW,
    )  # fmt: skip


# stage → who is told to go on when nothing moves and nobody tells of an attempt
MACHINES: dict[str, tuple[type[Message], ...]] = {
    "opened": (v.ResumeIdentification, i.ResumeApplication),
    "identified": (e.ResumeAssessment, v.ResumeIdentification),
    "form_accepted": (v.ResumeIdentification, i.ResumeApplication),
    "submitted": (i.ResumeApplication,),
    "registered": (p.ResumePayment, i.ResumeApplication, v.ResumeIdentification),
    "settled": (i.ResumeApplication, p.ResumePayment),
    "requested": (u.ResumeReview, i.ResumeApplication, v.ResumeIdentification, e.ResumeAssessment, p.ResumePayment),
    "approved": (d.ResumeProduction, u.ResumeReview),
    "returned": (u.ResumeReview, d.ResumeProduction),
}
# stage whose person has a term → how long that is on the way that `ways` tells
PEOPLE: dict[str, tuple[timedelta, type[Message]]] = {
    "consent": (timedelta(minutes=10), v.ResumeIdentification),
    "identification": (timedelta(minutes=15), v.ResumeIdentification),
    "form": (DAY, i.ResumeApplication),
    "signing": (DAY, i.ResumeApplication),
    "payment": (DAY, p.ResumePayment),
    "review": (2 * DAY + timedelta(hours=14), u.ResumeReview),
    "production": (3 * DAY + timedelta(hours=14), d.ResumeProduction),
    "delivery": (9 * DAY + timedelta(hours=14), d.ResumeProduction),
    "collection": (90 * DAY + timedelta(hours=14), d.ResumeProduction),
}


def test_every_stage_of_the_way_is_one_of_these() -> None:
    names = {stage.name for stage in STAGES.values()}
    assert names == {*MACHINES, *PEOPLE, "held"}
    assert names - {"held"} | {"story", "telling", "refund"} == BUDGETS


@pytest.mark.parametrize("stage", MACHINES)
def test_a_stage_past_its_budget_is_stuck_and_its_services_are_told_to_go_on(stage: str) -> None:
    telling = at(stage).passes(B.of(stage) - SECOND)
    assert (telling.case.stuck_since, resumed(telling)) == (None, [])
    telling.passes(2 * SECOND)
    assert telling.case.stuck_since == NOW + B.of(stage)
    assert tuple(resumed(telling)) == MACHINES[stage]


@pytest.mark.parametrize("stage", PEOPLE)
def test_a_stage_that_waits_for_a_person_is_driven_only_after_the_persons_term(stage: str) -> None:
    term, resume = PEOPLE[stage]
    telling = at(stage).passes(term + B.of(stage) - SECOND)
    assert (telling.case.stuck_since, resumed(telling)) == (None, [])
    telling.passes(2 * SECOND)
    assert telling.case.stuck_since is not None or telling.case.story == "abandoned"
    assert resume in resumed(telling)


def test_a_term_that_is_extended_gives_the_person_their_time_again() -> None:
    telling = at("payment").passes(DAY + B.payment + SECOND)
    assert telling.case.stuck_since is not None
    asked = WAY["payment"]
    telling.heard(asked.model_copy(update={"until": NOW + 3 * DAY}))
    assert [telling.case.stuck_since is None, telling.case.watch.late] == [True, False]
    resumed(telling)
    telling.passes(DAY)
    assert resumed(telling) == []


def test_a_deadline_refused_again_and_again_has_said_again_what_intake_did_not_hear() -> None:
    """Intake has not heard that the photo was accepted: it goes on refusing to abandon what it believes is checked."""
    telling = at("signing").passes(DAY).heard(not_closed(Ending.ABANDONED))
    assert resumed(telling) == []
    telling.passes(timedelta(seconds=20))
    assert resumed(telling) == [i.ResumeApplication, v.ResumeIdentification]
    for _ in range(14):
        telling.heard(not_closed(Ending.ABANDONED)).passes(timedelta(seconds=20))
    assert len(resumed(telling)) == 2 * 3  # at the 4th, 8th and 16th time


def test_what_operations_hold_is_theirs_and_is_never_driven() -> None:
    telling = at("held").passes(30 * DAY)
    assert (telling.case.stuck_since, resumed(telling)) == (None, [])
    assert owner(telling.case, wait_of(telling.case)) == "operations"


@pytest.mark.parametrize("stage", MACHINES)
def test_what_moves_in_time_is_never_driven_and_leaves_no_line(stage: str) -> None:
    telling = at(stage).passes(B.of(stage) / 2)
    lines = len(telling.rows)
    telling.heard(closed(Ending.WITHDRAWN), notified(Ending.WITHDRAWN)).passes(100 * DAY)
    assert resumed(telling) == []
    assert {row.what for row in telling.rows[lines:]} <= {"heard", "passed"}
    assert telling.case.stuck_since is None


def test_a_stuck_case_is_driven_ever_more_rarely() -> None:
    telling = at("submitted").passes(3 * DAY)
    gaps = [after - before for before, after in pairwise(drives(telling))]
    assert gaps[:3] == [B.submitted * 2, B.submitted * 4, B.submitted * 8]
    assert gaps == sorted(gaps)
    assert gaps[-1] == B.rarest
    assert [row.what for row in telling.rows if row.what in ("stuck", "driven")][:2] == ["stuck", "driven"]


def test_what_a_person_is_late_with_is_driven_once_a_day_at_most() -> None:
    telling = at("review").passes(40 * DAY)
    gaps = [after - before for before, after in pairwise(drives(telling))]
    assert gaps[-1] == DAY
    assert gaps == sorted(gaps)


def test_a_case_that_moves_again_is_free_and_its_count_begins_anew() -> None:
    telling = at("identified").passes(B.identified + SECOND)
    assert telling.case.stuck_since is not None
    telling.heard(WAY["form"])
    watch = telling.case.watch
    assert (telling.case.stuck_since is None, watch.drives, watch.driven_at is None) == (True, 0, True)


def test_of_a_stage_that_lasts_the_clock_is_not_set_anew_by_what_else_is_heard() -> None:
    telling = at("submitted").passes(B.submitted / 2).heard(failed(), failed(attempts=2))
    telling.passes(B.submitted / 2 + SECOND)
    assert telling.case.stuck_since == NOW + B.submitted


def test_a_step_of_a_story_that_is_not_answered_is_stuck_and_its_service_goes_on() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED)).passes(B.story + SECOND)
    assert telling.case.stuck_since == NOW + B.story
    assert resumed(telling) == [i.ResumeApplication]
    telling.heard(recalled()).passes(B.story + SECOND)
    assert resumed(telling)[0] is p.ResumePayment


def test_a_reminder_that_was_lost_is_made_anew_by_the_drive() -> None:
    telling = a_case().heard(annulled())
    telling.waiting = [row for row in telling.waiting if not isinstance(row[1].message, StepOverdue)]
    telling.ordered.clear()
    telling.passes(B.story + SECOND)
    assert telling.ordered == []
    assert len([row for row in telling.waiting if isinstance(row[1].message, StepOverdue)]) == 1
    telling.passes(timedelta(seconds=31))
    assert telling.ordered == [i.CloseApplication(application_id=ID, ending=Ending.ANNULLED)]


@pytest.mark.parametrize(("stage", "kind"), [("form", "FormOverdue"), ("signing", "SigningOverdue")])
def test_a_deadline_of_the_citizen_whose_timer_was_lost_still_abandons(stage: str, kind: str) -> None:
    telling = at(stage)
    telling.waiting = [row for row in telling.waiting if type(row[1].message).__name__ != kind]
    telling.passes(DAY + B.of(stage) - SECOND)
    assert telling.case.story == ""
    telling.passes(2 * SECOND)
    assert telling.case.story == "abandoned"


def test_the_citizen_is_told_of_the_ending_or_notification_goes_on() -> None:
    telling = at("review").heard(closed(Ending.WITHDRAWN)).passes(B.telling + SECOND)
    assert resumed(telling) == [n.ResumeNotices, i.ResumeApplication]
    telling.heard(notified(Ending.WITHDRAWN)).passes(10 * DAY)
    assert wait_of(telling.case) is None
    assert resumed(telling) == []


def test_a_refund_that_the_authority_does_not_end_in_its_working_days_is_looked_at() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED), recalled(), refund(RefundCause.ANNULLED))
    telling.heard(notified(Ending.ANNULLED))
    assert owner(telling.case, wait_of(telling.case)) == "the revenue authority"
    telling.passes(7 * DAY)
    assert resumed(telling) == []
    telling.passes(timedelta(hours=15))
    assert set(resumed(telling)) == {p.ResumePayment, u.ResumeReview}
    telling.heard(p.FeeRefunded(application_id=ID, case_id="c1", amount=1)).passes(30 * DAY)
    assert (wait_of(telling.case), resumed(telling)) == (None, [])


def test_one_timer_stands_for_a_case_that_moves_through_ten_stages_in_a_second() -> None:
    telling = at("submitted")
    timers = [row for row in telling.waiting if isinstance(row[1].message, WatchCase)]
    assert len(timers) <= 3
    telling.passes(B.opened + SECOND)
    assert telling.case.stuck_since is None
    assert len([row for row in telling.waiting if isinstance(row[1].message, WatchCase)]) <= 3


def test_a_timer_that_was_lost_is_made_anew_by_the_next_event() -> None:
    telling = at("submitted")
    telling.waiting.clear()
    telling.passes(B.submitted + LOST + SECOND).heard(failed())
    assert any(isinstance(later.message, WatchCase) for _, later in telling.waiting)
    telling.passes(SECOND)
    assert telling.case.stuck_since is not None


def test_a_timer_that_was_set_before_another_is_passed_over() -> None:
    telling = at("submitted")
    stale = WatchCase(application_id=ID, at=NOW - HOUR)
    before = telling.case
    telling.heard(stale)
    assert (telling.case, telling.resumed) == (before, [])


def test_when_the_business_clock_leaps_nobody_is_stuck_before_the_service_had_its_time() -> None:
    """Days pass at once: the service's own timer fires with ours, and has its budget from then on."""
    telling = at("payment")
    timers = [later.message for _, later in telling.waiting if isinstance(later.message, WatchCase)]
    timer = next(timer for timer in timers if timer.term)
    leapt = Given(message_id=ID, now=NOW + 2 * DAY, said_at=NOW + 2 * DAY, machine=NOW + SECOND)
    case = watch_case(telling.case, timer, leapt).state
    assert (case.stuck_since, case.watch.late, case.watch.since) == (None, True, NOW + SECOND)
    assert case.watch.armed is not None
    assert case.watch.armed <= NOW + SECOND + B.payment


@pytest.mark.parametrize("drives_before", [0, 1, 5, 60])
def test_no_pause_is_shorter_than_the_budget_or_longer_than_the_rarest(drives_before: int) -> None:
    wait = wait_of(at("submitted").case)
    assert wait is not None
    assert B.submitted <= pause(wait, drives_before, Given()) <= B.rarest


def test_every_service_but_the_coordinator_can_be_told_to_go_on() -> None:
    assert len(set(GO_ON.values())) == 7
    assert IDENTITY in GO_ON
