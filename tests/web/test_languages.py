"""Every text of every page stands in both catalogues, with its variables and all its plurals, and no text besides."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.identity_verification.likeness import NOT_MEASURED
from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.signature_sample import SampleFault, Sign
from services.ums_review.web.measures import MEASURES
from shared.web.languages import LANGUAGES, Language, catalogue, day

HOUSE = Path(__file__).resolve().parents[2]
SHARED = HOUSE / "shared/web"
PARTS = (HOUSE / "services/ums_review/web", HOUSE / "services/production_dispatch/web", HOUSE / "deploy/identity")
_METHODS = [("**.html", "jinja2"), ("**.py", "python")]
_WORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
_VARIABLE = re.compile(r"%\((\w+)\)")


def wanted(part: Path) -> set[str]:
    options = {"**.html": {"newstyle_gettext": "true"}}
    found = extract_from_dir(part, _METHODS, options, keywords=_WORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def kept(part: Path, language: Language) -> Catalog:
    with (part / "languages" / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", [SHARED, *PARTS], ids=lambda part: part.parent.name)
def test_what_the_pages_say_is_in_the_catalogues_and_nothing_is_left_over(part: Path, language: Language) -> None:
    whole = {message.id if isinstance(message.id, str) else message.id[0] for message in kept(part, language)} - {""}
    shared = {message.id for message in kept(SHARED, language)} if part != SHARED else set()
    assert wanted(part) - whole - shared == set()
    assert whole - wanted(part) == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", [SHARED, *PARTS], ids=lambda part: part.parent.name)
def test_every_text_is_translated_with_its_variables(part: Path, language: Language) -> None:
    for message in kept(part, language):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert len(texts) == (1 if len(ids) == 1 else 2 if language == "kk" else 3), message.id
        for text in texts:
            assert text
            assert sorted(_VARIABLE.findall(text)) == sorted(_VARIABLE.findall(ids[0])), message.id


def test_every_measure_of_a_photo_or_a_signature_sample_has_a_name_on_the_page() -> None:
    heard = {word.value for words in (PhotoFault, SampleFault, Sign) for word in words}
    assert set(MEASURES) == heard | {NOT_MEASURED}


@pytest.mark.parametrize(
    ("number", "kk", "ru"),
    [
        (1, "1 жұмыс күні", "1 рабочий день"),
        (2, "2 жұмыс күні", "2 рабочих дня"),
        (11, "11 жұмыс күні", "11 рабочих дней"),
    ],
)
def test_numbers_have_their_plurals(number: int, kk: str, ru: str) -> None:
    wanted: dict[Language, str] = {"kk": kk, "ru": ru}
    for language, text in wanted.items():
        texts = catalogue(language, [PARTS[0] / "languages"])
        found = texts.ngettext("%(num)s working day", "%(num)s working days", number)
        assert found % {"num": number} == text


def test_dates_are_written_out() -> None:
    assert day(date(2025, 10, 6), "ru") == "6 октября 2025\u202fг."
    assert "қазан" in day(date(2025, 10, 6), "kk")
