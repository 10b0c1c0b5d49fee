"""The sheet in two languages: every letter shows, long texts go to the next page, the same content is the same file."""

from __future__ import annotations

from datetime import UTC, datetime

from fontTools.ttLib import TTFont

from deploy.sandbox.systems.paper_text import text_of
from shared.documents.paper import FONT, Paper, Row, pdf_of

KAZAKH = "ӘҒҚҢӨҰҮҺІәғқңөұүһі"
RUSSIAN = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
MADE_AT = datetime(2025, 10, 6, tzinfo=UTC)


def a_paper(*rows: Row) -> Paper:
    return Paper("Тақырып", "Заголовок", rows, "Соңы", "Конец", MADE_AT)


def test_the_font_has_a_shape_for_every_letter_of_both_languages_and_the_tenge() -> None:
    letters = KAZAKH + RUSSIAN + RUSSIAN.lower() + "№₸–«»"
    with TTFont(FONT) as font:
        shapes = font.getBestCmap()
        assert {letter for letter in letters if shapes.get(ord(letter), ".notdef") == ".notdef"} == set()


def test_both_languages_can_be_read_from_the_file() -> None:
    text = text_of(pdf_of(a_paper(Row("Әріптер", "Буквы", KAZAKH, RUSSIAN + RUSSIAN.lower()))))
    for said in ("Тақырып", "Заголовок", "Әріптер", "Буквы", KAZAKH, RUSSIAN, RUSSIAN.lower(), "Соңы", "Конец"):
        assert said in text


def test_rows_that_do_not_fit_go_to_the_next_page() -> None:
    pdf = pdf_of(a_paper(*(Row(f"kk{at}", f"ru{at}", "мән\n" * 4, "значение") for at in range(30))))
    assert pdf.count(b"/Type /Page\n") > 1
    text = text_of(pdf)
    assert all(f"kk{at}ru{at}" in text for at in range(30))
    assert text.endswith("СоңыКонец")


def test_equal_papers_are_equal_bytes() -> None:
    rows = (Row("a", "b", "c", "d"),)
    assert pdf_of(a_paper(*rows)) == pdf_of(a_paper(*rows))
