"""The console in a real browser: from the sign-in to a decision, in both languages, with and without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.ums_review.review import Standing
from tests.browser.chromium import PATIENCE, opened
from tests.browser.served import Served
from tests.browser.walking import approve, sign, take_next, turned_away
from tests.engine.house import until
from tests.services.ums_review import cases

APPROVED = {"kk": "Мақұлданды", "ru": "Одобрено"}


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_officer_decides_undoes_and_decides_again(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    with Served(tmp_path) as served:
        context = opened(browser, locale=language, java_script_enabled=script)
        page = context.new_page()
        said = turned_away(page)
        served.enter(page)
        take_next(page)
        assert page.get_attribute("html", "lang") == language
        for again in (False, True):
            approve(page, cases.CODE)
            sign(page)
            assert page.inner_text("h1") == APPROVED[language]
            if not again:
                page.click("form[action$='/undo'] button")
        context.close()
        assert said == []
        assert served.desk.office.state(served.path).standing is Standing.SIGNED


def test_the_page_says_by_itself_that_the_decision_is_confirmed(browser: Browser, tmp_path: Path) -> None:
    with Served(tmp_path, timedelta(seconds=1)) as served:
        context = opened(browser, locale="kk")
        page = context.new_page()
        served.enter(page)
        take_next(page)
        approve(page, cases.CODE)
        sign(page)
        expect(page.locator("#undo-time[role=status]")).to_contain_text("Шешім бекітілді")
        context.close()
        assert served.desk.office.state(served.path).standing is Standing.APPROVED


def left(page: Page, within: str) -> int:
    """Seconds that the countdown there shows."""
    shown = page.locator(f"{within} [data-left]")
    expect(shown).to_have_text(re.compile(r"^\d+:\d\d$"))
    minutes, _, seconds = shown.inner_text().partition(":")
    return int(minutes) * 60 + int(seconds)


def runs_down(page: Page, within: str, before: int) -> None:
    """It shows less than before; what is asked for anew meanwhile may first show a second more."""
    for _ in range(PATIENCE // 100):
        if left(page, within) < before:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{within} still shows {before} seconds")


def test_the_time_of_the_lease_and_that_to_undo_are_counted_down_before_the_eye(
    browser: Browser, tmp_path: Path
) -> None:
    with Served(tmp_path) as served:
        context = opened(browser, locale="kk")
        page = context.new_page()
        said = turned_away(page)
        served.enter(page)
        take_next(page)
        for part in ("#lease", "#undo-time"):
            before = left(page, part)
            runs_down(page, part, before)
            if part == "#lease":
                approve(page, cases.CODE)
                sign(page)
                page.wait_for_url("**/signed")
        context.close()
        assert said == []


NO_POLLS = "const wait = window.setTimeout; window.setTimeout = (f, ms, ...a) => ms >= 15000 ? 0 : wait(f, ms, ...a);"
NO_EVENTS = "delete window.EventSource;"


@pytest.mark.parametrize("without", [NO_POLLS, NO_EVENTS], ids=["pushed", "asked"])
def test_who_loses_the_case_is_told_while_what_was_typed_still_stands(
    browser: Browser, tmp_path: Path, without: str
) -> None:
    """By the stream alone, with no timer that asks; and by asking alone, where there are no streams."""
    with Served(tmp_path) as served:
        context = opened(browser, locale="ru")
        context.add_init_script(without)
        page = context.new_page()
        served.enter(page)
        take_next(page)
        page.fill("#note", "много текста")
        served.run(lose(served))
        expect(page.locator("#lease[role=alert]")).to_contain_text("Дело не у вас")
        expect(page.locator("#note")).to_have_value("много текста")
        context.close()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_counts_change_by_themselves_and_a_focused_one_keeps_the_focus(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with Served(tmp_path) as served:
        context = opened(browser, locale=language)
        context.add_init_script(NO_POLLS)
        page = context.new_page()
        said = turned_away(page)
        served.enter(page)
        page.focus("#counts-all")
        expect(page.locator("#counts-all")).to_contain_text("(1)")
        served.run(listened(served))
        served.run(served.desk.office.arrive(2))
        expect(page.locator("#counts-all")).to_contain_text("(2)")
        expect(page.locator("#counts-all")).to_be_focused()
        context.close()
        assert said == []


async def listened(served: Served) -> None:
    await until(lambda: served.desk.live.streams == 1)


async def lose(served: Served) -> None:
    """The same officer gives it back from elsewhere."""
    token = served.desk.office.state(served.path).lease_token
    async with served.desk.office.caller("17") as http:
        await http.post(f"{served.path}/give-back", json={"lease_token": token, "reason": "elsewhere"})
