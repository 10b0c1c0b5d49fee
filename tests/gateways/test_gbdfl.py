"""ГБД ФЛ: every field of the public tree stands in our models, and the law's person follows from codes and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from deploy.sandbox.people import crowd
from deploy.sandbox.systems.gbdfl import answer_about, tree_of
from services.identity_verification.state import PEOPLE as PEOPLE_ASKED
from shared.gateways.catalogue import PEOPLE, SERVICES
from shared.gateways.gbdfl import PersonRecord, Record, Response
from shared.gateways.gbdfl_person import person_in, person_of
from shared.gateways.schema import Part, Plain, form
from shared.law.eligibility import is_deceased, is_incapable, is_permanently_registered
from shared.law.person import Entry, Person
from shared.security.safe_xml import parse
from tests.gateways.invented import values
from tests.gateways.recorded import sample
from tests.sandbox.crowds import NOW

TODAY = date(2025, 6, 2)
PERSON = "http://person.persistence.interactive.nat"


def recorded() -> Plain:
    data = parse(sample("person")).find(".//{*}responseData")
    assert data is not None
    return SERVICES[PEOPLE].response.read(data[0])


def record(**changes: Any) -> PersonRecord:
    """The recorded person, with something else in it; None takes a part out."""
    (tree,) = recorded()["persons"]["person"]
    return PersonRecord.model_validate({name: part for name, part in {**tree, **changes}.items() if part is not None})


def model_of(annotation: Any) -> type[BaseModel] | None:
    """The model behind `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for found in map(model_of, get_args(annotation)) if found), None)


def differences(part: Part, model: type[BaseModel], path: str) -> list[str]:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    found = [f"{path}/{name}" for name in fields.keys() ^ part.by_name.keys()]
    for inner in part.parts:
        kind = model_of(fields[inner.name].annotation) if inner.name in fields else None
        if bool(inner.parts) != bool(kind):
            found.append(f"{path}/{inner.name}")
        elif kind is not None:
            found += differences(inner, kind, f"{path}/{inner.name}")
    return found


def test_the_models_have_exactly_the_fields_of_the_public_schema() -> None:
    assert differences(SERVICES[PEOPLE].response.root, Response, "") == []
    assert PEOPLE_ASKED == PEOPLE


def test_the_recorded_person_fills_every_part_of_the_tree() -> None:
    """All but what a living person has not."""
    lacks = {"death_date", "death_certificate", "exclude_status"}
    assert {name for name in PersonRecord.model_fields if getattr(record(), name) is None} == lacks
    (tree,) = recorded()["persons"]["person"]
    missing = form(PERSON, "Person").root.by_name.keys() - tree.keys()
    assert missing == {"deathDate", "deathCertificate", "excludeStatus"}


def test_dictionary_values_come_in_both_languages() -> None:
    answer = Response.model_validate(recorded())
    (person,) = answer.persons.person
    assert (answer.message_result.code, answer.message_result.name_kz) == ("00000", "Хабарлама сәтті өңделді")
    assert (person.gender.name_ru, person.gender.name_kz) == ("Мужской", "Ер")
    assert person.gender.change_date == datetime(2008, 3, 1, 4, 37, 49, tzinfo=UTC)
    assert person_of(person).nationality == Entry(code="005", ru="КАЗАХ", kk="ҚАЗАҚ")


def test_the_laws_person_follows_from_the_record() -> None:
    person = person_of(record())
    assert (person.latin_name, person.latin_surname, person.patronymic) == ("MYSAL", "ULGIBAYEV", "СЫНАҚҰЛЫ")
    assert (person.missing, person.wanted, person.excluded, person.removed) == (False, False, False, False)
    assert person.registration is not None
    assert is_permanently_registered(person, person.registration, TODAY)
    assert not is_incapable(person, TODAY)
    assert not is_deceased(person)
    assert [(each.type, each.number, each.status.code) for each in person.documents] == [
        ("002", "030000001", "00"), ("001", "N0000001", "07"),
    ]  # fmt: skip
    assert person.valid_cards[0].expires == date(2025, 6, 19)
    assert person.birth_place is not None
    assert (person.birth_place.city, person.birth_place.foreign_region) == ("ҮЛГІЛІ", "нет")
    assert [(each.city, each.until) for each in person.addresses] == [("СЫНАҚАТА", date(2020, 12, 31))]


BY = {"code": "1", "nameRu": "", "nameKz": ""}
MISSING: Plain = {"missing": "true", "missingDate": "2020-01-01", "missingNumber": "1", "gpTerritorial": BY}
SOUGHT: Plain = {"disappear": "true", "disappearDate": "2020-01-01", "disappearNumber": "1", "gpTerritorial": BY}
CAPABLE: Plain = {"capableStatus": BY, "capableDate": "2020-01-01", "capableNumber": "1", "court": BY}


@pytest.mark.parametrize(
    ("changes", "what", "holds"),
    [
        ({"missingStatus": MISSING}, "missing", True),
        ({"missingStatus": MISSING | {"missing": "false"}}, "missing", False),
        ({"missingStatus": MISSING | {"missingEndDate": "2021-01-01"}}, "missing", False),
        ({"disappearStatus": SOUGHT}, "wanted", True),
        ({"disappearStatus": SOUGHT | {"disappearEndDate": "2021-01-01"}}, "wanted", False),
        ({"excludeStatus": {"excludeReason": BY}}, "excluded", True),
        ({"excludeStatus": {"excludeReason": BY, "excludeDate": "2020-01-01"}}, "excluded", True),
        ({"removed": "true"}, "removed", True),
        ({"removed": None}, "removed", False),
    ],
)
def test_a_status_stands_until_the_record_ends_it(changes: Plain, what: str, holds: bool) -> None:
    assert getattr(person_of(record(**changes)), what) is holds


@pytest.mark.parametrize(
    ("changes", "dead"),
    [
        ({"deathDate": "2024-01-01"}, True),
        ({"deathCertificate": {"number": "1", "beginDate": "2024-01-02"}}, True),
        ({"lifeStatus": BY}, True),
        ({}, False),
    ],
)
def test_the_living_have_the_code_of_the_living_and_no_day_of_death(changes: Plain, dead: bool) -> None:
    assert is_deceased(person_of(record(**changes))) is dead


@pytest.mark.parametrize(
    ("changes", "incapable"),
    [
        ({"personCapableStatus": CAPABLE}, True),
        ({"personCapableStatus": CAPABLE | {"capableDate": "2026-01-01"}}, False),
        ({"personCapableStatus": CAPABLE | {"capableEndDate": "2025-06-01"}}, False),
        ({"personCapableStatus": CAPABLE | {"capableEndDate": "2025-06-02"}}, True),
        ({"personCapableStatus": None}, False),
    ],
)
def test_a_courts_decision_counts_while_it_is_in_force(changes: Plain, incapable: bool) -> None:
    assert is_incapable(person_of(record(**changes)), TODAY) is incapable


@pytest.mark.parametrize(
    ("changes", "registered"),
    [
        ({}, True),
        ({"status": BY | {"code": "2"}}, False),
        ({"invalidity": BY}, False),
        ({"country": BY | {"code": "840"}}, False),
        ({"beginDate": "2025-06-03"}, False),
        ({"endDate": "2025-06-01"}, False),
        ({"endDate": "2025-06-02"}, True),
        ({"arCode": ""}, False),
        ({"status": None}, False),
    ],
)
def test_permanent_is_what_is_registered_here_and_now_with_its_code(changes: Plain, registered: bool) -> None:
    held = record().model_dump(by_alias=True, mode="json", exclude_none=True)["regAddress"]
    place = {name: value for name, value in {**held, **changes}.items() if value is not None}
    person = person_of(record(regAddress=place))
    assert is_permanently_registered(person, person.registration, TODAY) is registered


def test_an_empty_birth_place_is_none_and_no_address_is_none() -> None:
    person = person_of(record(birthPlace={}, regAddress=None, documents={}, addresses=None))
    assert (person.birth_place, person.registration, person.documents, person.addresses) == (None, None, (), ())


@settings(max_examples=60, deadline=None)
@given(values(PERSON, "Person"))
def test_whatever_the_schema_allows_is_a_person_to_the_law(tree: Plain) -> None:
    assert isinstance(person_of(PersonRecord.model_validate(tree)), Person)


def test_every_persona_of_the_sandbox_comes_back_as_it_went() -> None:
    for citizen in crowd("gbdfl", NOW.date()):
        tree = tree_of(citizen.person)
        answer = answer_about(citizen.person, {"messageId": "1"}, "id", NOW)
        assert person_in(Response.model_validate(answer), citizen.iin) == citizen.person
        assert person_of(PersonRecord.model_validate(tree)) == citizen.person


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["missing", "wanted", "excluded", "removed"]), st.booleans())
def test_the_sandbox_tells_what_is_wrong_with_a_person(what: str, holds: bool) -> None:
    (citizen, *_) = crowd("gbdfl", NOW.date(), 1)
    person = citizen.person.model_copy(update={what: holds, "death_date": date(2020, 1, 1) if holds else None})
    assert person_of(PersonRecord.model_validate(tree_of(person))) == person


def test_nobody_is_none() -> None:
    assert person_in(Response.model_validate(answer_about(None, {}, "id", NOW)), "900115391807") is None


def test_a_record_shows_nothing_of_itself() -> None:
    assert "МЫСАЛ" not in repr(record())
    assert issubclass(PersonRecord, Record)
