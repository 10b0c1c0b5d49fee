"""The way past every page of the issue desk, for whoever wants to look at each: pictures, rules of accessibility."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.walking import Look, Officer, sign_in


def walk(page: Page, desk: str, officer: Officer, look: Look) -> None:
    """A shipment compared and checked in but for what is reported, one card handed over. Uses up a card that is on its
    way; without one the pages of hand-over are not there.
    """
    sign_in(page, desk, officer)
    look(page, "desk-home")
    page.goto(f"{desk}/shipments")
    look(page, "desk-shipments")
    if page.locator("tbody a").count():
        page.locator("tbody a").first.click()
        look(page, "desk-shipment")
        expected = page.locator("tr:has(.govuk-tag--yellow) a")
        if expected.count():
            check_in(page, expected.first.inner_text(), look)
    page.goto(f"{desk}/waiting?days=0")
    look(page, "desk-waiting")
    page.goto(desk)
    ready = page.locator("tr:has(.govuk-tag--green) a")
    if ready.count():
        hand_over(page, ready.first.inner_text(), look)
    page.goto(f"{desk}?find=75-000000-000000-0")
    look(page, "desk-unknown-talon")


def check_in(page: Page, talon: str, look: Look) -> None:
    page.check("#how-these")
    page.fill("#talons", f"{talon}\n75-000000-000000-0")
    page.click("form[action$='/compare'] button")
    look(page, "desk-compare")
    page.click("form[action$='/check-in'] button")
    look(page, "desk-checked-in")


def hand_over(page: Page, talon: str, look: Look) -> None:
    page.fill("#find", f"https://portal.example/notice?talon={talon}")
    page.press("#find", "Enter")
    look(page, "desk-card")
    card = page.url
    page.check("#visitor-proxy")
    page.click("form[action$='/hand-over'] button")
    look(page, "desk-proxy-refused")
    page.goto(card)
    page.check("#visitor-owner")
    page.click("form[action$='/hand-over'] button")
    look(page, "desk-not-marked")
    page.goto(card)
    page.check("#visitor-owner")
    page.check("#established")
    page.check("#old-taken")
    page.click("form[action$='/hand-over'] button")
    look(page, "desk-handed-over")
    page.goto(card)
    look(page, "desk-card-issued")
