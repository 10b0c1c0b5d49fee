"""What must hold at any moment, judged at random ones while everything is under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from deploy.oracle.owners import Kind, each_application_has_an_owner, hands_of, owner_of
from deploy.oracle.rules import ALWAYS, judge
from shared.process import INTAKE
from tests.simulation.evidence import MemoryEvidence

if TYPE_CHECKING:
    from tests.simulation.play import World

SELDOM = 30.0  # seconds between two looks, on the average
MOST = 2  # looks of one seed


@dataclass(slots=True)
class Moments:
    """Looks now and then; what it finds stops the seed."""

    world: World

    async def work(self) -> None:
        house = self.world.house
        for _ in range(MOST):
            await house.clock.sleep(house.looks.expovariate(1 / SELDOM))
            house.chronicle.broken += [(rule, f"at {house.loop.time():.1f} s: {what}") for rule, what in self._found()]

    def _found(self) -> Iterator[tuple[str, str]]:
        """Whoever has a message on its way, or one that failed and is tried again, is in good hands."""
        evidence = MemoryEvidence(self.world, over=False)
        for judged in judge(evidence, ALWAYS):
            yield from ((judged.rule, what) for what in judged.broken)
        flying = self._flying()
        for id, hands in hands_of(evidence):
            if id in flying or hands.states[INTAKE].ending is not None:
                continue
            owner = owner_of(hands)
            if owner.kind is Kind.NOBODY:
                yield each_application_has_an_owner.__name__, f"{id} has no owner: {owner.who} {owner.what}"

    def _flying(self) -> set[UUID]:
        house = self.world.house
        unsent = (row.application_id for tables in house.tables.values() for row in tables.unsent())
        failed = (row.application_id for tables in house.tables.values() for row in tables.waiting() if row.failures)
        return house.broker.flying | {id for id in (*unsent, *failed) if id is not None}
