"""The second officer's word by the API: held decisions are listed, agreed to, sent back or cancelled."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ums_review import acts
from services.ums_review.notes import Note, SecondWord
from services.ums_review.review import Standing
from services.ums_review.seconding import payload
from shared.security.evidence import KeptSignature
from shared.web.forgeries import house_of
from tests.services.ums_review import cases
from tests.services.ums_review.office import _AUTHORITY, BIN, IINS, SEALER, Office, office_in

ANNUL: dict[str, Any] = {"decision": "ANNUL", "ground": "PHOTO", "reasons": ["PHOTO_BLURRED"]}
HELD = "/held-decisions"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """The head of the region has asked for a second pair of eyes; an hour is left to undo."""
    async with office_in(tmp_path, timedelta(hours=1)) as office:
        await office.engine.act(
            acts.SwitchSecondEyes(
                application_id=house_of("ums-review"), wanted=True, officer_id="h", officer_region=cases.REGION,
                officer_index="h", where="here", at=office.clock.machine_now(),
            ),
            "switched",
        )  # fmt: skip
        yield office


async def held(office: Office) -> str:
    """A case whose annulment is signed by 17 as d-1 and waits."""
    path = await office.arrive()
    async with office.caller("17") as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        answer = await officer.post(f"{path}/decision", json=office.decision(path, token, **ANNUL))
    assert (answer.status_code, answer.json()["confirmed"]) == (202, False)
    return path


def word(office: Office, path: str, signer: str = "18", **changes: Any) -> dict[str, Any]:
    """The body that `signer` signed; `cms_over` are fields that the signature covers otherwise."""
    over = changes.pop("cms_over", {})
    fields: dict[str, Any] = {"decision_id": "d-1", "agrees": True, "reason": None} | changes
    moment = fields.setdefault("decided_at", office.clock.now().isoformat())
    review = office.state(path)
    assert review.verdict
    said = {"agrees": fields["agrees"], "reason": fields["reason"]} | over
    covered = payload(review, review.verdict, signer, datetime.fromisoformat(moment), **said)
    cms = _AUTHORITY.officer(IINS[signer], BIN).sign(covered.canonical())
    return {**fields, "cms": b64encode(cms).decode()}


async def say(office: Office, path: str, body: dict[str, Any], who: str = "18") -> httpx.Response:
    async with office.caller(who) as officer:
        return await officer.post(f"{path}/decision/second-word", json=body)


async def listed(office: Office, who: str) -> dict[str, Any]:
    async with office.caller(who) as officer:
        found: dict[str, Any] = (await officer.get(HELD)).json()
        return found


async def test_a_held_decision_is_listed_looked_at_and_agreed_to_once_however_often_it_is_said(office: Office) -> None:
    path = await held(office)
    (line,) = (await listed(office, "18"))["decisions"]
    assert (line["application_id"], line["talon"], line["officer_id"]) == (path.rpartition("/")[2], cases.TALON, "17")
    async with office.caller("18") as officer:
        shown = (await officer.get(path)).json()["decision"]
    verdict = office.state(path).verdict
    assert verdict
    assert (shown["held"], shown["payload_sha256"]) == (True, verdict.payload_sha256)
    body = word(office, path)
    answers = [await say(office, path, body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    agreed = office.state(path).verdict
    assert agreed
    assert (agreed.seconded_by, agreed.undo_until.isoformat()) == ("18", answers[0].json()["undo_until"])
    assert (await listed(office, "18"))["decisions"] == []
    assert len(office.tables.rows_of(SecondWord, SEALER)) == 1
    kept = [row.what for row in office.tables.rows_of(KeptSignature, SEALER)]
    assert kept == ["decision/d-1", "second/d-1"]


async def test_who_does_not_agree_says_why_and_the_case_is_free(office: Office) -> None:
    path = await held(office)
    silent = {**word(office, path), "agrees": False, "reason": None}
    assert (await say(office, path, silent)).status_code == 422
    answer = await say(office, path, word(office, path, agrees=False, reason="анық"))
    assert (answer.status_code, answer.json()["undo_until"]) == (200, None)
    state = office.state(path)
    assert (state.standing, state.verdict, state.lease_officer) == (Standing.QUEUED, None, None)
    assert [note.text.value for note in office.tables.rows_of(Note, SEALER)] == ["анық"]


@pytest.mark.parametrize(
    ("who", "changes", "status", "result"),
    [
        ("17", {}, 403, "OWN_DECISION"),
        ("18", {"decision_id": "d-9"}, 404, "NO_SUCH_DECISION"),
        ("18", {"cms_over": {"agrees": False, "reason": "…"}}, 422, "PAYLOAD_DIFFERS"),
        ("18", {"decided_at": "2020-01-01T00:00:00+00:00"}, 422, "NOT_NOW"),
    ],
    ids=["one's own", "another decision", "another word", "another moment"],
)
async def test_a_word_that_does_not_hold_is_refused_and_on_record(
    office: Office, who: str, changes: dict[str, Any], status: int, result: str
) -> None:
    path = await held(office)
    answer = await say(office, path, word(office, path, who, **changes), who)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert office.audits(path)[-1] == (f"officer:{who}", "second-decision", result)
    verdict = office.state(path).verdict
    assert verdict
    assert verdict.held


async def test_anothers_signature_is_not_the_callers_word(office: Office) -> None:
    path = await held(office)
    answer = await say(office, path, word(office, path, "18"), "h")
    assert answer.status_code == 422
    assert office.audits(path)[-1][:2] == ("officer:h", "second-decision")


async def test_the_signer_cancels_what_is_held_and_nobody_else_does(office: Office) -> None:
    path = await held(office)
    for who, status in (("18", 403), ("17", 204)):
        async with office.caller(who) as officer:
            answer = await officer.request("DELETE", f"{path}/decision", json={"decision_id": "d-1"})
        assert answer.status_code == status
    assert office.state(path).standing is Standing.QUEUED
    assert (await listed(office, "18"))["decisions"] == []


async def test_the_list_is_of_the_own_region_and_says_whether_the_head_asks_for_it(office: Office) -> None:
    await held(office)
    own, other = await listed(office, "h"), await listed(office, "75")
    assert (own["region"], own["second_eyes"], len(own["decisions"])) == (cases.REGION, True, 1)
    assert other == {"region": "75", "second_eyes": False, "decisions": []}
    assert (await listed(office, "me"))["decisions"] == []
