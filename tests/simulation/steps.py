"""S1…S19 in order (p.3, p.9), by the stage records of all services in the order of their commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contracts.values import Ending
from shared.process import INTAKE

if TYPE_CHECKING:
    from tests.simulation.play import World

LOOPS = ((8, 12), (17, 18))
"""A form is filled anew (S8–S12); after a substantive refusal of the central node the officer decides anew."""


def steps_in_order(world: World) -> Iterator[str]:
    recorded: dict[UUID, list[int]] = defaultdict(list)
    for written in world.house.chronicle.written:
        if written.log.endswith(".step"):
            id, step = written.row[0], written.row[1]
            recorded[id].append(int(step.removeprefix("S")))
    for id, steps in recorded.items():
        for before, after in zip([0, *steps], steps, strict=False):
            if after < before and not any(low <= after <= before <= high for low, high in LOOPS):
                yield f"{id}: S{after} after S{before}, of {steps}"
                break
        skipped = [step for step in range(1, max(steps)) if step not in steps]
        if skipped:
            yield f"{id}: no record of S{skipped}, of {steps}"
        if world.house.state(INTAKE, id).ending is Ending.ISSUED and max(steps) != 19:
            yield f"{id}: issued, and the record ends at S{max(steps)}"
