"""Who knocks in another's name is on record (order p.4.1): a row of the house, of no application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from starlette.requests import Request

from shared.contracts.base import Own
from shared.engine.decision import Decision, Given
from shared.engine.engine import Engine
from shared.engine.service import Audited, Reaction

MOST = 60
"""So many addresses are noted in a minute by one process, for each name that is borrowed."""
WAIT = 1.0  # seconds


class NoteForgery(Own):
    """Of the house: somebody at `where` knocked in the name of `whom`, and what was said does not prove it."""

    where: str
    whom: str


def house_of(service: str) -> UUID:
    """The id under which a service keeps what is nobody's application."""
    return uuid5(NAMESPACE_URL, f"kualik:{service}")


@dataclass(slots=True)
class Forgeries:
    """Whose forgeries of this minute are noted: each address once, and `MOST` of them at most."""

    minute: int = -1
    noted: set[str] = field(default_factory=set)

    def is_news(self, where: str, minute: int) -> bool:
        """Asked of the same minute and address again it is none."""
        if minute != self.minute:
            self.minute, self.noted = minute, set()
        if where in self.noted or len(self.noted) >= MOST:
            return False
        self.noted.add(where)
        return True


def noting(engine: Engine, whom: str) -> Callable[[Request], Awaitable[None]]:
    """For `Endpoint.notes`. Once a minute (of the machine) for each address, however many come: who is not known may
    fill neither our tables nor, while there is no store, our memory; nor is their answer held up for more than `WAIT`.
    """
    forgeries = Forgeries()

    async def note(request: Request) -> None:
        where = request.client.host if request.client else "unknown"
        minute = int(engine.ports.clock.machine_now().timestamp()) // 60
        if engine.store_lost or not forgeries.is_news(where, minute):
            return
        message = NoteForgery(application_id=house_of(engine.context.service.name), where=where, whom=whom)
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT):
                await engine.act(message, f"forged/{whom}/{where}/{minute}")

    return note


def keep(state: Any, message: NoteForgery, given: Given) -> Decision[Any]:
    """It changes nothing."""
    act = Audited(message.application_id, "unknown", message.where, f"call-back of {message.whom}", "forged")
    return Decision(state, appends=(act,))


ON_RECORD = Reaction(NoteForgery, keep)
