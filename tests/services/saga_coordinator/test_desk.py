"""Operations and the auditor at the coordinator: who may look, what they see, and what driving a case does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from shared.contracts.attempts import AttemptFailed, Failure
from shared.contracts.values import Ending
from tests.engine.house import until
from tests.services.saga_coordinator.office import Office, office_in
from tests.services.saga_coordinator.telling import ID, NOW, annulled, closed, not_recalled, notified, submitted
from tests.services.saga_coordinator.ways import ASIDE, WAY

CASE, DRIVE = f"/cases/{ID}", f"/operations/cases/{ID}/drive"
OTHER = UUID(int=99)
ACT = {"act_id": "a-1", "reason": "the register answers again"}
SILENT = AttemptFailed(
    application_id=ID, service="intake", ask="register-application", dependency="rpdrn", failure=Failure.TIMEOUT,
    attempts=4, since=NOW,
)  # fmt: skip


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with office_in(tmp_path) as office:
        yield office


async def a_stuck_case(office: Office) -> None:
    await office.hear(WAY["opened"], submitted(), SILENT)
    await until(lambda: office.case.stuck_since is not None)


async def test_a_case_is_shown_with_its_stage_its_owner_and_why_it_does_not_move(office: Office) -> None:
    await a_stuck_case(office)
    async with office.caller() as caller:
        shown = (await caller.get(CASE)).json()
    assert (shown["waits_for"], shown["owner"], shown["ending"], shown["late"]) == ("submitted", "intake", None, False)
    assert shown["why"].startswith("rpdrn: TIMEOUT, 4 attempts of intake since")
    assert shown["stuck_since"] is not None
    assert shown["trace_id"] == ID.hex


async def test_what_is_stuck_is_listed_and_drops_out_when_it_moves(office: Office) -> None:
    await a_stuck_case(office)
    async with office.caller("auditor") as caller:
        listed = (await caller.get("/operations/stuck")).json()
        assert [case["application_id"] for case in listed["stuck"]] == [str(ID)]
        await office.hear(WAY["registered"])
        assert (await caller.get("/operations/stuck")).json()["stuck"] == []


async def test_an_answer_that_sent_it_to_operations_is_listed(office: Office) -> None:
    await office.hear(annulled(), closed(Ending.ANNULLED), not_recalled())
    async with office.caller() as caller:
        (case,) = (await caller.get("/operations/stuck")).json()["attention"]
    assert (case["attention"], case["story"]) == ("RecallRefused", "annulment 1: step 3 of 3, cancel-invoice")


async def test_a_case_whose_timer_was_lost_is_listed_and_a_drive_sets_it_again(office: Office) -> None:
    await office.hear(WAY["registered"])
    office.tables.due.clear()
    async with office.caller() as caller:
        (case,) = (await caller.get("/operations/stuck")).json()["unwatched"]
        assert case["application_id"] == str(ID)
        assert (await caller.post(DRIVE, json=ACT)).status_code == 202
        assert (await caller.get("/operations/stuck")).json()["unwatched"] == []


async def test_the_timeline_is_paged_in_order_and_names_kinds_and_traces(office: Office) -> None:
    trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
    await office.hear(WAY["opened"])
    await office.hear(WAY["settled"], headers={"traceparent": trace})
    await office.hear(*[SILENT] * 199, annulled())
    async with office.caller() as caller:
        first = (await caller.get(f"{CASE}/timeline")).json()
        second = (await caller.get(f"{CASE}/timeline?after={first['after']}")).json()
    lines = first["lines"] + second["lines"]
    assert (len(first["lines"]), second["after"]) == (200, None)
    assert [line["seq"] for line in lines] == sorted(line["seq"] for line in lines)
    kinds = [line["kind"] for line in lines]
    assert kinds[:3] == ["event", "money", "attempt"]
    assert {"decision", "order"} < set(kinds[-3:])
    assert lines[0]["trace_id"] == ID.hex
    assert lines[1]["trace_id"] == "0123456789abcdef0123456789abcdef"


async def test_a_drive_goes_at_once_to_who_must_act_and_stands_in_timeline_and_audit(office: Office) -> None:
    await office.hear(WAY["opened"], WAY["review"])
    async with office.caller() as caller:
        answer = await caller.post(DRIVE, json=ACT)
        lines = (await caller.get(f"{CASE}/timeline")).json()["lines"]
    assert answer.status_code == 202
    await until(lambda: office.said() == ["resume-review", "resume-application"])
    driven = [("act", "drive-case"), ("order", "resume-review"), ("order", "resume-application")]
    assert [(line["kind"], line["name"]) for line in lines[-3:]] == driven
    (audit,) = office.audits()
    assert (audit.who, audit.what, audit.result) == (
        "officer:operations", "drive-case", "review: the register answers again",
    )  # fmt: skip


async def test_the_same_act_again_drives_once(office: Office) -> None:
    await office.hear(WAY["opened"], WAY["review"])
    async with office.caller() as caller:
        answers = [(await caller.post(DRIVE, json=ACT)).status_code for _ in range(3)]
    assert (answers, len(office.audits())) == ([202] * 3, 1)


async def test_what_has_ended_is_not_driven_and_the_attempt_is_on_record(office: Office) -> None:
    await office.hear(closed(Ending.WITHDRAWN), notified(Ending.WITHDRAWN))
    async with office.caller() as caller:
        answer = await caller.post(DRIVE, json=ACT)
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_WAITS")
    assert [audit.result for audit in office.audits()] == ["NOTHING_WAITS"]


async def test_what_production_holds_for_operations_is_sent_on_there(office: Office) -> None:
    await office.hear(WAY["approved"], ASIDE["held"][1])
    async with office.caller() as caller:
        answer = await caller.post(DRIVE, json=ACT)
    assert (answer.status_code, answer.json()["code"]) == (409, "WITH_OPERATIONS")


@pytest.mark.parametrize(
    "body",
    [{}, {"act_id": "a"}, {"act_id": "", "reason": "why not"}, {"act_id": "a", "reason": "no"},
     {"act_id": "a", "reason": "   "}, {"act_id": "a b", "reason": "why not"}, {**ACT, "more": 1},
     {"act_id": "a", "reason": "x" * 301}],
)  # fmt: skip
async def test_a_drive_without_an_id_and_a_reason_is_refused(office: Office, body: dict[str, object]) -> None:
    await office.hear(WAY["review"])
    async with office.caller() as caller:
        assert (await caller.post(DRIVE, json=body)).status_code == 422
    assert office.audits() == []


@pytest.mark.parametrize("path", [CASE, f"{CASE}/timeline", "/operations/stuck", "/operations", f"{CASE}/page"])
@pytest.mark.parametrize(("role", "status"), [(None, 401), ("nobody", 401), ("inspector", 403), ("auditor", 200),
                                              ("operations", 200)])  # fmt: skip
async def test_operations_and_auditors_look_and_nobody_else(
    office: Office, path: str, role: str | None, status: int
) -> None:
    await office.hear(WAY["review"])
    async with office.caller(role) as caller:
        assert (await caller.get(path)).status_code == status


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("inspector", 403), ("auditor", 403)])
async def test_only_operations_drive(office: Office, role: str | None, status: int) -> None:
    await office.hear(WAY["review"])
    async with office.caller(role) as caller:
        assert (await caller.post(DRIVE, json=ACT)).status_code == status
        form = {"token": "x", "act_id": "a", "reason": "because"}
        assert (await caller.post(f"{CASE}/page", data=form)).status_code == status
    assert office.audits() == []


@pytest.mark.parametrize("path", [f"/cases/{OTHER}", f"/cases/{OTHER}/timeline", f"/cases/{OTHER}/page"])
async def test_an_application_never_heard_of_is_not_found(office: Office, path: str) -> None:
    async with office.caller() as caller:
        assert (await caller.get(path)).status_code == 404
        assert (await caller.post(f"/operations/cases/{OTHER}/drive", json=ACT)).status_code == 404


@pytest.mark.parametrize("query", ["after=x", "after=-1", f"after={'9' * 20}"])
async def test_a_page_that_is_no_number_is_refused(office: Office, query: str) -> None:
    await office.hear(WAY["review"])
    async with office.caller() as caller:
        assert (await caller.get(f"{CASE}/timeline?{query}")).status_code == 422


async def test_a_browser_asks_its_user_and_the_page_shows_why_without_a_script(office: Office) -> None:
    await a_stuck_case(office)
    async with office.caller(None) as stranger:
        asked = await stranger.get("/operations")
    assert asked.headers["www-authenticate"].startswith("Basic ")
    async with office.caller(basic=True) as caller:
        listed, shown = await caller.get("/operations"), await caller.get(f"{CASE}/page")
    assert "rpdrn: TIMEOUT, 4 attempts of intake" in listed.text
    assert f"cases/{ID}/page" in listed.text
    for page in (listed, shown):
        assert "script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "attempt-failed" in shown.text


async def test_the_pages_button_drives_once_however_often_it_is_pressed(office: Office) -> None:
    await office.hear(WAY["opened"], WAY["review"])
    async with office.caller(basic=True) as caller:
        page = (await caller.get(f"{CASE}/page")).text
        fields = {name: re.search(rf"name='{name}' value='([^']+)'", page)[1] for name in ("token", "act_id")}  # type: ignore[index]
        first, again = [await caller.post(f"{CASE}/page", data={**fields, "reason": "because <b>"}) for _ in range(2)]
        assert (first.status_code, again.status_code) == (303, 303)
        after = await caller.get(f"{CASE}/{first.headers['location']}")
    assert "Told to go on: review" in after.text
    assert [audit.result for audit in office.audits()] == ["review: because <b>"]


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_of_another_site_is_refused(office: Office, token: str) -> None:
    await office.hear(WAY["review"])
    async with office.caller(basic=True) as caller:
        answer = await caller.post(f"{CASE}/page", data={"token": token, "act_id": "a", "reason": "because"})
    assert (answer.status_code, answer.json()["code"], office.audits()) == (403, "FORM", [])
