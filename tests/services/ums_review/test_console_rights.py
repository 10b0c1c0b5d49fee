"""Every page of the console × every role × own and other region: who gets in, and who is told no by which page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.ums_review.web.console import CASE, Page
from shared.web.officers import Role
from tests.services.ums_review import cases
from tests.services.ums_review.console import AT, Desk, desk_in
from tests.services.ums_review.office import BIN

REGIONS = {"own": cases.REGION, "other": "75"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        accounts = [
            {"id": f"{role}-{where}", "iin": f"8501013{number:05}", "bin": BIN, "region": region, "point": None,
             "roles": [role], "token_sha256": hashlib.sha256(f"{role}-{where}".encode()).hexdigest()}
            for number, role in enumerate(Role) for where, region in REGIONS.items()
        ]  # fmt: skip
        (tmp_path / "officers.json").write_text(json.dumps(accounts))
        yield desk


async def test_every_page_lets_in_its_own_roles_of_the_region_and_nobody_else(desk: Desk) -> None:
    path = (await desk.office.arrive()).rpartition("/")[2]
    for page in desk.pages:
        for role in Role:
            for where, region in REGIONS.items():
                status = await knock(desk, page, role, where, region, path)
                about = page.path.startswith(CASE)
                if role not in page.roles or (about and where == "other"):
                    assert status == 403, (page.method, page.path, role, where)
                else:
                    assert status != 403, (page.method, page.path, role, where)
                    assert status < 500, (page.method, page.path, role, where)


async def test_without_a_session_every_page_asks_to_sign_in(desk: Desk) -> None:
    path = (await desk.office.arrive()).rpartition("/")[2]
    browser = desk.browser()
    for page in desk.pages:
        answer = await browser.http.request(page.method, f"{AT}{page.path.replace('{id:uuid}', path)}")
        assert answer.status_code == 401, page.path


async def test_what_changes_anything_is_a_post_and_wants_the_forms_proof(desk: Desk) -> None:
    path = (await desk.office.arrive()).rpartition("/")[2]
    for page in desk.pages:
        if page.method == "POST":
            role = min(page.roles)
            browser = await desk.signed_in(f"{role}-own", frozenset({role}))
            answer = await browser.post(f"{AT}{page.path.replace('{id:uuid}', path)}", {"csrf": "another"})
            assert answer.status_code == 403, page.path
            assert "CSRF" in browser.text


async def knock(desk: Desk, page: Page, role: Role, where: str, region: str, id: str) -> int:
    """The status that the account gets there, with a form that would be whole but for what it decides."""
    account = f"{role}-{where}"
    browser = await desk.signed_in(account, frozenset({role}), region)
    target = f"{AT}{page.path.replace('{id:uuid}', id)}"
    if page.method == "GET":
        return (await browser.http.get(target)).status_code
    form = {
        "csrf": f"csrf-{account}", "lease_token": "none", "decision": "APPROVE", "decision_id": "d-9",
        "documentation_code": cases.CODE, "decided_at": desk.office.clock.now().isoformat(), "reason": "why",
    }  # fmt: skip
    return (await browser.post(target, form)).status_code
