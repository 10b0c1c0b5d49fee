"""The way past every page of the administrator, for whoever wants to look at each: pictures, rules of accessibility."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.walking import KEY, Look, Officer, told

OWN = "an own password"


def walk(page: Page, accounts: str, administrator: Officer, about: str, look: Look) -> None:
    """One account is locked and opened again, and nothing else is changed in it."""
    page.goto(accounts)
    look(page, "accounts-signed-out")
    page.click("main a")
    told(page, administrator)
    page.click(KEY)
    page.wait_for_url("**/accounts")
    look(page, "accounts")
    page.fill("#find", "nobody-is-named-so")
    with page.expect_navigation():
        page.click("main form[role=search] button")
    look(page, "accounts-empty")
    page.goto(f"{accounts}/of/{about}")
    look(page, "account")
    press(page, "lock")
    look(page, "account-locked")
    press(page, "unlock")
    page.goto(f"{accounts}/of/{administrator.account}")
    look(page, "account-own")
    page.click("header a[href$='/new']")
    look(page, "account-new")
    with page.expect_navigation():
        page.click("main form button")
    look(page, "account-new-refused")
    page.goto(f"{accounts}/record")
    look(page, "accounts-record")


def press(page: Page, step: str) -> None:
    with page.expect_navigation():
        page.click(f"form[action$='/do/{step}'] button")


def one_time(page: Page, accounts: str, about: str, look: Look) -> str:
    """The password that the account gets and that is shown once."""
    page.goto(f"{accounts}/of/{about}")
    with page.expect_navigation():
        page.click("form[action$='/password'] button")
    look(page, "account-one-time")
    return page.inner_text("#word")


def choose(page: Page, sign_in: str, officer: Officer, look: Look) -> None:
    """Who comes with a one-time password leaves with their own."""
    page.goto(sign_in)
    told(page, officer)
    with page.expect_navigation():
        page.click(KEY)
    look(page, "sign-in-choose")
    for chosen in ("short", OWN):
        page.fill("#password", chosen)
        page.fill("#again", chosen)
        with page.expect_navigation():
            page.click("main button")
        if chosen != OWN:
            look(page, "sign-in-choose-refused")
