"""Judgement of one seed: the oracle's rules over what is left in memory, and what only the simulation can see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy import oracle
from shared.process import HEAR_IN_BULK, PORTAL
from shared.topology import DEAD_LETTERS, PORTAL_STATUS_QUEUE
from tests.simulation.evidence import MemoryEvidence

if TYPE_CHECKING:
    from tests.simulation.play import World

LATE = ("CLOSED", "DEADLINE_PASSED")
"""Why the portal may be refused when the way was slow."""

RAISED, RESTLESS = "nothing_raises", "it_comes_to_rest"


@dataclass(frozen=True, slots=True)
class Violation:
    """What broke which rule. `str` is the line that is printed."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def judge(world: World) -> list[Violation]:
    """Every violation, each with the application it is about."""
    chronicle = world.house.chronicle
    told = [Violation(RAISED, error) for error in chronicle.errors]
    told += [Violation(*broken) for broken in chronicle.broken]
    if world.calendar.why:
        told.append(Violation(RESTLESS, world.calendar.why))
    if chronicle.broken:  # it was stopped then: nothing else is over
        return told
    judged = oracle.judge(MemoryEvidence(world))
    told += [Violation("everything_is_judged", f"{one.rule}: {one.not_judged}") for one in judged if one.not_judged]
    told += [Violation(one.rule, what) for one in judged for what in one.broken]
    return told + [Violation(rule.__name__, what) for rule in OWN for what in rule(world)]


def nothing_accepted_is_lost(world: World) -> Iterator[str]:
    """what the broker has taken, every service that hears it has in its inbox"""
    for (queue, exchange, message_id), message in world.house.broker.accepted.items():
        if queue in (DEAD_LETTERS, PORTAL_STATUS_QUEUE):
            continue
        service = queue if queue in HEAR_IN_BULK else queue.partition(".")[0]
        if (exchange, message_id) not in world.house.tables[service].inbox:
            yield f"{service} never took {message.routing_key} {message_id}"


def the_portal_is_heard(world: World) -> Iterator[str]:
    """the portal's messages are taken, but for those that the way made late"""
    for id, board in world.portal.boards.items():
        for rejected in board.rejected:
            luck = world.house.luck
            if luck.meddling or (rejected.reason in LATE and not luck.calm):
                continue
            yield f"{id}: {PORTAL} was refused {rejected.reason} {rejected.faults}"


OWN = (nothing_accepted_is_lost, the_portal_is_heard)
