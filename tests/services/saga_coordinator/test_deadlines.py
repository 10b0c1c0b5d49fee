"""Reminders and deadlines: repeated until they are heard, ignored when they are stale."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from services.saga_coordinator.deadlines import FormOverdue, SigningOverdue
from services.saga_coordinator.saga import RAREST, REMIND, StepOverdue
from shared.contracts.base import Message
from shared.contracts.intake import FormReturned
from shared.contracts.payment import RefundCause
from shared.contracts.values import Ending
from tests.services.saga_coordinator.telling import (
    DAY,
    ID,
    NOW,
    RECALL,
    WITHDRAW_REVIEW,
    Telling,
    a_case,
    annulled,
    cancel,
    close,
    closed,
    eligible,
    form,
    not_closed,
    notified,
    photo,
    photo_returned,
    recalled,
    submitted,
    too_late,
    unpaid,
    withdrawal,
)


def order_times(telling: Telling) -> list[datetime]:
    return [row.said_at for row in telling.rows if row.what == "ordered" and not row.name.startswith("resume-")]


def test_an_unanswered_order_is_given_again_ever_more_rarely() -> None:
    telling = a_case().heard(annulled()).passes(timedelta(hours=2))
    gaps = [after - before for before, after in pairwise(order_times(telling))]
    assert gaps[:3] == [REMIND, REMIND * 2, REMIND * 4]
    assert gaps == sorted(gaps)
    assert gaps[-1] == RAREST


def test_an_order_given_again_has_a_new_id() -> None:
    """The id of what is said follows from the id of what caused it."""
    telling = a_case().heard(annulled()).passes(timedelta(minutes=10))
    causes = [row.message_id for row in telling.rows if row.what == "ordered"]
    assert len(set(causes)) == len(causes) > 2


def test_a_reminder_of_an_answered_order_is_ignored() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED)).passes(REMIND)
    telling.orders(close(Ending.ANNULLED), RECALL, RECALL)


def test_a_story_of_long_ago_is_reminded_of_without_limit() -> None:
    overdue = StepOverdue(application_id=ID, story="annulment", step=0, begun=1, reminders=5000)
    a_case().heard(annulled(), overdue).orders(close(Ending.ANNULLED), close(Ending.ANNULLED))


def test_a_reminder_of_an_earlier_telling_of_the_same_story_is_ignored() -> None:
    telling = a_case().heard(withdrawal(), too_late(), withdrawal()).orders(WITHDRAW_REVIEW, WITHDRAW_REVIEW)
    telling.passes(REMIND).orders(WITHDRAW_REVIEW)


def test_a_reminder_after_the_last_answer_is_ignored_and_leaves_no_line() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED), recalled(), unpaid(), notified(Ending.ANNULLED))
    lines = len(telling.rows)
    telling.orders(close(Ending.ANNULLED), RECALL, cancel(RefundCause.ANNULLED)).passes(DAY).ends(Ending.ANNULLED)
    assert len(telling.rows) == lines


@pytest.mark.parametrize(
    "moved",
    [
        (eligible(), form()),
        (eligible(), FormReturned(application_id=ID, revision=1, faults=())),
        (eligible(), form(), photo(), submitted()),
        (),
    ],
    ids=["accepted", "returned", "signed", "not yet eligible"],
)
def test_a_deadline_of_the_form_that_is_stale_is_ignored(moved: tuple[Message, ...]) -> None:
    telling = a_case().heard(*moved, FormOverdue(application_id=ID, returned=0)).orders_nothing()
    assert [row.what for row in telling.rows] == ["heard"] * len(moved)


@pytest.mark.parametrize(
    "moved", [(photo(1), photo(2)), (photo(1), submitted()), ()], ids=["newer", "signed", "none accepted"]
)
def test_a_deadline_of_the_signature_that_is_stale_is_ignored(moved: tuple[Message, ...]) -> None:
    telling = a_case().heard(eligible(), *moved, SigningOverdue(application_id=ID, revision=1)).orders_nothing()
    assert [row.what for row in telling.rows] == ["heard"] * (1 + len(moved))


@pytest.mark.parametrize(
    ("expires", "ends"),
    [
        (date(2025, 10, 20), NOW + DAY),
        (date(2025, 9, 26), datetime(2025, 10, 6, 19, tzinfo=UTC)),  # −10 days is today: midnight in Almaty
    ],
)
def test_signing_ends_early_with_the_window(expires: date, ends: datetime) -> None:
    for order in ([eligible(expires), form(), photo()], [form(), photo(), eligible(expires)]):
        telling = a_case().heard(*order)
        assert min(at for at, later in telling.waiting if isinstance(later.message, SigningOverdue)) == ends


def test_signing_ends_early_with_the_pilot() -> None:
    telling = Telling(now=datetime(2026, 3, 31, 12, tzinfo=UTC)).heard(eligible(date(2026, 4, 10)), form(), photo())
    telling.passes(timedelta(hours=6)).orders_nothing().passes(timedelta(hours=1)).orders(close(Ending.ABANDONED))


def test_a_deadline_that_intake_puts_a_little_later_is_asked_for_again() -> None:
    telling = a_case().heard(eligible()).passes(DAY).orders(close(Ending.ABANDONED))
    telling.heard(not_closed(Ending.ABANDONED)).goes_on().passes(timedelta(seconds=20)).orders(close(Ending.ABANDONED))
    telling.heard(closed(Ending.ABANDONED)).ends(Ending.ABANDONED)


def test_an_application_abandoned_in_vain_at_the_form_can_be_abandoned_at_the_signature() -> None:
    telling = a_case().heard(eligible()).passes(DAY).heard(form(), not_closed(Ending.ABANDONED)).goes_on()
    telling.heard(photo_returned(), form(2), photo(2)).orders(close(Ending.ABANDONED)).passes(DAY)
    telling.orders(close(Ending.ABANDONED))


def test_a_deadline_that_passes_while_another_story_runs_waits_for_it() -> None:
    telling = a_case().heard(eligible(), form(), photo(), withdrawal(), SigningOverdue(application_id=ID, revision=1))
    assert (telling.case.story, telling.case.pending) == ("withdrawal", ("abandoned",))
