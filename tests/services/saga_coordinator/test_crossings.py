"""Stories that cross: two never run at once, and none is lost because another ran or was refused."""

from __future__ import annotations

import pytest

from services.saga_coordinator.saga import Case, begin
from services.saga_coordinator.stories import TABLES
from shared.contracts.base import Message
from shared.contracts.identity_verification import IdentityUnavailable
from shared.contracts.payment import RefundCause
from shared.contracts.values import Ending
from tests.services.saga_coordinator.telling import (
    DAY,
    ID,
    RECALL,
    WITHDRAW_REVIEW,
    a_case,
    annulled,
    cancel,
    close,
    closed,
    eligible,
    form,
    identity_refused,
    issued,
    lapsed,
    not_closed,
    photo,
    recalled,
    refund,
    registered,
    too_late,
    uncollected,
    unpaid,
    withdrawal,
    withdrawn,
)

TRIGGERS = (
    identity_refused(), IdentityUnavailable(application_id=ID, dependency="bmg"), withdrawal(), lapsed(), annulled(),
    annulled(after_approval=True), issued(), uncollected(),
)  # fmt: skip


@pytest.mark.parametrize("first", TRIGGERS, ids=repr)
@pytest.mark.parametrize("second", TRIGGERS, ids=repr)
def test_two_stories_never_run_at_once(first: Message, second: Message) -> None:
    telling = a_case().heard(first)
    running, telling.ordered = telling.case.story, []
    telling.heard(second).orders_nothing()
    assert telling.case.story == running


@pytest.mark.parametrize("trigger", TRIGGERS, ids=repr)
def test_after_the_ending_nothing_starts(trigger: Message) -> None:
    telling = a_case().heard(issued(), closed(Ending.ISSUED)).orders(close(Ending.ISSUED))
    telling.heard(trigger).passes(3 * DAY).ends(Ending.ISSUED)


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_has_its_story(ending: Ending) -> None:
    assert [story.ending for story in TABLES.stories].count(ending) == 1


@pytest.mark.parametrize("order", ["annulled first", "answered first"])
def test_an_annulment_heard_while_a_withdrawal_waits_for_its_answer_is_not_lost(order: str) -> None:
    crossing = [annulled(), too_late()] if order == "annulled first" else [too_late(), annulled()]
    telling = a_case().heard(registered(), withdrawal()).orders(WITHDRAW_REVIEW)
    telling.heard(*crossing).orders(close(Ending.ANNULLED))
    telling.heard(closed(Ending.ANNULLED), recalled(), refund(RefundCause.ANNULLED))
    telling.orders(RECALL, cancel(RefundCause.ANNULLED)).ends(Ending.ANNULLED)


def test_a_card_issued_while_a_withdrawal_waits_for_its_answer_ends_the_application() -> None:
    telling = a_case().heard(registered(), withdrawal(), issued()).orders(WITHDRAW_REVIEW)
    telling.heard(too_late("APPROVED")).orders(close(Ending.ISSUED)).heard(closed(Ending.ISSUED)).ends(Ending.ISSUED)


def test_a_fee_that_lapses_while_a_withdrawal_runs_adds_nothing_to_it() -> None:
    telling = a_case().heard(registered(), withdrawal(), lapsed(), withdrawn(), unpaid(), recalled())
    telling.orders(WITHDRAW_REVIEW, cancel(RefundCause.WITHDRAWN), RECALL, close(Ending.WITHDRAWN))
    telling.heard(closed(Ending.WITHDRAWN)).ends(Ending.WITHDRAWN)


def test_a_fee_that_lapses_while_a_withdrawal_is_refused_is_not_lost() -> None:
    telling = a_case().heard(withdrawal(), lapsed(), too_late()).orders(WITHDRAW_REVIEW, RECALL)
    telling.heard(recalled()).orders(close(Ending.UNPAID)).heard(closed(Ending.UNPAID)).ends(Ending.UNPAID)


def test_a_refusal_heard_while_an_abandonment_is_refused_is_not_lost() -> None:
    telling = a_case().heard(eligible(), form(), photo()).passes(DAY).orders(close(Ending.ABANDONED))
    telling.heard(identity_refused()).orders_nothing()
    telling.heard(not_closed(Ending.ABANDONED)).orders(close(Ending.REFUSED))
    telling.heard(closed(Ending.REFUSED)).ends(Ending.REFUSED)


def test_the_same_answer_heard_twice_does_not_stop_the_story_that_came_after_it() -> None:
    telling = a_case().heard(eligible(), form(), photo()).passes(DAY).heard(identity_refused())
    telling.heard(not_closed(Ending.ABANDONED), not_closed(Ending.ABANDONED))
    telling.orders(close(Ending.ABANDONED), close(Ending.REFUSED))
    assert telling.case.story == "refusal"


def test_a_late_refusal_to_close_does_not_send_an_annulment_to_operations() -> None:
    telling = a_case().heard(registered(), annulled(), not_closed(Ending.REFUSED)).orders(close(Ending.ANNULLED))
    assert (telling.case.step, telling.case.attention) == (0, "")


def test_a_citizen_refused_once_may_withdraw_again() -> None:
    telling = a_case().heard(registered(), withdrawal(), too_late("APPROVED"), withdrawal())
    telling.orders(WITHDRAW_REVIEW, WITHDRAW_REVIEW).heard(withdrawn()).orders(cancel(RefundCause.WITHDRAWN))


def test_a_review_withdrawn_after_a_stale_refusal_is_still_carried_to_its_end() -> None:
    """The first order was given twice: its second refusal meets the second withdrawal, after production sent back."""
    telling = a_case().heard(registered(), withdrawal()).passes(DAY / 2880).orders(WITHDRAW_REVIEW, WITHDRAW_REVIEW)
    telling.heard(too_late("APPROVED"), withdrawal()).orders(WITHDRAW_REVIEW)
    telling.heard(too_late("APPROVED")).goes_on().heard(withdrawn()).orders(WITHDRAW_REVIEW)
    telling.heard(withdrawn()).orders(cancel(RefundCause.WITHDRAWN))


def test_a_withdrawal_heard_while_a_refusal_is_overtaken_is_not_lost() -> None:
    telling = a_case().heard(identity_refused(), withdrawal()).orders(close(Ending.REFUSED))
    telling.heard(registered(), not_closed(Ending.REFUSED)).orders(WITHDRAW_REVIEW)


def test_of_several_that_wait_what_cannot_be_refused_is_begun_first() -> None:
    telling = a_case().heard(withdrawal(), lapsed(), annulled(), too_late())
    telling.orders(WITHDRAW_REVIEW, close(Ending.ANNULLED))
    assert telling.case.pending == ("unpaid",)
    assert telling.heard(closed(Ending.ANNULLED)).case.pending == ()


def test_one_that_stops_makes_room_for_the_next_that_waits() -> None:
    waiting = Case(ID, pending=("refusal", "redirected"))
    telling = a_case()
    telling.case = begin(waiting, TABLES.newest("abandoned")).state
    telling.heard(not_closed(Ending.ABANDONED), not_closed(Ending.REFUSED), not_closed(Ending.REDIRECTED))
    telling.orders(close(Ending.REFUSED), close(Ending.REDIRECTED)).goes_on()
    assert telling.case.told == ("abandoned", "refusal", "redirected")


def test_the_same_trigger_heard_again_while_its_story_runs_orders_nothing_more() -> None:
    telling = a_case().heard(annulled(), annulled()).orders(close(Ending.ANNULLED))
    assert telling.case.pending == ()
