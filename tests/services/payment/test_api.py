"""The gateway's call-back, and what operations may see and do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.payment.invoice import Phase
from services.payment.ledger import Account
from services.payment.messages import HOUSE
from shared.contracts.payment import RefundCause
from shared.engine.engine import Engine
from shared.web import forgeries
from tests.engine.house import until
from tests.services.payment.stage import FEE, IIN, OWN, Outside, Registry, Social, cancel
from tests.services.payment.till import Till, till_in
from tests.services.running import APPLICATION

OF_ANOTHER = b"somebody else's key, long enough"


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    async with till_in(tmp_path, Outside()) as till:
        yield till


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Till]:
    async with till_in(tmp_path, Outside(registry=Registry(amount=1))) as till:
        await till.register(Phase.HELD)
        yield till


async def test_a_signed_call_back_pays_the_fee(till: Till) -> None:
    await till.register()
    answer = await till.call_back()
    assert (answer.status_code, answer.json()) == (200, {"receipt_id": "R-1"})
    assert till.invoice.phase is Phase.PAID
    await until(lambda: len(till.wire.said("fee-paid")) == 1)


async def test_a_call_back_told_twice_is_answered_twice_and_booked_once(till: Till) -> None:
    await till.register()
    for _ in range(3):
        assert (await till.call_back()).status_code == 200
    assert till.sums() == {Account.TREASURY: FEE, Account.SUSPENSE: -FEE}


async def test_another_receipt_under_a_used_call_back_id_is_not_lost(till: Till) -> None:
    await till.register()
    await till.call_back()
    await till.call_back(receipt_id="R-2")
    assert [one.cause for one in till.invoice.receipts] == [None, RefundCause.SECOND]


async def test_a_call_back_that_the_gateway_did_not_sign_is_refused(till: Till) -> None:
    await till.register()
    before, sums = till.invoice, till.sums()
    for number in range(3):
        answer = await till.call_back(key=b"somebody else's key, long enough", callback_id=f"c-{number}")
        assert answer.status_code == 401
    assert till.invoice == before
    assert till.sums() == sums


async def test_a_forged_call_back_is_on_record_once_a_minute_with_where_it_came_from(till: Till) -> None:
    await till.register()
    for number in range(9):
        await till.call_back(key=b"somebody else's key, long enough", callback_id=f"c-{number}")
    rows = [row for row in till.audits() if row.result == "forged"]
    assert 1 <= len(rows) <= 2, "two when the minute turned meanwhile"
    assert {(row.application_id, row.who, row.where) for row in rows} == {(HOUSE, "unknown", "127.0.0.1")}
    assert (await till.call_back()).status_code == 200
    assert [row for row in till.audits() if row.result == "forged"] == rows


async def test_forgeries_while_there_is_no_store_are_answered_and_wait_nowhere(till: Till) -> None:
    till.engine.store_lost = True
    for number in range(3):
        assert (await till.call_back(key=OF_ANOTHER, callback_id=f"c-{number}")).status_code == 401
    assert till.engine._waiting.empty()
    assert not [row for row in till.audits() if row.result == "forged"]


async def test_whoever_forges_is_answered_though_nothing_can_be_noted(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def never(message: object, message_id: str) -> None:
        asked.append(message_id)
        await asyncio.Event().wait()

    monkeypatch.setattr(forgeries, "WAIT", 0.01)
    monkeypatch.setattr(Engine, "act", lambda self, message, message_id: never(message, message_id))
    for number in range(5):
        assert (await till.call_back(key=OF_ANOTHER, callback_id=f"c-{number}")).status_code == 401
    assert 1 <= len(asked) <= 2, "two when the minute turned meanwhile"


def test_so_many_forgers_a_minute_are_noted_and_each_once() -> None:
    known = forgeries.Forgeries()
    many = [f"192.0.2.{number}" for number in range(2 * forgeries.MOST)]
    assert sum(known.is_news(where, 1) for where in many * 2) == forgeries.MOST
    assert known.is_news(many[0], 2)
    assert not known.is_news(many[0], 2)


async def test_a_call_back_for_an_invoice_that_is_not_known_yet_comes_again(till: Till) -> None:
    assert (await till.call_back()).status_code == 404
    await till.register()
    assert (await till.call_back()).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [{"amount": 0}, {"amount": -1}, {"amount": 786.5}, {"amount": "786"}, {"paid_at": "2025-10-06T10:00:00"},
     {"receipt_id": ""}, {"callback_id": None}, {"amount": 10**10}],
)  # fmt: skip
async def test_a_call_back_that_does_not_hold_names_the_field(till: Till, fault: dict[str, Any]) -> None:
    await till.register()
    answer = await till.call_back(**fault)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["faults"]] == list(fault)


async def test_a_receipt_for_a_replaced_invoice_still_finds_its_application(held: Till) -> None:
    held.outside.registry.amount = None
    async with held.caller() as operations:
        await operations.post(f"/operations/release/{APPLICATION}")
    await until(lambda: held.invoice.phase is Phase.OPEN)
    assert (await held.call_back(amount=1)).status_code == 200
    assert [case.cause for case in held.invoice.cases] == [RefundCause.LATE]


async def test_operations_see_money_and_never_the_person(tmp_path: Path) -> None:
    async with till_in(tmp_path, Outside()) as till:
        await till.register()
        await till.call_back(amount=FEE + 1)
        async with till.caller() as operations:
            answer = await operations.get(f"/invoices/{APPLICATION}")
        assert answer.status_code == 200
        found = answer.json()
        assert (found["phase"], found["fee"], found["cases"][0]["cause"]) == ("PAID", FEE, "EXCESS")
        assert IIN not in answer.text
        assert OWN.iban not in answer.text


async def test_the_category_of_an_exemption_is_shown_to_nobody(tmp_path: Path) -> None:
    from shared.law.exemptions import SocialStatus

    async with till_in(tmp_path, Outside(social=Social((SocialStatus("DISABLED"),)))) as till:
        await till.register(Phase.WAIVED)
        async with till.caller() as operations:
            answer = await operations.get(f"/invoices/{APPLICATION}")
        assert "DISABLED" not in answer.text
        kept = repr((till.tables.states, till.tables.logs, till.wire.sent))
        assert "DISABLED" not in kept


@pytest.mark.parametrize(("role", "status"), [("inspector", 403), ("nobody", 401), (None, 401)])
async def test_only_operations_may_look_and_release(held: Till, role: str | None, status: int) -> None:
    async with held.caller(role) as caller:
        assert (await caller.get(f"/invoices/{APPLICATION}")).status_code == status
        assert (await caller.get("/operations/held")).status_code == status
        assert (await caller.post(f"/operations/release/{APPLICATION}")).status_code == status
    assert held.invoice.phase is Phase.HELD


async def test_an_application_that_payment_does_not_know_is_not_found(till: Till) -> None:
    async with till.caller() as operations:
        assert (await operations.get(f"/invoices/{APPLICATION}")).status_code == 404


async def test_a_held_invoice_is_listed_and_released(held: Till) -> None:
    held.outside.registry.amount = None
    async with held.caller() as operations:
        listed = (await operations.get("/operations/held")).json()["held"]
        assert [(one["application_id"], one["held_for"]) for one in listed] == [(str(APPLICATION), "AMOUNT_DIFFERS")]
        assert (await operations.post(f"/operations/release/{APPLICATION}")).status_code == 202
    await until(lambda: held.invoice.phase is Phase.OPEN)
    assert held.outside.gateway.cancelled == ["INV-1"]
    assert "officer:operations" in {row.who for row in held.audits()}


async def test_what_is_not_held_is_not_released(till: Till) -> None:
    await till.register()
    async with till.caller() as operations:
        answer = await operations.post(f"/operations/release/{APPLICATION}")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_HELD")


async def test_an_annulled_fee_is_refunded_through_the_engine(till: Till) -> None:
    from tests.services.payment.refunding import PAID
    from tests.services.payment.stage import annulled

    await till.register()
    await till.call_back()
    till.outside.revenue.script = [PAID]
    await till.hear(annulled(), cancel())
    await until(lambda: bool(till.wire.said("fee-refunded")), 10)
    assert till.sums() == {Account.TREASURY: FEE, Account.REFUNDED: -FEE}
    assert [row.routing_key for row in till.wire.sent] == [
        "fee-requested", "fee-paid", "refund-filed", "refund-accepted", "fee-refunded",
    ]  # fmt: skip
