"""The console in a real browser: from the sign-in to a decision, in both languages, with and without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from tests.browser.chromium import opened
from tests.browser.served import Served
from tests.browser.walking import KEY, Officer, enter
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
        page, said = context.new_page(), list[str]()

        def heard(message: ConsoleMessage) -> None:
            said.extend([message.text] if message.type == "error" else [])

        page.on("console", heard)
        page.goto(f"{served.at}{HOME}/sign-in")
        page.fill("#account", "17")
        page.fill("#password", served.desk.passwords["17"])
        page.press("#password", "Enter")
        page.click(KEY)
        page.click(f"form[action='{HOME}/next'] button")
        assert page.get_attribute("html", "lang") == language
        for again in (False, True):
            page.fill("#documentation_code", cases.CODE)
            page.check("#approve")
            page.click("form[action$='/preview'] button")
            page.click("form[action$='/decision'] button")
            assert page.inner_text("h1") == APPROVED[language]
            if not again:
                page.click("form[action$='/undo'] button")
        context.close()
        assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []
        assert served.desk.office.state(served.path).standing is Standing.SIGNED


def test_the_page_says_by_itself_that_the_decision_is_confirmed(browser: Browser, tmp_path: Path) -> None:
    with Served(tmp_path, timedelta(seconds=1)) as served:
        context = opened(browser, locale="kk")
        page = context.new_page()
        page.goto(f"{served.at}{HOME}/sign-in")
        enter(page, Officer("17", served.desk.passwords["17"]))
        page.click(f"form[action='{HOME}/next'] button")
        page.fill("#documentation_code", cases.CODE)
        page.check("#approve")
        page.click("form[action$='/preview'] button")
        page.click("form[action$='/decision'] button")
        expect(page.locator("#undo-time[role=status]")).to_contain_text("Шешім бекітілді")
        context.close()
        assert served.desk.office.state(served.path).standing is Standing.APPROVED


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
        page.goto(f"{served.at}{HOME}/sign-in")
        enter(page, Officer("17", served.desk.passwords["17"]))
        page.click(f"form[action='{HOME}/next'] button")
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
        page, said = context.new_page(), list[str]()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.goto(f"{served.at}{HOME}/sign-in")
        enter(page, Officer("17", served.desk.passwords["17"]))
        page.focus("#counts-all")
        expect(page.locator("#counts-all")).to_contain_text("(1)")
        served.run(listened(served))
        served.run(served.desk.office.arrive(2))
        expect(page.locator("#counts-all")).to_contain_text("(2)")
        expect(page.locator("#counts-all")).to_be_focused()
        context.close()
        assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []


async def listened(served: Served) -> None:
    await until(lambda: served.desk.live.streams == 1)


async def lose(served: Served) -> None:
    """The same officer gives it back from elsewhere."""
    token = served.desk.office.state(served.path).lease_token
    async with served.desk.office.caller("17") as http:
        await http.post(f"{served.path}/give-back", json={"lease_token": token, "reason": "elsewhere"})
