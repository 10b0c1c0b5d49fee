"""What goes over the wire to the outside systems, and what their answers are taken for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from services.payment.answers import Incoming, InvoiceStanding, InvoiceStatus, RefundClaim, RefundStanding, RefundStatus
from services.payment.gateway import RestGateway, RestRevenue, ShepRegisters
from services.payment.notice import drawn
from services.payment.statement import Period, RevenueStatement, StatedCase, StatedPayout, StatedReceipt
from shared.contracts.identity_verification import ConsentToken
from shared.contracts.payment import RefundCause
from shared.engine.rows import Unavailable
from shared.gateways.rest import Rest
from shared.law.exemptions import SocialStatus
from tests.sandbox.notices import NOTICE, enclosed
from tests.services.payment.stage import OWN

NOW = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)
CONSENT = ConsentToken(access_name="AIS_SIK", token="t", public_key="k", expires_at=NOW)


class Wire:
    """Answers by method and path; keeps what was sent."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers, self.sent = answers, dict[str, Any]()

    def rest(self, dependency: str) -> Rest:
        def handle(request: httpx.Request) -> httpx.Response:
            query = f"?{request.url.query.decode()}" if request.url.query else ""
            name = f"{request.method} {request.url.path}{query}"
            self.sent[name] = json.loads(request.content) if request.content else None
            answer = self.answers.get(name)
            return httpx.Response(404) if answer is None else httpx.Response(200, json=answer)

        return Rest(httpx.AsyncClient(transport=httpx.MockTransport(handle)), "http://there", dependency)


