"""The way past every page of the console, for whoever wants to look at each: pictures, rules of accessibility."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

KEY = "form[action*='/authorize/key'] button"
Look = Callable[[Page, str], None]
"""Given each page with its name."""


@dataclass(frozen=True, slots=True)
class Officer:
    account: str
    password: str = field(repr=False)


def walk(page: Page, console: str, officer: Officer, look: Look) -> str:
    """From the sign-in to a decision that is undone and the end of the session; the address of its case."""
    page.goto(f"{console}/sign-in")
    look(page, "sign-in")
    page.fill("#account", officer.account)
    page.fill("#password", "wrong")
    page.click("main button")
    look(page, "sign-in-failed")
    told(page, officer)
    look(page, "sign-in-key")
    page.click(KEY)
    page.wait_for_url("**/console")
    look(page, "queue")
    page.click("nav a[href*='whose=unassigned']")
    page.click("tbody a")
    look(page, "case-of-nobody")
    page.click("form[action$='/take'] button")
    look(page, "case")
    case, code = page.url, page.inner_text("#code-hint").rpartition(" ")[2]
    page.click("#decision details summary")
    page.fill("#documentation_code", code)
    page.check("#annul")
    page.check("#ground-PHOTO")
    page.check("#reason-PHOTO_BLURRED")
    page.fill("#note", "…")
    look(page, "case-decision")
    page.click("form[action$='/preview'] button")
    look(page, "preview-annul")
    page.goto(case)
    page.fill("#documentation_code", code)
    page.check("#approve")
    page.click("form[action$='/preview'] button")
    look(page, "preview-approve")
    page.click("form[action$='/decision'] button")
    page.wait_for_selector("form[action$='/undo']")
    look(page, "signed")
    page.click("form[action$='/undo'] button")
    page.fill("#reason", "…")
    page.click("form[action$='/give-back'] button")
    look(page, "given-back")
    page.fill("#wanted", "71-000000-000000-0")
    page.press("#wanted", "Enter")
    page.wait_for_url("**/search")
    look(page, "not-found")
    page.goto(case)
    page.click("form[action$='/take'] button")
    page.click("form[action$='/preview'] button")
    look(page, "preview-refused")
    page.goto(case)
    page.fill("#reason", "…")
    page.click("form[action$='/give-back'] button")
    page.click("header form button")
    look(page, "signed-out")
    page.goto(console)
    look(page, "session-over")
    return case


def refusals(page: Page, console: str, officer: Officer, case: str, look: Look) -> None:
    """What an officer of another region sees of that case."""
    page.goto(f"{console}/sign-in")
    enter(page, officer)
    page.goto(f"{console}/sessions")
    look(page, "sessions")
    page.goto(case)
    look(page, "other-region")


def enter(page: Page, officer: Officer) -> None:
    told(page, officer)
    page.click(KEY)
    page.wait_for_url("**/console")


def told(page: Page, officer: Officer) -> None:
    """Account and password; the page that asks for the key is there then."""
    page.fill("#account", officer.account)
    page.fill("#password", officer.password)
    page.click("main button")
    page.wait_for_selector(KEY)
