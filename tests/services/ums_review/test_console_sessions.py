"""Sessions of the console: over by sign-out, idleness or revocation, listed for their owner, warned of in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Route

from services.ums_review.web.console import HOME
from shared.engine.service import Audited
from shared.web.forgeries import house_of
from shared.web.oidc import BY_PASSWORD
from shared.web.own_sessions import WARN
from shared.web.sessions import IDLE, handle_of
from tests.services.ums_review.console import AT, Desk, desk_in
from tests.services.ums_review.office import SEALER

OWN = {"/sessions": "GET", "/sessions/end": "POST", "/session-time": "GET", "/stay": "POST"}
"""What everybody who is signed in may use, for themselves."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


async def test_a_cookie_serves_no_more_after_sign_out_or_idleness(desk: Desk) -> None:
    browser = desk.browser()
    await browser.sign_in()
    stolen = dict(browser.http.cookies)
    assert "Вы вышли из системы" in (await browser.send("/sign-out")).text
    thief = desk.browser()
    thief.http.cookies.update(stolen)
    assert (await thief.open(HOME)).status_code == 401
    idle = await desk.signed_in("17")
    session, _ = desk.sessions.kept["session-17"]
    desk.sessions.kept["session-17"] = (session, desk.office.clock.machine_now() - IDLE)
    assert (await idle.open(HOME)).status_code == 401
    assert "слишком долго отсутствовали" in idle.text
    assert f'href="{HOME}/sign-in"' in idle.text


async def test_who_signed_in_by_a_password_alone_is_not_let_in_and_it_is_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.identity.issuer.BY_KEY", BY_PASSWORD)
    browser = desk.browser()
    assert (await browser.sign_in()).status_code == 403
    assert "Ваш ключ не запросили" in browser.text
    assert (await browser.open(HOME)).status_code == 401
    house = house_of("ums-review")
    rows = [row for row in desk.office.tables.rows_of(Audited, SEALER) if row.application_id == house]
    assert [row.result for row in rows] == ["SECOND_STEP"]


async def test_signing_out_on_all_devices_ends_the_others(desk: Desk) -> None:
    one, other = desk.browser(), desk.browser()
    await one.sign_in()
    await other.sign_in()
    await one.open(f"{HOME}/sessions")
    await one.post(f"{HOME}/sign-out", {**one.hidden("/sign-out"), "everywhere": "1"})
    assert (await other.open(HOME)).status_code == 401


async def test_the_list_has_ones_own_sessions_and_ends_any_of_them(desk: Desk) -> None:
    one, other, stranger = desk.browser(), desk.browser(), await desk.signed_in("18")
    await one.sign_in()
    await other.sign_in()
    await one.open(f"{HOME}/sessions")
    assert one.text.count("/sessions/end") == 1
    assert "этот сеанс" in one.text
    assert handle_of("session-18") not in one.text
    assert (
        await one.post(f"{HOME}/sessions/end", {"csrf": one.csrf(), "handle": handle_of("session-18")})
    ).status_code == 404
    await one.open(f"{HOME}/sessions")
    await one.send("/sessions/end")
    assert "/sessions/end" not in one.text
    assert (await other.open(HOME)).status_code == 401
    assert (await stranger.open(HOME)).status_code == 200


async def test_a_page_is_warned_before_the_session_ends_and_told_when_it_has(desk: Desk) -> None:
    browser = await desk.signed_in("17")
    time = f"{HOME}/session-time"
    await browser.open(time)
    assert "form" not in browser.text
    session, _ = desk.sessions.kept["session-17"]
    desk.sessions.kept["session-17"] = (session, desk.office.clock.machine_now() - IDLE + WARN)
    await browser.open(time)
    assert "Остаться" in browser.text
    await browser.open(time)
    assert "Остаться" in browser.text, "asking keeps nothing alive"
    browser.http.headers["hx-request"] = "true"
    await browser.send("/stay")
    assert "Остаться" not in browser.text
    desk.sessions.kept["session-17"] = (session, desk.office.clock.machine_now() - IDLE)
    assert (await browser.open(time)).status_code == 200
    assert "Ваш сеанс окончен" in browser.text


async def test_every_address_is_a_page_with_its_roles_or_belongs_to_the_door(desk: Desk) -> None:
    addresses = {route.path for route in desk.app.routes if isinstance(route, Route) and route.path.startswith(HOME)}
    door = {path.removeprefix(HOME) for path in addresses - {page.path for page in desk.pages}}
    assert door == {"/sign-in", "/signed-in", "/sign-out", "/language/{language}", *OWN}
    stranger = desk.browser()
    for path, method in OWN.items():
        answer = await stranger.http.request(method, f"{AT}{HOME}{path}")
        told = answer.status_code == 401 or "Сеансыңыз аяқталды" in answer.text or "Ваш сеанс окончен" in answer.text
        assert told, path
