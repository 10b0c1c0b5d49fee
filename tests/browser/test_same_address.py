"""An officer reads in the queue and on the case that the applicant lives at their address, and cannot take it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import opened
from tests.browser.served import Served
from tests.browser.test_accessibility import broken
from tests.services.ums_review.office import HOME

TOLD = {"kk": ("сіздің мекенжайыңыз", "басқа қызметкер шешеді"), "ru": ("ваш адрес", "решает другой сотрудник")}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_case_of_ones_own_address_is_told_and_left_to_another(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    mark, why = TOLD[language]
    with Served(tmp_path) as served:
        path = served.run(served.desk.office.arrive(2, registration=HOME))
        context = opened(browser, locale=language, bypass_csp=True)
        page = context.new_page()
        served.enter(page, "18")
        line = page.locator("tbody tr", has=page.locator(f"a[href$='{path.rpartition('/')[2]}']"))
        expect(line.locator(".govuk-tag")).to_contain_text(mark)
        expect(page.locator("tbody .govuk-tag", has_text=mark)).to_have_count(1)
        assert broken(page) == []
        line.locator("a[href$='#others']").click()
        page.wait_for_url("**#others")
        expect(page.locator("#others tbody tr")).to_have_count(1)
        expect(page.locator(".govuk-warning-text")).to_contain_text(why)
        expect(page.locator("form[action$='/take']")).to_have_count(0)
        assert broken(page) == []
        context.close()
        assert served.desk.office.state(path).lease_officer is None
