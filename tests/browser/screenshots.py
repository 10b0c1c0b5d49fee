"""`python -m tests.browser.screenshots`: every page of the console, in both languages, beside a running `make up`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from deploy.local.daemon import Report
from deploy.local.folder import RunFolder
from deploy.local.trying import accounts
from tests.browser.chromium import chromium

INTO = Path("build/screenshots")
ACCOUNT, STRANGER = "71-inspector-1", "75-inspector-1"


def main() -> int:
    folder = RunFolder()
    console = Report.read(folder).addresses.get("officers' console")
    if console is None or folder.holder() is None:
        sys.stderr.write("Nothing runs here: make up\n")
        return 1
    words = {name.strip(): word for name, word in accounts(folder).items()}
    INTO.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for language in ("kk", "ru"):
            context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            case = walk(context, console, language, words[ACCOUNT])
            other = browser.new_context(locale=language)
            refusals(other, console, language, words[STRANGER], case)
    sys.stdout.write(f"{len([*INTO.glob('*.png')])} pictures in {INTO}\n")
    return 0


def walk(context: BrowserContext, console: str, language: str, password: str) -> str:
    """From the sign-in to a decision that is undone; the address of its case."""
    page = context.new_page()
    page.goto(f"{console}/sign-in")
    keep(page, "sign-in", language)
    page.fill("#account", ACCOUNT)
    page.fill("#password", "wrong")
    page.click("main button")
    keep(page, "sign-in-failed", language)
    enter(page, ACCOUNT, password)
    keep(page, "queue", language)
    page.click("form[action$='/next'] button")
    keep(page, "case", language)
    case, code = page.url, page.inner_text("#code-hint").rpartition(" ")[2]
    page.click("#decision details summary")
    page.fill("#documentation_code", code)
    page.check("#annul")
    page.check("#ground-PHOTO")
    page.check("#reason-PHOTO_BLURRED")
    page.fill("#note", "…")
    keep(page, "case-decision", language)
    page.click("form[action$='/preview'] button")
    keep(page, "preview-annul", language)
    page.goto(case)
    page.fill("#documentation_code", code)
    page.check("#approve")
    page.click("form[action$='/preview'] button")
    keep(page, "preview-approve", language)
    page.click("form[action$='/decision'] button")
    keep(page, "signed", language)
    page.click("form[action$='/undo'] button")
    page.fill("#reason", "…")
    page.click("form[action$='/give-back'] button")
    keep(page, "given-back", language)
    page.goto(f"{console}?talon=71-000000-000000-0")
    keep(page, "not-found", language)
    page.click("header form button")
    keep(page, "signed-out", language)
    page.goto(console)
    keep(page, "session-over", language)
    return case


def refusals(context: BrowserContext, console: str, language: str, password: str, case: str) -> None:
    page = context.new_page()
    page.goto(f"{console}/sign-in")
    enter(page, STRANGER, password)
    page.goto(case)
    keep(page, "other-region", language)


def enter(page: Page, account: str, password: str) -> None:
    page.fill("#account", account)
    page.fill("#password", password)
    page.click("main button")
    page.wait_for_url("**/console")


def keep(page: Page, name: str, language: str) -> None:
    page.screenshot(path=INTO / f"{name}-{language}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
