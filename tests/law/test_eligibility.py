from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law.civil_registry import Act, Attribute, CivilRecord
from shared.law.eligibility import Ground, age_on, differing_attributes, grounds_for_refusal
from shared.law.person import Address, AddressKind, Capacity, Entry, Person
from shared.law.pilot import PILOT
from tests.law.people import TODAY, a_card, a_person, a_record, an_address

ISSUED = a_card().issued
INCAPABLE = {"status": Entry(code="1"), "since": date(2020, 1, 1)}


def grounds(
    person: Person | None = None,
    civil: CivilRecord | None = None,
    address: Address | None = None,
    today: date = TODAY,
) -> tuple[Ground, ...]:
    person = person or a_person()
    return grounds_for_refusal(person, civil or a_record(), address or person.registration, today, PILOT)


def test_an_ordinary_citizen_may_renew() -> None:
    assert grounds() == ()


@pytest.mark.parametrize(
    ("spoilt", "ground"),
    [
        ({"life_status": Entry(code="1")}, Ground.DECEASED),
        ({"death_date": date(2026, 1, 1)}, Ground.DECEASED),
        ({"excluded": True}, Ground.EXCLUDED),
        ({"removed": True}, Ground.EXCLUDED),
        ({"missing": True}, Ground.MISSING),
        ({"wanted": True}, Ground.WANTED),
        ({"citizenship": Entry(code="840")}, Ground.NOT_CITIZEN),
        ({"capacity": Capacity(**INCAPABLE)}, Ground.INCAPABLE),
        ({"capacity": Capacity(**INCAPABLE, until=TODAY)}, Ground.INCAPABLE),
        ({"registration": None}, Ground.NO_PERMANENT_REGISTRATION),
        ({"documents": ()}, Ground.NO_VALID_CARD),
        ({"documents": (a_card(status=Entry(code="07")),)}, Ground.NO_VALID_CARD),
        ({"documents": (a_card(type="001"),)}, Ground.NO_VALID_CARD),
        ({"documents": (a_card(), a_card(number="012345679"))}, Ground.SEVERAL_VALID_CARDS),
        ({"documents": (a_card(expires=None),)}, Ground.NO_EXPIRY_DATE),
        ({"documents": (a_card(expires=TODAY + timedelta(days=31)),)}, Ground.OUTSIDE_WINDOW_EARLY),
        ({"documents": (a_card(expires=TODAY - timedelta(days=11)),)}, Ground.OUTSIDE_WINDOW_LATE),
    ],
)
def test_each_thing_that_is_wrong_is_a_ground_of_its_own(spoilt: dict[str, Any], ground: Ground) -> None:
    assert grounds(a_person(**spoilt)) == (ground,)


@pytest.mark.parametrize("days_left", [30, 0, -10])
def test_the_edges_of_the_window_are_inside(days_left: int) -> None:
    assert grounds(a_person(documents=(a_card(expires=TODAY + timedelta(days=days_left)),))) == ()


def test_an_old_card_and_a_passport_beside_the_valid_card_do_no_harm() -> None:
    old = a_card(number="000000001", status=Entry(code="17"), issued=date(2006, 1, 21), expires=date(2016, 1, 20))
    assert grounds(a_person(documents=(old, a_card(type="001"), a_card()))) == ()


@pytest.mark.parametrize(
    "capacity",
    [
        Capacity(**INCAPABLE, until=TODAY - timedelta(days=1)),
        Capacity(status=Entry(code="1"), since=TODAY + timedelta(days=1)),
    ],
)
def test_a_courts_decision_counts_only_while_in_force(capacity: Capacity) -> None:
    assert grounds(a_person(capacity=capacity)) == ()


