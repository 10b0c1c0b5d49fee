"""`python -m tests.browser.screenshots`: every page of console, desk and accounts, in both languages, by `make up`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from deploy.local.daemon import Report
from deploy.local.folder import RunFolder
from deploy.local.trying import accounts
from tests.browser import walking_accounts, walking_audit, walking_desk, walking_head
from tests.browser.chromium import chromium
from tests.browser.walking import Officer, refusals, walk

INTO = Path("build/screenshots")
ACCOUNT, STRANGER, ISSUER, HEAD = "71-inspector-1", "75-inspector-1", "75-02-issue", "71-head"
ADMINISTRATOR, LOCKED, AUDITOR = "administrator-1", "11-inspector-2", "auditor-1"


def main() -> int:
    folder = RunFolder()
    addresses = Report.read(folder).addresses
    console, desk, kept = (addresses.get(name) for name in ("officers' console", "issue desk", "accounts"))
    if console is None or desk is None or kept is None or folder.holder() is None:
        sys.stderr.write("Nothing runs here: make up\n")
        return 1
    words = {name.strip(): word for name, word in accounts(folder).items()}
    INTO.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for language in ("kk", "ru"):
            look = partial(keep, language)
            context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            case = walk(context.new_page(), console, Officer(ACCOUNT, words[ACCOUNT]), look)
            other = browser.new_context(locale=language)
            refusals(other.new_page(), console, Officer(STRANGER, words[STRANGER]), case, look)
            at_head = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            walking_head.walk(at_head.new_page(), console, Officer(HEAD, words[HEAD]), ACCOUNT, look)
            at_record = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            walking_audit.walk(at_record.new_page(), console, Officer(AUDITOR, words[AUDITOR]), look)
            at_desk = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            administrator = Officer(ADMINISTRATOR, words[ADMINISTRATOR])
            at_accounts = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
            walking_accounts.walk(at_accounts.new_page(), kept, administrator, LOCKED, look)
            walking_desk.walk(at_desk.new_page(), desk, Officer(ISSUER, words[ISSUER]), look)
    sys.stdout.write(f"{len([*INTO.glob('*.png')])} pictures in {INTO}\n")
    return 0


def keep(language: str, page: Page, name: str) -> None:
    page.screenshot(path=INTO / f"{name}-{language}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
