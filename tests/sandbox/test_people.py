"""The citizens of the sandbox: each has exactly the grounds of their story, and nothing of theirs is anybody's."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from deploy.sandbox.people import Citizen, crowd, iban
from deploy.sandbox.persona import IinGiven, Persona
from deploy.sandbox.personas import PERSONAS, cast
from shared.contracts.intake import ApplicationClosed
from shared.contracts.values import Ending
from shared.law.eligibility import grounds_for_refusal
from shared.law.iin import birth_date, check_digit, fault_in
from shared.law.names import is_name, is_patronymic
from shared.law.phone import normalised
from shared.law.pilot import PILOT
from shared.law.registration_points import point_of
from shared.process import MESSAGES

TODAY = date(2025, 12, 3)
DAYS = (TODAY, date(2025, 5, 28), date(2026, 2, 28), date(2026, 3, 31))


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_every_citizen_has_exactly_the_grounds_of_the_story(persona: Persona, today: date) -> None:
    for seed in range(4):
        (citizen,) = crowd(seed, today, personas=[persona])
        found = grounds_for_refusal(citizen.person, citizen.civil, citizen.address, today, PILOT)
        assert frozenset(found) == persona.grounds


@pytest.mark.parametrize("citizen", crowd(1, TODAY), ids=lambda citizen: citizen.name)
def test_an_iin_is_valid_and_tells_the_birth_date(citizen: Citizen) -> None:
    assert fault_in(citizen.iin, TODAY) is None
    assert fault_in(citizen.other_iin, TODAY) is None
    assert birth_date(citizen.iin) == citizen.person.birth_date


def test_only_the_mistyped_iin_is_invalid() -> None:
    faulty = {citizen.persona.name for citizen in crowd(2, TODAY) if fault_in(citizen.given_iin, TODAY)}
    assert faulty == {p.name for p in PERSONAS if p.conduct.iin is IinGiven.MISTYPED}


def test_only_the_landline_is_no_mobile_number() -> None:
    faulty = {citizen.persona.name for citizen in crowd(2, TODAY) if normalised(citizen.given_phone) is None}
    assert faulty == {p.name for p in PERSONAS if not p.conduct.mobile}


@pytest.mark.parametrize(
    ("eleven", "digit"),
    [("90011539001", 9), ("90011539180", 7), ("88022949002", 9), ("05053159001", 4), ("82121424009", None)],
)
def test_check_digits_agree_with_the_known_vectors(eleven: str, digit: int | None) -> None:
    assert check_digit(eleven) == digit


def test_two_thousand_people_share_no_iin_no_phone_no_id() -> None:
    people = crowd(7, TODAY, 2000)
    for values in (
        [c.iin for c in people] + [c.other_iin for c in people],
        [c.phone for c in people],
        [id for c in people for id in c.courses()],
    ):
        assert len(values) == len(set(values))


def test_the_same_seed_makes_the_same_people_and_another_makes_others() -> None:
    assert crowd(3, TODAY, 100) == crowd("3", TODAY, 100)
    assert {c.iin for c in crowd(3, TODAY, 100)}.isdisjoint(c.iin for c in crowd(4, TODAY, 100))


def test_names_points_and_accounts_pass_the_format_control() -> None:
    for citizen in crowd(5, TODAY, 300):
        assert is_name(citizen.person.surname)
        assert is_name(citizen.person.name)
        assert is_patronymic(citizen.person.patronymic)
        assert point_of(citizen.region, citizen.point)
        spelt = citizen.iban[4:] + citizen.iban[:4]
        assert len(citizen.iban) == 20
        assert int("".join(str(int(letter, 36)) for letter in spelt)) % 97 == 1


def test_an_iban_has_two_check_digits() -> None:
    assert all(iban(Random(seed))[2:4].isdigit() for seed in range(200))


def test_nothing_of_a_citizen_is_printed() -> None:
    (citizen,) = crowd(1, TODAY, 1)
    assert not any(word in repr(citizen) for word in (citizen.iin, citizen.phone, citizen.person.surname))


def test_there_is_a_persona_for_every_ending() -> None:
    assert {persona.ending for persona in PERSONAS} == {*Ending, None}
    assert Counter(persona.name for persona in PERSONAS).most_common(1)[0][1] == 1


def test_every_story_sees_only_what_the_process_can_say() -> None:
    sayable = set(MESSAGES.values())
    for persona in PERSONAS:
        assert set(persona.sees) <= sayable, persona.name
        assert (ApplicationClosed in persona.sees) == (persona.ending is not None)


def test_a_cast_has_each_persona_once_before_any_comes_again() -> None:
    assert cast(len(PERSONAS)) == PERSONAS
    names = Counter(persona.name for persona in cast(300))
    assert set(names) == {persona.name for persona in PERSONAS}
    assert names.most_common(1)[0][0] == "issued-paid"


def test_a_card_stays_in_the_window_for_the_days_a_story_needs() -> None:
    for citizen in crowd(6, TODAY, 200):
        if not citizen.persona.grounds:
            later = TODAY + timedelta(days=5)
            assert not grounds_for_refusal(citizen.person, citizen.civil, citizen.address, later, PILOT)


def test_crowds_of_other_numbers_have_nothing_in_common() -> None:
    one, other = crowd(3, TODAY, 80), crowd(3, TODAY + timedelta(days=15), 80, first=80)
    names = [{word for c in those for word in (c.name, c.phone, c.iin, c.application_id(0))} for those in (one, other)]
    assert all(len(those) == 4 * 80 for those in names)
    assert not names[0] & names[1]
