"""Endings: exactly one, the person's place free with it, and saying what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from deploy.oracle.evidence import given
from deploy.oracle.facts import Facts
from services.payment.invoice import Phase
from services.production_dispatch.production import Production
from services.production_dispatch.production import Standing as Card
from services.ums_review.review import Review, Standing
from shared.contracts.values import Ending
from shared.process import COORDINATOR, IDENTITY, INTAKE, NOTIFICATION, PAYMENT, PRODUCTION, REVIEW

CLOSES = {IDENTITY: "closed", REVIEW: "closed"}
"""Where it is kept that the ending was heard."""
STOOD_STILL = timedelta(minutes=1)
"""A decision bears the moment at which it was begun; its process may stand still before it has the claim."""


def one_ending(facts: Facts) -> Iterator[str]:
    """exactly one ending, the same for everybody"""
    for id, application in facts.opened.items():
        if application.ending is None and facts.of.over:
            yield f"{id} has no ending, it stands at {application.stage}"
    for id, lines in facts.heard.items():
        told = {line.detail for line in lines.get("application-closed", ())}
        state = facts.states(INTAKE).get(id)
        ending = state.ending if state is not None else None
        if len(told) > 1:
            yield f"{id} ended as {sorted(told)}"
        if told and ending is None:
            yield f"{id} has said {sorted(told)}, and has not ended"
        for service, found in _told_elsewhere(facts, id).items():
            if found is not None and found is not ending:
                yield f"{id} ended {ending} at intake and {found} at {service}"


def _told_elsewhere(facts: Facts, id: UUID) -> dict[str, Ending | None]:
    case, told, card = (facts.states(name).get(id) for name in (COORDINATOR, NOTIFICATION, PRODUCTION))
    return {
        COORDINATOR: case.ending if case else None,
        NOTIFICATION: told.ended if told else None,
        PRODUCTION: card.ending if card else None,
    }


def everybody_hears_the_ending(facts: Facts) -> Iterator[str]:
    """after the ending nobody works on the application any more"""
    if not facts.of.over:
        return
    for id, application in facts.opened.items():
        if application.ending is None:
            continue
        for service, field in CLOSES.items():
            state = facts.states(service).get(id)
            if state is not None and not getattr(state, field):
                yield f"{id} ended {application.ending}, and {service} does not know it"
        if "application-closed" not in facts.heard.get(id, {}):
            yield f"{id} ended {application.ending}, and the coordinator was never told"


def one_live_application(facts: Facts) -> Iterator[str]:
    """at most one live application per IIN"""
    spans: dict[str, list[tuple[datetime, datetime | None, UUID]]] = defaultdict(list)
    for id, application in facts.opened.items():
        lines = facts.heard.get(id, {})
        if opened := lines.get("application-opened"):
            spans[application.iin_index].append((opened[0].said_at, application.closed_at, id))
    for lived in spans.values():
        lived.sort(key=lambda span: span[0])
        for (_, ended, id), (began, _, other) in pairwise(lived):
            if ended is None or began + STOOD_STILL + facts.of.leap < ended:
                yield f"{other} was opened while {id} of the same person was live"


def the_place_is_free(facts: Facts) -> Iterator[str]:
    """a person's place is held by a live application, and by no other"""
    claims = given(facts.of.claims(INTAKE), "unique keys")
    for key, owner in claims.items():
        held = facts.states(INTAKE).get(owner) if owner is not None else None
        if owner is None or key.startswith("talon:"):
            continue
        if held is None:
            yield f"{owner}, which is none, holds {key.partition(':')[0]}"
        elif key.startswith("iin:") and (not held.opened or held.ending is not None):
            yield f"{owner} ended {held.ending}, and still holds the person's place"
        elif key.startswith("registration:") and not (held.registration_held and _stands(held)):
            yield f"{owner} has nothing in РП ДРН, and still holds the place there"
    for id, application in facts.opened.items():
        mine = [key for key, owner in claims.items() if owner == id and key.startswith("iin:")]
        if application.ending is None and not mine:
            yield f"{id} lives, and does not hold the person's place"


def _stands(application: object) -> bool:
    return bool(getattr(application, "needs_registration", False))


def the_ending_says_what_was_decided(facts: Facts) -> Iterator[str]:
    """an ending says what was decided"""
    for id, application in facts.opened.items():
        ending = application.ending
        if ending is None:
            continue
        review: Review | None = facts.states(REVIEW).get(id)
        card: Production | None = facts.states(PRODUCTION).get(id)
        invoice = facts.states(PAYMENT).get(id)
        standing = review.standing if review else None
        held = {
            Ending.ISSUED: card is not None and card.issued_at is not None,
            Ending.NOT_COLLECTED: card is not None and card.standing is Card.UNCOLLECTED,
            Ending.ANNULLED: standing is Standing.ANNULLED and not facts.approved(id),
            Ending.NOT_MADE: standing is Standing.ANNULLED and facts.approved(id),
            Ending.WITHDRAWN: standing is Standing.WITHDRAWN,
            Ending.UNPAID: invoice is not None and invoice.phase is Phase.LAPSED,
        }
        if not held.get(ending, id not in facts.decisions):
            phase = invoice.phase.value if invoice else None
            yield f"{id} ended {ending.value}; review {standing}, invoice {phase}, card {card and card.standing}"
        for other in (Ending.ISSUED, Ending.NOT_COLLECTED):
            if held[other] and ending is not other:
                yield f"{id} ended {ending.value}, and its card is {card and card.standing}"


def none_issued_after_annulment(facts: Facts) -> Iterator[str]:
    """none issued after annulment"""
    reviews = facts.states(REVIEW)
    for id, card in facts.states(PRODUCTION).items():
        review = reviews.get(id)
        handed = card.issued_at is not None or facts.done(id, 19)
        if handed and review is not None and review.standing is Standing.ANNULLED:
            yield f"{id} was handed over although annulled"


def the_recall_is_over(facts: Facts) -> Iterator[str]:
    """what was ordered to be recalled is recalled, or operations know of the refusal"""
    if not facts.of.over:
        return
    for id, application in facts.opened.items():
        refused = "recall-refused" in facts.heard.get(id, {})
        if application.recalling or (application.recall_due and not application.recalled and not refused):
            yield f"{id} ended {application.ending}, and its recall is not over"


RULES = (
    one_ending,
    everybody_hears_the_ending,
    one_live_application,
    the_place_is_free,
    the_ending_says_what_was_decided,
    none_issued_after_annulment,
    the_recall_is_over,
)
