"""The photo closer, with the marks of its measures; the check list before an approval; the time left in the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.ums_review.web.console import HOME
from services.ums_review.web.measures import BESIDE, CHECKLIST, MEASURES
from tests.services.ums_review import cases
from tests.services.ums_review.console import Browser, Desk, desk_in


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


async def at_the_case(desk: Desk, language: str = "ru") -> tuple[Browser, str]:
    path = await desk.office.arrive()
    browser = desk.browser(language)
    await browser.sign_in()
    await browser.send("/next")
    return browser, f"{HOME}/cases/{path.rpartition('/')[2]}"


@pytest.mark.parametrize(("language", "eyes", "switch"), [
    ("kk", "көз", "Фотосуреттегі өлшемдер"), ("ru", "глаза", "Измерения на фотографии"),
])  # fmt: skip
async def test_the_marks_lie_over_the_photo_and_are_named_where_it_is_larger(
    desk: Desk, language: str, eyes: str, switch: str
) -> None:
    browser, at = await at_the_case(desk, language)
    for page in (browser.text, (await browser.open(f"{at}/photo?times=2")).text):
        assert f'<image href="{at}/images/photo" width="600" height="800"/>' in page
        assert '<circle cx="230.0" cy="300.0"' in page
        assert switch in page
    assert 'width="960" height="1280"' in browser.text
    assert f">{eyes}</text>" in browser.text


@pytest.mark.parametrize("times", ["", "0", "3", "-1", "x", "99999999999999999999"])
async def test_a_size_that_is_not_offered_is_the_first(desk: Desk, times: str) -> None:
    browser, at = await at_the_case(desk)
    assert 'width="480" height="640"' in (await browser.open(f"{at}/photo?times={times}")).text


async def test_a_photo_that_was_not_measured_is_shown_without_marks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cases.photo
    monkeypatch.setattr(cases, "photo", lambda revision=1: before(revision, marks=None))
    browser, at = await at_the_case(desk)
    for page in (browser.text, (await browser.open(f"{at}/photo")).text):
        assert f'<img src="{at}/images/photo"' in page
        assert "marks-on" not in page


async def test_of_another_region_there_is_no_closer_look_and_the_try_is_on_record(desk: Desk) -> None:
    path = await desk.office.arrive()
    stranger = await desk.signed_in("75", region="75")
    await stranger.open(f"{HOME}/cases/{path.rpartition('/')[2]}/photo")
    assert stranger.page.status_code == 403
    assert desk.office.audits(path)[-1][::2] == ("officer:75", "OTHER_REGION")


async def test_what_is_not_marked_is_shown_before_an_approval_is_signed_and_is_no_bar_to_it(desk: Desk) -> None:
    browser, at = await at_the_case(desk)
    title = "Не отмечено в контрольном списке"
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE, checked=["photo", "sign"])
    assert title in browser.text
    assert "Место рождения не вызывает вопросов" in browser.text
    assert "Образец подписан от руки" not in browser.text
    await browser.open(at)
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE, checked=list(CHECKLIST))
    assert title not in browser.text
    await browser.open(at)
    annulled = {"decision": "ANNUL", "ground": "PHOTO", "reason": "PHOTO_BLURRED"}
    await browser.send("/preview", documentation_code=cases.CODE, **annulled)
    assert title not in browser.text
    await browser.send("/decision")
    assert browser.page.url.path.endswith("/signed")


async def test_the_queue_says_until_when_the_officer_holds_a_case(desk: Desk) -> None:
    browser, _ = await at_the_case(desk)
    await browser.open(f"{HOME}?whose=mine")
    assert "у вас, до " in browser.text


def test_every_measure_beside_a_mark_has_a_name_and_a_mark_that_is_measured() -> None:
    assert {name for names in BESIDE.values() for name in names} <= MEASURES.keys()
    assert BESIDE.keys() <= cases.MARKS.points.keys()
