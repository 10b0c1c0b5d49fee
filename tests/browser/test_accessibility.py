"""No page breaks a rule of axe (WCAG 2.2 AA and good practice), and a keyboard is enough for all of the console."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.sandbox.pictures import signature_sample
from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from tests.browser.chromium import opened
from tests.browser.served import Served
from tests.browser.walking import KEY, refusals, walk
from tests.services.ums_review import cases

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text(encoding="utf-8")
"""axe-core 4.14.1, MPL-2.0, as published; used by these tests alone."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = 18
DECISIONS = 10


def broken(page: Page) -> list[str]:
    """The rules that the page breaks, each with the elements; a click does not wait for the page that it asks for."""
    page.wait_for_load_state("load")
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found["violations"]]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_page_breaks_a_rule_of_accessibility(browser: Browser, tmp_path: Path, language: str) -> None:
    seen: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        seen[name] = broken(page)
        assert page.get_attribute("html", "lang") == language

    with Served(tmp_path) as served:
        served.run(served.desk.office.arrive(2, signature_sample(1)))
        officers = [served.officer(id) for id in ("17", "75")]
        context = opened(browser, locale=language, bypass_csp=True)
        case = walk(context.new_page(), f"{served.at}{HOME}", officers[0], look)
        other = opened(browser, locale=language, bypass_csp=True)
        refusals(other.new_page(), f"{served.at}{HOME}", officers[1], case, look)
        context.close()
        other.close()
    assert len(seen) == PAGES
    assert {name: faults for name, faults in seen.items() if faults} == {}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_people_of_one_surname_are_listed_by_a_page_that_breaks_no_rule(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with Served(tmp_path) as served:
        served.run(served.desk.office.arrive(2, name="ӘЛІ"))
        context = opened(browser, locale=language, bypass_csp=True)
        page = context.new_page()
        served.enter(page)
        page.fill("#wanted", "Үлгібаев")
        page.press("#wanted", "Enter")
        page.wait_for_url("**/search")
        expect(page.locator("tbody tr")).to_have_count(2)
        expect(page.locator("tbody")).to_contain_text("ҮЛГІБАЕВ ӘЛІ")
        assert broken(page) == []
        context.close()


def test_a_broken_rule_is_seen(browser: Browser) -> None:
    page = opened(browser).new_page()
    page.set_content("<html lang='kk'><title>.</title><main><h1>.</h1><img src='x.png'><button></button></main></html>")
    assert {fault.partition(":")[0] for fault in broken(page)} == {"image-alt", "button-name"}
    page.close()


@pytest.mark.parametrize(("language", "script"), [("kk", True), ("ru", False)], ids=["with-js", "without-js"])
def test_ten_decisions_are_made_with_the_keyboard_alone(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    with Served(tmp_path) as served:
        paths = [served.path, *(served.run(served.desk.office.arrive(number)) for number in range(2, DECISIONS + 1))]
        context = opened(browser, locale=language, java_script_enabled=script)
        page = context.new_page()
        page.goto(f"{served.at}{HOME}/sign-in")
        expect(page.locator("#account")).to_be_focused()
        page.keyboard.type("17")
        page.keyboard.press("Tab")
        page.keyboard.type(served.desk.passwords["17"])
        page.keyboard.press("Enter")
        expect(page.locator(KEY)).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(DECISIONS):
            expect(page.locator("form[action$='/next'] button")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("h1")).to_be_focused()
            tab_to(page, "#documentation_code")
            page.keyboard.type(cases.CODE)
            tab_to(page, "#approve")
            page.keyboard.press("Space")
            page.keyboard.press("Enter")
            page.wait_for_url("**/preview")
            tab_to(page, "form[action$='/decision'] button")
            page.keyboard.press("Enter")
            page.wait_for_url("**/signed")
        context.close()
        standings = {served.desk.office.state(path).standing for path in paths}
        assert standings <= {Standing.SIGNED, Standing.APPROVED}


def tab_to(page: Page, wanted: str, most: int = 40) -> None:
    """Press Tab until that is focused; whatever is passed shows where the focus is."""
    for _ in range(most):
        if page.locator(f"{wanted}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} tabs do not lead to {wanted}")