class Asked:
    """ШЭП, as far as its callers see it."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer, self.asked = answer, list[tuple[str, dict[str, Any], str]]()

    async def ask(self, service_id: str, data: dict[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
        self.asked.append((service_id, data, message_id))
        return self.answer


def registers(answer: dict[str, Any]) -> tuple[ShepRegisters, Asked]:
    shep = Asked(answer)
    return ShepRegisters(shep, lambda: NOW), shep  # type: ignore[arg-type]


async def test_the_social_register_is_asked_with_the_consent_for_the_day() -> None:
    statuses = [{"code": "DISABLED", "dateFrom": "2020-01-01"}, {"code": "PENSIONER"}]
    social, shep = registers({"date": "2025-10-06", "status": statuses})
    found = await social.statuses_of("900115390019", date(2025, 10, 6), CONSENT, "ask-1")
    assert found == (SocialStatus("DISABLED", date(2020, 1, 1)), SocialStatus("PENSIONER"))
    data = {"iin": "900115390019", "date": "2025-10-06", "kdpToken": "t", "publicKey": "k"}
    assert shep.asked == [("AIS_SIK", data, "ask-1")]


SAYS_NOTHING = [
    {},
    {"date": "2025-10-05"},
    {"date": "2025-10-06", "status": "none"},
    {"date": "2025-10-06", "status": [{"dateFrom": "2020-01-01"}]},
]


async def test_a_person_without_statuses_has_none() -> None:
    social, _ = registers({"date": "2025-10-06"})
    assert await social.statuses_of("900115390019", date(2025, 10, 6), CONSENT, "ask-1") == ()


@pytest.mark.parametrize("answer", SAYS_NOTHING)
async def test_an_answer_that_says_nothing_of_statuses_is_no_answer(answer: dict[str, Any]) -> None:
    social, _ = registers(answer)
    with pytest.raises(Unavailable):
        await social.statuses_of("900115390019", date(2025, 10, 6), CONSENT, "ask-1")


async def test_the_invoice_is_asked_for_by_talon_and_key() -> None:
    registry, shep = registers({"invoiceId": "INV-1", "amount": "786", "kbk": "108126", "payUrl": "https://pay"})
    issued = await registry.invoice("T-1", "key-1")
    assert (issued.invoice_id, issued.amount, issued.kbk, issued.pay_url) == ("INV-1", 786, "108126", "https://pay")
    assert shep.asked == [("RPDRN_INVOICE", {"talonNumber": "T-1", "key": "key-1"}, "key-1")]


async def test_an_invoice_that_does_not_read_is_no_invoice() -> None:
    registry, _ = registers({"invoiceId": "INV-1", "amount": "786.40"})
    with pytest.raises(Unavailable, match="rpdrn"):
        await registry.invoice("T-1", "key-1")


def gateway(answers: dict[str, Any]) -> tuple[RestGateway, Wire]:
    wire = Wire(answers)
    return RestGateway(wire.rest("payment-gateway"), "http://here/callbacks/payment"), wire


async def test_the_gateway_is_told_where_to_call_back_and_until_when() -> None:
    pays, wire = gateway({"POST /invoices/INV-1/terms": {}, "GET /invoices/INV-1": {"status": "OPEN", "receipts": []}})
    await pays.set_terms("INV-1", NOW)
    terms = {"callback_url": "http://here/callbacks/payment", "until": "2025-10-06T05:00:00+00:00"}
    assert wire.sent["POST /invoices/INV-1/terms"] == terms


async def test_an_invoice_that_the_gateway_does_not_know_yet_has_no_terms() -> None:
    pays, _ = gateway({})
    with pytest.raises(Unavailable, match="payment-gateway"):
        await pays.set_terms("INV-1", NOW)


async def test_receipts_come_with_the_standing_of_the_invoice() -> None:
    receipts = [{"receipt_id": "R-1", "amount": 786, "paid_at": "2025-10-06T10:00:00+05:00"}]
    pays, wire = gateway({"POST /invoices/INV-1/cancel": {"status": "PAID", "receipts": receipts}})
    standing = await pays.cancel("INV-1", "key-1")
    assert standing == InvoiceStanding(InvoiceStatus.PAID, (Incoming("R-1", 786, NOW),))
    assert wire.sent["POST /invoices/INV-1/cancel"] == {"key": "key-1"}


async def test_what_the_gateway_does_not_know_is_unknown() -> None:
    pays, _ = gateway({})
    assert await pays.cancel("INV-1", "key-1") == InvoiceStanding(InvoiceStatus.UNKNOWN)


CLAIM = RefundClaim("case-1", 786, OWN, "R-1", RefundCause.ANNULLED, NOTICE)


def revenue(answers: dict[str, Any]) -> tuple[RestRevenue, Wire]:
    wire = Wire(answers)
    return RestRevenue(wire.rest("revenue")), wire


async def test_a_refund_is_filed_with_account_ground_and_notice() -> None:
    authority, wire = revenue({"POST /refunds": {"status": "FILED"}})
    await authority.file(CLAIM)
    assert wire.sent["POST /refunds"] == {
        "key": "case-1", "amount": 786, "iban": OWN.iban, "holder_iin": OWN.holder_iin, "receipt_id": "R-1",
        "ground": "ANNULLED",
        "notice": {"cause": "ANNULLED", **NOTICE.told(), **enclosed(drawn(NOTICE))},
    }  # fmt: skip


async def test_a_refund_that_nobody_annulled_needs_no_paper_and_is_filed_with_its_cause_alone() -> None:
    authority, wire = revenue({"POST /refunds": {"status": "FILED"}})
    await authority.file(replace(CLAIM, cause=RefundCause.SECOND, notice=None))
    assert wire.sent["POST /refunds"]["notice"] == {"cause": "SECOND"}


async def test_a_filing_that_was_not_confirmed_is_not_filed() -> None:
    authority, _ = revenue({})
    with pytest.raises(Unavailable, match="revenue"):
        await authority.file(CLAIM)


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (None, RefundStanding(RefundStatus.UNKNOWN)),
        (
            {"status": "ACCEPTED", "accepted_on": "2025-10-06"},
            RefundStanding(RefundStatus.ACCEPTED, date(2025, 10, 6)),
        ),
        (
            {"status": "PAID", "accepted_on": "2025-10-06", "payout_id": "PO-1", "paid_on": "2025-10-13"},
            RefundStanding(RefundStatus.PAID, date(2025, 10, 6), payout_id="PO-1", paid_on=date(2025, 10, 13)),
        ),
        (
            {"status": "REJECTED", "reason": "ACCOUNT", "correctable": True},
            RefundStanding(RefundStatus.REJECTED, None, "ACCOUNT", True),
        ),
    ],
)
async def test_a_case_stands_as_the_authority_says(answer: Any, standing: RefundStanding) -> None:
    authority, _ = revenue({"GET /refunds/case-1": answer})
    assert await authority.inquire("case-1") == standing


async def test_a_corrected_account_replaces_the_one_of_the_case() -> None:
    authority, wire = revenue({"PUT /refunds/case-1/account": {"status": "FILED"}})
    await authority.correct("case-1", OWN)
    assert wire.sent["PUT /refunds/case-1/account"] == {"iban": OWN.iban, "holder_iin": OWN.holder_iin}


def test_no_claim_shows_its_account() -> None:
    assert OWN.iban not in repr(CLAIM)


PERIOD = Period(date(2025, 10, 5), date(2025, 10, 6))
ASKED = "GET /statement?from=2025-10-05&to=2025-10-06&page="
LISTED = {"receipt_id": "R-1", "invoice_id": "INV-1", "amount": 786, "paid_at": "2025-10-06T10:00:00+05:00"}
FILED = {"case_id": "c-1", "amount": 786, "filed_at": "2025-10-06T10:00:00+05:00"}
PAID_OUT = {"payout_id": "PO-1", "case_id": "c-1", "amount": 786, "paid_on": "2025-10-06"}


async def test_the_gateways_statement_is_read_to_its_last_page() -> None:
    odd = {**LISTED, "receipt_id": "R-2", "amount": -5}
    pays, wire = gateway({f"{ASKED}1": {"receipts": [LISTED], "next": 2}, f"{ASKED}2": {"receipts": [odd]}})
    assert await pays.statement(PERIOD) == (
        StatedReceipt("R-1", "INV-1", 786, NOW), StatedReceipt("R-2", "INV-1", -5, NOW)
    )  # fmt: skip
    assert list(wire.sent) == [f"{ASKED}1", f"{ASKED}2"]


async def test_the_authoritys_statement_is_read_to_its_last_page() -> None:
    first, second = {"cases": [FILED], "payouts": [], "next": 2}, {"cases": [], "payouts": [PAID_OUT], "next": None}
    authority, _ = revenue({f"{ASKED}1": first, f"{ASKED}2": second})
    assert await authority.statement(PERIOD) == RevenueStatement(
        (StatedCase("c-1", 786, NOW),), (StatedPayout("PO-1", "c-1", 786, date(2025, 10, 6)),)
    )


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"receipts": [{"receipt_id": "R-1"}]}, {"receipts": [], "next": 1}, {"receipts": [], "next": 0}],
)
async def test_a_statement_that_does_not_read_or_does_not_end_is_no_answer(answer: Any) -> None:
    """A page that is missing would make every receipt of it a difference."""
    pays, _ = gateway({f"{ASKED}1": answer})
    with pytest.raises(Unavailable, match="payment-gateway"):
        await pays.statement(PERIOD)
    authority, _ = revenue({f"{ASKED}1": {"cases": [], "payouts": [], "next": 2}})
    with pytest.raises(Unavailable, match="revenue"):
        await authority.statement(PERIOD)


async def test_a_refund_whose_filing_is_not_answered_is_not_filed_again_unasked() -> None:
    """The authority may have taken it: only an inquiry tells (process.md 4)."""
    filed: list[str] = []

    def lost(request: httpx.Request) -> httpx.Response:
        filed.append(request.method)
        raise httpx.ReadError("reset")

    revenue = RestRevenue(Rest(httpx.AsyncClient(transport=httpx.MockTransport(lost)), "http://there", "revenue"))
    with pytest.raises(Unavailable):
        await revenue.file(CLAIM)
    assert filed == ["POST"]
