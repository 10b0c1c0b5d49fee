"""Every page of the issue desk × every role × own point, another point, another region: who gets in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from services.production_dispatch.web.counter import CARD, HOME
from shared.engine.decision import ALMATY
from shared.web.officers import Role
from shared.web.parts import Page
from tests.services.production_dispatch import cases
from tests.services.production_dispatch.counter import BIN
from tests.services.production_dispatch.house import House, house_in
from tests.services.ums_review.console import AT

PLACES = {"own": (cases.REGION, cases.POINT), "other-point": (cases.REGION, cases.ELSEWHERE), "abroad": ("75", "75-01")}
ABOUT = (CARD, f"{HOME}/shipments/")
"""Pages about something of the own point."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_in(tmp_path) as house:
        accounts = [
            {"id": f"{role}-{where}", "iin": f"8501013{number:05}", "bin": BIN, "region": region, "point": point,
             "roles": [role], "token_sha256": hashlib.sha256(f"{role}-{where}".encode()).hexdigest()}
            for number, role in enumerate(Role) for where, (region, point) in PLACES.items()
        ]  # fmt: skip
        (tmp_path / "officers.json").write_text(json.dumps(accounts))
        await house.counter.at_its_point()
        yield house


def target(page: Page) -> str:
    path = page.path.replace("{talon}", "talon-1").replace("{day}", datetime.now(ALMATY).date().isoformat())
    return f"{AT}{path}?shipment=Р-1&act=none"


async def knock(house: House, page: Page, role: Role, where: str) -> int:
    """The status that the account gets there, with a form that states nothing."""
    account = f"{role}-{where}"
    browser = await house.signed_in(account, role, PLACES[where][0])
    if page.method == "GET":
        return (await browser.http.get(target(page))).status_code
    form = {"csrf": f"csrf-{account}", "act_id": "a", "shipment": "Р-1", "how": "all", "batch": "b", "visitor": "proxy"}
    return (await browser.post(target(page), form)).status_code


async def test_every_page_lets_in_issue_officers_and_shows_only_their_own_point(house: House) -> None:
    for page in house.pages:
        for role in Role:
            for where in PLACES:
                status = await knock(house, page, role, where)
                told = (page.method, page.path, role, where, status)
                if role is not Role.ISSUE:
                    assert status == 403, told
                elif where != "own" and page.path.startswith(ABOUT):
                    assert status in (403, 404), told
                else:
                    assert status < 500, told
                    assert status != 403, told


async def test_without_a_session_every_page_asks_to_sign_in(house: House) -> None:
    browser = house.browser()
    for page in house.pages:
        assert (await browser.http.request(page.method, target(page))).status_code == 401, page.path


async def test_what_changes_anything_is_a_post_and_wants_the_forms_proof(house: House) -> None:
    browser = await house.signed_in("issue-own")
    for page in house.pages:
        if page.method == "POST":
            assert (await browser.post(target(page), {"csrf": "another"})).status_code == 403, page.path
            assert "CSRF" in browser.text
