"""Going on when something was lost: what was said is said again, what is waited for is asked again. Nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

from services.production_dispatch.collecting import giving_up, readiness_of, reminding
from services.production_dispatch.domain import cancelling, refusal_of, sending, start_of
from services.production_dispatch.messages import LookAtOrder, PassTerm
from services.production_dispatch.production import STARTED, Production, Standing
from services.production_dispatch.progress import (
    AWAITED,
    WITH_THE_CENTRE,
    look_at,
    making_of,
    mark_of,
    remaking,
    shipping_of,
    warnings,
)
from shared.contracts.base import Message
from shared.contracts.production_dispatch import DocumentIssued, DocumentUncollected, ProductionFault
from shared.engine.decision import Decision, Given, Later
from shared.engine.waiting import Awaited, rows_of

FAULTS = {Standing.HELD: ProductionFault.TECHNICAL, Standing.RETURNED: ProductionFault.SUBSTANTIVE}
HANDED = (Standing.MADE, Standing.SHIPPED, Standing.READY)


def resume(production: Production, given: Given) -> Decision[Production]:
    """Facts under new ids, for whoever has not heard them; and the rows that must stand."""
    return Decision(production, *said_so_far(production), later=rows_of(awaited(production, given)))


def said_so_far(production: Production) -> Iterator[Message]:
    """Every fact of a card that somebody may still wait for; after the ending nothing."""
    id, standing = production.application_id, production.standing
    if production.ending is not None:
        return
    if standing in FAULTS:
        yield refusal_of(production, FAULTS[standing])
    if standing in STARTED:
        yield start_of(production)
    if standing in HANDED:
        yield making_of(production)
        yield from (shipping_of(production, register) for register in production.told_registers)
    if standing is Standing.READY:
        yield readiness_of(production)
    if standing is Standing.ISSUED:
        yield DocumentIssued(application_id=id, point=production.point or "", officer_id=production.issued_by or "")
    if standing is Standing.UNCOLLECTED:
        yield DocumentUncollected(application_id=id, point=production.point or "")


def awaited(production: Production, given: Given) -> Iterator[Awaited]:
    """The rows that stand while the card is where it is; a held order waits for operations, a shipped card for its
    point. An order that must not be made is cancelled once more, for nothing here tells whether it was.
    """
    standing = production.standing
    if standing is Standing.ORDERED:
        yield Awaited(sending(production))
    if standing in WITH_THE_CENTRE:
        yield Awaited(look_at(production), instead=(PassTerm, LookAtOrder))
    yield from (Awaited(warning, sure=False) for warning in _terms(production, given))
    if standing in STARTED and production.awaits_remake and production.spoiled < given.rules.limits.spoiled_cards:
        yield Awaited(remaking(production, production.spoiled), sure=False)
    if standing is Standing.READY:
        yield Awaited(giving_up(production))
        yield from (Awaited(reminder, sure=False) for reminder in reminding(production, given))
    if standing in (Standing.RETURNED, Standing.STOPPED) and production.round:
        yield Awaited(cancelling(production), sure=False)


def _terms(production: Production, given: Given) -> Iterator[Later]:
    """The timers of the term that runs, where they are lost: counted from today, for nothing else is known."""
    for term in (term for term, standings in AWAITED.items() if production.standing in standings):
        for warning in warnings(production, term, given):
            assert isinstance(warning.message, PassTerm)
            if mark_of(term, production.round, warning.message.percent) not in production.warned:
                yield warning
