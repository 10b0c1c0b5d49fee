"""What any service tells of a question that is not answered, or of a message it cannot decide: for the timeline."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from shared.contracts.base import Event


class Failure(StrEnum):
    """What became of the attempt."""

    UNAVAILABLE = "UNAVAILABLE"  # it did not answer, or said that it cannot now
    TIMEOUT = "TIMEOUT"  # it did not answer in time
    HELD_BACK = "HELD_BACK"  # it was not asked: it fails for others, or is switched off
    LAID_ASIDE = "LAID_ASIDE"  # a decision raised; the message lies in the dead letters


class AttemptFailed(Event):
    """Said of the 1st failure and then at every doubling of `attempts`; `since` (business time) the ask has stood.

    `ask` is the routing key of what waits, `dependency` the outside system, empty when there is none.
    """

    service: str
    ask: str
    dependency: str
    failure: Failure
    attempts: int
    since: datetime
