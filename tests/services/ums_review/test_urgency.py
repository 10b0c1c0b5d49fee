"""How urgent a case is, by working days; a search that tells nobody's IIN; other applications of the same person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.ums_review.urgency import EVER, Urgency, due_days, urgency_of
from services.ums_review.web.console import HOME
from shared.engine.service import Audited
from shared.law.calendar import NONE, working_days_between
from tests.services.ums_review import cases
from tests.services.ums_review.console import Desk, desk_in
from tests.services.ums_review.office import SEALER

YEAR = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


@pytest.mark.parametrize("today", YEAR[::13])
def test_the_days_of_each_urgency_are_those_that_a_case_is_given(today: date) -> None:
    for due_on in (today + timedelta(days=n) for n in range(-20, 21)):
        urgency = urgency_of(due_on, working_days_between(today, due_on), today)
        for each in Urgency:
            first, last = due_days(each, today, NONE)
            assert (first <= due_on <= last) is (each is urgency), (due_on, each)


def test_on_friday_what_is_due_on_monday_is_due_soon() -> None:
    assert due_days(Urgency.SOON, date(2025, 10, 3), NONE) == (date(2025, 10, 3), date(2025, 10, 6))
    assert due_days(None, date(2025, 10, 3), NONE) == EVER


async def test_the_queue_is_filtered_by_urgency_and_an_unknown_one_is_refused(desk: Desk) -> None:
    await desk.office.arrive()
    browser = await desk.signed_in("17")
    shown = []
    for urgency in Urgency:
        await browser.open(f"{HOME}?whose=all&due={urgency}")
        shown.append(cases.TALON in browser.text)
    assert shown.count(True) == 1
    assert (await browser.open(f"{HOME}?due=yesterday")).status_code == 422


async def test_a_person_is_found_by_iin_which_stands_in_no_address_and_each_find_is_on_record(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("17")
    await browser.open(HOME)
    await browser.send("/search", wanted=cases.CITIZEN)
    assert browser.page.url.path.endswith(path.rpartition("/")[2])
    assert cases.CITIZEN not in str([answer.url for answer in (*browser.page.history, browser.page)])
    assert ("officer:17", "find-by-iin", "done") in desk.office.audits(path)
    other = await desk.office.arrive(2)
    await browser.open(HOME)
    await browser.send("/search", wanted=cases.CITIZEN)
    assert browser.page.url.path == f"{HOME}/search"
    for each in (path, other):
        assert f"/cases/{each.rpartition('/')[2]}" in browser.text


async def test_nobody_finds_themselves_and_a_search_in_vain_is_on_record_without_the_iin(desk: Desk) -> None:
    await desk.office.arrive()
    browser = await desk.signed_in("me")
    await browser.open(HOME)
    await browser.send("/search", wanted=cases.CITIZEN)
    assert "В вашем регионе нет дела с этим ИИН" in browser.text
    assert cases.CITIZEN not in browser.text
    rows = [row for row in desk.office.tables.rows_of(Audited, SEALER) if row.result == "NOTHING_FOUND"]
    assert [(row.who, row.what) for row in rows] == [("officer:me", f"POST {HOME}/search")]


async def test_other_applications_of_the_same_person_stand_on_the_page_of_the_case(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await desk.signed_in("17")
    await browser.open(f"{HOME}/cases/{path.rpartition('/')[2]}")
    assert "Другие заявки этого человека" not in browser.text
    other = await desk.office.arrive(2)
    await browser.open(f"{HOME}/cases/{path.rpartition('/')[2]}")
    assert "Другие заявки этого человека" in browser.text
    assert f"/cases/{other.rpartition('/')[2]}" in browser.text


async def test_who_comes_by_the_address_of_a_form_alone_is_led_on(desk: Desk) -> None:
    path = (await desk.office.arrive()).rpartition("/")[2]
    browser = await desk.signed_in("17")
    assert (await browser.open(f"{HOME}/search")).url.path == HOME
    assert (await browser.open(f"{HOME}/cases/{path}/preview")).url.path == f"{HOME}/cases/{path}"
