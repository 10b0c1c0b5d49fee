"""What must be reached in the review, the production of the card, and at its desk."""

from __future__ import annotations

from services.production_dispatch import messages as m
from services.production_dispatch.production import Standing as Card
from services.ums_review.acts import ConfirmDecision, PassTerm, TakeReview, UndoDecision
from services.ums_review.review import Standing
from shared.contracts import intake as i
from shared.contracts import production_dispatch as d_
from shared.contracts import ums_review as u
from shared.process import PRODUCTION, REVIEW
from tests.simulation.sometimes.goals import Goal, Goals, Holds, became
from tests.simulation.sometimes.seen import Decided

CARDS = tuple(standing for standing in Card if standing is not Card.NOTHING)


def _late_queue(d: Decided) -> bool:
    return bool(d.before.standing is Standing.GATHERING and d.after.standing is Standing.QUEUED)


def _term(percent: int) -> Holds:
    return lambda d: d.said.percent == percent and d.after.warned == percent != d.before.warned


def _alert(what: str) -> Holds:
    return lambda d: any(getattr(row, "whom", None) and row.what == what for row in d.decision.appends)


def _reminded(days: int) -> Holds:
    return lambda d: days in d.after.reminded and days not in d.before.reminded


def _passed(term: m.Term) -> Holds:
    return lambda d: d.said.term is term and not d.silent


def _report(what: m.What) -> Holds:
    return lambda d: (
        sum(report.what is what for report in d.after.reports) > sum(r.what is what for r in d.before.reports)
    )


REVIEW_GOALS = Goals(
    REVIEW,
    (
        Goal("a decision is undone", lambda d: d.before.standing is Standing.SIGNED
             and d.after.standing is Standing.QUEUED, (UndoDecision,)),
        Goal("a decision is confirmed that was undone", lambda d: d.silent, (ConfirmDecision,)),
        Goal("a withdrawal wins within the time to undo", lambda d: d.before.standing is Standing.SIGNED
             and d.says(u.ReviewWithdrawn), (u.WithdrawReview,)),
        Goal("a withdrawal takes a case out of the queue", lambda d: d.before.standing is Standing.QUEUED
             and d.says(u.ReviewWithdrawn), (u.WithdrawReview,)),
        Goal("a withdrawal before the queue leaves a tombstone", lambda d: d.before.standing is Standing.GATHERING
             and d.says(u.ReviewWithdrawn), (u.WithdrawReview,)),
        Goal("a withdrawal asked for again is answered again", lambda d: d.before.withdrawal, (u.WithdrawReview,)),
        Goal("the lease runs out, and another takes the case", lambda d: d.before.lease_officer
             and d.after.lease_officer != d.before.lease_officer, (TakeReview,)),
        Goal("who holds the case takes it again", lambda d: d.before.lease_token
             and d.after.lease_token == d.before.lease_token and not d.silent, (TakeReview,)),
        Goal("a circumstance fells a decision that is not confirmed", lambda d: d.before.standing is Standing.SIGNED
             and d.after.standing is Standing.QUEUED, (i.CircumstanceChanged,)),
        Goal("a circumstance finds the case undecided", lambda d: d.before.standing is Standing.QUEUED,
             (i.CircumstanceChanged,)),
        Goal("a case comes back for another round", lambda d: d.after.round > d.before.round > 0),
        Goal("a refusal of production comes too late for another round", lambda d: d.silent and d.before.closed,
             (d_.ProductionRefused,)),
        *(Goal(f"{percent} % of the review term pass", _term(percent), (PassTerm,)) for percent in (70, 90, 100)),
        Goal("a case is queued by a fact that came late", _late_queue,
             (i.ApplicationOpened, i.FormAccepted, i.ApplicationRegistered, i.ApplicationSubmitted)),
        Goal("a case is closed undecided", became("standing", Standing.CLOSED), (i.ApplicationClosed,)),
    ),
)  # fmt: skip

PRODUCTION_GOALS = Goals(
    PRODUCTION,
    (
        *(Goal(f"a card is {standing.value.lower().replace('_', ' ')}", became("standing", standing))
          for standing in CARDS),
        Goal("an order accepted too late is taken back", lambda d: d.later(m.CancelOrder), (m.SendOrder,)),
        Goal("an order is refused that is not wanted any more", lambda d: d.given.answers is not None
             and d.given.answers.status is m.OrderStatus.REFUSED and d.silent, (m.SendOrder,)),
        Goal("a card made nevertheless is marked for destruction", became("to_destroy", True)),
        Goal("the centre tells of a card before the order is known to stand", lambda d: d.before.standing is
             Card.ORDERED and len(d.after.reports) > len(d.before.reports), (m.HearProduction,)),
        Goal("a look at the order finds what no call-back told", lambda d: len(d.after.reports) > len(d.before.reports),
             (m.LookAtOrder,)),
        Goal("a look at the order finds nothing new", lambda d: len(d.after.reports) == len(d.before.reports),
             (m.LookAtOrder,)),
        *(Goal(f"the centre tells that a card is {what.value.lower()}", _report(what)) for what in m.What),
        Goal("a card is spoiled three times, and operations have it made", _alert("CARD_SPOILED")),
        Goal("an order that was cancelled is made already", lambda d: d.after.to_destroy and not d.before.to_destroy,
             (m.CancelOrder,)),
        *(Goal(f"a reminder after {days} days", _reminded(days), (m.RemindCollection,)) for days in (10, 30, 60)),
        Goal("a card is checked in before its shipment is told", lambda d: d.after.checked_in_on
             and d.after.standing is not Card.READY and d.before.standing is not Card.READY, (m.CheckIn,)),
        Goal("a desk's act is heard again", lambda d: d.silent, (m.CheckIn, m.IssueCard)),
        Goal("a circumstance comes after the card is made", _alert("CIRCUMSTANCE_AFTER_MADE")),
        Goal("a circumstance stops a card that is not made", became("standing", Card.RETURNED),
             (i.CircumstanceChanged,)),
        Goal("an annulment is heard of a card that was ordered", lambda d: d.before.round and d.after.annulled
             and not d.before.annulled, (u.ReviewAnnulled,)),
        *(Goal(f"the term of {term.value} passes", _passed(term), (m.PassTerm,)) for term in m.Term),
        Goal("a day's register is cut", lambda d: not d.silent, (m.CutRegister,)),
    ),
)  # fmt: skip
