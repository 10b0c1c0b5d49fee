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
    """Order `do`; `done` answers that `fits` lead on, `other` ones to operations too; `stops` end the story here."""

    do: Callable[[UUID], Command]
    done: Kinds
    other: Kinds = ()
    stops: Kinds = ()
    fits: Callable[[Any], bool] = _any


@dataclass(frozen=True, slots=True)
class Story:
    """One way to an ending; `version` is stored with each case that starts it."""

    name: str
    ending: Ending
    steps: tuple[Step, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """What the coordinator knows: facts that guard the stories, and where the running story stands."""

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
    reminders: int = 0


def begin(case: Case, story: Story) -> Decision[Case]:
    """Start a story, unless one runs or the case has ended."""
    if case.story or story.name in case.told or case.ending is not None:
        return Decision(case)
    return _order(case.but(story=story.name, version=story.version, step=0), story)


def answered(case: Case, story: Story, event: Message) -> Decision[Case]:
    """The running story hears an event: on, aside to operations, or over."""
    step = story.steps[case.step]
    if isinstance(event, step.stops):
        return Decision(case.but(story="", told=(*case.told, story.name)))
    if isinstance(event, step.other):
        return _next(case.but(attention=type(event).__name__), story)
    if isinstance(event, step.done) and step.fits(event):
        return _next(case, story)
    return Decision(case)


def remind(case: Case, story: Story, overdue: StepOverdue) -> Decision[Case]:
    """Give the unanswered order again, ever more rarely."""
    if case.story != overdue.story or case.step != overdue.step:
        return Decision(case)
    again = overdue.reminders + 1
    order = story.steps[case.step].do(case.application_id)
    return Decision(case, order, later=(_reminder(case, story, again),))


def _next(case: Case, story: Story) -> Decision[Case]:
    if case.step + 1 == len(story.steps):
        return Decision(case.but(story="", told=(*case.told, story.name)))
    return _order(case.but(step=case.step + 1), story)


def _order(case: Case, story: Story) -> Decision[Case]:
    return Decision(case, story.steps[case.step].do(case.application_id), later=(_reminder(case, story, 0),))


def _reminder(case: Case, story: Story, reminders: int) -> Later:
    overdue = StepOverdue(application_id=case.application_id, story=story.name, step=case.step, reminders=reminders)
    return Later(overdue, min(REMIND * 2**reminders, RAREST), clock="machine")
