"""How any saga moves: a story is a table of steps, a case stands at one of them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.base import Command, Message, Own
from shared.contracts.values import Ending
from shared.engine.decision import Decision, Later

Kinds = tuple[type[Message], ...]
REMIND = timedelta(seconds=30)
RAREST = timedelta(minutes=10)


def _any(event: Message) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """Order `do`. Of answers that fit, `done` lead on, `other` ones to operations too, `stops` end the story here."""

    do: Callable[[UUID], Command]
    done: Kinds
    other: Kinds = ()
    stops: Kinds = ()
    fits: Callable[[Any], bool] = _any

    @property
    def answers(self) -> Kinds:
        return self.done + self.other + self.stops


@dataclass(frozen=True, slots=True)
class Story:
    """One way to an ending; `version` is stored with each case that starts it."""

    name: str
    ending: Ending
    steps: tuple[Step, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """What the coordinator knows: facts that guard the stories, and where the running story stands.

    `pending` stories were triggered while another ran; `begun` counts beginnings, so that a reminder knows its own;
    `heard_at` is the business time of the latest event heard.
    """

    application_id: UUID
    opened: bool = False
    eligible: bool = False
    form_revision: int = 0
    returned_revision: int = 0
    photo_revision: int = 0
    submitted: bool = False
    registered: bool = False
    approved: bool = False
    expires: str = ""
    story: str = ""
    version: int = 0
    step: int = 0
    begun: int = 0
    pending: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    ending: Ending | None = None
    attention: str = ""
    heard_at: datetime | None = None

    def but(self, **changes: Any) -> Case:
        return replace(self, **changes)


class StepOverdue(Own):
    """No answer yet: the order is given again, under a new id; it is answered again."""

    story: str
    step: int
    begun: int = 0
    reminders: int = 0

    def is_stale(self, case: Case) -> bool:
        return (case.story, case.step, case.begun) != (self.story, self.step, self.begun)


def begin(case: Case, story: Story) -> Decision[Case]:
    """Start a story; while another runs it is kept for later, after the ending nothing starts."""
    if case.ending is not None or case.story == story.name:
        return Decision(case)
    if case.story:
        return Decision(case.but(pending=tuple(sorted({*case.pending, story.name}))))
    return _order(case.but(story=story.name, version=story.version, step=0, begun=case.begun + 1), story)


def answered(case: Case, story: Story, event: Message) -> Decision[Case]:
    """The running story hears an event: on, aside to operations, or over."""
    step = story.steps[case.step]
    if not isinstance(event, step.answers) or not step.fits(event):
        return Decision(case)
    if isinstance(event, step.stops):
        return Decision(_over(case, story))
    return _next(case.but(attention=type(event).__name__) if isinstance(event, step.other) else case, story)


def remind(case: Case, story: Story, overdue: StepOverdue) -> Decision[Case]:
    """Give the unanswered order again, ever more rarely; a reminder of what has moved on is ignored."""
    if overdue.is_stale(case):
        return Decision(case)
    order = story.steps[case.step].do(case.application_id)
    return Decision(case, order, later=(_reminder(case, story, overdue.reminders + 1),))


def _over(case: Case, story: Story) -> Case:
    told = case.told if story.name in case.told else (*case.told, story.name)
    return case.but(story="", told=told)


def _next(case: Case, story: Story) -> Decision[Case]:
    if case.step + 1 == len(story.steps):
        return Decision(_over(case, story))
    return _order(case.but(step=case.step + 1), story)


def _order(case: Case, story: Story) -> Decision[Case]:
    return Decision(case, story.steps[case.step].do(case.application_id), later=(_reminder(case, story, 0),))


def _reminder(case: Case, story: Story, reminders: int) -> Later:
    overdue = StepOverdue(
        application_id=case.application_id, story=story.name, step=case.step, begun=case.begun, reminders=reminders
    )
    return Later(overdue, min(REMIND * 2 ** min(reminders, 10), RAREST), clock="machine")
