"""What a service says to itself from its first start on, of nobody's application: the rows of the house."""

from __future__ import annotations

from shared.engine.codec import due_row
from shared.engine.decision import NOBODY
from shared.engine.ports import Clock
from shared.engine.work import Context


async def stand(context: Context, clock: Clock) -> None:
    """Each has a key, so that it stands once, whoever starts and however often. Raises `StoreBusy`, `StoreLost`."""
    service, now, machine = context.service, clock.now(), clock.machine_now()
    rows = [
        due_row(later, index, NOBODY, service.name, {}, context.sealer, now, machine)
        for index, later in enumerate(service.standing)
    ]
    if rows:
        async with context.store.transaction() as transaction:
            await transaction.add_due(rows)
