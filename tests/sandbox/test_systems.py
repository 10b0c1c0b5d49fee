"""The state's systems: what they answer, how often the same thing counts, and whose story it is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.sandbox.systems.ground import Refused
from deploy.sandbox.systems.kdp import ACCESS_NAMES
from deploy.sandbox.systems.rpdrn import check_digit
from deploy.sandbox.systems.state import State
from shared.gateways import gbdfl
from shared.gateways.gbdfl_person import person_in
from tests.sandbox.crowds import DAY, NOW, SECOND, consent, invoice, kdp, person, register, state_of


def test_no_register_answers_without_its_own_consent() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    tokens = consent(state, citizen)
    for service, token in tokens.items():
        state.shep(service, {"iin": citizen.iin, "phone": citizen.phone, **token}, NOW)
        with pytest.raises(Refused):
            state.shep(service, {"iin": citizen.iin}, NOW)
    with pytest.raises(Refused):
        state.shep("AIS_SIK", {"iin": citizen.iin, **tokens["ZAGS_RECORD"]}, NOW)


@pytest.mark.parametrize("service", ACCESS_NAMES)
def test_a_register_says_why_it_does_not_take_a_token(service: str) -> None:
    citizen, stranger = person("issued-paid"), person("issued-paid", seed=2)
    state = state_of(citizen, stranger)
    tokens = consent(state, citizen)

    def refusal(token: dict[str, str], iin: str = citizen.iin, now: datetime = NOW) -> str:
        try:
            state.shep(service, {"iin": iin, "phone": citizen.phone, **token}, now)
        except Refused as refused:
            return refused.code
        return ""

    other = next(name for name in ACCESS_NAMES if name != service)
    assert refusal({}) == "NO_CONSENT"
    assert refusal({"kdpToken": "invented", "publicKey": "k"}) == "NO_CONSENT"
    assert refusal(tokens[other]) == "CONSENT_OF_ANOTHER"
    assert refusal({**tokens[service], "publicKey": tokens[other]["publicKey"]}) == "CONSENT_OF_ANOTHER"
    assert refusal(tokens[service], stranger.iin) == "NO_CONSENT"
    assert refusal(tokens[service], now=NOW + timedelta(minutes=59)) == ""
    assert refusal(tokens[service], now=NOW + timedelta(hours=1)) == "CONSENT_EXPIRED"


def test_a_consent_that_has_run_out_is_given_anew_by_sms_with_another_token() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    old, later = consent(state, citizen)["AIS_SIK"], NOW + timedelta(hours=2)
    with pytest.raises(Refused, match="SMS_REQUIRED"):
        state.shep("KDP_SERVICE", kdp(citizen.iin, "AIS_SIK", sms=False), later, "s-1")
    assert state.shep("KDP_SERVICE", kdp(citizen.iin, "AIS_SIK"), later, "s-2") == {"status": "PENDING"}
    answer = state.shep("KDP_SERVICE", kdp(citizen.iin, "AIS_SIK"), later + SECOND, "s-2")
    fresh = {"kdpToken": "".join(answer["code"].split()), "publicKey": answer["public-key"]}
    assert fresh["kdpToken"] != old["kdpToken"]
    assert state.shep("AIS_SIK", {"iin": citizen.iin, **fresh}, later + SECOND)
    with pytest.raises(Refused, match="CONSENT_EXPIRED"):
        state.shep("AIS_SIK", {"iin": citizen.iin, **old}, later + SECOND)


def test_the_register_of_people_gives_the_person_whole() -> None:
    citizen = person("several-grounds")
    state = state_of(citizen)
    token = consent(state, citizen)["GBDFLUniversal_token"]
    answer = state.shep("GBDFLUniversal_token", {"iin": citizen.iin, **token}, NOW)
    assert answer["messageResult"]["code"] == "00000"
    assert person_in(gbdfl.Response.model_validate(answer), citizen.iin) == citizen.person


@pytest.mark.parametrize(
    ("name", "found", "matches"),
    [("issued-paid", True, True), ("phone-absent", False, False), ("phone-of-another", True, False)],
)
def test_the_base_of_mobile_numbers_knows_whose_the_number_is(name: str, found: bool, matches: bool) -> None:
    citizen = person(name)
    state = state_of(citizen)
    asked = {"iin": citizen.iin, "phone": citizen.phone, **consent(state, citizen)["MCDB_SERVICE"]}
    answer = state.shep("MCDB_SERVICE", asked, NOW)
    assert (answer["found"], answer["phoneMatches"]) == (found, matches)


def session(state: State, key: str, iin: str) -> str:
    asked = {"api_key": "k", "metadata": {"key": key, "iin": iin}}
    opened = state.digital_id("POST", "/api/v1/flows/session/create/", asked, NOW)
    assert opened is not None
    assert opened == state.digital_id("POST", "/api/v1/flows/session/create/", asked, NOW)
    return str(opened["session_id"])


def result(state: State, id: str, now: datetime) -> tuple[Any, ...]:
    found = state.digital_id("GET", "/api/v1/flows/session/result/", {"session_id": id, "flow_api_key": "k"}, now)
    assert found is not None
    return found["status"], found.get("flow_session_result"), found.get("flow_session_failure_reasons")


def test_a_session_is_one_by_key_and_fails_as_often_as_the_story_says() -> None:
    citizen = person("identification-failed")
    state = state_of(citizen)
    for attempt in range(6):
        id = session(state, f"s{attempt}", citizen.iin)
        assert result(state, id, NOW)[0] == "PROGRESS"
        state.digital_id("POST", f"/flow/{id}", {}, NOW)
        state.digital_id("POST", f"/flow/{id}", {}, NOW)
        assert result(state, id, NOW)[0] == "PROGRESS"
        expected = ("FINISHED", True, []) if attempt == 5 else ("FINISHED", False, ["FACE2FACE_FAILED"])
        assert result(state, id, NOW + SECOND) == expected
        state.digital_id("POST", f"/sessions/{id}/cancel", {}, NOW + DAY)
        assert result(state, id, NOW + DAY) == expected


def test_a_session_nobody_comes_to_expires_and_nobody_without_a_key_is_told() -> None:
    state = state_of(person("issued-paid"))
    id = session(state, "s", person("issued-paid").iin)
    assert result(state, id, NOW + timedelta(minutes=15)) == ("FINISHED", False, ["SESSION_EXPIRED"])
    assert state.digital_id("GET", "/api/v1/flows/session/result/", {"session_id": "unknown"}, NOW) is None
    state.digital_id_system.api_key = "another"
    with pytest.raises(Refused, match="UNKNOWN_KEY"):
        result(state, id, NOW)
    with pytest.raises(Refused, match="UNKNOWN_KEY"):
        session(state, "t", person("issued-paid").iin)


def test_a_comparison_is_answered_once_by_key() -> None:
    citizen = person("likeness-spent")
    state = state_of(citizen)
    asked = [{"key": f"c{n}", "iin": citizen.iin, "photo": "QUJD"} for n in (1, 1, 1, 2, 3, 4)]
    answers = [state.digital_id("POST", "/compare", each, NOW) for each in asked]
    assert [answer and answer["match"] for answer in answers] == [False, False, False, False, False, True]
    assert all(answer and 0 <= answer["score"] <= 100 for answer in answers)


def test_the_registry_promises_no_idempotency_but_can_be_asked() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    first, second = register(state, citizen), register(state, citizen)
    assert first["talonNumber"] != second["talonNumber"]
    found = state.shep("RPDRN_FIND", {"applicationId": str(citizen.application_id(0))}, NOW)["registration"]
    assert [talon["talonNumber"] for talon in found] == [first["talonNumber"], second["talonNumber"]]
    recall = {"talonNumber": second["talonNumber"], "reason": "second"}
    assert [state.shep("RPDRN_RECALL", recall, NOW)["recalled"] for _ in range(2)] == [True, True]


def test_a_talon_has_its_form_and_a_check_digit() -> None:
    citizen = person("issued-paid")
    talon = register(state_of(citizen), citizen)["talonNumber"]
    assert re.fullmatch(rf"{citizen.region}-251203-\d{{6}}-\d", talon)
    digits = talon.replace("-", "")
    assert check_digit(digits[:-1]) == int(digits[-1])


def test_the_registry_refuses_as_the_story_says() -> None:
    citizen = person("registration-refused")
    refused = register(state_of(citizen), citizen)
    assert refused["registered"] is False
    assert refused["messageKz"]
    assert register(state_of(citizen), citizen, point="00-00")["code"] == "UNKNOWN_POINT"
    recall_refused = person("recall-refused")
    state = state_of(recall_refused)
    talon = register(state, recall_refused)["talonNumber"]
    answer = state.shep("RPDRN_RECALL", {"talonNumber": talon, "reason": "x"}, NOW)
    assert answer == {"recalled": False, "code": "RECALL_REFUSED"}


def test_stages_are_taken_in_order_and_once() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    talon = register(state, citizen)["talonNumber"]

    def tell(number: int, stage: str) -> Any:
        told = {"talonNumber": talon, "number": str(number), "stage": stage, "stageDate": NOW.isoformat()}
        return state.shep("RPDRN_STAGE", told, NOW)["accepted"]

    assert tell(2, "IN_REVIEW") is False
    assert [tell(1, "SETTLED"), tell(1, "SETTLED"), tell(1, "ISSUED"), tell(2, "IN_REVIEW")] == [
        True,
        True,
        False,
        True,
    ]
    assert [stage["stage"] for stage in state.registry.talons[talon].stages] == ["SETTLED", "IN_REVIEW"]
    state.shep("RPDRN_RECALL", {"talonNumber": talon, "reason": "x"}, NOW)
    assert tell(3, "DECIDED") is False


def test_the_registry_pushes_a_circumstance_once_after_its_stage() -> None:
    citizen = person("circumstance-undecided")
    state = state_of(citizen)
    talon = register(state, citizen)["talonNumber"]
    asked = {"talonNumber": talon, "applicationId": str(citizen.application_id(0))}
    watch = state.post.take(asked, NOW)
    for number in (1, 2, 2):
        state.shep("RPDRN_STAGE", {"talonNumber": talon, "number": number, "stage": str(number)}, NOW)
    (told,) = state.due(NOW + SECOND)
    assert told.body["correlation"] == watch
    assert (told.to, told.path, told.key) == ("intake", "/shep/async", "")
    assert (told.body["kind"], told.body["status"], told.body["reasonCode"]) == (
        "NOTIFICATION", "CHANGED", "RECORD_CHANGED",
    )  # fmt: skip
    assert state.due(NOW + DAY) == ()


def test_an_invoice_is_one_by_key_and_of_the_duty_of_its_day() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    talon = register(state, citizen)["talonNumber"]
    asked = [{"talonNumber": talon, "key": key} for key in ("a", "a", "b")]
    first, again, other = (state.shep("RPDRN_INVOICE", each, NOW) for each in asked)
    assert first == again
    assert first["invoiceId"] != other["invoiceId"]
    assert (first["amount"], first["kbk"]) == (786, "108126")


def test_money_is_told_by_a_call_back_and_never_turned_away() -> None:
    citizen = person("paid-twice")
    state = state_of(citizen)
    id = invoice(state, citizen)
    state.gateway("POST", f"/invoices/{id}/terms", {"callback_url": "http://p/callbacks/payment", "until": "x"}, NOW)
    for amount in (600, 786, 1000):
        state.gateway("POST", f"/pay/{id}", {"amount": amount}, NOW)
    standing = state.gateway("GET", f"/invoices/{id}", {}, NOW)
    assert standing is not None
    assert standing["status"] == "PAID"
    assert [receipt["amount"] for receipt in standing["receipts"]] == [600, 786, 1000]
    told = state.due(NOW + SECOND)
    assert [callback.body["amount"] for callback in told] == [600, 786, 1000]
    assert {callback.url for callback in told} == {"http://p/callbacks/payment"}
    assert len({callback.id for callback in told}) == 3


def test_a_short_payment_leaves_the_invoice_open_and_a_paid_one_cannot_be_cancelled() -> None:
    citizen = person("paid-under")
    state = state_of(citizen)
    id = invoice(state, citizen)
    state.gateway_system.pay(id, 686, NOW)
    assert state.gateway_system.invoices[id].status == "OPEN"
    state.gateway_system.pay(id, 786, NOW)
    answer = state.gateway("POST", f"/invoices/{id}/cancel", {"key": "k"}, NOW)
    assert answer is not None
    assert answer["status"] == "PAID"


def test_a_cancel_may_be_unknown_once_and_money_still_comes_to_a_dead_invoice() -> None:
    citizen = person("unpaid")
    state = state_of(citizen)
    id = invoice(state, citizen)
    cancels = [state.gateway("POST", f"/invoices/{id}/cancel", {"key": "k"}, NOW) for _ in range(3)]
    assert [each and each["status"] for each in cancels] == ["UNKNOWN", "CANCELLED", "CANCELLED"]
    state.gateway_system.pay(id, 786, NOW)
    standing = state.gateway("GET", f"/invoices/{id}", {}, NOW)
    assert standing is not None
    assert (standing["status"], len(standing["receipts"])) == ("CANCELLED", 1)
    with pytest.raises(Refused):
        state.gateway_system.pay(id, 0, NOW)


def test_the_same_sms_is_one_message() -> None:
    state = state_of()
    for _ in range(3):
        assert state.sms("POST", "/messages", {"id": "m", "phone": "+7", "text": "т"}, NOW) == {"status": "SENT"}
    assert (len(state.sms_gateway.messages), state.sms_gateway.repeats) == (1, 2)


def test_the_same_seed_answers_alike() -> None:
    citizen = person("issued-paid")
    one, other = state_of(citizen), state_of(citizen)
    assert invoice(one, citizen) == invoice(other, citizen)
    assert consent(one, citizen) == consent(other, citizen)
    assert one.summary(NOW) == other.summary(NOW)
