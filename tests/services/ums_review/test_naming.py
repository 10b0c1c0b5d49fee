"""How names are folded for the search, and what stands for them in a row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.ums_review.naming import folded, indexes_of, name_index
from shared.contracts.ums_review import ResumeReview
from tests.law.people import a_person
from tests.services.running import APPLICATION
from tests.services.ums_review.cases import REGION, audits, queued, refusal, signed
from tests.services.ums_review.office import KEYS

SAME = [
    ("Иванов", "ИВАНОВ"),
    ("Королёв", "королев"),
    ("КОРОЛЕ\u0308В", "КОРОЛЁВ"),
    ("Салтыкова-Щедрина", "салтыкова щедрина"),
    ("Салтыкова – Щедрина", "САЛТЫКОВА-ЩЕДРИНА"),
    ("  Әлиев   Ерлан ", "әлиев ерлан"),
    ("Ива\u0301нов", "Иванов"),
    ("Д’Артаньян", "Д'АРТАНЬЯН"),
    ("Иіманов".replace("і", "i"), "ИІМАНОВ"),
    ("Əлиев", "Әлиев"),
    ("Иванов, Иван.", "иванов иван"),
    ("Smith", "SMITH"),
]
APART = [
    ("Әлиев", "Алиев"),
    ("Қасымов", "Касымов"),
    ("Үсенов", "Усенов"),
    ("Үсенов", "Ұсенов"),
    ("Іңкәр", "Инкар"),
    ("Майоров", "Маиоров"),
    ("Иванов", "Иванова"),
    ("Иванов Иван", "Иван Иванов"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_however_it_is_typed_is_one_name(one: str, other: str) -> None:
    assert folded(one) == folded(other) == folded(folded(one))


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("wanted", ["ҮЛГІБАЕВ", "үлгібаев мысал", "Үлгібаев  Мысал Үлгібайұлы"])
def test_a_person_is_found_by_surname_with_or_without_what_follows_it(wanted: str) -> None:
    indexes = indexes_of(REGION, a_person(), KEYS.blind_index)
    assert len(indexes) == 3
    assert name_index(REGION, wanted, KEYS.blind_index) in indexes


@pytest.mark.parametrize("wanted", ["МЫСАЛ", "Мысал Үлгібаев", "Улгибаев", "ҮЛГІБАЕ", "", "12-34"])
def test_by_less_than_the_surname_or_another_one_nobody_is_found(wanted: str) -> None:
    assert name_index(REGION, wanted, KEYS.blind_index) not in indexes_of(REGION, a_person(), KEYS.blind_index)


def test_whoever_has_one_name_only_has_one_index_and_nameless_people_none() -> None:
    assert len(indexes_of(REGION, a_person(name="", patronymic=None), KEYS.blind_index)) == 1
    assert len(indexes_of(REGION, a_person(patronymic=None), KEYS.blind_index)) == 2
    assert indexes_of(REGION, a_person(surname="", name="", patronymic=None), KEYS.blind_index) == ()


def test_the_same_name_stands_otherwise_in_every_region_and_never_in_clear() -> None:
    here, there = (indexes_of(region, a_person(), KEYS.blind_index) for region in ("71", "75"))
    assert not set(here) & set(there)
    assert all(len(index) == 32 and index.isascii() for index in here)


async def test_a_case_can_be_found_from_the_queue_on_and_after_every_round() -> None:
    run = await queued()
    first = run.state.name_indexes
    assert len(first) == 3
    await signed(run)
    await run.hear(refusal())
    assert run.state.name_indexes == first


async def test_a_row_older_than_the_search_is_found_once_it_was_told_to_go_on() -> None:
    run = await queued()
    wanted, whole = run.state.name_indexes, run.state
    run.state = replace(whole, name_indexes=())
    before = audits(run)
    await run.hear(ResumeReview(application_id=APPLICATION))
    assert run.state.name_indexes == wanted
    assert audits(run) == before
