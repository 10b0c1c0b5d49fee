"""What must be reached in notification and the coordinator: words that wait, and every step of every story."""

from __future__ import annotations

from services.notification.state import SendEmail, SendSms, TellEnding, TellOfDelay
from services.saga_coordinator import stories
from services.saga_coordinator.saga import StepOverdue, Story
from shared.contracts import intake as i
from shared.contracts import notification as n
from shared.contracts import payment as p
from shared.contracts.base import Message, routing_key
from shared.process import COORDINATOR, NOTIFICATION
from tests.simulation.sometimes.goals import Goal, Goals, Holds

NOTIFICATION_GOALS = Goals(
    NOTIFICATION,
    (
        Goal("an ending waits for what led to it", lambda d: d.later(TellEnding), (i.ApplicationClosed,)),
        Goal("an ending is told without what led to it", lambda d: not d.silent, (TellEnding,)),
        Goal("a refund is told of after the ending", lambda d: d.before.ended and d.decision.says,
             (p.RefundFiled, p.RefundAccepted, p.FeeRefunded)),
        Goal("a word comes before what its notice needs", lambda d: len(d.after.kept) > len(d.before.kept)),
        Goal("a notice waits for its address to be confirmed", lambda d: len(d.after.errands) > len(d.before.errands)),
        Goal("a notice that waited is sent", lambda d: len(d.after.errands) < len(d.before.errands)
             and d.later(SendSms, SendEmail)),
        Goal("the citizen is told that the term is over", lambda d: not d.silent, (TellOfDelay,)),
        Goal("the ending is sent by SMS", lambda d: d.says(n.CitizenNotified), (SendSms,)),
        Goal("the ending is sent by e-mail", lambda d: d.says(n.CitizenNotified), (SendEmail,)),
    ),
)  # fmt: skip


ENDED_LATE = ("annulment", "not made", "unpaid", "issued", "not collected", "withdrawal")
NEVER = {(name, i.CloseRefused) for name in (*ENDED_LATE, "redirected")} | {("not made", i.RecallRefused)}
"""Intake refuses no ending after registration; and who stops a recall is never approved by their story. It refuses no
redirect either: nothing is signed without an accepted photo, and no photo is accepted once identity, likeness or
eligibility could not be had; a registration that could not be had is overdue, and that is no moving on.
"""


def _moved(story: Story, step: int, kind: type[Message]) -> Holds:
    """The running story stood at that step, and heard that answer."""
    awaited = story.steps[step]
    return lambda d: (
        (d.before.story, d.before.step) == (story.name, step)
        and isinstance(d.said, kind)
        and awaited.fits(d.said)
        and (d.after.story, d.after.step, d.after.begun) != (d.before.story, d.before.step, d.before.begun)
    )


def _ordered_again(story: Story, step: int) -> Holds:
    return lambda d: (d.said.story, d.said.step) == (story.name, step) and d.decision.says


def _steps(story: Story) -> list[Goal]:
    goals = [Goal(f"the story {story.name} begins", lambda d: d.after.story == story.name != d.before.story)]
    for number, step in enumerate(story.steps):
        for way, kinds in (("goes on by", step.done), ("goes aside by", step.other), ("stops by", step.stops)):
            goals += [
                Goal(f"{story.name} {number + 1} {way} {routing_key(kind)}", _moved(story, number, kind), (kind,))
                for kind in kinds
                if (story.name, kind) not in NEVER
            ]
        goals.append(Goal(f"{story.name} {number + 1} is ordered again", _ordered_again(story, number), (StepOverdue,)))
    return goals


STORIES = tuple(story for story in vars(stories).values() if isinstance(story, Story))
COORDINATOR_GOALS = Goals(
    COORDINATOR,
    (
        *(goal for story in STORIES for goal in _steps(story)),
        Goal("a story waits for another", lambda d: len(d.after.pending) > len(d.before.pending)),
        Goal("a story that waited begins", lambda d: set(d.before.pending) - set(d.after.pending)
             and d.after.story in d.before.pending),
        Goal("an ending drops the stories that waited", lambda d: d.before.pending and not d.after.pending
             and d.after.ending, (i.ApplicationClosed,)),
        Goal("a trigger after the ending starts nothing", lambda d: d.before.ending and not d.after.story,
             (p.FeeLapsed, i.WithdrawalRequested, i.CircumstanceChanged)),
    ),
)  # fmt: skip
