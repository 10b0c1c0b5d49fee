"""Payment hears and says what the process says it does, and nothing else."""

from __future__ import annotations

from services.payment.app import SERVICE
from services.payment.messages import ReconcileDaily
from shared.contracts import payment
from shared.contracts.attempts import AttemptFailed
from shared.contracts.base import Event
from shared.contracts.production_dispatch import DocumentSpoiled
from shared.process import PAYMENT, heard_by, said_by


def test_payment_hears_exactly_what_the_process_sends_it() -> None:
    heard = {reaction.hears for reaction in SERVICE.reactions if reaction.hears.exchange != "own"}
    assert heard == set(heard_by(PAYMENT))


def test_payment_may_say_every_event_of_its_contract() -> None:
    events = {kind for kind in vars(payment).values() if isinstance(kind, type) and issubclass(kind, Event)} - {Event}
    assert events | {AttemptFailed} == set(said_by(PAYMENT))


def test_every_question_to_the_world_has_a_policy() -> None:
    without = [reaction.hears for reaction in SERVICE.reactions if reaction.asks and reaction.policy is None]
    assert without == [ReconcileDaily]  # it looks into our own books


def test_a_spoiled_card_that_is_made_again_costs_nobody_anything() -> None:
    """S18: payment does not even hear of it, so nothing can be charged or given back for it."""
    assert DocumentSpoiled not in heard_by(PAYMENT)
    assert not {kind for kind in heard_by(PAYMENT) if kind.__module__ == DocumentSpoiled.__module__}
