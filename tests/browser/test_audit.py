"""The auditor's pages in a real browser, in kk and ru, with and without JavaScript, and by the rules of axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from services.ums_review.web.console import HOME
from tests.browser.chromium import opened
from tests.browser.served import Served
from tests.browser.test_accessibility import broken
from tests.browser.walking import turned_away
from tests.browser.walking_audit import walk
from tests.services.ums_review import cases

REFUSED = {"kk": "бас тартылды: OTHER_REGION", "ru": "отказано: OTHER_REGION"}
WHOLE = {"kk": "Тізбек бүтін", "ru": "Цепочка цела"}


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_auditor_reads_the_record_by_pages_that_break_no_rule(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    texts, faults = dict[str, str](), dict[str, list[str]]()

    def look(page: Page, name: str) -> None:
        assert page.get_attribute("html", "lang") == language
        texts[name] = page.inner_text("main")
        faults[name] = broken(page) if script else []

    with Served(tmp_path) as served:
        stranger = opened(browser, locale=language).new_page()
        served.enter(stranger, "75")
        stranger.goto(f"{served.at}{HOME}/cases/{served.path.rpartition('/')[2]}")
        context = opened(browser, locale=language, java_script_enabled=script, bypass_csp=script)
        page = context.new_page()
        said = turned_away(page)
        walk(page, f"{served.at}{HOME}", served.officer("au"), look)
        context.close()
    assert cases.TALON in texts["audit"]
    assert REFUSED[language] in texts["audit-refusals"]
    assert cases.TALON not in texts["audit-empty"]
    assert WHOLE[language] in texts["audit-chain"]
    assert len(texts) == 4
    assert {name: found for name, found in faults.items() if found} == {}
    assert said == []
