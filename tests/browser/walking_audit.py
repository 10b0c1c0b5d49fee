"""The way past every page of the auditor, for whoever wants to look at each: pictures, rules of accessibility."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.walking import KEY, Look, Officer, told


def walk(page: Page, console: str, auditor: Officer, look: Look) -> None:
    """Reads, searches, checks the chain; nothing is changed by it but the record."""
    page.goto(f"{console}/sign-in")
    told(page, auditor)
    page.click(KEY)
    page.wait_for_url("**/console/audit")
    look(page, "audit")
    page.check("#refused")
    searched(page)
    look(page, "audit-refusals")
    page.fill("#officer", "nobody-is-named-so")
    searched(page)
    look(page, "audit-empty")
    with page.expect_navigation():
        page.click("main a[href$='/audit/chain']")
    look(page, "audit-chain")


def searched(page: Page) -> None:
    with page.expect_navigation():
        page.click("main form[role=search] button")
