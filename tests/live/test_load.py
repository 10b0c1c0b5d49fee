"""Under load each service is killed, then all with the broker, then the database: nothing is lost or doubled."""

from __future__ import annotations

import pytest

from shared.process import SERVICES
from tests.live.house import House
from tests.live.load import Outcome

pytestmark = pytest.mark.live


async def test_every_application_ends_as_its_persona_says(outcome: Outcome) -> None:
    assert not outcome.report.wrong
    assert not outcome.report.unseen
    assert not outcome.given_up


async def test_what_must_hold_always_held(outcome: Outcome) -> None:
    assert {rule: found for rule, found in outcome.report.broken.items() if found} == {}


async def test_they_were_killed_while_they_held_what_was_committed_and_not_yet_published(outcome: Outcome) -> None:
    assert outcome.stranded > 0
    assert all(outcome.deaths[name] >= 2 for name in SERVICES), outcome.deaths


async def test_what_is_said_is_heard_within_seconds_of_servers_that_are_up(outcome: Outcome) -> None:
    found = [round(outcome.slowest(part), 2) for part in (0.5, 0.99, 1.0)]
    print(f"handed over: {len(outcome.handed_over)}, p50, p99, max = {found} s; parts {outcome.seconds}")
    worst = sorted(outcome.handed_over, key=lambda each: -each.seconds)[:10]
    assert outcome.slowest(0.99) <= 20, worst
    assert outcome.slowest(1.0) <= 45, worst


async def test_no_outside_effect_happened_twice(outcome: Outcome, house: House) -> None:
    """What the outside systems count is what the services know of."""
    state, fetch = outcome.at_the_state, house.connection.fetchval
    refunded = await fetch("select coalesce(sum(abs(amount)), 0) from payment.entry where account = 'refunded'")
    made = await fetch(
        "select count(distinct application_id) from saga_coordinator.timeline where name = 'document-made'"
    )
    told = await fetch("select coalesce(sum(jsonb_array_length(sent)), 0) from notification.correspondence")
    assert state["registered_twice"] == 0
    assert state["refund_filings"] == state["refund_cases"]
    assert state["paid_out"] == refunded > 0
    assert state["made"] == made > 0
    assert state["sms"] + state["mails"] == told
    assert state["callbacks_waiting"] == 0
