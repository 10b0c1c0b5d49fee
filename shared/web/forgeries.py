"""Who knocks in another's name is on record (order p.4.1): a row of the house, of no application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from starlette.requests import Request

from shared.contracts.base import Own
from shared.engine.decision import Decision, Given
from shared.engine.engine import Engine
from shared.engine.service import Audited, Reaction


class NoteForgery(Own):
    """Of the house: somebody at `where` knocked in the name of `whom`, and what was said does not prove it."""

    where: str
    whom: str


def house_of(service: str) -> UUID:
    """The id under which a service keeps what is nobody's application."""
    return uuid5(NAMESPACE_URL, f"kualik:{service}")


def noting(engine: Engine, whom: str) -> Callable[[Request], Awaitable[None]]:
    """For `Endpoint.notes`. Once a minute (of the machine) for each address, however many come: who is not known may
    not fill our tables.
    """

    async def note(request: Request) -> None:
        where = request.client.host if request.client else "unknown"
        minute = int(engine.ports.clock.machine_now().timestamp()) // 60
        message = NoteForgery(application_id=house_of(engine.context.service.name), where=where, whom=whom)
        await engine.act(message, f"forged/{whom}/{where}/{minute}")

    return note


def keep(state: Any, message: NoteForgery, given: Given) -> Decision[Any]:
    """It changes nothing."""
    act = Audited(message.application_id, "unknown", message.where, f"call-back of {message.whom}", "forged")
    return Decision(state, appends=(act,))


ON_RECORD = Reaction(NoteForgery, keep)
