"""The centre's call-backs, the issue desk and operations over HTTP, on a real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.sandbox.staff import signed_hand_over
from services.production_dispatch.bodies import CardStated
from services.production_dispatch.messages import CutRegister, NodeAnswer, OrderStatus
from services.production_dispatch.production import HandOver
from services.production_dispatch.signing import payload_of
from shared.contracts.base import routing_key
from shared.engine.decision import ALMATY
from shared.security.evidence import KeptSignature
from shared.web.forgeries import house_of
from shared.web.officer_keys import DRIFT, moment_of
from tests.engine.house import until
from tests.services.production_dispatch import cases
from tests.services.production_dispatch.counter import (
    AUTHORITY,
    BIN,
    DESK,
    ELSEWHERE,
    IIN,
    IMAGE,
    INSPECTOR,
    ITSELF,
    OPERATIONS,
    SEALER,
    STATED,
    Counter,
    counter_in,
)

NOWHERE = {**STATED, "moment": "2025-10-06T05:00:00Z", "cms": "Y21z"}
"""Of a card for which there is nothing to sign."""


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with counter_in(tmp_path) as counter:
        yield counter


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


async def test_a_card_is_checked_in_looked_up_and_handed_over(counter: Counter) -> None:
    id = await counter.at_its_point()
    async with counter.caller() as desk:
        assert (await desk.get("/desk/cards")).json()["cards"][0]["talon"] == "talon-1"
        answer = await desk.post("/desk/talons/talon-1/check-in", json={"act_id": "in"})
        assert (answer.status_code, answer.json()["standing"]) == (200, "READY")
        card = (await desk.get("/desk/talons/talon-1")).json()
        assert (card["iin"], card["standing"]) == (cases.CITIZEN, "READY")
        photo = await desk.get("/desk/talons/talon-1/images/photo")
        assert (photo.content, photo.headers["content-type"]) == (IMAGE, "image/jpeg")
        handed = counter.handed(id)
        issued = await desk.post("/desk/talons/talon-1/issue", json=handed)
        again = await desk.post("/desk/talons/talon-1/issue", json=handed)
        assert issued.json() == again.json() == {"application_id": str(id), "standing": "ISSUED"}
        assert (await desk.get("/desk/cards")).json()["cards"] == []
    await until(lambda: len(counter.wire.said("document-issued")) == 1)
    acts = [(what, result) for who, what, result in counter.audits(id) if who == f"officer:{DESK}"]
    assert acts == [
        ("check-in", "done"), ("view-card", "done"), ("view-card", "done"), ("issue-card", "old card taken"),
    ]  # fmt: skip


async def test_a_proxy_gets_a_no_with_its_clause(counter: Counter) -> None:
    id = await counter.at_its_point()
    async with counter.caller() as desk:
        await desk.post("/desk/talons/talon-1/check-in", json={"act_id": "in"})
        answer = await desk.post("/desk/talons/talon-1/issue", json=counter.handed(id, by_proxy=True))
    body = problem(answer, 409)
    assert (body["code"], body["clause"]) == ("PROXY", "p.4.3")
    await until(lambda: len(counter.wire.said("issue-refused")) == 1)
    assert counter.audits(id)[-1] == (f"officer:{DESK}", "issue-card", "PROXY")


async def test_another_point_neither_sees_nor_issues_the_card(counter: Counter) -> None:
    id = await counter.at_its_point()
    async with counter.caller(ELSEWHERE) as desk:
        assert (await desk.get("/desk/cards")).json()["cards"] == []
        assert problem(await desk.get("/desk/talons/talon-1"), 403)["code"] == "OTHER_POINT"
        assert problem(await desk.post("/desk/talons/talon-1/issue", json=NOWHERE), 403)["code"] == "OTHER_POINT"
    refused = [(who, what, result) for who, what, result in counter.audits(id) if who == f"officer:{ELSEWHERE}"]
    assert [what for _, what, _ in refused] == ["view-card", "issue-card"]


async def test_nobody_looks_up_their_own_card(counter: Counter) -> None:
    await counter.at_its_point()
    async with counter.caller(ITSELF) as desk:
        assert problem(await desk.get("/desk/talons/talon-1"), 403)["code"] == "OWN_CARD"


async def test_an_unknown_talon_is_not_found_and_the_attempt_is_on_record(counter: Counter) -> None:
    async with counter.caller() as desk:
        for answer in (await desk.get("/desk/talons/none"), await desk.post("/desk/talons/none/issue", json=NOWHERE)):
            assert problem(answer, 404)["code"] == "UNKNOWN_TALON"
    assert [(what, result) for _, what, result in counter.audits()] == [
        ("view-card", "UNKNOWN_TALON"), ("issue-card", "UNKNOWN_TALON"),
    ]  # fmt: skip
    assert counter.wire.sent == []


@pytest.mark.parametrize("who", [INSPECTOR, OPERATIONS])
async def test_the_desk_is_for_officers_who_issue(counter: Counter, who: str) -> None:
    async with counter.caller(who) as stranger:
        problem(await stranger.get("/desk/cards"), 403)
        problem(await stranger.post("/desk/talons/talon-1/issue", json=NOWHERE), 403)
    async with counter.caller("nobody") as stranger:
        problem(await stranger.get("/desk/cards"), 401)


async def test_a_hand_over_that_does_not_say_all_is_told_every_fault(counter: Counter) -> None:
    async with counter.caller() as desk:
        body = problem(await desk.post("/desk/talons/talon-1/issue", json={"act_id": "?"}), 422)
    assert {fault["field"] for fault in body["faults"]} == {
        "act_id", "person_established", "by_proxy", "old_card_taken", "moment", "cms",
    }  # fmt: skip


async def test_the_api_takes_no_hand_over_without_the_officers_own_signature(counter: Counter) -> None:
    id = await counter.at_its_point()
    good = counter.handed(id)
    old = (counter.clock.now() - DRIFT - timedelta(seconds=5)).isoformat()
    attempts = {
        "OTHER_IIN": counter.handed(id, signer=ELSEWHERE),
        "PAYLOAD_DIFFERS": {**good, "old_card_taken": False},
        "NOT_CMS": {**good, "cms": "Y21"},
        "NOT_NOW": {**good, "moment": old},
    }
    async with counter.caller() as desk:
        await desk.post("/desk/talons/talon-1/check-in", json={"act_id": "in"})
        for code, body in attempts.items():
            told = problem(await desk.post("/desk/talons/talon-1/issue", json=body), 422)
            assert told["faults"][0]["problem"] == ("not_now" if code == "NOT_NOW" else code)
            assert counter.audits(id)[-1] == (f"officer:{DESK}", "issue-card", code)
        problem(await desk.post("/desk/talons/talon-1/issue", json=STATED), 422)
        assert counter.state(id).standing == "READY"
        assert (await desk.post("/desk/talons/talon-1/issue", json=good)).status_code == 200
    kept = counter.tables.rows_of(KeptSignature, SEALER)
    (signed,) = counter.tables.rows_of(HandOver, SEALER)
    covered = payload_of(counter.state(id), signed.officer_id, CardStated(**STATED), signed.signed_for)
    assert [(row.what, row.payload_sha256) for row in kept] == [("hand-over/out", covered.sha256())]


async def test_a_workstation_can_sign_by_what_the_desk_shows_of_the_card(counter: Counter) -> None:
    id = await counter.at_its_point()
    key, moment = AUTHORITY.officer(IIN, BIN), moment_of(counter.clock.now())
    async with counter.caller() as desk:
        await desk.post("/desk/talons/talon-1/check-in", json={"act_id": "in"})
        card = (await desk.get("/desk/talons/talon-1")).json()
        body = signed_hand_over(STATED, card, DESK, key, moment)
        assert (await desk.post("/desk/talons/talon-1/issue", json=body)).json()["standing"] == "ISSUED"
    assert counter.state(id).issued_by == DESK


async def test_a_call_back_is_heard_once_and_only_with_its_signature(counter: Counter) -> None:
    id = await counter.approve()
    assert (await counter.tell(id, "MADE", "c1", key=b"another key of sixteen")).status_code == 401
    for _ in range(2):
        assert (await counter.tell(id, "MADE", "c1")).status_code == 204
    await until(lambda: len(counter.wire.said("document-made")) == 1)
    assert len(counter.state(id).reports) == 1


async def test_a_forged_call_back_is_on_record_once_a_minute_and_changes_nothing(counter: Counter) -> None:
    id = await counter.approve()
    for number in range(9):
        assert (await counter.tell(id, "MADE", f"c-{number}", key=b"another key of sixteen")).status_code == 401
    rows = counter.audits(house_of("production-dispatch"))
    assert 1 <= len(rows) <= 2, "two when the minute turned meanwhile"
    assert set(rows) == {("unknown", "call-back of the production centre", "forged")}
    assert counter.state(id).reports == ()
    assert (await counter.tell(id, "MADE", "c-0")).status_code == 204
    assert counter.audits(house_of("production-dispatch")) == rows


async def test_a_call_back_about_another_order_or_without_sense_is_refused(counter: Counter) -> None:
    id = await counter.approve()
    assert problem(await counter.tell(id, "MADE", "c1", order_id="another"), 409)["code"] == "UNKNOWN_ORDER"
    faults = problem(await counter.tell(id, "EATEN", "c2", at="yesterday"), 422)["faults"]
    assert {fault["field"] for fault in faults} == {"what", "at"}


async def test_operations_send_a_held_order_again_and_read_the_alerts(counter: Counter) -> None:
    counter.node.answers.append(cases.refused(cases.TECHNICAL, "QUEUE_FULL"))
    id = await counter.approve()
    await until(lambda: counter.state(id).standing == "HELD")
    path = f"/operations/orders/{id}/send-again"
    async with counter.caller(DESK) as desk:
        problem(await desk.post(path, json={"act_id": "a"}), 403)
    async with counter.caller(OPERATIONS) as operations:
        alert = (await operations.get("/operations/alerts")).json()["alerts"][0]
        assert (alert["what"], alert["detail"]) == ("ORDER_REFUSED", "QUEUE_FULL")
        assert (await operations.post(path, json={"act_id": "a"})).status_code == 200
        await until(lambda: counter.state(id).standing == "IN_PRODUCTION")
        assert (await operations.post(path, json={"act_id": "a"})).status_code == 200
        assert problem(await operations.post(path, json={"act_id": "b"}), 409)["code"] == "NOT_HELD"
        assert problem(await operations.post(f"/operations/orders/{id}/remake", json={"act_id": "a"}), 409)
    assert len({order.order_id for order in counter.node.sent}) == 1


async def test_a_register_lists_its_cards_and_has_one_timer(counter: Counter) -> None:
    for number in (1, 2, 3):
        id = await counter.approve(number)
        await until(lambda id=id: counter.state(id).standing == "IN_PRODUCTION")  # type: ignore[misc]
    today = datetime.now(ALMATY).date()
    async with counter.caller() as desk:
        found = (await desk.get(f"/registers/sent/{cases.REGION}/{today}")).json()
        assert [line["talon"] for line in found["lines"]] == ["talon-1", "talon-2", "talon-3"]
        assert found["cut_at"] is None
        problem(await desk.get(f"/registers/eaten/{cases.REGION}/{today}"), 404)
        problem(await desk.get(f"/registers/sent/{cases.REGION}/tomorrow"), 404)
    timers = [row for row in counter.tables.waiting() if row.name == routing_key(CutRegister)]
    assert len(timers) == 1


async def test_a_lost_call_back_is_made_up_for_when_the_card_lies_at_the_point(counter: Counter) -> None:
    id = await counter.approve()
    await until(lambda: counter.state(id).standing == "IN_PRODUCTION")
    counter.node.placed[counter.state(id).order_id] = NodeAnswer(OrderStatus.SHIPPED, register_id="Р-7")
    async with counter.caller() as desk:
        answer = await desk.post("/desk/talons/talon-1/check-in", json={"act_id": "in"})
        assert answer.json()["standing"] == "IN_PRODUCTION"
        await until(lambda: counter.state(id).standing == "READY")


async def test_the_calls_are_documented(counter: Counter) -> None:
    async with counter.caller() as anyone:
        document = (await anyone.get("/openapi.json")).json()
    assert {"/callbacks/production", "/desk/talons/{talon}/issue"} <= set(document["paths"])
