"""Whatever comes in whatever order: no tenge appears, vanishes, or has two fates."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.payment.answers import RefundStanding, RefundStatus
from services.payment.invoice import CasePhase, Phase
from services.payment.ledger import Account, Entry, balances
from shared.contracts.payment import FeeLapsed, FeePaid, FeeWaived, InvoiceCancelled, RefundCause, RefundFiled
from shared.contracts.values import Ending
from tests.services.payment.stage import (
    FEE,
    IN_2025,
    NEW_YEARS_EVE_2025,
    Outside,
    account,
    annulled,
    approved,
    cancel,
    changed,
    charged,
    closed,
    receipt,
)
from tests.services.running import Run

IDS = st.sampled_from(["R-1", "R-2", "R-3", "R-4"])
AMOUNTS = st.sampled_from([1, FEE - 1, FEE, FEE + 1, 3 * FEE])
INVOICES = st.sampled_from(["INV-1", "INV-1", "INV-1", "INV-2"])
CAUSES = st.sampled_from([RefundCause.ANNULLED, RefundCause.WITHDRAWN, RefundCause.NOT_MADE])
STANDINGS = st.sampled_from([
    RefundStanding(RefundStatus.FILED),
    RefundStanding(RefundStatus.ACCEPTED),
    RefundStanding(RefundStatus.PAID),
    RefundStanding(RefundStatus.REJECTED, reason="ACCOUNT", correctable=True),
    RefundStanding(RefundStatus.REJECTED, reason="LAW"),
])  # fmt: skip
ACTS = st.one_of(
    st.tuples(st.just("receipt"), IDS, AMOUNTS, INVOICES),
    st.tuples(st.just("silent receipt"), IDS, AMOUNTS),
    st.tuples(st.just("cancel"), CAUSES),
    st.tuples(st.just("approved")),
    st.tuples(st.just("annulled")),
    st.tuples(st.just("account")),
    st.tuples(st.just("ended")),
    st.tuples(st.just("standing"), STANDINGS),
    st.tuples(st.just("unknown")),
    st.tuples(st.just("time"), st.sampled_from([0, 3, 90, 3600, 20 * 3600, 30 * 3600, 9 * 86400])),
)


async def happens(acts: list[tuple[Any, ...]], eve: bool, holds: bool) -> Run:
    outside = Outside()
    start = NEW_YEARS_EVE_2025 if eve else IN_2025
    run = await charged(outside, start, account() if holds else None)
    for name, *rest in acts:
        match name:
            case "receipt":
                await run.hear(receipt(rest[0], rest[1], rest[2], run.now))
            case "silent receipt":
                outside.gateway.pay("INV-1", rest[0], rest[1], run.now)
            case "cancel":
                await run.hear(cancel(rest[0]))
            case "approved":
                await run.hear(approved())
            case "annulled":
                await run.hear(annulled())
            case "account":
                await run.hear(changed())
            case "ended":
                await run.hear(closed(Ending.WITHDRAWN))
            case "standing":
                outside.revenue.script = [rest[0]]
            case "unknown":
                outside.gateway.unknown = 2
            case "time":
                await run.let_pass(timedelta(seconds=rest[0]))
    return await run.let_pass(timedelta(minutes=5))


def amount_of(run: Run, *phases: CasePhase) -> int:
    return sum(case.amount for case in run.state.cases if case.phase in phases)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=14), st.booleans(), st.booleans())
def test_every_receipt_has_one_fate_and_the_ledger_sums_to_zero(
    acts: list[tuple[Any, ...]], eve: bool, holds: bool
) -> None:
    run = asyncio.run(happens(acts, eve, holds))
    invoice, entries = run.state, run.appended_of(Entry)
    sums = balances(entries)
    received = sum(one.amount for one in invoice.receipts)
    assert len({entry.external_id for entry in entries}) == len(entries)
    assert sum(sums.values()) == 0
    assert sums[Account.TREASURY] == received
    assert -sums[Account.REFUNDED] == amount_of(run, CasePhase.REFUNDED)
    refused = amount_of(run, CasePhase.REJECTED)
    owed = sum(case.amount for case in invoice.cases) - amount_of(run, CasePhase.REFUNDED) - refused
    assert -sums[Account.REFUND_DUE] == owed
    undecided = FEE if invoice.phase is Phase.PAID and not invoice.earned else 0
    assert -sums[Account.REFUNDED] - sums[Account.EARNED] + owed + refused + undecided == received
    for one in invoice.receipts:
        back = sum(case.amount for case in invoice.cases if case.receipt_id == one.receipt_id)
        kept = FEE if invoice.phase is Phase.PAID and invoice.settled_by == one.receipt_id else 0
        assert back + kept == one.amount


@settings(max_examples=120, deadline=None)
@given(st.lists(ACTS, max_size=14), st.booleans())
def test_a_duty_is_settled_once_and_an_order_has_one_answer(acts: list[tuple[Any, ...]], eve: bool) -> None:
    run = asyncio.run(happens(acts, eve, True))
    settled = [said for said in run.said if isinstance(said, FeePaid | FeeWaived | FeeLapsed)]
    assert len(settled) <= 1
    answers = {repr(said) for said in run.said if isinstance(said, InvoiceCancelled)}
    answers |= {
        repr(said) for said in run.said_of(RefundFiled)
        if said.cause in (RefundCause.ANNULLED, RefundCause.WITHDRAWN, RefundCause.NOT_MADE)
    }  # fmt: skip
    assert len(answers) <= 1
    assert bool(answers) == (run.state.cause is not None)
