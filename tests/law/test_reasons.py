"""What an annulment says to the citizen (p.11)."""

from __future__ import annotations

import pytest

from shared.contracts.ums_review import AnnulmentGround
from shared.law.reasons import GROUND_TEXTS, REASONS, WRONG_FILLING, foreign, reasons_of, texts_of


def test_every_ground_has_reasons_and_every_text_stands_in_both_languages() -> None:
    assert set(GROUND_TEXTS) == set(AnnulmentGround)
    assert all(reasons_of(ground) for ground in AnnulmentGround)
    texts = [(reason.ru, reason.kk) for reason in REASONS.values()] + list(GROUND_TEXTS.values())
    assert all(ru.endswith(".") and kk.endswith(".") and ru != kk for ru, kk in texts)
    assert len({ru for ru, _ in texts}) == len({kk for _, kk in texts}) == len(texts)


def test_wrong_filling_is_a_sub_reason_of_extra_checks() -> None:
    assert REASONS[WRONG_FILLING].ground is AnnulmentGround.EXTRA_CHECKS


def test_no_text_names_incapacity_or_a_wanted_list() -> None:
    words = " ".join(reason.ru + reason.kk for reason in REASONS.values()).lower()
    assert not any(word in words for word in ("дееспособ", "розыск", "әрекетке қабілет", "іздеу"))


@pytest.mark.parametrize("locale", ["ru", "kk"])
def test_the_ground_comes_first_then_each_reason_word_for_word(locale: str) -> None:
    ground = AnnulmentGround.PHOTO
    texts = texts_of(ground, ("PHOTO_POSE", "UNKNOWN"), locale)  # type: ignore[arg-type]
    assert texts == (GROUND_TEXTS[ground][locale == "kk"], getattr(REASONS["PHOTO_POSE"], locale))


def test_a_reason_of_another_ground_is_foreign() -> None:
    assert foreign(AnnulmentGround.PHOTO, ("PHOTO_POSE", "SIGNATURE_CUT", "X")) == ("SIGNATURE_CUT", "X")
