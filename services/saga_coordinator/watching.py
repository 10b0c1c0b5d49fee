"""A case past its time is noticed by a timer of its own, shown with why, and driven again ever more rarely. Pure.

One timer a case is enough: it fires at the earliest moment that was asked for, looks, and is set anew. What moves in
time costs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.saga_coordinator.deadlines import own_deadlines
from services.saga_coordinator.saga import Case, Tables, reminder
from services.saga_coordinator.stages import OFFICERS, PATIENT, POINT, REFUND, TELLING, Stage, stage_at
from services.saga_coordinator.stories import TABLES
from services.saga_coordinator.watch import Watch
from shared.contracts.base import Own
from shared.engine.decision import Decision, Given, Later
from shared.process import COMMANDS

LOST = timedelta(minutes=1)  # a timer that should have fired so long ago, of either clock, does not stand any more
RAREST_FOR_PEOPLE = timedelta(days=1)  # between two drives of what a person is late with


class WatchCase(Own):
    """Look whether the case has moved. `at` tells the timer that stands from those that were set before it."""

    at: datetime
    term: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """What a case waits for. `key` is another whenever it waits for something else."""

    key: str
    stage: Stage
    until: datetime | None = None

    @property
    def patient(self) -> bool:
        """It lies with somebody who may be late."""
        return self.stage.person in PATIENT

    @property
    def with_operations(self) -> bool:
        """Operations have it in their queue: nothing is driven."""
        return self.stage.name == "held"


def wait_of(case: Case, tables: Tables = TABLES) -> Wait | None:
    """What the case waits for now: the running story first, then its way, then what follows the ending."""
    if case.story:
        command = type(tables.of(case.story, case.version).steps[case.step].do(case.application_id))
        service = next(way.service for way in COMMANDS if way.hears is command)
        return Wait(f"{case.story}/{case.begun}/{case.step}", Stage("story", service))
    if case.ending is not None:
        if not case.notified:
            return Wait("telling", TELLING)
        if case.refunds:
            return Wait(f"refund/{'/'.join(sorted(case.refunds))}", REFUND, max(case.refunds.values()))
        return None
    stage = stage_at(case.reached)
    return Wait(str(case.reached), stage, case.until if stage.person else None) if stage else None


def watched(moved: Decision[Case], given: Given, tables: Tables = TABLES) -> Decision[Case]:
    """The decision, with the clock set anew when the case waits for something else, and its timer."""
    case = moved.state
    wait = wait_of(case, tables)
    if wait is None:
        return moved if not case.watch.waits else _with(moved, _forget(case))
    longer = case.watch.late and wait.until is not None and given.now < wait.until
    if wait.key != case.watch.waits or longer:
        fresh = Watch(
            waits=wait.key, since=given.machine, late=wait.until is None, armed=case.watch.armed,
            term_armed=case.watch.term_armed,
        )  # fmt: skip
        case = case.but(watch=fresh, stuck_since=None)
    return _with(moved, *_armed(case, wait, given))


def _forget(case: Case) -> Case:
    kept = Watch(armed=case.watch.armed, term_armed=case.watch.term_armed)
    return case.but(watch=kept, stuck_since=None)


def _with(moved: Decision[Case], case: Case, later: Iterable[Later] = ()) -> Decision[Case]:
    if case is moved.state:
        return moved
    return Decision(
        case, *moved.says, later=(*moved.later, *later), appends=moved.appends, release=moved.release, reply=moved.reply
    )


def due_of(case: Case, wait: Wait, given: Given) -> datetime | None:
    """The moment at which the case is looked at: of the business clock before the term is over, then machine time."""
    watch = case.watch
    if wait.with_operations:
        return None
    if not watch.late:
        return wait.until
    return (watch.driven_at or watch.since or given.machine) + pause(wait, watch.drives, given)


def pause(wait: Wait, drives: int, given: Given) -> timedelta:
    """The budget, and after each drive twice as long, up to the rarest."""
    budgets = given.rules.budgets
    budget = budgets.of(wait.stage.name)
    rarest = RAREST_FOR_PEOPLE if wait.patient else budgets.rarest
    return min(budget * (1 << min(drives, 16)), max(budget, rarest))


def _armed(case: Case, wait: Wait, given: Given) -> tuple[Case, tuple[Later, ...]]:
    """A timer that fires no later than the case must be looked at; one that stands and is earlier will do."""
    due = due_of(case, wait, given)
    if due is None:
        return case, ()
    term = not case.watch.late
    stands = case.watch.term_armed if term else case.watch.armed
    now = given.now if term else given.machine
    if stands is not None and now - LOST <= stands <= due:
        return case, ()
    watch = case.watch.but(term_armed=due) if term else case.watch.but(armed=due)
    timer = WatchCase(application_id=case.application_id, at=due, term=term)
    return case.but(watch=watch), (Later(timer, at=due, clock="business" if term else "machine"),)


def look(case: Case, said: WatchCase, given: Given, tables: Tables = TABLES) -> tuple[Decision[Case], str]:
    """The timer has fired. Gives what is done, and what it is called in the timeline: nothing, while all is well."""
    watch = case.watch
    if said.at != (watch.term_armed if said.term else watch.armed):
        return Decision(case), ""
    watch = watch.but(term_armed=None) if said.term else watch.but(armed=None)
    wait = wait_of(case, tables)
    if wait is None:
        return Decision(case.but(watch=watch)), ""
    if not watch.late and wait.until is not None and given.now >= wait.until:
        watch = watch.but(late=True, since=given.machine)
    case = case.but(watch=watch)
    due = due_of(case, wait, given)
    if not watch.late or due is None or given.machine < due:
        return watched(Decision(case), given, tables), ""
    first = case.stuck_since is None
    stuck = case.but(stuck_since=given.machine) if first else case
    return drive(stuck, wait, given, tables), "stuck" if first else "driven"


def drive(case: Case, wait: Wait, given: Given, tables: Tables = TABLES) -> Decision[Case]:
    """Who must act goes on from its own state; what it has said is said again. Everything is idempotent.

    While somebody tells of failing attempts the ask stands, and only its owner is told; else also those before it.
    """
    trying = any(trouble.service == wait.stage.service for trouble in case.watch.troubles)
    resumes = wait.stage.resumes[:1] if trying else wait.stage.resumes
    orders = [resume(application_id=case.application_id) for resume in resumes]
    later: tuple[Later, ...] = ()
    if case.story:
        later = (reminder(case, tables.of(case.story, case.version)),)
    elif case.watch.late:
        later = own_deadlines(case, wait.stage.name)
    watch = case.watch.but(drives=case.watch.drives + 1, driven_at=given.machine)
    return watched(Decision(case.but(watch=watch), *orders, later=later), given, tables)


def why(case: Case, wait: Wait) -> str:
    """Why it does not move, as far as anybody has told."""
    troubles = sorted(case.watch.troubles, key=lambda each: (each.service == wait.stage.service, each.told_at))
    if not troubles:
        return f"nothing was heard from {wait.stage.service}, and no attempt of it has failed"
    last = troubles[-1]
    asked = f"{last.dependency}: {last.failure}" if last.dependency else str(last.failure)
    return f"{asked}, {last.attempts} attempts of {last.service} since {last.since:%d.%m.%Y %H:%M:%S} ({last.ask})"


def owner(case: Case, wait: Wait | None) -> str:
    """In whose hands the case is: a person's queue, or the service that must act."""
    if wait is None:
        return "nobody: it has ended" if case.ending else "nobody"
    person = wait.stage.person
    if person and (wait.patient or not case.watch.late):
        return f"{person} {case.whose}".strip() if person in (OFFICERS, POINT) else person
    return wait.stage.service
