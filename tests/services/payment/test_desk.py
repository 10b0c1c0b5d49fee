"""Reconciliation through the door of operations and of the auditor."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.payment.findings import Mended
from services.payment.invoice import Phase
from services.payment.messages import HOUSE
from tests.engine.house import until
from tests.services.payment.stage import FEE, IIN, IN_2025, OWN, Outside
from tests.services.payment.till import SEALER, Till, till_in
from tests.services.running import APPLICATION

AT = "/operations/reconciliation"
YESTERDAY = IN_2025 - timedelta(days=1)


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    async with till_in(tmp_path, Outside()) as till:
        yield till


async def order(till: Till, act_id: str = "a-1", **days: str) -> httpx.Response:
    async with till.caller() as operations:
        return await operations.post(AT, json={"act_id": act_id, **days})


async def ran(till: Till, act_id: str = "a-1", **days: str) -> dict[str, Any]:
    """The order, and what stands on record once it has run."""
    answer = await order(till, act_id, **days)
    assert answer.status_code == 202
    run_id = answer.json()["run_id"]
    async with asyncio.timeout(10):
        while not await till.books.is_done(UUID(run_id)):  # noqa: ASYNC110  it lies in a table, not in an event
            await asyncio.sleep(0.01)
    async with till.caller("auditor") as auditor:
        return dict((await auditor.get(AT, params={"run": run_id})).json())


async def test_nothing_is_on_record_before_the_first_run(till: Till) -> None:
    async with till.caller("auditor") as auditor:
        assert (await auditor.get(AT)).json() == {"runs": [], "run_id": None, "page": 1, "more": False, "lines": []}
        assert "Nothing has been reconciled yet." in (await auditor.get(f"{AT}/page")).text


async def test_a_run_by_hand_shows_every_line_and_the_accounts(till: Till) -> None:
    await till.register()
    till.outside.gateway.pay("INV-1", "R-1", FEE, IN_2025)
    await till.call_back()
    shown = await ran(till)
    (run,) = shown["runs"]
    assert (run["run_id"], run["by"], run["differences"]) == (shown["run_id"], "officer:operations", 0)
    assert (run["first"], run["last"]) == ("2025-10-05", "2025-10-06")
    receipt = next(line for line in shown["lines"] if line["kind"] == "RECEIPT")
    assert (receipt["verdict"], receipt["ours"], receipt["theirs"]) == ("EXISTS", FEE, FEE)
    assert receipt["application_id"] == str(APPLICATION)
    assert {"account": "treasury", "moved": FEE, "balance": FEE, "outside": FEE} in run["totals"]
    assert {line["verdict"] for line in shown["lines"]} == {"EXISTS"}
    assert IIN not in str(shown)
    assert OWN.iban not in str(shown)


async def test_the_same_act_is_one_run_and_is_audited(till: Till) -> None:
    first = await ran(till)
    assert (await order(till)).json() == {"run_id": first["run_id"]}
    await ran(till, "a-2")
    assert len(await till.books.list_runs(9)) == 2
    rows = [row for row in till.audits() if row.application_id == HOUSE]
    assert {(row.who, row.what) for row in rows} == {
        ("officer:operations", "reconciliation of 2025-10-05 – 2025-10-06")
    }  # fmt: skip
    assert len(rows) == 2


async def test_a_missed_receipt_is_found_taken_and_stays_on_record_as_found_and_mended(till: Till) -> None:
    await till.register()
    till.outside.gateway.pay("INV-1", "R-1", FEE, YESTERDAY)
    shown = await ran(till)
    assert [(line["difference"], line["mending"]) for line in shown["lines"][:1]] == [("RECEIPT_NOT_BOOKED", True)]
    await until(lambda: till.invoice.phase is Phase.PAID)
    await until(lambda: bool(till.wire.said("fee-paid")))
    (mended,) = till.tables.rows_of(Mended, SEALER)
    assert (mended.receipt_id, mended.how) == ("R-1", "TAKEN")
    shown = await ran(till)  # the act is known: nothing is run, the record is read
    assert shown["lines"][0]["difference"] == "RECEIPT_NOT_BOOKED"
    assert shown["lines"][0]["mended_at"] is not None
    assert (shown["runs"][0]["mending"], shown["runs"][0]["mended"]) == (1, 1)
    again = await ran(till, "a-2")
    assert [line["verdict"] for line in again["lines"] if line["kind"] == "RECEIPT"] == ["EXISTS"]


async def test_the_page_needs_no_script_and_shows_differences_first(till: Till) -> None:
    await till.register()
    await till.call_back(receipt_id="R-<b>", paid_at=YESTERDAY.isoformat())
    run_id = (await ran(till))["run_id"]
    async with till.caller("auditor") as auditor:
        answer = await auditor.get(f"{AT}/page", params={"run": run_id})
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "script" not in policy
    assert "default-src 'none'" in policy
    assert "<script" not in answer.text
    assert "R-<b>" not in answer.text
    verdicts = re.findall(r"<span[^>]*>(EXISTS|MISSING|MISMATCH)</span>", answer.text)
    assert verdicts[0] == "MISSING"
    assert verdicts == sorted(verdicts, key=lambda verdict: verdict == "EXISTS")
    assert f"href='?run={run_id}'" in answer.text


@pytest.mark.parametrize(
    ("role", "reads", "orders"),
    [("operations", 200, 202), ("auditor", 200, 403), ("inspector", 403, 403), (None, 401, 401)],
)
async def test_operations_and_the_auditor_read_and_operations_alone_run_it(
    till: Till, role: str | None, reads: int, orders: int
) -> None:
    async with till.caller(role) as caller:
        assert (await caller.get(AT)).status_code == reads
        assert (await caller.get(f"{AT}/page")).status_code == reads
        assert (await caller.post(AT, json={"act_id": "a"})).status_code == orders


@pytest.mark.parametrize(
    "days",
    [
        {"first": "2025-10-05"}, {"last": "2025-10-05"}, {"first": "2025-10-06", "last": "2025-10-05"},
        {"first": "2024-01-01", "last": "2025-10-05"}, {"act_id": ""}, {"act_id": "a b"}, {"other": "1"},
    ],
)  # fmt: skip
async def test_an_order_that_does_not_hold_is_refused(till: Till, days: dict[str, str]) -> None:
    assert (await order(till, **days)).status_code == 422
    assert await till.books.list_runs(9) == []


@pytest.mark.parametrize(
    ("query", "status"), [("run=x", 422), ("page=0", 422), ("page=x", 422), (f"run={APPLICATION}", 404), ("run=", 200)]
)
async def test_a_look_at_what_there_is_not_is_refused(till: Till, query: str, status: int) -> None:
    async with till.caller("auditor") as auditor:
        for path in (AT, f"{AT}/page"):
            assert (await auditor.get(f"{path}?{query}")).status_code == status


async def test_many_lines_come_in_pages(till: Till) -> None:
    for number in range(230):
        till.outside.gateway.pay("INV-other", f"R-{number:03}", 5, YESTERDAY)
    shown = await ran(till, first="2025-10-04", last="2025-10-05")
    assert (len(shown["lines"]), shown["more"]) == (200, True)
    async with till.caller("auditor") as auditor:
        rest = (await auditor.get(AT, params={"run": shown["run_id"], "page": 2})).json()
        page = await auditor.get(f"{AT}/page", params={"run": shown["run_id"]})
    assert (len(rest["lines"]), rest["more"]) == (37, False)
    assert f"?run={shown['run_id']}&amp;page=2" in page.text
    assert till.outside.alarms[0][1]["differences"] == "230 × RECEIPT_NOT_BOOKED"
