from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.contracts.base import Event, Sealed, Sealer, read, write
from shared.law.birth_place import BirthPlaceSource, recorded_birth_place
from shared.law.person import Entry, Person
from tests.law.people import KAZAKHSTAN, a_card, a_person, a_record

APPLICATION = UUID("00000000-0000-0000-0000-000000000001")


class Somebody(Event):
    person: Sealed[Person]


class Backwards(Sealer):
    def seal(self, clear: bytes, bound_to: UUID) -> str:
        return f"s1.{clear[::-1].hex()}"

    def open(self, token: str, bound_to: UUID) -> bytes:
        return bytes.fromhex(token[3:])[::-1]


def test_a_person_travels_sealed_and_arrives_whole() -> None:
    said = Somebody(application_id=APPLICATION, person=Sealed(a_person()))
    wire = write(said, Backwards())
    assert b"900115390019" not in wire
    assert read(Somebody, wire, APPLICATION, Backwards()).person.value == a_person()


@pytest.mark.parametrize("text", [repr(a_person()), str(a_person()), f"{a_card()}", f"{(a_person(),)}"])
def test_a_person_prints_nothing_of_themselves(text: str) -> None:
    assert "ҮЛГІБАЕВ" not in text
    assert "900115390019" not in text


def test_what_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(ValidationError) as error:
        Person.model_validate({"iin": "900115390019", "birth_date": "15.01.1990"})
    assert "900115390019" not in str(error.value)
    assert "15.01.1990" not in str(error.value)


def test_the_newest_valid_card_stands_first() -> None:
    cards = tuple(
        a_card(number=f"{n:09}", issued=a_card().issued.replace(year=year)) for n, year in enumerate((2014, 2016))
    )
    assert [card.number for card in a_person(documents=cards).valid_cards] == ["000000001", "000000000"]


def test_zags_words_on_the_birth_place_are_kept_untouched() -> None:
    place = recorded_birth_place(a_person(), a_record(birth_place=" село Примерное,  Целиноградская обл. "))
    assert place is not None
    assert place.text == " село Примерное,  Целиноградская обл. "
    assert place.source is BirthPlaceSource.CIVIL_REGISTRY
    assert place.country == KAZAKHSTAN


def test_the_country_is_zags_own_when_it_names_one() -> None:
    abroad = Entry(code="643", ru="Россия", kk="Ресей")
    place = recorded_birth_place(a_person(), a_record(birth_place="г. Примерск", birth_country=abroad))
    assert place is not None
    assert place.country == abroad


def test_else_the_historical_record_speaks_with_its_old_names() -> None:
    place = recorded_birth_place(a_person(), a_record())
    assert place is not None
    assert place.text == "Казахстан, ЦЕЛИНОГРАДСКАЯ, ЦЕЛИНОГРАД"
    assert place.source is BirthPlaceSource.HISTORICAL


def test_a_birth_place_nobody_knows_is_not_made_up() -> None:
    assert recorded_birth_place(a_person(birth_place=None), a_record()) is None
