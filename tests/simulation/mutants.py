"""Two ways in which an engine may be wrong. The simulation must find them, else it proves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from shared.engine.codec import understand
from shared.engine.rows import Delivery
from shared.engine.work import Outcome
from tests.simulation.kept import Tables
from tests.simulation.sometimes.seen import Keen


class Mutant(Enum):
    NONE = "none"
    NO_INBOX = "no inbox"
    HASTY_ACK = "acknowledges before the commit"


class Forgetful(dict[Any, Any]):
    """An inbox that is written and never read."""

    def get(self, key: Any, default: Any = None) -> Any:
        return default


class Hasty(Keen):
    """Acknowledges what it has not committed."""

    async def take(self, delivery: Delivery) -> Outcome:
        item = understand(delivery, self.context.service, self.context.sealer, self.ports.clock.now())
        await delivery.ack()
        return await self._enqueue(item)


def engine_of(mutant: Mutant) -> type[Keen]:
    return Hasty if mutant is Mutant.HASTY_ACK else Keen


def forgetful(tables: Iterable[Tables]) -> None:
    for each in tables:
        each.inbox = Forgetful()
