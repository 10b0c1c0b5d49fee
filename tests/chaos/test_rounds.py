"""The rounds of business days: everybody's story fits in, and the clock leaps only when nobody is under way."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from deploy.demo.resting import has_ended, is_at_rest, is_stopped
from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import BY_NAME, PERSONAS
from shared.contracts.portal import NextAction
from shared.contracts.values import Stage
from tests.chaos.rounds import rounds, settings


def row(persona: Persona, **shown: object) -> dict[str, object]:
    """As the portal lists an application of that persona."""
    expected = persona.ending.value if persona.ending else None
    return {"expected": expected, "ending": None, "code": "X", "stage": "OPENED", "next_action": "NOTHING", **shown}


def ended(persona: Persona) -> dict[str, object]:
    return row(persona, ending=persona.ending.value if persona.ending else None)


def test_ten_minutes_have_rounds_and_two_have_one() -> None:
    assert [len(rounds(minutes)) for minutes in (1, 2, 10, 60)] == [1, 1, 2, 4]


def test_business_days_go_forward_and_terms_pass_within_a_round() -> None:
    planned = rounds(60)
    for before, after in pairwise(planned):
        assert before.first < before.third < before.end == after.first
    assert all(day.third - day.first > timedelta(days=7) for day in planned)  # an uncollected card is given up
    assert len({day.first.year for day in planned}) == 1


def test_the_pilot_ends_in_the_last_round() -> None:
    planned = rounds(60)
    last = planned[-1]
    assert last.first.date().isoformat() < settings(planned)["KUALIK_PILOT_LAST"] < last.third.date().isoformat()
    assert {persona.name for persona in PERSONAS} == {persona.name for persona in last.personas}
    assert {persona.name for persona in PERSONAS} - {p.name for p in planned[0].personas} == {"outside-pilot"}


def test_the_crowd_is_the_one_the_others_are_told_of() -> None:
    round = rounds(10)[1]
    told = round.as_said(5, 90, 200)
    assert [citizen.persona.name for citizen in round.crowd(5, 90, 200)][: len(round.personas)] == told["personas"]
    assert (told["count"], told["first"], told["today"]) == (90, 200, round.first.date().isoformat())
    assert round.crowd(5, 90, 200)[0].number == 200


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_who_has_ended_is_at_rest_and_who_has_just_begun_is_not(persona: Persona) -> None:
    assert has_ended(ended(persona), persona)
    assert is_at_rest(ended(persona), persona)
    assert not has_ended(row(persona, code=None), persona)
    assert not is_at_rest(row(persona, code=None), persona)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("abandoned-at-form", {"next_action": NextAction.FILL_FORM}),
        ("abandoned-at-signing", {"next_action": NextAction.SIGN}),
        ("unpaid", {"next_action": NextAction.PAY}),
        ("paid-late", {"next_action": NextAction.PAY}),
        ("consent-expired", {"next_action": NextAction.GIVE_CONSENT}),
        ("not-collected", {"stage": Stage.READY}),
        ("ends-after-pilot", {"stage": Stage.IN_REVIEW}),
    ],
)
def test_who_waits_for_the_clock_is_at_rest_and_has_not_ended(name: str, shown: dict[str, object]) -> None:
    persona = BY_NAME[name]
    assert is_at_rest(row(persona, **shown), persona)
    assert not has_ended(row(persona, **shown), persona)


@pytest.mark.parametrize("name", ["aissik-outage", "rpdrn-outage", "ends-after-pilot"])
def test_who_waits_for_a_system_that_is_down_is_stopped_and_not_at_rest(name: str) -> None:
    persona, waits = BY_NAME[name], {"stage": Stage.REGISTERED}
    assert is_stopped(row(persona, **waits), persona)
    assert not is_at_rest(row(persona, **waits), persona)
