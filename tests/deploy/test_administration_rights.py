"""Every address of the administrator's pages × every role: who gets in. The addresses are the process's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Route

from deploy.identity.settings import ADMINISTRATION
from shared.web.officers import Role
from tests.deploy.administered import ADMINISTRATOR, INSPECTOR, KNOWN, House, administered

DOOR = {"/sign-in", "/signed-in", "/sign-out", "/language/{language}", "/sessions", "/sessions/end", "/session-time",
        "/stay"}  # fmt: skip
"""What belongs to the door, as at the console: it is nobody's, or everybody's own."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with administered(tmp_path) as house:
        yield house


def pages(house: House) -> list[tuple[str, str]]:
    """Method and address of every page behind the door, about the inspector's account."""
    found = [
        (method, route.path.replace("{id}", INSPECTOR).replace("{step}", "lock"))
        for route in house.app.routes
        if isinstance(route, Route) and route.path.startswith(ADMINISTRATION)
        if route.path.removeprefix(ADMINISTRATION) not in DOOR
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    assert len(found) == 8
    return found


async def test_the_administrator_alone_gets_in_and_the_others_knocks_are_on_record(house: House) -> None:
    every = pages(house)
    held = {role for id in KNOWN for role in house.accounts().register.all()[id].roles}
    assert held == set(Role)
    for id in KNOWN:
        browser = await house.signed_in(id)
        for method, path in every:
            form = {"csrf": browser.csrf()} if browser.page.status_code < 400 else {}
            answer = await browser.http.request(method, f"{house.at}{path}", data=form if method == "POST" else None)
            assert (answer.status_code == 403) is (id != ADMINISTRATOR), (method, path, id)
            assert answer.status_code < 500
    turned_away = [row for row in house.record() if row.result == "ROLE"]
    assert {row.who for row in turned_away} == {f"officer:{id}" for id in KNOWN if id != ADMINISTRATOR}


async def test_without_a_session_every_page_leads_to_the_sign_in(house: House) -> None:
    browser = house.browser()
    for method, path in pages(house):
        answer = await browser.http.request(method, f"{house.at}{path}")
        assert answer.status_code == 401, path
        assert f'href="{ADMINISTRATION}/sign-in"' in answer.text


async def test_what_changes_anything_is_a_post_and_wants_the_forms_proof(house: House) -> None:
    browser = await house.signed_in()
    stood = house.accounts().register.all()[INSPECTOR]
    for method, path in pages(house):
        if method == "POST":
            for forged in ({"csrf": "another"}, {"csrf": ""}):
                answer = await browser.post(f"{house.at}{path}", forged)
                assert (answer.status_code, "CSRF" in browser.text) == (403, True), path
            await browser.open(ADMINISTRATION)
            csrf = browser.csrf()
            answer = await browser.post(f"{house.at}{path}", {"csrf": csrf}, origin="http://evil.example")
            assert answer.status_code == 403, path
    assert house.accounts().register.all()[INSPECTOR] == stood
    assert [row.result for row in house.record()].count("CSRF") == 12


async def test_a_cookie_serves_no_more_after_sign_out(house: House) -> None:
    browser = await house.signed_in()
    stolen = dict(browser.http.cookies)
    await browser.send("/sign-out")
    thief = house.browser()
    thief.http.cookies.update(stolen)
    assert (await thief.open(ADMINISTRATION)).status_code == 401
    assert house.record()[0].result == "SESSION_OVER"
