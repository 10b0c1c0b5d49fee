"""Money: every receipt has one fate, what is refunded is what was due, and the ledger sums to zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from services.payment.invoice import CasePhase, Invoice, Phase
from services.payment.ledger import Account, Entry, balances
from shared.process import PAYMENT
from tests.simulation.house import House

if TYPE_CHECKING:
    from tests.simulation.play import World

OPEN = (CasePhase.OPENED, CasePhase.ACCOUNT)
"""A case that waits for the citizen's account, or for the notice."""


def settled(house: House, id: UUID) -> bool:
    """Whether the duty was paid or waived at some time."""
    invoice: Invoice = house.state(PAYMENT, id)
    return invoice.phase is Phase.WAIVED or bool(invoice.settled_by)


def every_receipt_has_one_fate(world: World) -> Iterator[str]:
    """Every tenge that came is earned, or in one refund case, and nothing that came is unknown."""
    house = world.house
    for invoice in house.states(PAYMENT):
        id = invoice.application_id
        for receipt in invoice.receipts:
            cases = [case for case in invoice.cases if case.receipt_id == receipt.receipt_id]
            earned = invoice.fee if invoice.earned and receipt.receipt_id == invoice.settled_by else 0
            if earned + sum(case.amount for case in cases) != receipt.amount:
                told = [(case.cause.value, case.amount, case.phase.value) for case in cases]
                yield f"{id}: receipt of {receipt.amount}, earned {earned}, cases {told}"
            if len({case.case_id for case in cases}) != len({case.cause for case in cases}):
                yield f"{id}: two cases of one cause for one receipt"
        for case in invoice.cases:
            if case.phase not in (*OPEN, CasePhase.REFUNDED, CasePhase.REJECTED):
                yield f"{id}: case {case.case_id} rests at {case.phase}"
    known = {r.receipt_id for invoice in house.states(PAYMENT) for r in invoice.receipts}
    for receipt_id in house.outside.state.gateway_system.receipts:
        if receipt_id not in known:
            yield f"receipt {receipt_id} is unknown to payment"


def refunded_is_what_was_due(world: World) -> Iterator[str]:
    """Paid out once for each case that ended so, and nothing else."""
    house = world.house
    authority = house.outside.state.revenue_authority
    paid = Counter({c.case_id: 0 for i in house.states(PAYMENT) for c in i.cases})
    due = {c.case_id: c.amount for i in house.states(PAYMENT) for c in i.cases if c.phase is CasePhase.REFUNDED}
    for payout in authority.payouts(house.clock.now()):
        paid[payout.case_id] += payout.amount
    for case_id, amount in paid.items():
        if amount != due.get(case_id, 0):
            yield f"case {case_id}: {amount} paid out, {due.get(case_id, 0)} due"
    for case in authority.cases.values():
        if case.filings != 1:
            yield f"case {case.id} was filed {case.filings} times"


def the_ledger_sums_to_zero(world: World) -> Iterator[str]:
    """Each booking, and all of them; and the accounts are what the cases and receipts say."""
    house = world.house
    entries = house.tables[PAYMENT].rows_of(Entry, house.sealer)
    for booking, total in _by_booking(entries).items():
        if total:
            yield f"booking {booking} sums to {total}"
    sums, invoices = balances(entries), house.states(PAYMENT)
    cases = [case for invoice in invoices for case in invoice.cases]
    refunded = sum(case.amount for case in cases if case.phase is CasePhase.REFUNDED)
    expected = {
        Account.TREASURY: sum(receipt.amount for invoice in invoices for receipt in invoice.receipts),
        Account.REFUNDED: -refunded,
        Account.EARNED: -sum(invoice.fee for invoice in invoices if invoice.earned),
        Account.REFUND_DUE: -sum(case.amount for case in cases if case.phase in OPEN),
        Account.RECEIVABLE: 0,
    }
    for account, amount in expected.items():
        if sums[account] != amount:
            yield f"account {account.value} holds {sums[account]}, not {amount}"


def _by_booking(entries: list[Entry]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry.booking] += entry.amount
    return sums


RULES: tuple[Callable[[World], Iterator[str]], ...] = (
    every_receipt_has_one_fate,
    refunded_is_what_was_due,
    the_ledger_sums_to_zero,
)
