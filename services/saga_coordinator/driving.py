"""A case is driven: by its own timer, or by operations at once, with a reason that stays on record. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.saga_coordinator.saga import Case, Tables
from services.saga_coordinator.stories import TABLES
from services.saga_coordinator.timeline import line, ordered, told
from services.saga_coordinator.watching import WatchCase, drive, look, wait_of, why
from shared.contracts.base import Own
from shared.engine.decision import Decision, Given
from shared.engine.service import Audited

DRIVE = "drive-case"


class DriveCase(Own):
    """Operations: go on with this case now. The same `act_id` of the same officer is the same act."""

    act_id: str
    officer_id: str
    where: str
    reason: str


class Refusal(StrEnum):
    """Why nothing is driven."""

    NOTHING_WAITS = "NOTHING_WAITS"
    WITH_OPERATIONS = "WITH_OPERATIONS"


@dataclass(frozen=True, slots=True)
class Driven:
    """What the act was answered: the stage that was driven, or why none was."""

    stage: str = ""
    refusal: Refusal | None = None


def watch_case(case: Case, said: WatchCase, given: Given, tables: Tables = TABLES) -> Decision[Case]:
    """A line only when it is stuck: a timer that finds all well leaves none."""
    wait = wait_of(case, tables)
    moved, what = look(case, said, given, tables)
    if not what or wait is None:
        return moved
    noticed = line(case.application_id, what, wait.stage.name, why(case, wait), given)
    return told(moved, noticed, *ordered(moved.says, given))


def drive_case(case: Case, act: DriveCase, given: Given, tables: Tables = TABLES) -> Decision[Case]:
    """At once, whether it is past its time or not; harmless, for whoever has acted already answers as before."""
    wait = wait_of(case, tables)
    refusal = Refusal.NOTHING_WAITS if wait is None else Refusal.WITH_OPERATIONS if wait.with_operations else None
    if wait is None or refusal is not None:
        return Decision(case, appends=(audited(act, str(refusal)),), reply=Driven(refusal=refusal))
    timers_anew = case.but(watch=case.watch.but(armed=None, term_armed=None))  # should the one that stands be lost
    moved = drive(timers_anew, wait, given, tables)
    acted = line(case.application_id, "acted", DRIVE, f"officer_id={act.officer_id} act_id={act.act_id}", given)
    answered = Decision(moved.state, *moved.says, later=moved.later, reply=Driven(wait.stage.name))
    return told(answered, acted, *ordered(moved.says, given), audited(act, f"{wait.stage.name}: {act.reason}"))


def audited(act: DriveCase, result: str) -> Audited:
    return Audited(act.application_id, f"officer:{act.officer_id}", act.where, DRIVE, result)
