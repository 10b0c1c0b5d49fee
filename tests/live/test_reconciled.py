"""After the load and its kills: ledger, payment gateway and revenue authority agree, to the tenge."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid

import httpx
import pytest

from deploy.demo.play import FIRST, THIRD
from deploy.local.beside import environment_of
from deploy.local.folder import REPOSITORY
from shared.process import PAYMENT
from tests.live.house import House, until
from tests.live.load import Outcome

pytestmark = pytest.mark.live
AT = "/operations/reconciliation"
RUNS = "select first, last, differences, mending from payment.reconciliation where scheduled order by seq desc"


async def test_the_command_finds_every_receipt_case_and_pay_out_on_both_sides(outcome: Outcome, house: House) -> None:
    settings = environment_of(house.stack.folder, PAYMENT)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.payment.reconcile", "--all", "--from", str(FIRST.date()),
        "--to", str(THIRD.date()), env={**os.environ, **settings}, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed = (await process.communicate())[0].decode()
    assert process.returncode == 0, printed
    rows = [line.split()[:2] for line in printed.splitlines()]
    state = outcome.at_the_state
    for kind, count in (("RECEIPT", state["receipts"]), ("CASE", state["refund_cases"]), ("PAYOUT", None)):
        found = rows.count([kind, "EXISTS"])
        assert found == count if count is not None else found > 0, (kind, found, count)


async def test_operations_run_it_and_the_auditor_reads_it(outcome: Outcome, house: House) -> None:
    url = house.stage.url(PAYMENT)
    operations, auditor = (next(o for o in house.officers if role in o.roles) for role in ("operations", "auditor"))
    order = {"act_id": str(uuid.uuid4()), "first": str(FIRST.date()), "last": str(THIRD.date())}
    begun = await house.http.post(f"{url}{AT}", json=order, headers=operations.bearer)
    assert begun.status_code == 202, begun.text
    shown: httpx.Response | None = None

    async def is_shown() -> bool:
        nonlocal shown
        shown = await house.http.get(f"{url}{AT}", params={"run": begun.json()["run_id"]}, headers=auditor.bearer)
        return shown.status_code == 200

    assert await until(is_shown, 30.0)
    assert shown is not None
    run = next(run for run in shown.json()["runs"] if run["run_id"] == begun.json()["run_id"])
    assert (run["differences"], run["by"]) == (0, f"officer:{operations.id}")
    assert {line["verdict"] for line in shown.json()["lines"]} == {"EXISTS"}


async def test_the_service_has_reconciled_the_days_by_itself(outcome: Outcome, house: House) -> None:
    """The clock leapt over them; whatever was on its way then is no alarm."""

    async def is_covered() -> bool:
        rows = await house.connection.fetch(RUNS)
        return any(row["last"] >= FIRST.date() and row["last"] < THIRD.date() for row in rows)

    assert await until(is_covered, 120.0, every=1.0)
    rows = await house.connection.fetch(RUNS)
    assert {(row["differences"], row["mending"]) for row in rows} == {(0, 0)}
