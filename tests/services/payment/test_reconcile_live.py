"""On a real database, beside gateway and revenue authority: what is planted is found, and what was missed is mended."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.payment.invoice import CasePhase, Invoice, Phase
from services.payment.messages import HOUSE, Reconcile
from services.payment.reconciliation import Difference
from services.payment.store import invoice_key
from shared.contracts.payment import RefundCause
from shared.engine.engine import Engine
from tests.servers import Servers
from tests.services.payment.branch import BEGAN, Branch, opened
from tests.services.payment.test_ledger_sql import insertion

pytestmark = pytest.mark.live
AFTER = BEGAN + timedelta(days=20)
EVER = ("--from", "2025-10-01", "--to", "2025-10-27")
RUN = UUID(int=77)


@pytest.fixture(scope="module")
async def business(servers: Servers) -> AsyncIterator[tuple[Branch, Engine, list[UUID]]]:
    """Three have paid; two of them were annulled and paid back; twenty days have passed."""
    async with opened(servers) as (branch, engine):
        ids = [await branch.paid(engine, seed) for seed in (1, 2, 3)]
        for id in ids[:2]:
            await branch.annul(engine, id)

        async def stand(phase: CasePhase) -> bool:
            invoices: list[Invoice] = [await engine.read(id) for id in ids[:2]]
            return all(case.phase is phase for invoice in invoices for case in invoice.cases)

        await branch.comes_to(lambda: stand(CasePhase.ACCEPTED))
        await branch.leap(AFTER)
        await branch.comes_to(lambda: stand(CasePhase.REFUNDED))
        yield branch, engine, ids


async def differing(branch: Branch) -> list[tuple[str, str]]:
    """What the command finds: difference and id; the exit code says the same."""
    code, printed = await branch.command(*EVER, KUALIK_LIMITS=json.dumps({"money_in_flight": 0}))
    names = [difference.value for difference in Difference]
    rows = [line.split() for line in printed.splitlines() if len(line.split()) > 4 and "in flight" not in line]
    found = [(row[2], row[4]) for row in rows if row[2] in names and row[1] in ("MISSING", "MISMATCH")]
    assert code == (1 if found else 0), printed
    assert printed.endswith("nothing differs\n") != bool(found), printed
    return found


async def test_each_day_is_reconciled_by_the_service_itself_once_for_all_replicas(
    business: tuple[Branch, Engine, list[UUID]],
) -> None:
    branch, _, _ = business

    async def is_covered() -> bool:
        return any(run.record.last == date(2025, 10, 25) for run in await branch.records.list_runs(9))

    await branch.comes_to(is_covered)
    runs = sorted((run.record for run in await branch.records.list_runs(9)), key=lambda record: record.last)
    assert [(run.first, run.last) for run in runs] == [
        (date(2025, 10, 5), date(2025, 10, 5)), (date(2025, 10, 5), date(2025, 10, 25))
    ]  # fmt: skip
    assert {(run.by, run.scheduled, run.differences) for run in runs} == {("service", True, 0)}
    due = await branch.admin.fetch("select name from payment.due where application_id = $1 order by name", HOUSE)
    assert [row["name"] for row in due][-1:] == ["reconcile-daily"]
    assert len(due) <= 2
    assert await branch.admin.fetchval("select count(*) from payment.alert where application_id = $1", HOUSE) == 0


async def test_a_receipt_that_nobody_told_of_is_found_by_the_command_and_mended_by_the_service(
    business: tuple[Branch, Engine, list[UUID]],
) -> None:
    branch, engine, ids = business
    invoice: Invoice = await engine.read(ids[2])
    untold = await branch.misstate("untold-receipt", invoice.invoice_id, 786, BEGAN + timedelta(hours=3))
    assert await differing(branch) == [("RECEIPT_NOT_BOOKED", untold)]
    order = Reconcile(application_id=HOUSE, run_id=RUN, first=BEGAN.date(), last=AFTER.date(), by="officer:17")
    for _ in range(2):
        await engine.act(order, "act-1")

    async def is_taken() -> bool:
        state: Invoice = await engine.read(ids[2])
        return [receipt.receipt_id for receipt in state.receipts][1:] == [untold]

    await branch.comes_to(is_taken)
    state: Invoice = await engine.read(ids[2])
    assert (state.phase, [case.cause for case in state.cases]) == (Phase.PAID, [RefundCause.SECOND])
    run = await branch.records.find_run(RUN)
    assert run is not None
    assert (run.record.by, run.record.differences, run.record.mending, run.mended) == ("officer:17", 1, 1, 1)
    first = (await branch.records.list_lines(RUN, 0, 1))[0]
    assert (first.line.id, first.line.difference) == (untold, Difference.RECEIPT_NOT_BOOKED)
    assert first.mended_at is not None
    assert branch.log.lines == ["reconciliation differs"]
    assert await branch.admin.fetchval("select count(*) from payment.alert where application_id = $1", HOUSE) == 1
    assert await differing(branch) == []


async def test_each_of_the_planted_differences_is_found_by_the_command(
    business: tuple[Branch, Engine, list[UUID]],
) -> None:
    """They are planted one after the other, and none hides another."""
    branch, engine, ids = business
    refunded, other, kept = [await engine.read(id) for id in ids]
    found: list[tuple[str, str]] = []
    assert await differing(branch) == found

    async def adds(*expected: tuple[str, str]) -> None:
        found.extend(expected)
        assert sorted(await differing(branch)) == sorted(found)

    # at the gateway, missing in the ledger: of an invoice of ours, and of one that is not
    untold = await branch.misstate("untold-receipt", refunded.invoice_id, 786, BEGAN)
    await adds(("RECEIPT_NOT_BOOKED", untold))
    # in the ledger, unknown to the gateway
    booking = insertion("receipt/RC-GHOST", ("treasury", 786), ("refund_due", -786))
    ghost = booking.replace("'receipt/RC-GHOST/treasury'", "'gateway/RC-GHOST'").replace("now()", f"'{BEGAN}'")
    await branch.admin.execute(ghost)
    accounts = [("ACCOUNT_DIFFERS", "treasury"), ("ACCOUNT_DIFFERS", "refund_due")]
    await adds(("RECEIPT_UNKNOWN", "RC-GHOST"), *accounts)
    # another amount
    await branch.misstate("receipt-amount", kept.settled_by, 785)
    await adds(("RECEIPT_AMOUNT", kept.settled_by))
    # paid out without a case of ours
    stray = await branch.misstate("stray-payout", "case-of-nobody", 786, BEGAN)
    await adds(("PAYOUT_WITHOUT_CASE", stray))
    # booked as paid back, unknown to the authority
    booking = insertion("case/ghost/paid", ("refund_due", 786), ("refunded", -786))
    ghost = booking.replace("'case/ghost/paid/refunded'", "'revenue/PO-GHOST'").replace("now()", f"'{BEGAN}'")
    await branch.admin.execute(ghost)
    found.remove(("ACCOUNT_DIFFERS", "refund_due"))  # the two ghosts are the same sum
    await adds(("REFUND_UNKNOWN", "PO-GHOST"), ("ACCOUNT_DIFFERS", "refunded"))
    # paid out twice: the authority took a second filing of the same case
    case = refunded.cases[0]
    filing = {"key": case.case_id, "amount": 786, "iban": "KZ1", "holder_iin": "1", "receipt_id": case.receipt_id}
    filing |= {"ground": "ANNULLED", "notice": {"n": "1"}}
    answer = await branch.http.post(f"{branch.at}/revenue/refunds", json=filing)
    assert answer.status_code == 200
    await adds(("PAYOUT_TWICE", case.payout_id))
    # paid out in another amount
    await branch.misstate("payout-amount", other.cases[0].case_id, 700)
    await adds(("PAYOUT_AMOUNT", other.cases[0].payout_id))
    # come to the invoice of another application
    await branch.admin.execute(
        "update payment.claim set owner = $1 where key = $2", ids[0], invoice_key(other.invoice_id)
    )
    await adds(("RECEIPT_INVOICE", other.settled_by))
    # the authority does not know what we have filed, nor that it was paid
    lost = (await engine.read(ids[2])).cases[0]
    await branch.misstate("case-lost", lost.case_id)
    await adds(("CASE_UNKNOWN", lost.case_id))


async def test_the_command_tells_when_it_could_not_compare(business: tuple[Branch, Engine, list[UUID]]) -> None:
    branch, _, _ = business
    answer = await branch.http.post(f"{branch.at}/control/faults", json={"system": "revenue", "outage": True})
    assert answer.is_success
    code, printed = await branch.command()
    assert (code, printed) == (2, "not compared: Unavailable revenue\n")
    await branch.http.delete(f"{branch.at}/control/faults")
    code, printed = await branch.command(KUALIK_GATEWAY_URL="")
    assert code == 2
    assert "KUALIK_GATEWAY_URL" in printed


async def test_what_is_young_is_in_flight_by_the_installations_own_limit(
    business: tuple[Branch, Engine, list[UUID]],
) -> None:
    branch, engine, ids = business
    invoice: Invoice = await engine.read(ids[0])
    young = await branch.misstate("untold-receipt", invoice.invoice_id, 5, branch.clock.now())
    _, printed = await branch.command()
    (row,) = [line for line in printed.splitlines() if young in line]
    assert "in flight" in row
    _, printed = await branch.command(KUALIK_LIMITS=json.dumps({"money_in_flight": 0}))
    (row,) = [line for line in printed.splitlines() if young in line]
    assert "in flight" not in row
