"""The way past every page of the console, for whoever wants to look at each: pictures, rules of accessibility; and the
steps that every such way is made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page

KEY = "form[action*='/authorize/key'] button"
INSIDE = re.compile(r"/(console|issue-desk)$")
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
    page.click("a[href$='/photo']")
    page.wait_for_url("**/photo")
    look(page, "photo-closer")
    page.go_back()
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
    approve(page, code)
    look(page, "preview-approve")
    sign(page)
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
    sign_in(page, console, officer)
    page.goto(f"{console}/sessions")
    look(page, "sessions")
    page.goto(case)
    look(page, "other-region")


def sign_in(page: Page, site: str, officer: Officer) -> None:
    """From nowhere to the first page of console or desk, whose address `site` is."""
    page.goto(f"{site}/sign-in")
    enter(page, officer)


def enter(page: Page, officer: Officer) -> None:
    """The same from the page of sign-in on."""
    told(page, officer)
    page.click(KEY)
    page.wait_for_url(INSIDE)


def told(page: Page, officer: Officer) -> None:
    """Account and password; the page that asks for the key is there then."""
    page.fill("#account", officer.account)
    page.fill("#password", officer.password)
    page.click("main button")
    page.wait_for_selector(KEY)


def approve(page: Page, code: str, note: str = "") -> None:
    """From the open case to the page that asks for the signature."""
    page.fill("#documentation_code", code)
    page.check("#approve")
    if note:
        page.fill("#note", note)
    page.click("form[action$='/preview'] button")
    page.wait_for_url("**/preview")


def annul(page: Page, code: str) -> None:
    """For a blurred photo; to the page that asks for the signature."""
    page.click("#decision details summary")
    page.fill("#documentation_code", code)
    for box in ("annul", "ground-PHOTO", "reason-PHOTO_BLURRED"):
        page.check(f"#{box}")
    page.click("form[action$='/preview'] button")
    page.wait_for_url("**/preview")


def take_next(page: Page) -> None:
    """The most urgent case; it is open then."""
    page.click("form[action$='/next'] button")
    page.wait_for_selector("#documentation_code")


def sign(page: Page) -> None:
    """Press the button; what comes of it is another page, or a fault on this one."""
    page.click("form[action$='/decision'] button")


def turned_away(page: Page) -> list[str]:
    """What the page's policy kept the browser from, as it happens: a list that grows."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and ("Content Security Policy" in message.text or "Refused" in message.text):
            said.append(message.text)

    page.on("console", heard)
    return said
