"""The issue desk in a real browser: from the sign-in to a card handed over, in both languages, with and without
JavaScript; within a minute, however it is counted.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.sandbox.authority import Signatory
from services.production_dispatch.web.counter import HOME
from tests.browser.chromium import opened
from tests.browser.ncalayer import free_port, ncalayer
from tests.browser.served_desk import Served
from tests.browser.test_accessibility import broken
from tests.browser.walking import Officer, turned_away
from tests.browser.walking_desk import walk
from tests.services.production_dispatch.counter import AUTHORITY, BIN, DESK, IIN

PAGES = 12
MARKED = {"kk": "Бұрынғы", "ru": "прежним"}
HANDED = {"kk": "Берілді", "ru": "Выдано"}


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_shipment_is_checked_in_a_proxy_refused_and_the_card_handed_over(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    with Served(tmp_path) as served:
        context = browser.new_context(locale=language, java_script_enabled=script)
        page = context.new_page()
        said = turned_away(page)
        served.enter(page)
        page.click(f"a[href='{HOME}/shipments']")
        page.click("tbody a")
        page.check("#how-all")
        page.click("form[action$='/compare'] button")
        page.click("form[action$='/check-in'] button")
        page.click(f"header a[href='{HOME}']")
        assert page.get_attribute("html", "lang") == language
        for visitor in ("proxy", "owner"):
            page.fill("#find", "talon-1")
            page.press("#find", "Enter")
            page.check(f"#visitor-{visitor}")
            if visitor == "owner":
                page.check("#established")
                page.check("#old-taken")
            page.click("form[action$='/hand-over'] button")
            if visitor == "proxy":
                page.click(f"main form[action='{HOME}'] button")
        assert page.inner_text("h1") == HANDED[language]
        receipt = context.request.get(served.at + (page.get_attribute("a[href$='receipt.pdf']", "href") or ""))
        assert receipt.body().startswith(b"%PDF-")
        context.close()
        assert said == []
        assert served.house.counter.state(served.card).standing == "ISSUED"


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_page_of_the_desk_breaks_a_rule_of_accessibility(browser: Browser, tmp_path: Path, language: str) -> None:
    seen: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        seen[name] = broken(page)
        assert page.get_attribute("html", "lang") == language

    with Served(tmp_path) as served:
        context = browser.new_context(locale=language, bypass_csp=True)
        walk(context.new_page(), f"{served.at}{HOME}", Officer(DESK, served.house.passwords[DESK]), look)
        context.close()
    assert len(seen) == PAGES
    assert {name: faults for name, faults in seen.items() if faults} == {}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_card_is_handed_over_by_the_officers_own_key(browser: Browser, tmp_path: Path, language: str) -> None:
    port = free_port()
    with Served(tmp_path, f"ws://127.0.0.1:{port}") as served:
        context = opened(browser, locale=language)
        page = context.new_page()
        served.enter(page)
        page.fill("#find", "talon-1")
        page.press("#find", "Enter")
        page.click("form[action$='/check-in'] button")
        page.check("#visitor-owner")
        chosen: list[Signatory | None] = [None, AUTHORITY.officer(IIN, BIN)]
        with ncalayer(port, lambda: chosen.pop(0)):
            for mark, told in ((None, MARKED[language]), ("established", MARKED[language]), ("old-taken", "NCALayer")):
                if mark is not None:
                    page.check(f"#{mark}")
                page.click("form[action$='/hand-over'] button")
                expect(page.locator("#key-fault")).to_contain_text(told)
                expect(page.locator("#key-fault")).to_be_focused()
                expect(page.locator("#visitor-owner")).to_be_checked()
            page.click("form[action$='/hand-over'] button")
            page.wait_for_url("**/outcome?act=*")
        assert page.inner_text("h1") == HANDED[language]
        context.close()
        assert served.house.counter.state(served.card).standing == "ISSUED"
