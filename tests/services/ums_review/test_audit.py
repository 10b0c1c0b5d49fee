"""The auditor at the console: the record of the region and no other, searched, paged, taken along, and its chain."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.ums_review.web import audit
from services.ums_review.web.audit import AUDIT
from services.ums_review.web.console import HOME
from shared.engine.decision import ALMATY
from shared.engine.service import Audited
from shared.web.officers import Role
from tests.services.ums_review import cases
from tests.services.ums_review.console import Browser, Desk, desk_in
from tests.services.ums_review.office import SEALER
from tests.services.ums_review.recorded import LOG

AUDITOR = "au"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield desk


async def auditor(desk: Desk, path: str = AUDIT) -> Browser:
    browser = await desk.signed_in(AUDITOR, frozenset({Role.AUDITOR}))
    await browser.open(path)
    return browser


async def worked(desk: Desk) -> str:
    """A case that its inspector has opened, and that an inspector of another region was refused; its id."""
    id = (await desk.office.arrive()).rpartition("/")[2]
    inspector = await desk.signed_in("17")
    await inspector.open(f"{HOME}/cases/{id}")
    stranger = await desk.signed_in("75", region="75")
    await stranger.open(f"{HOME}/cases/{id}")
    return id


def on_record(desk: Desk) -> list[str]:
    """What the auditor did, as it stands on record."""
    rows = desk.office.tables.rows_of(Audited, SEALER)
    return [row.what for row in rows if row.who == f"officer:{AUDITOR}"]


async def test_an_auditor_who_signs_in_comes_to_the_record_of_the_region(desk: Desk) -> None:
    await worked(desk)
    browser = desk.browser()
    await browser.sign_in(AUDITOR)
    assert (browser.page.status_code, browser.page.url.path) == (200, AUDIT)
    for told in ("Журнал аудита", "город Астана", cases.TALON, "Просмотрено", "75", "отказано: OTHER_REGION"):
        assert told in browser.text, told
    for denied in ("Взять следующее дело", f"{HOME}/second", f"{HOME}/head", "/decision"):
        assert denied not in browser.text, denied
    for personal in (cases.CITIZEN, "ҮЛГІБАЕВ", "Үлгібаев"):
        assert personal not in browser.text


@pytest.mark.parametrize(
    ("asked", "talons", "refusals"),
    [("officer=17", True, False), ("refused=1", True, True), ("officer=75&refused=1", True, True),
     (f"about={cases.TALON}", True, True), ("officer=18", False, False), ("about=71-251006-000009-9", False, False),
     ("since=2999-01-01", False, False), ("until=2001-01-01", False, False)],
)  # fmt: skip
async def test_what_is_searched_is_found_and_nothing_else(desk: Desk, asked: str, talons: bool, refusals: bool) -> None:
    await worked(desk)
    browser = await auditor(desk, f"{AUDIT}?{asked}")
    assert browser.page.status_code == 200
    assert (cases.TALON in browser.text.partition("</form>")[2].partition("<tbody")[2]) is talons
    assert ("OTHER_REGION" in browser.text) is refusals
    assert talons or "В журнале вашего региона таких строк нет" in browser.text


async def test_a_day_of_almaty_is_searched_whole(desk: Desk) -> None:
    await worked(desk)
    today = desk.office.clock.now().astimezone(ALMATY).date()
    for since, until, found in ((today, today, True), (today + timedelta(days=1), None, False),
                                (None, today - timedelta(days=1), False)):  # fmt: skip
        browser = await auditor(desk, f"{AUDIT}?about={cases.TALON}&since={since or ''}&until={until or ''}")
        assert ("Просмотрено" in browser.text) is found, (since, until)


async def test_the_auditor_of_another_region_sees_none_of_it(desk: Desk) -> None:
    id = await worked(desk)
    other = await desk.signed_in("75", frozenset({Role.AUDITOR}), "75")
    accounts = (desk.office.folder / "officers.json").read_text()
    at = accounts.index('"id": "75"')
    (desk.office.folder / "officers.json").write_text(
        accounts[:at] + accounts[at:].replace('["inspector"]', '["auditor"]', 1)
    )
    for query in ("", "?refused=1", f"?about={id}", f"?about={cases.TALON}", "?officer=17"):
        await other.open(f"{AUDIT}{query}")
        assert other.page.status_code == 200
        assert cases.TALON not in other.text.partition("</form>")[2].partition("<tbody")[2]
        assert "OTHER_REGION" not in other.text


async def test_nobody_reads_the_record_of_their_own_application(desk: Desk) -> None:
    await worked(desk)
    accounts = (desk.office.folder / "officers.json").read_text()
    (desk.office.folder / "officers.json").write_text(accounts.replace("850101300102", cases.CITIZEN))
    browser = await auditor(desk)
    assert cases.TALON not in browser.text


async def test_pages_follow_each_other_and_nothing_is_shown_twice_or_left_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "ROWS", 2)
    id = await worked(desk)
    browser = await auditor(desk, f"{AUDIT}?about={cases.TALON}")
    seen: list[str] = []
    while True:
        rows = [row.partition("<td")[2].partition(">")[2].partition("<")[0] for row in browser.text.split("<tr")[2:]]
        assert 0 < len(rows) <= 2
        seen += rows
        if "Более ранние" not in browser.text:
            break
        link = next(part for part in browser.text.split('href="') if "Более ранние" in part.partition("</a>")[0])
        await browser.open(link.partition('"')[0])
    rows_of_case = [row for row in desk.office.tables.logs[LOG] if str(row["application_id"]) == id]
    assert seen == [str(row["seq"]) for row in reversed(rows_of_case)]
    assert len(seen) > 2


async def test_the_rows_are_taken_along_as_a_table(desk: Desk) -> None:
    id = await worked(desk)
    browser = await auditor(desk)
    answer = await browser.open(f"{AUDIT}/record.csv?officer=75&refused=1")
    rows = [*csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]
    assert [(row["application"], row["talon"], row["who"], row["what"], row["result"]) for row in rows] == [
        (id, cases.TALON, "officer:75", "view-case", "OTHER_REGION")
    ]


async def test_each_look_is_on_record_with_what_was_looked_for_and_never_with_what_was_typed(desk: Desk) -> None:
    id = await worked(desk)
    browser = await auditor(desk, f"{AUDIT}?about={cases.TALON}&officer=17&since=2025-10-06&until=2025-10-07&refused=1")
    await browser.open(f"{AUDIT}/record.csv?before=3")
    await browser.open(f"{AUDIT}/chain")
    assert on_record(desk) == [
        f"read-record application={id} officer=17 since=2025-10-06 until=2025-10-07 refused",
        "take-record-along before=3",
        "check-chain",
    ]
    for typed in (f"about={cases.CITIZEN}", f"officer={cases.CITIZEN}", "officer=Үлгібаев", "about=Үлгібаев"):
        await browser.open(f"{AUDIT}?{typed}")
        assert cases.TALON not in browser.text, typed
    nobodys, nobody = "read-record application=00000000-0000-0000-0000-000000000000", "read-record officer=unknown"
    assert on_record(desk)[3:] == [nobodys, nobody, nobody, nobodys]


async def test_a_day_that_is_none_is_told(desk: Desk) -> None:
    for day in ("soon", "0001-01-01", "9999-12-31"):
        browser = await auditor(desk, f"{AUDIT}?since={day}")
        assert (browser.page.status_code, "Выберите день" in browser.text) == (422, True)
    assert on_record(desk) == []


async def test_an_altered_row_is_seen(desk: Desk) -> None:
    await worked(desk)
    browser = await auditor(desk, f"{AUDIT}/chain")
    assert "Цепочка цела" in browser.text
    desk.office.tables.logs[LOG][1]["result"] = "APPROVE"
    await browser.open(f"{AUDIT}/chain")
    assert "Строка 2 изменена" in browser.text


async def test_an_inspector_has_no_access_to_the_record(desk: Desk) -> None:
    browser = await desk.signed_in("17")
    assert (await browser.open(AUDIT)).status_code == 403
    await browser.open(HOME)
    assert f'href="{AUDIT}"' not in browser.text
