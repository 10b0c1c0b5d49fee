"""Going on when something was lost: tell what can be told, send what was told. No notice has a second id."""

from __future__ import annotations

from collections.abc import Iterator

from services.notification.domain import Told, notification_of, restored, sending_of, tell, telling_the_ending
from services.notification.state import Correspondence
from shared.contracts.base import routing_key
from shared.contracts.intake import ApplicationClosed
from shared.contracts.notification import CitizenNotified
from shared.engine.decision import Decision
from shared.engine.waiting import Awaited, rows_of

CLOSED = routing_key(ApplicationClosed)


def resume(known: Correspondence) -> Told:
    """Whatever can be told by now; that the ending was told is said again, for whoever has not heard it."""
    told = tell(known, restored(known))
    again = said_so_far(known)
    later = rows_of(awaited(told.state))  # those that `tell` has made are among them
    return Decision(told.state, *told.says, *again, later=later, appends=told.appends)


def said_so_far(known: Correspondence) -> Iterator[CitizenNotified]:
    if known.ended is not None:
        keys = [key for key in known.told if key.endswith(f"/{known.ended}")]
        yield from (notification_of(known, key, known.ended) for key in keys)


def awaited(known: Correspondence) -> Iterator[Awaited]:
    """The rows that stand: what is being sent, and the ending whose cause has not been heard."""
    yield from (Awaited(sending_of(known, errand)) for errand in known.sending)
    if known.ended is None and any(kept.kind == CLOSED for kept in known.kept):
        yield Awaited(telling_the_ending(known))
