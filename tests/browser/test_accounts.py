"""The administrator's pages in a real browser: kk and ru, with and without JavaScript, and by the rules of axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from deploy.identity.accounts import FOLDER
from deploy.identity.register import Register
from deploy.identity.settings import ADMINISTRATION
from services.ums_review.web.console import HOME
from tests.browser.chromium import opened
from tests.browser.served import Served
from tests.browser.test_accessibility import broken
from tests.browser.walking import Officer
from tests.browser.walking_accounts import choose, one_time, walk

PAGES = 12
LOCKED = {"kk": "Тіркелгі құлыпталды: 18", "ru": "Учётная запись заблокирована: 18"}


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_administrator_keeps_accounts_by_pages_that_break_no_rule(
    browser: Browser, tmp_path: Path, language: str, script: bool
) -> None:
    texts, faults, said = dict[str, str](), dict[str, list[str]](), list[str]()

    def heard(message: ConsoleMessage) -> None:
        said.extend([message.text] if message.type == "error" else [])

    def look(page: Page, name: str) -> None:
        assert page.get_attribute("html", "lang") == language
        texts[name] = page.inner_text("main")
        if not script:
            return
        faults[name] = broken(page)

    with Served(tmp_path) as served:
        accounts = f"{served.desk.issuer_at}{ADMINISTRATION}"
        context = opened(browser, locale=language, java_script_enabled=script, bypass_csp=script)
        page = context.new_page()
        page.on("console", heard)
        walk(page, accounts, Officer("a", served.desk.passwords["a"]), "18", look)
        word = one_time(page, accounts, "18", look)
        context.close()
        strict = opened(browser, locale=language, java_script_enabled=script, bypass_csp=script)
        entering = strict.new_page()
        choose(entering, f"{served.at}{HOME}/sign-in", Officer("18", word), look)
        entering.wait_for_url(f"**{HOME}")
        strict.close()
        stands = Register(tmp_path / FOLDER).all()["18"]
        assert (stands.one_time_until, stands.last_sign_in is not None) == (None, True)
    assert LOCKED[language] in texts["accounts-record"]
    assert len(texts) == PAGES
    assert {name: found for name, found in faults.items() if found} == {}
    assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []
