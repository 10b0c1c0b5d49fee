"""How any saga moves: a story is a table of steps, a case stands at one of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.saga_coordinator.watch import Watch
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


class TableUnknown(LookupError):
    """A case runs a version of a table that this code does not keep: it is laid aside, and must not be guessed."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Every version of every story, all runnable: a case keeps the one it began with, the newest is for new ones.

    A table that a case may be running is never edited: a changed one is added, with the next version.
    """

    stories: tuple[Story, ...]

    def newest(self, name: str) -> Story:
        """The table by which a case begins that story now."""
        return max((story for story in self.stories if story.name == name), key=lambda story: story.version)

    def of(self, name: str, version: int) -> Story:
        """The table by which that story was begun. Raises `TableUnknown`."""
        for story in self.stories:
            if (story.name, story.version) == (name, version):
                return story
        raise TableUnknown(f"{name} {version}")

    def first_of(self, names: tuple[str, ...]) -> str:
        """Of stories that wait, the one to begin."""
        return next(story.name for story in self.stories if story.name in names)

    def as_of(self, versions: Mapping[str, int]) -> Tables:
        """The tables as they stood when these versions were the newest."""
        known = (story for story in self.stories if story.version <= versions.get(story.name, story.version))
        return Tables(tuple(known))


@dataclass(frozen=True, slots=True)
class Case:
    """What the coordinator knows: facts that guard the stories, and where the running story stands.

    `pending` stories were triggered while another ran; `begun` counts beginnings, so that a reminder knows its own;
    `heard_at` is the business time of the latest event heard. `reached` is the furthest place on the way (stages.py),
    `until` (business time) how long a person has there, `whose` the region or the point; `refunds` are the cases that
    others must still answer, and until when; `notified`: the citizen was told of the ending.
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
    reached: int = 0
    until: datetime | None = None
    whose: str = ""
    refunds: dict[str, datetime] = field(default_factory=dict)
    notified: bool = False
    stuck_since: datetime | None = None
    watch: Watch = field(default_factory=Watch)

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
    return Decision(case, order, later=(reminder(case, story, overdue.reminders + 1),))


def _over(case: Case, story: Story) -> Case:
    told = case.told if story.name in case.told else (*case.told, story.name)
    return case.but(story="", told=told)


def _next(case: Case, story: Story) -> Decision[Case]:
    if case.step + 1 == len(story.steps):
        return Decision(_over(case, story))
    return _order(case.but(step=case.step + 1), story)


def _order(case: Case, story: Story) -> Decision[Case]:
    return Decision(case, story.steps[case.step].do(case.application_id), later=(reminder(case, story),))


def reminder(case: Case, story: Story, reminders: int = 0) -> Later:
    """The timer of the order that is not answered: one a step, made anew should it be lost."""
    overdue = StepOverdue(
        application_id=case.application_id, story=story.name, step=case.step, begun=case.begun, reminders=reminders
    )
    key = f"remind/{case.begun}/{case.step}"
    return Later(overdue, min(REMIND * 2 ** min(reminders, 10), RAREST), clock="machine", key=key)
