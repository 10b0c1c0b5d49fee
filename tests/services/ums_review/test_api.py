"""The officers' desk over HTTP, on a real engine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ums_review.review import Standing
from services.ums_review.store import Whose
from shared.security.evidence import KeptSignature
from shared.security.trust import Trust
from tests.services.ums_review import cases
from tests.services.ums_review.cases import REGION
from tests.services.ums_review.office import BIN, IMAGE, SEALER, Office, office_in


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with office_in(tmp_path) as office:
        yield office


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Office]:
    """An office that leaves an hour to undo."""
    async with office_in(tmp_path, timedelta(hours=1)) as office:
        yield office


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


async def test_a_case_is_taken_seen_and_approved(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        taken = (await officer.post("/reviews/next")).json()
        assert taken["case"]["application_id"] == path.rpartition("/")[2]
        assert taken["canonical_application_sha256"] == "e" * 64
        answer = await officer.post(f"{path}/decision", json=office.decision(path, taken["lease_token"]))
        assert (answer.status_code, answer.json()["decision_id"]) == (202, "d-1")
        await office.said("review-approved")
        again = await officer.post("/reviews/next")
    assert again.status_code == 204
    assert office.state(path).standing is Standing.APPROVED


async def test_a_decision_needs_a_good_signature_over_exactly_this_decision(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        by_another = office.decision(path, token, signer="18")
        faults = problem(await officer.post(f"{path}/decision", json=by_another), 422)["faults"]
        assert faults == [{"field": "cms", "problem": "PAYLOAD_DIFFERS"}]
        annul = {"decision": "ANNUL", "ground": "PHOTO", "reasons": ["PHOTO_BLURRED"]}
        altered = {**office.decision(path, token), **annul}
        assert problem(await officer.post(f"{path}/decision", json=altered), 422)["faults"][0]["field"] == "cms"
    assert ("officer:17", "sign-decision", "PAYLOAD_DIFFERS") in office.audits(path)
    assert office.state(path).standing is Standing.QUEUED


async def test_the_signature_of_a_decision_is_kept_with_what_proves_it(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        body = office.decision(path, token)
        assert (await officer.post(f"{path}/decision", json=body)).status_code == 202
    (kept,) = office.tables.rows_of(KeptSignature, SEALER)
    assert (kept.what, kept.cms.value) == ("decision/d-1", body["cms"])
    assert [proof.kind for proof in kept.proofs] == ["CRL"]
    assert body["cms"] not in repr(office.tables.logs)


async def test_an_office_that_is_not_in_the_allow_list_of_the_region_decides_nothing(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        for offices, status in (({"75": [BIN]}, 422), ({REGION: ["000000000000"]}, 422), ("?", 503)):
            (office.folder / "offices.json").write_text(json.dumps(offices))
            body = problem(await officer.post(f"{path}/decision", json=office.decision(path, token)), status)
            assert status == 503 or body["faults"] == [{"field": "cms", "problem": "OTHER_ORGANISATION"}]


async def test_while_nobody_knows_who_is_revoked_a_decision_is_to_be_sent_again(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        good, office.trust = office.trust, Trust(office.trust.issuing, ())
        body = office.decision(path, token)
        assert problem(await officer.post(f"{path}/decision", json=body), 503)["code"] == "NO_REVOCATION_DATA"
        office.trust = good
        assert (await officer.post(f"{path}/decision", json=body)).status_code == 202


async def test_a_signature_for_another_moment_does_not_serve_now(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        old = office.decision(path, token, decided_at=(office.clock.now() - timedelta(hours=1)).isoformat())
        faults = problem(await officer.post(f"{path}/decision", json=old), 422)["faults"]
    assert faults == [{"field": "decided_at", "problem": "not_now"}]


async def test_a_lost_lease_is_told_with_its_code(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        await officer.post(f"{path}/take")
        answer = await officer.post(f"{path}/decision", json=office.decision(path, "another"))
    assert problem(answer, 409)["code"] == "LEASE_LOST"


async def test_a_decision_is_undone_in_time(patient: Office) -> None:
    path = await patient.arrive()
    async with patient.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        body = patient.decision(path, token)
        first = await officer.post(f"{path}/decision", json=body)
        assert (await officer.post(f"{path}/decision", json=body)).json() == first.json()
        undone = await officer.request("DELETE", f"{path}/decision", json={"decision_id": "d-1"})
        assert undone.status_code == 204
        assert problem(await officer.post(f"{path}/decision", json=body), 409)["code"] == "DECISION_ID_SPENT"
    assert patient.state(path).standing is Standing.QUEUED


async def test_a_decided_case_answers_409(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        await officer.post(f"{path}/decision", json=office.decision(path, token))
        await office.said("review-approved")
        other = office.decision(path, token, decision="ANNUL", ground="PHOTO", reasons=["PHOTO_BLURRED"],
                                decision_id="d-2")  # fmt: skip
        assert problem(await officer.post(f"{path}/decision", json=other), 409)["code"] == "DECIDED"
        assert problem(await officer.post(f"{path}/take"), 409)["code"] == "DECIDED"
        assert (await officer.get(path)).json()["decision"]["decision"] == "APPROVE"


async def test_the_view_shows_both_sides_and_nothing_that_is_no_business_of_the_review(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        answer = await officer.get(path)
    case = answer.json()
    assert case["applicant"]["phone"] == cases.PHONE
    assert case["on_record"]["surname"] == "ҮЛГІБАЕВ"
    assert case["birth_place"] == {"text": "ЦЕЛИНОГРАД", "source": "civil-registry", "country": "398"}
    assert (case["duty_settled"], case["documentation_code"]) == (True, cases.CODE)
    for word in ("capacity", cases.IBAN, "consent", "EXEMPT", "receipt", "786", "token"):
        assert word not in answer.text
    assert ("officer:17", "view-case", "done") in office.audits(path)


async def test_an_image_is_shown_as_accepted_and_the_look_is_on_record(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        answer = await officer.get(f"{path}/images/photo")
        assert (answer.content, answer.headers["content-type"]) == (IMAGE, "image/jpeg")
        problem(await officer.get(f"{path}/images/signature-sample"), 404)
    looks = [what for _, what, _ in office.audits(path)]
    assert looks[-2:] == ["view-photo", "view-signature-sample"]


async def test_an_image_that_was_altered_is_never_shown(office: Office) -> None:
    path = await office.arrive()
    form = office.state(path).form
    assert form
    kept = office.objects.envelopes
    kept[form.photo.reference] = kept[form.photo.reference][:-1] + b"x"
    async with office.caller() as officer:
        assert problem(await officer.get(f"{path}/images/photo"), 500)["code"] == "IMAGE_ALTERED"


@pytest.mark.parametrize(("who", "code"), [("75", "OTHER_REGION"), ("me", "OWN_APPLICATION")])
async def test_another_regions_case_and_ones_own_are_refused_and_recorded(office: Office, who: str, code: str) -> None:
    path = await office.arrive()
    async with office.caller(who) as officer:
        for call in ("take", "images/photo", ""):
            method = "POST" if call == "take" else "GET"
            answer = await officer.request(method, f"{path}/{call}".rstrip("/"))
            assert problem(answer, 403)["code"] == code
            assert cases.PHONE not in answer.text
        assert (await officer.get("/reviews")).json()["reviews"] == []
        assert (await officer.post("/reviews/next")).status_code == 204
    assert [result for _, _, result in office.audits(path)].count(code) == 3


async def test_who_is_no_officer_of_review_is_let_in_nowhere(office: Office) -> None:
    path = await office.arrive()
    async with office.caller("70") as issuer, office.caller("nobody") as stranger:
        assert problem(await issuer.get(path), 403)["code"] == "ROLE"
        problem(await stranger.get(path), 401)


async def test_an_unknown_case_is_not_found_and_nothing_is_made_of_it(office: Office) -> None:
    async with office.caller() as officer:
        problem(await officer.get("/reviews/00000000-0000-0000-0000-0000000000ff"), 404)
        problem(await officer.get("/reviews/17"), 404)
    assert office.tables.states == {}


async def test_the_queue_tells_mine_from_what_nobody_holds(office: Office) -> None:
    first, second = await office.arrive(1), await office.arrive(2)
    async with office.caller() as officer, office.caller("18") as other:
        await officer.post(f"{second}/take")
        pages = {whose: (await officer.get("/reviews", params={"whose": whose})).json() for whose in Whose}
        theirs = (await other.get("/reviews", params={"whose": "mine"})).json()
        assert problem(await other.post(f"{second}/take"), 409)["code"] == "HELD_BY_ANOTHER"
        problem(await officer.get("/reviews", params={"whose": "everyones"}), 422)
        problem(await officer.get("/reviews", params={"page": "0"}), 422)
    ids = {whose: [f"/reviews/{line['application_id']}" for line in page["reviews"]] for whose, page in pages.items()}
    assert (ids[Whose.MINE], ids[Whose.UNASSIGNED]) == ([second], [first])
    assert set(ids[Whose.ALL]) == {first, second}
    assert theirs["reviews"] == []
    assert pages[Whose.MINE]["reviews"][0]["days_left"] == 2


async def test_a_case_is_held_for_longer_and_given_back(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        token = (await officer.post(f"{path}/take")).json()["lease_token"]
        assert (await officer.post(f"{path}/extend", json={"lease_token": token})).json()["lease_token"] == token
        back = await officer.post(f"{path}/give-back", json={"lease_token": token, "reason": "shift ends"})
        assert back.status_code == 204
    async with office.caller("18") as other:
        assert (await other.post(f"{path}/take")).status_code == 200
    written = json.dumps(office.tables.logs["ums_review.note"], default=str)
    assert "shift ends" not in written


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"decision": "APPROVE", "ground": "PHOTO"}, "ground_of_approval"),
        ({"decision": "ANNUL"}, "ground_missing"),
        ({"decision": "ANNUL", "ground": "PHOTO"}, "reasons_missing"),
        ({"decision": "ANNUL", "ground": "PHOTO", "reasons": ["WRONG_FILLING"]}, "reason_of_another_ground"),
        ({"decision": "ANNUL", "ground": "PHOTO", "reasons": ["PHOTO_POSE"] * 2}, "reason_twice"),
        ({"decision": "ANNUL", "ground": "PHOTO", "reasons": ["UGLY"]}, "unknown_reason"),
        ({"decision": "REJECT"}, "enum"),
        ({"cms": "not base64!"}, "not_base64"),
        ({"region": "75"}, "extra_forbidden"),
    ],
)
async def test_a_decision_that_does_not_hold_together_is_told_so(
    office: Office, changes: dict[str, Any], fault: str
) -> None:
    path = await office.arrive()
    body = {**office.decision(path, "t"), **changes}
    async with office.caller() as officer:
        answer = problem(await officer.post(f"{path}/decision", json=body), 422)
    assert [found["problem"] for found in answer["faults"]] == [fault]


async def test_the_reasons_and_the_document_are_there_to_read(office: Office) -> None:
    async with office.caller() as officer:
        reasons = (await officer.get("/reasons")).json()["reasons"]
        document = (await officer.get("/openapi.json")).json()
    assert {"WRONG_FILLING"} <= {reason["code"] for reason in reasons if reason["ground"] == "EXTRA_CHECKS"}
    assert set(document["paths"]["/reviews/{id}/decision"]) == {"post", "delete"}
