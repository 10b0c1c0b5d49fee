"""The ending as the citizen is told it: what led to it is said again, for the ending is what the portal then shows."""

from __future__ import annotations

from dataclasses import replace

from services.notification.notice import ELSEWHERE, NOT_AVAILABLE, Notice, notice
from services.notification.state import Correspondence
from services.notification.wording import text
from shared.contracts.intake import ApplicationClosed
from shared.contracts.values import Ending

WITH_A_CAUSE = frozenset((Ending.REFUSED, Ending.ANNULLED, Ending.NOT_MADE))
CODE = {
    Ending.ISSUED: "ISSUED",
    Ending.REFUSED: NOT_AVAILABLE,
    Ending.ANNULLED: "ANNULLED",
    Ending.WITHDRAWN: "WITHDRAWN",
    Ending.UNPAID: "UNPAID",
    Ending.ABANDONED: "ABANDONED",
    Ending.REDIRECTED: NOT_AVAILABLE,
    Ending.NOT_MADE: "NOT_MADE",
    Ending.NOT_COLLECTED: "NOT_COLLECTED",
}
GROUND = {Ending.REFUSED: "eligibility/neutral", Ending.REDIRECTED: "outage"}


def ending_of(said: ApplicationClosed, known: Correspondence) -> Notice | None:
    """None while its cause has not been heard and may still come."""
    cause = known.causes.get(said.ending)
    if cause is None:
        if said.ending in WITH_A_CAUSE and not known.impatient:
            return None
        grounds = (text(GROUND[said.ending]),) if said.ending in GROUND else ()
        told = notice(CODE[said.ending], grounds)
    else:
        told = Notice(cause.code, cause.text, cause.grounds, cause.next_action, ())
    return replace(told, ending=said.ending, channels=ELSEWHERE, about=said.ending)
