"""The head of a region at the console: numbers that are true, cases reassigned on record, tables to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.ums_review.notes import Note
from services.ums_review.review import Standing
from services.ums_review.web import chart
from services.ums_review.web.console import HOME
from services.ums_review.web.exports import table
from services.ums_review.web.tallies import Held, at_risk, workload_of
from shared.web.officers import Role
from tests.services.running import NOW
from tests.services.ums_review import cases
from tests.services.ums_review.console import AT, Browser, Desk, desk_in
from tests.services.ums_review.office import SEALER

HEAD = f"{HOME}/head"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


async def head(desk: Desk) -> Browser:
    return await desk.signed_in("h", frozenset({Role.HEAD}))


def form(*paths: str, **more: str) -> dict[str, object]:
    chosen = [path.rpartition("/")[2] for path in paths]
    return {"csrf": "csrf-h", "case": chosen, "to": "18", "reason": "отпуск", **more}


async def test_the_head_sees_what_waits_with_its_true_ages_and_what_was_decided(desk: Desk) -> None:
    first, _ = await desk.office.arrive(1), await desk.office.arrive(2)
    inspector = desk.browser()
    await inspector.sign_in()
    await inspector.open(f"{HOME}/cases/{first.rpartition('/')[2]}")
    await inspector.send("/take")
    fields: dict[str, Any] = {"decision": "ANNUL", "ground": "PHOTO", "reason": ["PHOTO_BLURRED", "PHOTO_EYES"]}
    await inspector.send("/preview", documentation_code=cases.CODE, **fields)
    await inspector.send("/decision")
    await desk.office.said("review-annulled")
    browser = await head(desk)
    await browser.open(HEAD)
    for text in ("Работа региона", "Ждущие дела", cases.CODE, "Изображение лица нечёткое.", "<rect", "0 (0.0 %)"):
        assert text in browser.text
    assert "style=" not in browser.page.text, "the policy of the browser forbids it"
    rows = [*csv.DictReader(io.StringIO((await browser.open(f"{HEAD}/reasons.csv")).content.decode("utf-8-sig")))]
    assert [(row["ground"], row["reason"], row["times"]) for row in rows] == [
        ("PHOTO", "PHOTO_BLURRED", "1"), ("PHOTO", "PHOTO_EYES", "1"),
    ]  # fmt: skip
    officers = (await browser.open(f"{HEAD}/officers.csv")).content.decode("utf-8-sig").splitlines()
    assert officers[1] == "17,0,1,0,0.0"
    waiting = (await browser.open(f"{HEAD}/cases.csv")).content.decode("utf-8-sig").splitlines()
    assert len(waiting) == 2
    assert cases.CITIZEN not in "".join(waiting)


async def test_a_head_moves_cases_to_an_officer_or_back_and_each_is_on_record_with_the_reason(desk: Desk) -> None:
    paths = [await desk.office.arrive(number) for number in (1, 2)]
    holder = desk.browser()
    await holder.sign_in()
    await holder.send("/next")
    browser = await head(desk)
    await browser.post(f"{AT}{HEAD}/reassign", form(*paths))
    assert "Передано 2 дела." in browser.text
    for path in paths:
        assert desk.office.state(path).lease_officer == "18"
        assert ("officer:h", "reassign-review", "to:18") in desk.office.audits(path)
    notes = desk.office.tables.rows_of(Note, SEALER)
    assert {(note.about, note.text.value) for note in notes} == {("reassign-review", "отпуск")}
    assert (await holder.send("/extend")).status_code == 409
    assert "LEASE_LOST" in holder.text
    other = desk.browser()
    await other.sign_in("18")
    await other.open(f"{HOME}?whose=mine")
    assert cases.TALON in other.text
    await browser.post(f"{AT}{HEAD}/reassign", form(paths[0], to="-"))
    assert desk.office.state(paths[0]).lease_officer is None


async def test_what_cannot_be_moved_stands_and_is_told(desk: Desk) -> None:
    path = await desk.office.arrive()
    browser = await head(desk)
    unknown = str(UUID(int=99))
    await browser.post(f"{AT}{HEAD}/reassign", form(path, unknown, to="me"))
    assert "Передано 0 дел." in browser.text
    assert "Остальное не изменилось" in browser.text
    assert desk.office.state(path).lease_officer is None
    assert ("officer:h", "reassign-review", "OWN_APPLICATION") in desk.office.audits(path)
    assert desk.office.audits(unknown) == [], "nothing is made of an id that was never heard of"


async def test_a_head_of_another_region_moves_nothing_here_and_it_is_on_record(desk: Desk, tmp_path: Path) -> None:
    path = await desk.office.arrive()
    accounts = (tmp_path / "officers.json").read_text().replace('"region": "75"', '"region": "75", "more": 1')
    (tmp_path / "officers.json").write_text(accounts.replace('["inspector"]', '["inspector", "head"]'))
    browser = await desk.signed_in("75", frozenset({Role.HEAD}), "75")
    assert cases.TALON not in (await browser.open(HEAD)).text
    answer = await browser.post(f"{AT}{HEAD}/reassign", {**form(path, to="75"), "csrf": "csrf-75"})
    assert answer.status_code == 200
    assert "Передано 0 дел." in browser.text
    assert desk.office.state(path).lease_officer is None
    assert ("officer:75", "reassign-review", "OTHER_REGION") in desk.office.audits(path)


async def test_a_signed_decision_is_not_moved(tmp_path: Path) -> None:
    async with desk_in(tmp_path, timedelta(seconds=60)) as desk:
        path = await desk.office.arrive()
        inspector = desk.browser()
        await inspector.sign_in()
        await inspector.send("/next")
        await inspector.send("/preview", decision="APPROVE", documentation_code=cases.CODE)
        await inspector.send("/decision")
        browser = await head(desk)
        await browser.post(f"{AT}{HEAD}/reassign", form(path))
        assert desk.office.state(path).standing is Standing.SIGNED
        assert ("officer:h", "reassign-review", "ALREADY_SIGNED") in desk.office.audits(path)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [({"reason": " "}, "Напишите, почему"), ({"case": []}, "Выберите дела"), ({"case": ["x"]}, "Выберите дела"),
     ({"to": "75"}, "Выберите, кому"), ({"to": "70"}, "Выберите, кому")],
)  # fmt: skip
async def test_a_reassignment_that_does_not_say_all_moves_nothing(
    desk: Desk, spoilt: dict[str, object], words: str
) -> None:
    path = await desk.office.arrive()
    browser = await head(desk)
    answer = await browser.post(f"{AT}{HEAD}/reassign", {**form(path), **spoilt})
    assert answer.status_code == 422
    assert words in browser.text
    assert desk.office.state(path).lease_officer is None


@pytest.mark.parametrize("weeks", ["0", "54", "x", "-1", "¹"])
async def test_a_period_that_is_none_is_refused(desk: Desk, weeks: str) -> None:
    browser = await head(desk)
    assert (await browser.open(f"{HEAD}?weeks={weeks}")).status_code == 422


def held(number: int, due: date, warned: int = 0, holder: str | None = None) -> Held:
    queued = NOW + timedelta(hours=number)
    return Held(UUID(int=number), f"t{number}", 1, due - timedelta(days=3), queued, due, warned, "QUEUED", holder, "c")


def test_a_term_is_at_risk_when_most_of_it_has_passed_or_all() -> None:
    today = date(2025, 10, 8)
    waiting = [held(1, date(2025, 10, 7), 100, "17"), held(2, today, 70, "17"), held(3, date(2025, 10, 9))]
    load = workload_of(waiting, today)
    assert [case.application_id.int for case in at_risk(waiting, today)] == [1, 2]
    assert (load.all, load.free, load.overdue, load.at_risk) == (3, 1, 1, 2)
    assert (load.by_holder, load.by_code) == ((("17", 2),), (("c", 3),))
    assert load.oldest_submitted == date(2025, 10, 4)


def test_the_highest_column_of_a_chart_takes_all_its_height_and_parts_stand_upon_each_other() -> None:
    first, second = chart.columns([("06.10", {"a": 3, "b": 1}), ("13.10", {"b": 2})], ("a", "b"))
    assert [bar.part for bar in first.bars] == ["a", "b"]
    assert first.bars[0].y == pytest.approx(first.bars[1].y + first.bars[1].height, abs=0.2)
    assert sum(bar.height for bar in first.bars) == pytest.approx(chart.HEIGHT - chart.FOOT - 18, abs=0.2)
    assert (second.sum, len(second.bars)) == (2, 1)
    assert chart.columns([], ("a",)) == []


def test_no_cell_of_a_table_is_a_formula() -> None:
    answer = table("x", ("a", "b"), [("=1+1", 5), ("-", "@x")])
    assert bytes(answer.body).decode("utf-8-sig").splitlines() == ["a,b", "'=1+1,5", "'-,'@x"]