def test_capacity_given_back_is_capacity() -> None:
    person = a_person(capacity=Capacity(**INCAPABLE))
    assert grounds_for_refusal(person, a_record(), an_address(), TODAY, PILOT, restored=frozenset({"1"})) == ()


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(2008, 1, 16), TODAY, 17),
        (date(2008, 1, 15), TODAY, 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_full_capacity_begins_on_the_eighteenth_birthday(born: date, today: date, age: int) -> None:
    assert age_on(today, born) == age


def test_a_minor_is_told_so() -> None:
    born = date(2009, 7, 1)
    person = a_person(birth_date=born, documents=(a_card(birth_date=born),))
    assert grounds(person, a_record(birth_date=born)) == (Ground.UNDER_AGE,)


@pytest.mark.parametrize(("days", "refused"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("field", Attribute)
def test_an_act_on_or_after_the_cards_first_day_refuses(field: Attribute, days: int, refused: bool) -> None:
    act = Act(field=field, number="001", date=ISSUED + timedelta(days=days))
    assert grounds(civil=a_record(acts=(act,))) == ((Ground.CIVIL_ACT_CHANGED,) if refused else ())


DIFFERENCES = [
    ({"surname": "БАСҚАЕВ"}, Attribute.SURNAME),
    ({"name": "БАСҚА"}, Attribute.NAME),
    ({"patronymic": None}, Attribute.PATRONYMIC),
    ({"birth_date": date(1990, 1, 16)}, Attribute.BIRTH_DATE),
]


@pytest.mark.parametrize(
    ("spoilt", "attribute"), [*DIFFERENCES, ({"nationality": Entry(code="006")}, Attribute.NATIONALITY)]
)
def test_any_of_five_attributes_differing_at_zags_refuses(spoilt: dict[str, Any], attribute: Attribute) -> None:
    civil = a_record(**spoilt)
    assert grounds(civil=civil) == (Ground.DATA_DIFFER,)
    assert differing_attributes(a_person(), civil, a_card()) == (attribute,)


@pytest.mark.parametrize(("spoilt", "attribute"), DIFFERENCES)
def test_a_card_in_other_names_refuses(spoilt: dict[str, Any], attribute: Attribute) -> None:
    card = a_card(**spoilt)
    assert grounds(a_person(documents=(card,))) == (Ground.DATA_DIFFER,)
    assert differing_attributes(a_person(), a_record(), card) == (attribute,)


def test_what_zags_holds_nothing_of_cannot_differ() -> None:
    assert grounds(civil=CivilRecord()) == ()


def test_letter_case_is_no_difference() -> None:
    assert grounds(civil=a_record(surname="Үлгібаев")) == ()


ADDRESS_FAULTS: list[dict[str, Any]] = [
    {"kind": AddressKind.TEMPORARY},
    {"status": Entry(code="2")},
    {"status": None},
    {"invalidity": Entry(code="1")},
    {"country": Entry(code="643")},
    {"since": TODAY + timedelta(days=1)},
    {"since": None},
    {"until": TODAY - timedelta(days=1)},
    {"ar_code": None},
    {"ar_code": ""},
]


@pytest.mark.parametrize("fault", ADDRESS_FAULTS)
def test_a_registration_must_be_permanent_and_in_force(fault: dict[str, Any]) -> None:
    spoilt = an_address(**fault)
    assert grounds(a_person(registration=spoilt), address=an_address()) == (Ground.NO_PERMANENT_REGISTRATION,)
    assert grounds(a_person(), address=spoilt) == (Ground.NO_PERMANENT_REGISTRATION,)


def test_the_two_registers_must_mean_the_same_address() -> None:
    assert grounds(address=an_address(ar_code="0201300000000002")) == (Ground.NO_PERMANENT_REGISTRATION,)
    assert grounds_for_refusal(a_person(), a_record(), None, TODAY, PILOT) == (Ground.NO_PERMANENT_REGISTRATION,)


def test_a_registration_that_ends_today_still_holds() -> None:
    assert grounds(a_person(registration=an_address(until=TODAY))) == ()


def test_a_temporary_registration_elsewhere_does_no_harm_and_no_good() -> None:
    temporary = an_address(kind=AddressKind.TEMPORARY)
    assert grounds(a_person(addresses=(temporary,))) == ()
    assert grounds(a_person(registration=None, addresses=(temporary,))) == (Ground.NO_PERMANENT_REGISTRATION,)


def test_outside_the_pilot_nobody_renews() -> None:
    person = a_person(documents=(a_card(expires=date(2026, 4, 5)),))
    assert grounds(person, today=date(2026, 3, 31)) == ()
    assert grounds(person, today=date(2026, 4, 1)) == (Ground.OUTSIDE_PILOT,)


SPOILERS: dict[Ground, dict[str, Any]] = {
    Ground.DECEASED: {"death_date": TODAY},
    Ground.EXCLUDED: {"excluded": True},
    Ground.MISSING: {"missing": True},
    Ground.WANTED: {"wanted": True},
    Ground.NOT_CITIZEN: {"citizenship": Entry(code="840")},
    Ground.INCAPABLE: {"capacity": Capacity(**INCAPABLE)},
    Ground.NO_PERMANENT_REGISTRATION: {"registration": None},
    Ground.OUTSIDE_WINDOW_LATE: {"documents": (a_card(expires=TODAY - timedelta(days=11)),)},
}


@given(st.sets(st.sampled_from(sorted(SPOILERS))))
def test_a_refusal_names_every_ground_at_once_and_in_one_order(chosen: set[Ground]) -> None:
    person = a_person(**{field: value for ground in chosen for field, value in SPOILERS[ground].items()})
    found = grounds_for_refusal(person, a_record(), an_address(), TODAY, PILOT)
    assert set(found) == chosen
    assert list(found) == [ground for ground in Ground if ground in chosen]
