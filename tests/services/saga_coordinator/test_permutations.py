"""Facts in any order and more than once: the same state and the same words; whatever crosses, one ending."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.saga_coordinator.saga import StepOverdue
from shared.contracts.base import Message
from shared.contracts.intake import CloseApplication, RecallRegistration
from shared.contracts.payment import CancelInvoice, RefundCause
from shared.contracts.ums_review import WithdrawReview
from shared.contracts.values import Ending
from tests.services.saga_coordinator.telling import (
    Telling,
    annulled,
    closed,
    eligible,
    form,
    identity_refused,
    issued,
    lapsed,
    not_closed,
    photo,
    photo_returned,
    recalled,
    refund,
    registered,
    submitted,
    too_late,
    unpaid,
    withdrawal,
    withdrawn,
)

LIFE: tuple[Message, ...] = (
    eligible(), form(1), photo_returned(1), form(2), photo(2), submitted(), registered(), refund(RefundCause.SECOND),
)  # fmt: skip
SAMPLES = 400  # of each


class Others:
    """The services that obey: intake's one ending, the review's referee row, payment. Each order is answered."""

    def __init__(self, *, decided: bool = False, referee: bool = False) -> None:
        self.decided, self.referee = decided, referee
        self.ending: Ending | None = None

    def answer(self, order: Message) -> Message:
        match order:
            case CloseApplication(ending=Ending.REFUSED | Ending.ABANDONED as ending) if self.referee:
                return not_closed(ending) if self.ending is None else closed(self.ending)
            case CloseApplication(ending=ending):
                self.ending = self.ending or ending
                return closed(self.ending)
            case RecallRegistration():
                return recalled()
            case WithdrawReview():
                return too_late() if self.decided else withdrawn()
            case CancelInvoice(cause=cause):
                return refund(cause) if self.decided else unpaid()
        raise AssertionError(f"nobody obeys {order!r}")


def told(facts: Sequence[Message], others: Others, chance: random.Random | None = None) -> Telling:
    """All facts, in order or by chance; an answer comes at any time after its order, each perhaps twice."""
    telling, coming, ordered = Telling(), list(facts), 0
    while coming:
        event = coming.pop(chance.randrange(len(coming)) if chance else 0)
        for _ in range(1 + (chance is not None and chance.random() < 0.4)):
            telling.decide(event)
        reminders = [row for row in telling.waiting if isinstance(row[1].message, StepOverdue)]
        if chance and reminders and chance.random() < 0.2:
            reminder = chance.choice(reminders)
            telling.waiting.remove(reminder)
            telling.decide(reminder[1].message)
        fresh = telling.ordered[ordered:]
        ordered = len(telling.ordered)
        answers = [others.answer(order) for order in fresh]
        coming = coming + answers if chance else answers + coming
    return telling


def words(telling: Telling) -> set[str]:
    return {repr(order) for order in telling.ordered}


@pytest.mark.parametrize("trigger", [annulled(), annulled(after_approval=True), lapsed(), issued(), withdrawal()])
def test_any_order_of_what_is_heard_ends_in_the_same_state_and_the_same_words(trigger: Message) -> None:
    chance = random.Random(3)
    expected = told((*LIFE, trigger), Others())
    assert expected.case.ending is not None
    for _ in range(SAMPLES):
        telling = told((*LIFE, trigger), Others(), chance)
        assert telling.case == replace(expected.case, begun=telling.case.begun, watch=telling.case.watch)
        assert words(telling) == words(expected)


def test_every_order_of_four_facts_and_a_refusal_overtaken_goes_on() -> None:
    for order in itertools.permutations((eligible(), form(), submitted(), identity_refused())):
        telling = told(order, Others(referee=True))
        assert (telling.case.ending, telling.case.story) == (None, "")
        assert len(telling.ordered) == 1


CROSSINGS = {
    "withdrawal too late, annulled": ((withdrawal(), annulled()), True, {Ending.ANNULLED}),
    "withdrawal too late, not made": ((withdrawal(), annulled(after_approval=True)), True, {Ending.NOT_MADE}),
    "withdrawal too late, issued": ((withdrawal(), issued()), True, {Ending.ISSUED}),
    "withdrawal and lapse": ((withdrawal(), lapsed()), False, {Ending.WITHDRAWN, Ending.UNPAID}),
    "a refusal overtaken by an annulment": ((identity_refused(), annulled()), True, {Ending.ANNULLED}),
    "all at once": ((identity_refused(), withdrawal(), annulled()), True, {Ending.ANNULLED}),
}


@pytest.mark.parametrize("name", CROSSINGS)
def test_however_stories_cross_there_is_one_ending_and_what_it_owes_is_ordered(name: str) -> None:
    facts, decided, endings = CROSSINGS[name]
    chance = random.Random(11)
    for _ in range(SAMPLES):
        telling = told((*LIFE, *facts), Others(decided=decided, referee=True), chance)
        said = {row.detail for row in telling.rows if row.name == "application-closed"}
        assert len(said) == 1
        assert telling.case.ending in endings
        assert (telling.case.story, telling.case.pending) == ("", ())
        if telling.case.ending not in (Ending.ISSUED, Ending.UNPAID):
            assert {CancelInvoice, RecallRegistration} <= {type(order) for order in telling.ordered}


def test_an_ending_heard_before_anything_else_keeps_every_story_shut() -> None:
    chance = random.Random(5)
    facts = [*LIFE, annulled(), withdrawal(), lapsed(), issued(), identity_refused()]
    for _ in range(200):
        telling = Telling().heard(closed(Ending.ISSUED), *chance.sample(facts, len(facts)))
        assert telling.ordered == []
        assert (telling.case.ending, telling.case.pending) == (Ending.ISSUED, ())
