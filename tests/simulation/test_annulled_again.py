"""Annulled after paying, refunded, filed anew, paid again, issued: with the coordinator killed at every step of it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import pytest

from deploy.sandbox.personas import PERSONAS
from services.payment.invoice import CasePhase, Invoice
from shared.contracts.values import Ending
from shared.process import COORDINATOR, INTAKE, PAYMENT
from tests.simulation.luck import Luck
from tests.simulation.play import World, play

pytestmark = pytest.mark.simulation

AGAIN = next(persona for persona in PERSONAS if persona.name == "annulled-again")
MORNING = datetime(2025, 10, 6, 4, 0, tzinfo=UTC)  # a Monday, 9:00 in Almaty
BLOCKS = 4


def fair(killed_at: int | None = None) -> Luck:
    return Luck((AGAIN,), MORNING, 0.0, killed_at=(COORDINATOR, killed_at) if killed_at else None)


@cache
def steps() -> int:
    """How many moments before and after a commit or a publish the coordinator comes to in the whole story."""
    found: list[int] = []
    report = play(1, fair(), look=lambda world: found.append(world.house.steps[COORDINATOR]))
    assert not report.violations
    return found[0]


def ids(world: World) -> tuple[UUID, UUID]:
    (citizen,) = world.portal.citizens.values()
    return citizen.application_id(0), citizen.application_id(1)


def ends_as_it_must(world: World) -> None:
    """The sentence of the story, word by word."""
    first, second = ids(world)
    applications = {state.application_id: state for state in world.house.states(INTAKE)}
    assert applications[first].ending is Ending.ANNULLED
    assert applications[second].ending is Ending.ISSUED
    invoices: dict[UUID, Invoice] = {invoice.application_id: invoice for invoice in world.house.states(PAYMENT)}
    (receipt,), (case,) = invoices[first].receipts, invoices[first].cases
    assert (case.amount, case.receipt_id, case.phase) == (receipt.amount, receipt.receipt_id, CasePhase.REFUNDED)
    (paid_again,) = invoices[second].receipts
    assert (invoices[second].cases, invoices[second].earned, paid_again.amount) == ((), True, receipt.amount)
    assert paid_again.receipt_id != receipt.receipt_id


def each_notice_has_one_id(world: World) -> None:
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message in world.house.broker.accepted.values():
        if message.routing_key == "citizen-notified":
            body = json.loads(message.body)
            told[body["application_id"], body["channel"]].add(body["notice_id"])
    for id in map(str, ids(world)):
        channels = {channel: found for (whose, channel), found in told.items() if whose == id}
        assert {"PORTAL", "SMS"} <= channels.keys()
        assert all(len(found) == 1 for found in channels.values()), channels


def test_the_persons_place_is_free_at_once_and_the_second_application_does_not_wait_for_the_refund() -> None:
    seen: list[World] = []
    assert not play(1, fair(), look=seen.append).violations
    said = [
        (message.routing_key, json.loads(message.body)["application_id"])
        for message in seen[0].house.broker.accepted.values()
    ]
    first, second = map(str, ids(seen[0]))
    closed, opened = said.index(("application-closed", first)), said.index(("application-opened", second))
    assert closed < opened < said.index(("fee-refunded", first))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_wherever_the_coordinator_is_killed_the_money_comes_back_and_the_second_application_is_issued(
    block: int,
) -> None:
    for step in range(1 + block, steps() + 1, BLOCKS):
        seen: list[World] = []
        report = play(1, fair(step), look=seen.append)
        assert not report.violations, (step, report.story[-60:], report.violations)
        assert report.crashes == 1, f"it was not killed at step {step}"
        ends_as_it_must(seen[0])
        each_notice_has_one_id(seen[0])
