"""The head's page in a real browser: a case goes to another officer, in both languages, with and without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from services.ums_review.web.console import HOME
from tests.browser.served import Served
from tests.browser.test_accessibility import broken
from tests.browser.walking import annul, sign, take_next, turned_away
from tests.browser.walking_head import walk
from tests.services.ums_review import cases

MOVED = {"kk": "1 іс қайта бөлінді.", "ru": "Передано 1 дело."}


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_head_reads_the_numbers_and_gives_a_case_to_an_officer(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    seen = dict[str, str]()

    def look(page: Page, name: str) -> None:
        seen[name] = page.inner_text("main")
        assert page.get_attribute("html", "lang") == language

    with Served(tmp_path) as served:
        context = browser.new_context(locale=language, java_script_enabled=script)
        page = context.new_page()
        said = turned_away(page)
        walk(page, f"{served.at}{HOME}", served.officer("h"), "18", look)
        context.close()
        assert served.desk.office.state(served.path).lease_officer == "18"
    assert MOVED[language] in seen["head-reassigned"]
    assert said == []


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_heads_page_breaks_no_rule_of_accessibility(browser: Browser, tmp_path: Path, language: str) -> None:
    seen: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        seen[name] = broken(page)

    with Served(tmp_path) as served:
        context = browser.new_context(locale=language, bypass_csp=True)
        walk(context.new_page(), f"{served.at}{HOME}", served.officer("h"), "18", look)
        context.close()
    assert len(seen) == 3
    assert {name: faults for name, faults in seen.items() if faults} == {}


@pytest.mark.parametrize(("language", "script"), [("kk", True), ("ru", False)], ids=["with-js", "without-js"])
def test_an_annulment_waits_for_another_officer(browser: Browser, tmp_path: Path, language: str, script: bool) -> None:
    faults = list[str]()
    with Served(tmp_path) as served:

        def entered(id: str) -> Page:
            page = browser.new_context(locale=language, java_script_enabled=script, bypass_csp=True).new_page()
            served.enter(page, id)
            return page

        def look(page: Page) -> None:
            faults.extend(broken(page) if script else [])

        head, signer, second = (entered(id) for id in ("h", "17", "18"))
        head.goto(f"{served.at}{HOME}/head")
        head.click("form[action$='/second-eyes'] button")
        take_next(signer)
        annul(signer, cases.CODE)
        sign(signer)
        signer.wait_for_selector("form[action$='/undo']")
        look(signer)
        second.click("header a[href$='/second']")
        look(second)
        second.click("tbody a")
        look(second)
        second.check("#agrees-yes")
        second.click("main form[action$='/second'] button")
        second.wait_for_selector("[role=status]")
        verdict = served.desk.office.state(served.path).verdict
        assert verdict is not None
        assert verdict.seconded_by == "18"
        for page in (head, signer, second):
            page.context.close()
    assert faults == []
