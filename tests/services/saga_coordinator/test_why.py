"""Why a case does not move, and in whose hands it is, as operations read it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.saga_coordinator.saga import Case
from services.saga_coordinator.watching import owner, wait_of, why
from shared.contracts import eligibility as e
from shared.contracts.attempts import AttemptFailed, Failure
from shared.contracts.base import Message
from shared.contracts.values import Ending
from shared.law.rules import RULES
from shared.process import ELIGIBILITY, REVIEW
from tests.services.saga_coordinator.telling import ID, NOW, closed, notified
from tests.services.saga_coordinator.ways import at

B = RULES.budgets
SECOND = timedelta(seconds=1)


def failed(
    service: str = ELIGIBILITY, attempts: int = 1, dependency: str = "zags", failure: Failure = Failure.UNAVAILABLE
) -> Message:
    return AttemptFailed(
        application_id=ID, service=service, ask="identity-confirmed", dependency=dependency, failure=failure,
        attempts=attempts, since=NOW,
    )  # fmt: skip


def test_while_a_service_tells_of_its_attempts_only_that_service_is_told_to_go_on() -> None:
    telling = at("identified").heard(failed()).passes(B.identified + SECOND)
    assert [type(order) for order in telling.resumed] == [e.ResumeAssessment]


def test_why_names_the_dependency_the_failure_and_since_when() -> None:
    telling = at("identified").heard(failed(), failed(attempts=8))
    wait = wait_of(telling.case)
    assert wait is not None
    told = why(telling.case, wait)
    for part in ("zags: UNAVAILABLE", "8 attempts of eligibility", "06.10.2025 05:00:00", "identity-confirmed"):
        assert part in told


def test_why_prefers_the_service_that_must_act_to_others_that_fail_later() -> None:
    telling = at("identified").heard(failed(), failed("notification", 1, "sms"))
    wait = wait_of(telling.case)
    assert wait is not None
    assert why(telling.case, wait).startswith("zags")


def test_where_nothing_has_failed_why_says_that_something_may_be_lost() -> None:
    telling = at("identified").passes(B.identified + SECOND)
    (line,) = (row for row in telling.rows if row.what == "stuck")
    assert line.name == "identified"
    assert line.detail == "nothing was heard from eligibility, and no attempt of it has failed"


def test_a_case_never_heard_of_waits_for_nothing() -> None:
    assert wait_of(Case(ID)) is None
    assert owner(Case(ID), None) == "nobody"


def test_a_message_that_was_laid_aside_is_why_too() -> None:
    telling = at("requested").heard(failed(REVIEW, 4, "", Failure.LAID_ASIDE))
    wait = wait_of(telling.case)
    assert wait is not None
    assert why(telling.case, wait).startswith("LAID_ASIDE, 4 attempts of ums-review")


def test_of_one_service_the_last_attempt_counts() -> None:
    telling = at("identified").heard(failed(), failed(attempts=2, failure=Failure.TIMEOUT))
    assert [trouble.failure for trouble in telling.case.watch.troubles] == [Failure.TIMEOUT]


@pytest.mark.parametrize(
    ("stage", "whose"),
    [
        ("opened", "identity-verification"),
        ("consent", "the citizen"),
        ("form", "the citizen"),
        ("form_accepted", "identity-verification"),
        ("payment", "the citizen"),
        ("review", "the officers of the region 71"),
        ("approved", "production-dispatch"),
        ("held", "operations"),
        ("production", "the production centre"),
        ("shipped", "the registration point 71-01"),
        ("collection", "the citizen"),
    ],
)
def test_a_case_is_in_the_hands_of_a_person_or_of_the_service_that_must_act(stage: str, whose: str) -> None:
    telling = at(stage)
    assert owner(telling.case, wait_of(telling.case)) == whose


def test_when_the_citizens_time_is_over_the_service_has_it_and_an_officer_who_is_late_keeps_it() -> None:
    paying = at("payment").passes(timedelta(days=1) + SECOND)
    assert owner(paying.case, wait_of(paying.case)) == "payment"
    late = at("review").passes(timedelta(days=4))
    assert owner(late.case, wait_of(late.case)) == "the officers of the region 71"


def test_what_has_ended_and_is_told_is_in_nobodys_hands() -> None:
    telling = at("review").heard(closed(Ending.WITHDRAWN))
    assert owner(telling.case, wait_of(telling.case)) == "notification"
    telling.heard(notified(Ending.WITHDRAWN))
    assert owner(telling.case, wait_of(telling.case)) == "nobody: it has ended"
