"""The steps in their order, the officer's decision, and the card that stands on both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from deploy.oracle.evidence import given
from deploy.oracle.facts import Facts, number_of
from shared.contracts.values import Ending
from shared.engine.decision import ALMATY
from shared.law.pilot import PILOT
from shared.law.window import renewal_window
from shared.process import PRODUCTION, REVIEW

LOOPS = ((8, 12), (17, 18))
"""A form is filled anew (S8–S12); after a substantive refusal of the central node the officer decides anew."""


def steps_in_order(facts: Facts) -> Iterator[str]:
    """S1…S19 in order"""
    steps = facts.of.steps()
    if steps is None:
        yield from _by_moments(facts)
        return
    recorded: dict[UUID, list[int]] = defaultdict(list)
    for row in steps:
        recorded[row.application_id].append(number_of(row.step))
    for id, numbers in recorded.items():
        for before, after in pairwise([0, *numbers]):
            if after < before and not any(low <= after <= before <= high for low, high in LOOPS):
                yield f"{id}: S{after} after S{before}, of {numbers}"
                break


def _by_moments(facts: Facts) -> Iterator[str]:
    """Where the order of commits is not known: by the first record of each step, within the clock's leap."""
    for id, rows in facts.steps.items():
        firsts = {row.step: row.at for row in sorted(rows, key=lambda row: row.at, reverse=True)}
        order = sorted((step, at) for step, at in firsts.items() if not LOOPS[0][0] <= step <= LOOPS[0][1])
        for (early, first), (late, then) in pairwise(order):
            if then + facts.of.leap < first:
                yield f"{id} did S{late} before S{early}"


def no_step_left_out(facts: Facts) -> Iterator[str]:
    """no step is left out: one that is skipped is on record with its reason"""
    for id, rows in facts.steps.items():
        numbers = {row.step for row in rows}
        missing = [step for step in range(1, max(numbers)) if step not in numbers]
        if missing:
            yield f"{id}: no record of S{missing}, of {sorted(numbers)}"
        for row in rows:
            if row.result == "skipped" and not row.reason:
                yield f"{id}: S{row.step} was skipped without a reason"
        state = facts.opened.get(id)
        if state is not None and state.ending is Ending.ISSUED and max(numbers) != 19:
            yield f"{id}: issued, and the record ends at S{max(numbers)}"


def signed_in_time(facts: Facts) -> Iterator[str]:
    """what was submitted was received within window and pilot"""
    for id, state in facts.opened.items():
        signature = state.signature
        if signature is None or not signature.valid or state.expires is None:
            continue
        day = signature.received_at.astimezone(ALMATY).date()
        if not renewal_window(state.expires).contains(day) or not PILOT.contains(day):
            yield f"{id} was signed on {day}, with a card that expires {state.expires}"


def no_card_without_duty_and_approval(facts: Facts) -> Iterator[str]:
    """no card ordered without settlement and approval"""
    ordered = {id for id in facts.steps if facts.done(id, 18)}
    books = facts.of.books()
    if books is not None:
        ordered |= {UUID(order.application_id) for order in books.orders}
    for id in ordered:
        if not facts.approved(id):
            yield f"{id} went into production without approval"
        if not facts.settled(id):
            yield f"{id} went into production without its duty settled"


def none_reviewed_without_duty(facts: Facts) -> Iterator[str]:
    """nothing enters review unless the duty is settled"""
    for id, review in facts.states(REVIEW).items():
        if review.round and not facts.settled(id):
            yield f"{id} entered review without its duty settled"


def decided_by_who_may(facts: Facts) -> Iterator[str]:
    """every decision signed by an officer of that region who held the lease"""
    reviews = facts.states(REVIEW)
    for id, decisions in facts.decisions.items():
        review = reviews.get(id)
        for row in decisions:
            if review is None or review.region != row.region or not row.lease_token or not row.cms.value:
                yield f"{id} was decided by {row.officer_id} of {row.region}, outside its region or without a lease"
        rounds = Counter(row.round for row in decisions)
        yield from (f"{id} was decided {times} times in round {at}" for at, times in rounds.items() if times > 1)
        if review is not None and review.made and len(decisions) > 1 and decisions[-1].choice != "APPROVE":
            yield f"{id} was annulled after its card was made"


def decided_in_ones_region(facts: Facts) -> Iterator[str]:
    """every officer decides in the region of their account"""
    regions = given(facts.of.officers(), "the officers' accounts")
    for id, decisions in facts.decisions.items():
        for row in decisions:
            if regions.get(row.officer_id) != row.region:
                yield f"{id} of {row.region} was decided by {row.officer_id} of {regions.get(row.officer_id)}"


def one_card(facts: Facts) -> Iterator[str]:
    """one order and one card for an application; what must not be made is stopped or marked for destruction"""
    cards = facts.states(PRODUCTION)
    orders = Counter(order.application_id for order in facts.books.orders)
    yield from (f"{id} has {count} orders" for id, count in orders.items() if count > 1)
    for order in facts.books.orders:
        id = UUID(order.application_id)
        card, state = cards.get(id), facts.opened.get(id)
        if order.made > 1:
            yield f"{id} has {order.made} cards"
        if state is None or card is None:
            yield f"{id} has an order, and nobody knows of it"
            continue
        without = facts.of.over and state.ending not in (Ending.ISSUED, Ending.NOT_COLLECTED)
        if without and (order.pending or (order.made and not card.to_destroy)):
            yield f"{id} ended {state.ending}, and its order stands {order.standing} with {order.made} cards"


RULES = (
    steps_in_order,
    no_step_left_out,
    signed_in_time,
    no_card_without_duty_and_approval,
    none_reviewed_without_duty,
    decided_by_who_may,
    decided_in_ones_region,
    one_card,
)
