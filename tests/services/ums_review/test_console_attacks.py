"""What is tried against the desk over real HTTP: each attempt refused with an answer of its own, and on record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.ums_review.review import Standing
from services.ums_review.web.console import HOME
from shared.engine.service import Audited
from shared.web.forgeries import house_of
from shared.web.gate import SESSION
from shared.web.officers import Role
from tests.engine.house import until
from tests.services.ums_review import cases
from tests.services.ums_review.console import Browser, Desk
from tests.services.ums_review.office import SEALER
from tests.services.ums_review.serving import served_desk

EVIL = "http://evil.example"
HOUSE = house_of("ums-review")
Attack = Callable[[Desk], Awaitable[tuple[httpx.Response, str]]]
"""What was answered, and the path of the case that was attacked."""


def case_path(path: str) -> str:
    return f"{HOME}/cases/{path.rpartition('/')[2]}"


def caller(desk: Desk, id: str = "17") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=desk.at, headers={"authorization": f"Bearer token-{id}"})


async def holding(desk: Desk, path: str, id: str = "17") -> Browser:
    """A browser on the page of the case that its officer holds."""
    browser = await desk.signed_in(id)
    await browser.open(case_path(path))
    await browser.send("/take")
    return browser


async def token_of(desk: Desk, path: str, id: str = "17") -> str:
    async with caller(desk, id) as http:
        return str((await http.post(f"{path}/take")).json()["lease_token"])


async def decide(desk: Desk, path: str, body: dict[str, Any], id: str = "17") -> httpx.Response:
    async with caller(desk, id) as http:
        return await http.post(f"{path}/decision", json=body)


async def tampered_on_the_way(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    body = desk.office.decision(path, await token_of(desk, path))
    changed = {**body, "decision": "ANNUL", "ground": "PHOTO", "reasons": ["PHOTO_BLURRED"]}
    return await decide(desk, path, changed), path


async def tampered_before_signing(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    browser = await holding(desk, path)
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
    desk.keys.broken = True
    return await browser.send("/decision"), path


async def replayed_on_another_case(desk: Desk) -> tuple[httpx.Response, str]:
    one, other = await desk.office.arrive(1), await desk.office.arrive(2)
    body = desk.office.decision(one, await token_of(desk, one))
    return await decide(desk, other, {**body, "lease_token": await token_of(desk, other)}), other


async def replayed_after_its_undoing(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    body = desk.office.decision(path, await token_of(desk, path))
    assert (await decide(desk, path, body)).status_code == 202
    async with caller(desk) as http:
        await http.request("DELETE", f"{path}/decision", json={"decision_id": body["decision_id"]})
    return await decide(desk, path, body), path


async def replayed_by_a_colleague(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    body = desk.office.decision(path, await token_of(desk, path, "18"), signer="17")
    return await decide(desk, path, body, "18"), path


async def replayed_much_later(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    earlier = (desk.office.clock.now() - timedelta(hours=1)).isoformat()
    return await decide(desk, path, desk.office.decision(path, await token_of(desk, path), decided_at=earlier)), path


async def with_a_guessed_lease(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    await token_of(desk, path, "18")
    return await decide(desk, path, desk.office.decision(path, "guessed")), path


async def with_an_expired_lease(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    browser = await holding(desk, path)
    await browser.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
    review = desk.office.state(path)
    assert review.lease_until
    ends = review.lease_until
    await until(lambda: desk.office.clock.machine_now() > ends)
    form = {
        "csrf": "csrf-17", "lease_token": review.lease_token, "decision": "APPROVE", "decision_id": "d-1",
        "documentation_code": cases.CODE, "decided_at": desk.office.clock.now().isoformat(),
    }  # fmt: skip
    return await browser.post(f"{case_path(path)}/decision", form), path


async def with_a_stolen_cookie_after_sign_out(desk: Desk) -> tuple[httpx.Response, str]:
    browser = await desk.signed_in("17")
    thief = desk.browser()
    thief.http.cookies.update(dict(browser.http.cookies))
    await browser.open(HOME)
    await browser.send("/sign-out")
    return await thief.open(HOME), ""


async def with_an_invented_cookie(desk: Desk) -> tuple[httpx.Response, str]:
    thief = desk.browser()
    thief.http.cookies.set(SESSION, "invented", domain=httpx.URL(desk.at).host)
    return await thief.open(HOME), ""


async def with_a_form_without_proof(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    browser = await desk.signed_in("17")
    return await browser.post(f"{case_path(path)}/take", {"csrf": "csrf-18"}), path


async def with_a_form_of_another_site(desk: Desk) -> tuple[httpx.Response, str]:
    browser = await desk.signed_in("17")
    return await browser.post(f"{HOME}/next", {"csrf": "csrf-17"}, EVIL), ""


async def by_a_direct_link_from_another_region(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    return await (await desk.signed_in("75", region="75")).open(case_path(path)), path


async def a_photo_of_another_region(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    return await (await desk.signed_in("75", region="75")).open(f"{case_path(path)}/images/photo"), path


async def taken_from_another_region(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    browser = await desk.signed_in("75", region="75")
    return await browser.post(f"{case_path(path)}/take", {"csrf": "csrf-75"}), path


async def ones_own_application(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    browser = await desk.signed_in("me")
    return await browser.post(f"{case_path(path)}/take", {"csrf": "csrf-me"}), path


async def a_colleagues_decision_undone(desk: Desk) -> tuple[httpx.Response, str]:
    path = await desk.office.arrive()
    body = desk.office.decision(path, await token_of(desk, path))
    assert (await decide(desk, path, body)).status_code == 202
    browser = await desk.signed_in("18")
    return await browser.post(f"{case_path(path)}/undo", {"csrf": "csrf-18", "decision_id": body["decision_id"]}), path


async def by_an_officer_without_the_role(desk: Desk) -> tuple[httpx.Response, str]:
    return await (await desk.signed_in("70", frozenset({Role.ISSUE}))).open(HOME), ""


async def by_an_answer_that_the_issuer_never_gave(desk: Desk) -> tuple[httpx.Response, str]:
    browser = desk.browser()
    await browser.open(f"{HOME}/sign-in")
    return await browser.open(f"{HOME}/signed-in?code=stolen&state=forged"), ""


DAY, SHORT, LONG = timedelta(days=1), timedelta(seconds=0.2), timedelta(seconds=30)
SIGN, VIEW = "sign-decision", "view-case"
ATTACKS: dict[Attack, tuple[int, str, tuple[str, str, str]]] = {
    tampered_on_the_way: (422, "PAYLOAD_DIFFERS", ("officer:17", SIGN, "PAYLOAD_DIFFERS")),
    tampered_before_signing: (422, "Подпись недействительна", ("officer:17", SIGN, "PAYLOAD_DIFFERS")),
    replayed_on_another_case: (422, "PAYLOAD_DIFFERS", ("officer:17", SIGN, "PAYLOAD_DIFFERS")),
    replayed_after_its_undoing: (409, "DECISION_ID_SPENT", ("officer:17", SIGN, "DECISION_ID_SPENT")),
    replayed_by_a_colleague: (422, "PAYLOAD_DIFFERS", ("officer:18", SIGN, "PAYLOAD_DIFFERS")),
    replayed_much_later: (422, "not_now", ("officer:17", SIGN, "NOT_NOW")),
    with_a_guessed_lease: (409, "LEASE_LOST", ("officer:17", SIGN, "LEASE_LOST")),
    with_an_expired_lease: (409, "LEASE_LOST", ("officer:17", SIGN, "LEASE_LOST")),
    with_a_stolen_cookie_after_sign_out: (401, "SIGN_IN_FIRST", ("officer:17", f"GET {HOME}", "SESSION_OVER")),
    with_an_invented_cookie: (401, "SIGN_IN_FIRST", ("unknown", f"GET {HOME}", "SESSION_OVER")),
    with_a_form_without_proof: (403, "CSRF", ("officer:17", "take-review", "CSRF")),
    with_a_form_of_another_site: (403, "CSRF", ("officer:17", f"POST {HOME}/next", "CSRF")),
    by_a_direct_link_from_another_region: (403, "OTHER_REGION", ("officer:75", VIEW, "OTHER_REGION")),
    a_photo_of_another_region: (403, "OTHER_REGION", ("officer:75", "view-photo", "OTHER_REGION")),
    taken_from_another_region: (403, "OTHER_REGION", ("officer:75", "take-review", "OTHER_REGION")),
    ones_own_application: (403, "OWN_APPLICATION", ("officer:me", "take-review", "OWN_APPLICATION")),
    a_colleagues_decision_undone: (403, "NOT_YOUR_DECISION", ("officer:18", "undo-decision", "NOT_YOUR_DECISION")),
    by_an_officer_without_the_role: (403, "ROLE", ("officer:70", f"GET {HOME}", "ROLE")),
    by_an_answer_that_the_issuer_never_gave: (403, "SIGN_IN", ("unknown", f"GET {HOME}/signed-in", "SIGN_IN")),
}  # fmt: skip


@asynccontextmanager
async def desk_for(attack: Attack, folder: Path) -> AsyncIterator[Desk]:
    lease = SHORT if attack is with_an_expired_lease else DAY
    async with served_desk(folder, LONG, review_lease=lease) as desk:
        yield desk


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.replace("_", "-"))
async def test_it_is_refused_with_an_answer_of_its_own_and_is_on_record(attack: Attack, tmp_path: Path) -> None:
    status, code, line = ATTACKS[attack]
    async with desk_for(attack, tmp_path) as desk:
        answer, path = await attack(desk)
        assert (answer.status_code, code in answer.text) == (status, True)
        about = UUID(path.rpartition("/")[2]) if path else HOUSE
        rows = [row for row in desk.office.tables.rows_of(Audited, SEALER) if row.application_id == about]
        found = [row for row in rows if (row.who, row.what, row.result) == line]
        assert [row.where for row in found] == ["127.0.0.1"]
        if path:
            assert desk.office.state(path).standing in (Standing.QUEUED, Standing.SIGNED)
            assert not desk.office.wire.said("review-approved")
