"""After S13 РП ДРН is asked to tell what becomes of the talon: by a REQUEST of ШЭП's asynchronous channel, which is
sent until it has been delivered. One that is sent twice is one: РП ДРН watches a talon once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from services.intake.domain.application import Application, Turn, by_service
from services.intake.domain.own import WatchTalon
from shared.engine.decision import Decision, Later

LOOK_AGAIN = timedelta(minutes=1)
"""[D] Machine time between two looks at a REQUEST that is on its way."""
SEND_AGAIN = timedelta(seconds=10)
"""[D] Machine time after which one that reached nobody is sent anew."""


class Fate(Enum):
    """What became of a REQUEST."""

    UNDER_WAY = "under way"
    DELIVERED = "delivered"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Sent:
    """A REQUEST by the id that ШЭП gave it."""

    id: str
    fate: Fate


def watching(state: Application, after: timedelta = timedelta(), sent: str = "") -> Later:
    watch = WatchTalon(application_id=state.application_id, sent=sent)
    return Later(watch, after, clock="machine", key="watch")


def note_watch(state: Application, said: WatchTalon, sent: Sent | None) -> Turn:
    """Delivered: РП ДРН tells from now on. Under way: looked at again. Lost: sent again."""
    if sent is None or not state.awaits_watch:
        return Decision(state)
    if sent.fate is Fate.UNDER_WAY:
        return Decision(state, later=(watching(state, LOOK_AGAIN, sent.id),))
    row = by_service(state, "WatchTalon", f"{sent.fate.value}: {sent.id}")
    if sent.fate is Fate.LOST:
        return Decision(state, later=(watching(state, SEND_AGAIN),), appends=(row,))
    return Decision(replace(state, watch=sent.id), appends=(row,))
