"""The way past the head's page, for whoever wants to look at it: pictures, rules of accessibility."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.walking import Look, Officer, sign_in


def walk(page: Page, console: str, officer: Officer, to: str, look: Look) -> None:
    """Reads the numbers, then gives the first case to that officer, when one waits."""
    sign_in(page, console, officer)
    with page.expect_navigation():
        page.click("header a[href$='/head']")
    look(page, "head")
    case = page.locator("input[name='case']")
    if case.count():
        case.first.check()
        page.select_option("#to", to)
        page.fill("#reason", "…")
        with page.expect_navigation():
            page.click("form[action$='/reassign'] button")
        look(page, "head-reassigned")
        page.locator("input[name='case']").first.check()
    else:
        page.goto(f"{console}/head?only=risk")
        look(page, "head-empty")
        return
    with page.expect_navigation():
        page.click("form[action$='/reassign'] button")
    look(page, "head-not-marked")
