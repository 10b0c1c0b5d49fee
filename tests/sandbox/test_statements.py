"""What gateway and revenue authority list of the days, and what they may be made to get wrong."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.faults import Fault
from deploy.sandbox.http import Systems
from deploy.sandbox.misstating import Misstatement, Wrong, misstate
from deploy.sandbox.smtp import Mailbox
from deploy.sandbox.systems.ground import Refused
from deploy.sandbox.systems.state import State
from services.payment.gateway import RestGateway, RestRevenue
from services.payment.statement import Period, StatedCase, StatedReceipt
from shared.engine.rows import Unavailable
from shared.gateways.rest import Rest
from shared.law.calendar import ALMATY
from tests.sandbox.crowds import DAY, NOW, invoice, person, state_of
from tests.sandbox.notices import papers

TODAY = NOW.astimezone(ALMATY).date()
MONTH = Period(TODAY - timedelta(days=30), TODAY + timedelta(days=30))


def listed(state: State, system: str, days: Period = MONTH, now: Any = NOW, page: int = 1) -> dict[str, Any]:
    asked = {"from": str(days.first), "to": str(days.last), "page": str(page)}
    found = state.rest(system, "GET", "/statement", asked, now)
    assert found is not None
    return found


def a_state() -> tuple[State, str]:
    citizen = person("annulled-photo")
    state = state_of(citizen)
    return state, invoice(state, citizen)


def filed(state: State, receipt: str, case: str = "c-1") -> None:
    body = {"key": case, "amount": 786, "iban": "KZ1", "holder_iin": "1", "receipt_id": receipt, "ground": "ANNULLED"}
    notice = papers(state.gateway_system.receipts[receipt].talon, receipt, "1")
    state.revenue("POST", "/refunds", {**body, "notice": notice}, NOW)


def test_the_gateway_lists_the_receipts_of_the_days_with_their_invoices() -> None:
    state, id = a_state()
    early, late = (state.gateway_system.pay(id, amount, NOW + DAY * days) for amount, days in ((786, 0), (5, 3)))
    shown = listed(state, "gateway", Period(TODAY, TODAY))
    assert shown == {"receipts": [{**early.shown(), "invoice_id": id}], "next": None}
    assert [line["receipt_id"] for line in listed(state, "gateway")["receipts"]] == [early.id, late.id]
    assert listed(state, "gateway", Period(TODAY + timedelta(days=1), TODAY + timedelta(days=2)))["receipts"] == []


def test_a_day_is_a_day_of_almaty() -> None:
    state, id = a_state()
    state.gateway_system.pay(id, 786, NOW.replace(hour=20))
    assert listed(state, "gateway", Period(TODAY, TODAY))["receipts"] == []
    assert len(listed(state, "gateway", Period(TODAY, TODAY + timedelta(days=1)))["receipts"]) == 1


def test_the_revenue_authority_lists_cases_by_their_filing_and_pay_outs_by_their_day() -> None:
    state, id = a_state()
    filed(state, state.gateway_system.pay(id, 786, NOW).id)
    shown = listed(state, "revenue")
    assert shown["cases"] == [{"case_id": "c-1", "amount": 786, "filed_at": NOW.isoformat()}]
    assert shown["payouts"] == []
    later = NOW + 10 * DAY
    standing = state.revenue("GET", "/refunds/c-1", {}, later)
    assert standing is not None
    (paid,) = listed(state, "revenue", now=later)["payouts"]
    assert (paid["payout_id"], paid["paid_on"]) == (standing["payout_id"], standing["paid_on"])
    assert (paid["case_id"], paid["amount"]) == ("c-1", 786)
    day = date.fromisoformat(paid["paid_on"])
    assert listed(state, "revenue", Period(TODAY, day - timedelta(days=1)), later)["payouts"] == []


def test_a_case_keeps_the_day_of_its_filing_and_a_second_filing_is_a_second_pay_out() -> None:
    state, id = a_state()
    receipt = state.gateway_system.pay(id, 786, NOW).id
    filed(state, receipt)
    filed(state, receipt)
    state.revenue("PUT", "/refunds/c-1/account", {"iban": "KZ2", "holder_iin": "1"}, NOW + 2 * DAY)
    shown = listed(state, "revenue", now=NOW + 20 * DAY)
    assert [case["filed_at"] for case in shown["cases"]] == [NOW.isoformat()]
    assert len({paid["payout_id"] for paid in shown["payouts"]}) == 2


@pytest.mark.parametrize(
    "asked",
    [{}, {"from": "2025-12-01"}, {"from": "x", "to": "2025-12-01"},
     {"from": "2025-12-01", "to": "2025-12-01", "page": "0"}, {"from": "2025-12-01", "to": "2025-12-01", "page": "x"}],
)  # fmt: skip
@pytest.mark.parametrize("system", ["gateway", "revenue"])
def test_a_statement_of_no_days_is_refused(system: str, asked: dict[str, str]) -> None:
    with pytest.raises(Refused):
        State(1).rest(system, "GET", "/statement", asked, NOW)


async def test_the_clients_of_payment_read_all_pages_over_http_and_feel_the_faults() -> None:
    state, id = a_state()
    systems = Systems(state)
    systems.clock.set_offset(NOW - systems.clock.machine_now())
    receipts = [state.gateway_system.pay(id, 1 + number, NOW) for number in range(250)]
    filed(state, receipts[0].id)
    app = application(systems, Mailbox(systems), Authority(NOW, b"statements"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        gateway = RestGateway(Rest(http, "http://s/gateway", "payment-gateway"), "http://c")
        revenue = RestRevenue(Rest(http, "http://s/revenue", "revenue"))
        assert await gateway.statement(MONTH) == tuple(
            StatedReceipt(receipt.id, id, receipt.amount, receipt.paid_at) for receipt in receipts
        )
        assert (await revenue.statement(MONTH)).cases == (StatedCase("c-1", 786, NOW),)
        for fault in (Fault(system="payment-gateway", outage=True), Fault(system="revenue", lost_rate=1)):
            systems.faults.switch(fault)
        with pytest.raises(Unavailable, match="payment-gateway"):
            await gateway.statement(MONTH)
        with pytest.raises(Unavailable, match="revenue"):
            await revenue.statement(MONTH)


async def test_money_can_come_untold_and_books_be_misstated_through_the_control() -> None:
    state, id = a_state()
    systems = Systems(state)
    systems.clock.set_offset(NOW + 30 * DAY - systems.clock.machine_now())
    app = application(systems, Mailbox(systems), Authority(NOW, b"misstated"))
    known = state.gateway_system.pay(id, 786, NOW)
    owed = len(state.ground.waiting)
    filed(state, known.id)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://s") as http:

        async def wrong(what: str, id: str, amount: int = 0, at: Any = None) -> httpx.Response:
            moment = at.isoformat() if at else None
            return await http.post("/control/misstate", json={"what": what, "id": id, "amount": amount, "at": moment})

        untold = (await wrong("untold-receipt", id, 9, NOW)).json()["id"]
        assert len(state.ground.waiting) == owed
        assert (await wrong("receipt-amount", known.id, 5)).status_code == 201
        stray = (await wrong("stray-payout", "c-none", 7, NOW)).json()["id"]
        await wrong("payout-twice", "c-1")
        await wrong("payout-amount", "c-1", 785)
        assert (await wrong("receipt-lost", "none")).status_code == 422
        assert (await wrong("nothing", "none")).status_code == 422
    later = NOW + 30 * DAY
    receipts = {line["receipt_id"]: line["amount"] for line in listed(state, "gateway", now=later)["receipts"]}
    assert receipts == {known.id: 5, untold: 9}
    payouts = [(paid["case_id"], paid["amount"]) for paid in listed(state, "revenue", now=later)["payouts"]]
    assert payouts == [("c-1", 785), ("c-1", 785), ("c-none", 7)]
    assert stray.startswith("PO-STRAY")


def test_what_is_lost_there_was_never_there() -> None:
    state, id = a_state()
    receipt = state.gateway_system.pay(id, 786, NOW)
    filed(state, receipt.id)
    for what, name in ((Wrong.RECEIPT_LOST, receipt.id), (Wrong.CASE_LOST, "c-1")):
        misstate(state, Misstatement(what=what, id=name), NOW)
    assert listed(state, "gateway")["receipts"] == []
    assert listed(state, "revenue", now=NOW + 30 * DAY) == {"cases": [], "payouts": [], "next": None}
    assert state.gateway_system.pay(id, 1, NOW).id != receipt.id
