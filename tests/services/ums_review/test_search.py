"""The search by name on the pages and behind the API: who is found, what is told, and what is never told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.ums_review.finding import MOST_FOUND
from services.ums_review.web.console import HOME
from shared.engine.service import Audited
from shared.web.officers import Role
from tests.services.ums_review import cases
from tests.services.ums_review.console import Browser, Desk, desk_in
from tests.services.ums_review.office import KEYS, ROLES, SEALER, Office

SURNAME, WHOLE = "Үлгібаев", "ҮЛГІБАЕВ МЫСАЛ ҮЛГІБАЙҰЛЫ"
NONE = {"ru": "нет дела человека с таким именем", "kk": "мұндай аты-жөні бар адамның ісі жоқ"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


async def searched(browser: Browser, wanted: str) -> httpx.Response:
    await browser.open(HOME)
    return await browser.send("/search", wanted=wanted)


async def asked(office: Office, wanted: str, id: str = "17") -> httpx.Response:
    async with office.caller(id) as http:
        return await http.post("/reviews/search", json={"wanted": wanted})


def in_vain(office: Office) -> list[tuple[str, str]]:
    rows = [row for row in office.tables.rows_of(Audited, SEALER) if row.result == "NOTHING_FOUND"]
    return [(row.who, row.what) for row in rows]


@pytest.mark.parametrize("wanted", [SURNAME, "үлгібаев  мысал", WHOLE])
async def test_the_only_case_of_a_name_is_opened_at_once_and_the_find_is_on_record(desk: Desk, wanted: str) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("17")
    await searched(browser, wanted)
    assert browser.page.url.path == f"{HOME}/cases/{path.rpartition('/')[2]}"
    assert SURNAME.upper() not in str([answer.url for answer in (*browser.page.history, browser.page)]).upper()
    assert ("officer:17", "find-by-name", "done") in desk.office.audits(path)


async def test_several_people_of_one_surname_are_listed_with_their_names_and_days_of_birth(desk: Desk) -> None:
    first, second = await desk.office.arrive(1), await desk.office.arrive(2, surname="ҮЛГІБАЕВ", name="ӘЛІ")
    await desk.office.arrive(3, surname="УЛГИБАЕВ")
    browser = await desk.signed_in("17")
    await searched(browser, SURNAME)
    assert browser.page.url.path == f"{HOME}/search"
    for shown in (WHOLE, "ҮЛГІБАЕВ ӘЛІ", "15 января 1990", *(path.rpartition("/")[2] for path in (first, second))):
        assert shown in browser.text
    assert "УЛГИБАЕВ" not in browser.text
    await searched(browser, f"{SURNAME} Әлі Үлгібайұлы")
    assert browser.page.url.path.endswith(second.rpartition("/")[2])


@pytest.mark.parametrize("language", ["ru", "kk"])
async def test_a_name_that_nobody_bears_is_told_without_repeating_it(desk: Desk, language: str) -> None:
    await desk.office.arrive()
    browser = desk.browser(language)
    await browser.sign_in()
    await searched(browser, "Жоқбаев")
    assert NONE[language] in browser.text
    assert "Жоқбаев" not in browser.text
    assert in_vain(desk.office) == [("officer:17", f"POST {HOME}/search")]
    await searched(browser, "   ")
    assert NONE[language] in browser.text
    assert len(in_vain(desk.office)) == 1


async def test_another_region_and_the_person_themselves_find_nobody(desk: Desk) -> None:
    path = await desk.office.arrive()
    for id, region in (("75", "75"), ("me", cases.REGION)):
        browser = await desk.signed_in(id, region=region)
        await searched(browser, SURNAME)
        assert NONE["ru"] in browser.text
        found = (await asked(desk.office, SURNAME, id)).json()
        assert found == {"by": "name", "more": False, "cases": []}
    assert all(what != "find-by-name" for _, what, _ in desk.office.audits(path))
    assert sorted(in_vain(desk.office)) == sorted(
        (f"officer:{id}", f"POST {at}") for id in ("75", "me") for at in (f"{HOME}/search", "/reviews/search")
    )


async def test_of_a_common_surname_the_newest_are_shown_and_that_there_are_more(desk: Desk) -> None:
    for number in range(MOST_FOUND + 1):
        await desk.office.arrive(number)
    browser = await desk.signed_in("17")
    await searched(browser, SURNAME)
    assert "Показаны последние дела, есть и другие" in browser.text
    assert browser.page.text.count("/cases/") == MOST_FOUND
    found = (await asked(desk.office, SURNAME)).json()
    assert (found["more"], len(found["cases"])) == (True, MOST_FOUND)


async def test_the_api_finds_by_talon_by_iin_and_by_name(desk: Desk) -> None:
    path = await desk.office.arrive()
    for by, wanted in (("talon", cases.TALON), ("iin", cases.CITIZEN), ("name", f" {SURNAME} ")):
        answer = await asked(desk.office, wanted)
        found = answer.json()
        assert (answer.status_code, found["by"], len(found["cases"])) == (200, by, 1)
        (case,) = found["cases"]
        assert (case["application_id"], case["talon"]) == (path.rpartition("/")[2], cases.TALON)
        assert (case["name"], case["born"]) == ((WHOLE, "1990-01-15") if by == "name" else (None, None))
    for wrong in ("", "x" * 129):
        assert (await asked(desk.office, wrong)).status_code == 422
    looks = [what for _, what, _ in desk.office.audits(path) if what.startswith("find")]
    assert looks == ["find-by-iin", "find-by-name"]


async def test_who_has_another_role_or_none_searches_for_nobody(desk: Desk) -> None:
    path = await desk.office.arrive()
    for id in ("70", "nobody"):
        answer = await asked(desk.office, SURNAME, id)
        assert answer.status_code == (403 if id in ROLES else 401)
        assert WHOLE not in answer.text
    browser = await desk.signed_in("70", frozenset({Role.ISSUE}))
    answer = await browser.post(f"{desk.at}{HOME}/search", {"csrf": "csrf-70", "wanted": SURNAME})
    assert answer.status_code == 403
    assert all(not what.startswith("find") for _, what, _ in desk.office.audits(path))


async def test_no_name_stands_in_clear_in_any_row(desk: Desk) -> None:
    await desk.office.arrive()
    browser = await desk.signed_in("17")
    await searched(browser, SURNAME)
    await searched(browser, "Жоқбаев")
    tables = desk.office.tables
    written = repr([tables.states, tables.logs, tables.outbox, tables.due]).upper()
    assert SURNAME.upper() not in written
    assert "ЖОҚБАЕВ" not in written
    assert KEYS.blind_index(f"name/{cases.REGION}/{SURNAME.upper()}").upper() in written


async def test_the_search_is_the_same_with_a_minute_to_undo(tmp_path: Path) -> None:
    """A signed case and a decided one are found, too."""
    async with desk_in(tmp_path, timedelta(minutes=10)) as desk:
        path = await desk.office.arrive()
        async with desk.office.caller() as http:
            token = (await http.post(f"{path}/take")).json()["lease_token"]
            await http.post(f"{path}/decision", json=desk.office.decision(path, token))
        (case,) = (await asked(desk.office, SURNAME)).json()["cases"]
        assert case["standing"] == "SIGNED"
