"""Phone numbers, e-mail addresses and names: what the form may hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law.email import is_email
from shared.law.names import is_name, is_patronymic, same_name
from shared.law.phone import MOBILE_CODES, normalised


@pytest.mark.parametrize(
    "written", ["87011234567", "+77011234567", "77011234567", "7011234567", "8 (701) 123-45-67", " +7 701 123 45 67 "]
)
def test_a_mobile_number_is_one_however_it_is_written(written: str) -> None:
    assert normalised(written) == "+77011234567"


@pytest.mark.parametrize(
    "written",
    ["", "+87011234567", "97011234567", "87171234567", "+79161234567", "8701123456", "870112345678", "٨7011234567",
     "8701123456a", "+7701+1234567"],
)  # fmt: skip
def test_what_is_no_mobile_number_of_the_country_is_none(written: str) -> None:
    assert normalised(written) is None


@given(st.sampled_from(sorted(MOBILE_CODES)), st.integers(0, 9_999_999))
def test_a_normal_form_is_its_own_normal_form(code: str, rest: int) -> None:
    number = normalised(f"8{code}{rest:07}")
    assert number == f"+7{code}{rest:07}"
    assert normalised(number) == number


@given(st.text(max_size=20))
def test_no_text_becomes_anything_but_a_number_or_nothing(text: str) -> None:
    number = normalised(text)
    assert number is None or (len(number) == 12 and number[1:].isdigit() and number[2:5] in MOBILE_CODES)


@pytest.mark.parametrize("written", ["a@b.kz", "first.last+tag@mail.example.kz", "x_1@sub-domain.org"])
def test_an_address_that_can_be_written_to(written: str) -> None:
    assert is_email(written)


@pytest.mark.parametrize(
    "written",
    ["", "a", "a@b", "@b.kz", "a@.kz", "a..b@c.kz", ".a@c.kz", "a b@c.kz", "a@b.kz\r\nBcc: c@d.kz", "a@b.kz,c@d.kz",
     "Имя <a@b.kz>", "а@b.kz", "a@-b.kz", f"{'a' * 65}@b.kz", f"a@{'b.' * 130}kz"],
)  # fmt: skip
def test_an_address_that_cannot(written: str) -> None:
    assert not is_email(written)


@pytest.mark.parametrize(
    "written", ["ӘҒҚҢӨҰҮҺІ", "Үлгібай", "Ёлкина-Примерная", "АСҚАР ҰЛЫ", "і", unicodedata.normalize("NFD", "Йода")]
)
def test_a_name_is_cyrillic_with_the_kazakh_letters(written: str) -> None:
    assert is_name(written)


@pytest.mark.parametrize(
    "written", ["", " ", "Ivanov", "Иvanов", "Пример1", "-Пример", "Пример-", "А  Б", "А--Б", "Ж" * 61]
)
def test_anything_else_is_no_name(written: str) -> None:
    assert not is_name(written)


@pytest.mark.parametrize(("written", "fits"), [(None, True), ("", True), ("Үлгіұлы", True), ("Petrovich", False)])
def test_nobody_needs_a_patronymic(written: str | None, fits: bool) -> None:
    assert is_patronymic(written) is fits


def test_names_are_compared_by_their_letters_alone() -> None:
    assert same_name("ҮЛГІБАЙ", " Үлгібай ")
    assert same_name(None, "")
    assert same_name("Йода", unicodedata.normalize("NFD", "ЙОДА"))
    assert not same_name("Семенов", "Семёнов")
    assert not same_name("Үлгібай", "Улгибай")
