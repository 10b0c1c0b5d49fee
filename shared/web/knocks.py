"""Who is turned away at the door of the pages is on record (order p.4.1): rows of the house, of no application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.requests import Request

from shared.contracts.base import Own
from shared.engine.decision import Decision, Given
from shared.engine.engine import Engine
from shared.engine.service import Audited, Reaction
from shared.web.forgeries import WAIT, Forgeries, house_of

LONGEST = 120
"""Characters of an address that are kept."""
UNKNOWN = "unknown"

Record = Callable[[Request, str, str], Awaitable[None]]
"""Of which request, who (`officer:17`, or `unknown`), refused with which code."""


class NoteKnock(Own):
    """Of the house: `who` came from `where` to `what` and was turned away with `result`."""

    who: str
    where: str
    what: str
    result: str


async def unrecorded(request: Request, who: str, result: str) -> None:
    """For pages that no engine stands behind."""


def recording(engine: Engine) -> Record:
    """Officers who are signed in are noted each time; whoever is not, once a minute for each address and code."""
    strangers = Forgeries()

    async def record(request: Request, who: str, result: str) -> None:
        where = request.client.host if request.client else "unknown"
        minute = int(engine.ports.clock.machine_now().timestamp()) // 60
        known = any(getattr(request.state, proof, None) is not None for proof in ("session", "officer"))
        if engine.store_lost or not (known or strangers.is_news(f"{where} {who} {result}", minute)):
            return
        message = NoteKnock(
            application_id=house_of(engine.context.service.name), who=who, where=where,
            what=f"{request.method} {request.url.path}"[:LONGEST], result=result,
        )  # fmt: skip
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT):
                await engine.act(message, str(engine.ports.ids.uuid()))

    return record


def keep(state: Any, message: NoteKnock, given: Given) -> Decision[Any]:
    """It changes nothing."""
    act = Audited(message.application_id, message.who, message.where, message.what, message.result)
    return Decision(state, appends=(act,))


ON_RECORD = Reaction(NoteKnock, keep)
