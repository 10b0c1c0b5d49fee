"""One seed from its beginning to its end, and what is to be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from deploy.sandbox.people import crowd
from deploy.sandbox.portal.driver import Portal
from shared.engine.rows import Delivery
from shared.process import INTAKE, PORTAL
from tests.simulation.actors import KINDS, CallBacks, People, Wires
from tests.simulation.calendar import Calendar
from tests.simulation.drawing import draw
from tests.simulation.house import House
from tests.simulation.luck import Luck
from tests.simulation.meddling import Meddler
from tests.simulation.misfortune import Misfortune
from tests.simulation.moments import Moments
from tests.simulation.mutants.mutant import Mutant
from tests.simulation.oracle import Violation, judge
from tests.simulation.turning import Turning
from tests.simulation.virtual import VirtualLoop, run
from tests.simulation.watches import watch
from tests.simulation.web import place


@dataclass(frozen=True, slots=True)
class Report:
    """Plain values, so that they can come from another process."""

    seed: int
    hash: str
    applications: int
    endings: dict[str, int]
    crashes: int
    turns: int
    seconds: float
    violations: tuple[Violation, ...]
    seen: frozenset[str] = frozenset()
    story: tuple[str, ...] = ()


@dataclass(slots=True)
class World:
    """Everything of a seed that the oracle looks at."""

    house: House
    portal: Portal
    people: People
    calendar: Calendar


def play(
    seed: int, luck: Luck | None = None, mutant: Mutant | None = None, *, tell: bool = False,
    look: Callable[[World], None] = lambda world: None,
) -> Report:  # fmt: skip
    """Play the seed; the story is told when something is wrong, or asked for; `look` sees the world as it is left."""
    drawn = luck or draw(seed)
    place()

    async def main(loop: VirtualLoop) -> Report:
        world = _begin(seed, drawn, loop)
        await world.calendar.pass_by()
        look(world)
        return _report(world, tell)

    with mutant.at_work() if mutant is not None else nullcontext():
        return run(main)


def _begin(seed: int, luck: Luck, loop: VirtualLoop) -> World:
    house = House(seed, luck, loop)
    watch(house)
    portal = Portal(Wires(house), place().authority, house.clock)
    people, callbacks = People(house), CallBacks(house)

    async def hear(delivery: Delivery) -> None:
        kind = KINDS.get(delivery.routing_key)
        if kind is not None:
            portal.hear(kind.model_validate_json(delivery.body))
        await delivery.ack()

    citizens = crowd(seed, house.clock.today(), len(luck.personas), luck.personas)
    house.outside.state.admit(citizens)
    portal.admit(citizens)
    house.start_all()
    tasks: list[Any] = [house.broker.listener(PORTAL, hear).start(), people.work(), callbacks.work()]
    calendar = Calendar(house, portal, people, callbacks)
    bad, meddler, turning = Misfortune(house, portal), Meddler(house, portal), Turning(calendar, portal)
    for work in (*tasks, portal.start(citizens, 0.5), calendar.hurry(), bad.restarts(), bad.cuts(), bad.gaps(),
                 bad.second_thoughts(), meddler.work(), turning.work()):  # fmt: skip
        loop.create_task(work).add_done_callback(lambda task: house.over("somebody", task))
    world = World(house, portal, people, calendar)
    loop.create_task(Moments(world).work()).add_done_callback(lambda task: house.over("moments", task))
    return world


def _report(world: World, tell: bool) -> Report:
    house = world.house
    violations = judge(world)
    states = [state for state in house.states(INTAKE) if state.opened]
    endings = Counter(str(state.ending.value) if state.ending else "none" for state in states)
    return Report(
        seed=house.seed,
        hash=house.chronicle.hash,
        applications=len(states),
        endings=dict(endings),
        crashes=house.crashes,
        turns=house.loop.turns,
        seconds=house.loop.time(),
        violations=tuple(violations),
        seen=frozenset(house.seen),
        story=tuple(house.chronicle.story()) if tell or violations else (),
    )
