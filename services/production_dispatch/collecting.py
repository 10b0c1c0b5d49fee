"""S19 until someone comes: ready at the point, reminders, and the end of the term."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from services.production_dispatch.messages import GiveUpCollection, RemindCollection
from services.production_dispatch.production import Production, Standing, by_service, to_operations
from shared.contracts.production_dispatch import CollectionReminded, DocumentReady, DocumentUncollected
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.engine.service import Step
from shared.law import terms

Decided = Decision[Production]


def make_ready(production: Production, given: Given) -> Decided:
    """Shipped and checked in at its point: the citizen may come, and is reminded."""
    arrived = production.standing is Standing.SHIPPED and production.underway
    if not arrived or production.checked_in_on is None:
        return Decision(production)
    today = given.today
    given_up = terms.uncollected_on(today, given.rules.limits)
    ready = replace(production, standing=Standing.READY, ready_on=today, collect_until=given_up - timedelta(days=1))
    return Decision(
        ready,
        readiness_of(ready),
        later=(*reminding(ready, given), giving_up(ready)),
        appends=(by_service(ready, "make-ready"),),
    )


def readiness_of(production: Production) -> DocumentReady:
    """What is said, and said again, of a card that waits at its point (S19)."""
    assert production.collect_until
    return DocumentReady(
        application_id=production.application_id, point=production.point or "", collect_until=production.collect_until
    )


def reminding(production: Production, given: Given) -> tuple[Later, ...]:
    """The reminders that have not been said yet."""
    assert production.ready_on
    rules, id = given.rules, production.application_id
    days_on = zip(rules.limits.reminder_days, terms.reminders(production.ready_on, rules.limits), strict=True)
    return tuple(
        Later(RemindCollection(application_id=id, days=days), at=_at(day, rules.terms.opens), key=f"remind/{days}")
        for days, day in days_on
        if days not in production.reminded
    )


def giving_up(production: Production) -> Later:
    assert production.collect_until
    at = _at(production.collect_until + timedelta(days=1), time())
    return Later(GiveUpCollection(application_id=production.application_id), at=at, key="uncollected")


def remind(production: Production, said: RemindCollection) -> Decided:
    """A card that was issued or stopped meanwhile needs no reminder."""
    if production.standing is not Standing.READY or said.days in production.reminded:
        return Decision(production)
    reminded = replace(production, reminded=(*production.reminded, said.days))
    word = CollectionReminded(application_id=said.application_id, days=said.days, point=production.point or "")
    return Decision(reminded, word, appends=(by_service(production, "remind", f"{said.days} days"),))


def give_up(production: Production, said: GiveUpCollection) -> Decided:
    """Nobody came within the term; from now on the card is not handed over."""
    if production.standing is not Standing.READY:
        return Decision(production)
    uncollected = replace(production, standing=Standing.UNCOLLECTED)
    return Decision(
        uncollected,
        DocumentUncollected(application_id=said.application_id, point=production.point or ""),
        appends=(
            Step(said.application_id, "S19", "skipped", "not collected"),
            to_operations(uncollected, "CARD_UNCOLLECTED"),
            by_service(uncollected, "give-up-collection"),
        ),
    )


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, ALMATY)
