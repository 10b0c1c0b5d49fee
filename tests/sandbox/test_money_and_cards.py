"""The revenue authority and the production centre of the sandbox, in business time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deploy.sandbox.people import Citizen
from deploy.sandbox.systems.state import State
from services.payment.notice import drawn
from shared.law.calendar import ALMATY, add_working_days
from tests.sandbox.crowds import DAY, NOW, SECOND, invoice, person, register, state_of
from tests.sandbox.notices import NOTICE, enclosed, papers

MINUTE = timedelta(minutes=1)
ACCEPTED = NOW + MINUTE


def filed(state: State, citizen: Citizen, case: str = "case-1") -> None:
    receipt = state.gateway_system.pay(invoice(state, citizen), 786, NOW)
    refile(state, citizen, receipt.id, case)


def refile(state: State, citizen: Citizen, receipt: str, case: str = "case-1", **changes: Any) -> None:
    body = {"key": case, "amount": 786, "iban": citizen.iban, "holder_iin": citizen.iin, "receipt_id": receipt}
    notice = papers(receipt_talon(state, receipt), receipt, citizen.iin)
    assert state.revenue("POST", "/refunds", body | {"ground": "ANNULLED", "notice": notice} | changes, NOW) is not None


def standing(state: State, at: Any = ACCEPTED) -> dict[str, Any]:
    found = state.revenue("GET", "/refunds/case-1", {}, at)
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "days"), [("refund-confirmed", 5), ("refund-overdue", 8), ("annulled-photo", 3)])
def test_a_refund_is_paid_after_the_working_days_of_its_story(name: str, days: int) -> None:
    citizen = person(name)
    state = state_of(citizen)
    assert standing(state) == {"status": "UNKNOWN"}
    filed(state, citizen)
    assert standing(state, NOW) == {"status": "FILED"}
    assert standing(state) == {"status": "ACCEPTED", "accepted_on": "2025-12-03"}
    paid_on = add_working_days(ACCEPTED.astimezone(ALMATY).date(), days)
    waited = (paid_on - ACCEPTED.astimezone(ALMATY).date()).days
    assert standing(state, ACCEPTED + (waited - 1) * DAY)["status"] == "ACCEPTED"
    assert standing(state, ACCEPTED + waited * DAY)["status"] == "PAID"
    assert state.summary(ACCEPTED + waited * DAY)["paid_out"] == 786


OF_ANOTHER = enclosed(drawn(replace(NOTICE, amount=785)))


@pytest.mark.parametrize(("changes", "reason"), [
    ({"notice": {"cause": "ANNULLED"}}, "NOTICE_INCOMPLETE"),
    ({"notice": {"cause": "SECOND"}}, "NOTICE_DIFFERS"),
    ({"notice": "a text"}, "NOTICE_DIFFERS"),
    ({"amount": 787}, "AMOUNT_DIFFERS"),
    ({"amount": 785}, "NOTICE_DIFFERS"),
    ({"holder_iin": "000101500017"}, "NOTICE_PAPER_DIFFERS"),
])  # fmt: skip
def test_an_application_whose_papers_do_not_agree_is_rejected_with_the_reason(changes: Any, reason: str) -> None:
    citizen = person("refund-confirmed")
    state = state_of(citizen)
    receipt = state.gateway_system.pay(invoice(state, citizen), 786, NOW)
    refile(state, citizen, receipt.id, **changes)
    assert standing(state) == {"status": "REJECTED", "reason": reason, "correctable": False}
    assert state.summary(NOW + 30 * DAY)["paid_out"] == 0


@pytest.mark.parametrize(("changes", "reason"), [
    ({"talon": "of another"}, "NOTICE_DIFFERS"),
    ({"receipt_id": "of another"}, "NOTICE_DIFFERS"),
    ({"decision_id": ""}, "NOTICE_INCOMPLETE"),
    ({"pdf": ""}, "NOTICE_PAPER_MISSING"),
    ({"pdf": "no base64"}, "NOTICE_PAPER_UNREADABLE"),
    (enclosed(b"a picture"), "NOTICE_PAPER_UNREADABLE"),
    (enclosed(b"%PDF-1.7 cut off"), "NOTICE_PAPER_UNREADABLE"),
    ({"sha256": "0" * 64}, "NOTICE_PAPER_DIFFERS"),
    ({"number": "002710000123456/2"}, "NOTICE_PAPER_DIFFERS"),
    (OF_ANOTHER, "NOTICE_PAPER_DIFFERS"),
])  # fmt: skip
def test_a_notice_is_rejected_that_lacks_its_paper_or_says_something_else_than_it(changes: Any, reason: str) -> None:
    citizen = person("refund-confirmed")
    state = state_of(citizen)
    receipt = state.gateway_system.pay(invoice(state, citizen), 786, NOW)
    notice = papers(receipt_talon(state, receipt.id), receipt.id, citizen.iin) | changes
    refile(state, citizen, receipt.id, notice=notice)
    assert standing(state) == {"status": "REJECTED", "reason": reason, "correctable": False}


def receipt_talon(state: State, receipt: str) -> str:
    return state.gateway_system.receipts[receipt].talon


def test_a_case_filed_twice_is_paid_twice() -> None:
    citizen = person("refund-confirmed")
    state = state_of(citizen)
    filed(state, citizen)
    refile(state, citizen, next(iter(state.gateway_system.receipts)))
    assert state.summary(NOW + 30 * DAY)["paid_out"] == 2 * 786


def test_an_account_fault_is_mended_by_another_account_and_only_once() -> None:
    citizen = person("refund-corrected")
    state = state_of(citizen)
    filed(state, citizen)
    assert standing(state) == {"status": "REJECTED", "reason": "ACCOUNT_CLOSED", "correctable": True}
    body = {"iban": citizen.spare_iban, "holder_iin": citizen.iin}
    for at in (ACCEPTED, ACCEPTED + DAY):
        state.revenue("PUT", "/refunds/case-1/account", body, at)
    assert standing(state, ACCEPTED + MINUTE)["status"] == "ACCEPTED"
    assert standing(state, ACCEPTED + 10 * DAY)["status"] == "PAID"
    assert [payout.iban for payout in state.revenue_authority.payouts(NOW + 30 * DAY)] == [citizen.spare_iban]


def test_a_refusal_by_law_stays() -> None:
    citizen = person("refund-against-law")
    state = state_of(citizen)
    filed(state, citizen)
    for at in (ACCEPTED, NOW + 90 * DAY):
        assert standing(state, at) == {"status": "REJECTED", "reason": "NO_LEGAL_GROUND", "correctable": False}


def order(state: State, citizen: Citizen, round: int = 1) -> dict[str, Any]:
    talon = next(iter(state.registry.talons), None) or register(state, citizen)["talonNumber"]
    body = {"order_id": "o", "round": round, "talon": talon, "region": citizen.region, "point": citizen.point}
    found = state.central_node("POST", "/orders", {**body, "certified": {"photo": "x"}}, NOW)
    assert found is not None
    return found


def said(state: State, at: Any) -> list[str]:
    return [str(callback.body["what"]) for callback in state.due(at)]


def test_an_ordered_card_is_made_once_and_shipped() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    assert state.central_node("GET", "/orders/o", {}, NOW) == {"status": "UNKNOWN"}
    for _ in range(3):
        assert order(state, citizen)["status"] == "ACCEPTED"
    assert state.due(NOW) == ()
    assert state.next_at() is not None
    assert said(state, NOW + MINUTE) == ["MADE", "SHIPPED"]
    assert order(state, citizen)["status"] == "SHIPPED"
    assert (state.production.orders["o"].made, said(state, NOW + DAY)) == (1, [])


def test_a_technical_refusal_may_be_tried_anew() -> None:
    citizen = person("production-technical")
    state = state_of(citizen)
    refused = order(state, citizen)
    assert (refused["status"], refused["fault"]) == ("REFUSED", "TECHNICAL")
    assert order(state, citizen)["status"] == "ACCEPTED"


def test_a_substantive_refusal_stands_until_a_new_round() -> None:
    citizen = person("production-approved-again")
    state = state_of(citizen)
    for _ in range(2):
        assert order(state, citizen)["fault"] == "SUBSTANTIVE"
    assert order(state, citizen, round=2)["status"] == "ACCEPTED"


@pytest.mark.parametrize("times", [1, 3])
def test_a_spoiled_card_waits_to_be_made_again(times: int) -> None:
    from dataclasses import replace

    citizen = person("card-spoiled")
    treatment = replace(citizen.persona.treatment, spoiled=times)
    citizen = replace(citizen, persona=replace(citizen.persona, treatment=treatment))
    state = state_of(citizen)
    order(state, citizen)
    for turn in range(1, times + 1):
        assert said(state, NOW + turn * MINUTE) == ["SPOILED"]
        assert said(state, NOW + turn * MINUTE) == []
        for _ in range(2):
            state.central_node("POST", "/orders/o/remake", {}, NOW + turn * MINUTE)
    assert said(state, NOW + DAY) == ["MADE", "SHIPPED"]


def test_a_cancelled_order_is_never_made_and_a_made_one_is_not_cancelled() -> None:
    citizen = person("circumstance-approved")
    state = state_of(citizen)
    order(state, citizen)
    assert said(state, NOW + DAY) == []
    for _ in range(2):
        answer = state.central_node("POST", "/orders/o/cancel", {}, NOW + DAY)
        assert answer is not None
        assert answer["status"] == "CANCELLED"
    assert said(state, NOW + 9 * DAY) == []
    other = person("issued-paid", seed=2)
    state = state_of(other)
    order(state, other)
    said(state, NOW + SECOND)
    answer = state.central_node("POST", "/orders/o/cancel", {}, NOW + SECOND)
    assert answer is not None
    assert answer["status"] == "MADE"


def test_a_payment_whose_answer_was_lost_is_not_made_twice() -> None:
    citizen = person("issued-paid")
    state = state_of(citizen)
    id = invoice(state, citizen)
    one, two = (state.gateway_system.pay(id, 786, NOW, "1") for _ in range(2))
    assert one == two
    assert len(state.gateway_system.invoices[id].receipts) == 1
