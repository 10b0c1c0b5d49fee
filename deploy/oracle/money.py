"""The rules of money: each receipt one fate, what is due is refunded, the ledger sums to zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from deploy.oracle.evidence import Evidence
from services.payment.invoice import CasePhase
from services.payment.ledger import Account, Entry
from shared.process import INTAKE, PAYMENT


def each_receipt_one_fate(evidence: Evidence) -> Iterator[str]:
    """every receipt one fate: earned, or one refund case"""
    applications = evidence.states(INTAKE)
    for id, invoice in evidence.states(PAYMENT).items():
        cases: dict[str, int] = defaultdict(int)
        for case in invoice.cases:
            cases[case.receipt_id] += case.amount
        if len({case.case_id for case in invoice.cases}) != len(invoice.cases):
            yield f"{id} has a refund case twice"
        ended = id in applications and applications[id].ending is not None
        for receipt in invoice.receipts:
            returned = cases[receipt.receipt_id]
            settles = receipt.receipt_id == invoice.settled_by
            earned = receipt.amount - returned if settles and invoice.earned else 0
            if returned > receipt.amount:
                yield f"{id} gives back {returned} of {receipt.amount}"
            elif ended and returned + earned != receipt.amount:
                yield f"{id} has a receipt of {receipt.amount}: {earned} earned, {returned} to be refunded"


def refunded_is_what_was_due(evidence: Evidence) -> Iterator[str]:
    """sum refunded = sum due, and never two pay-outs"""
    refunded: dict[object, int] = defaultdict(int)
    for _, entry in evidence.rows(PAYMENT, Entry):
        if entry.account is Account.REFUNDED:
            refunded[entry.application_id] += abs(entry.amount)
    for id, invoice in evidence.states(PAYMENT).items():
        due = sum(case.amount for case in invoice.cases if case.phase is CasePhase.REFUNDED)
        if refunded[id] != due:
            yield f"{id} was refunded {refunded[id]}, due {due}"


def ledger_sums_to_zero(evidence: Evidence) -> Iterator[str]:
    """ledger sums to zero"""
    bookings: dict[str, int] = defaultdict(int)
    names: set[str] = set()
    for _, entry in evidence.rows(PAYMENT, Entry):
        bookings[entry.booking] += entry.amount
        if entry.external_id in names:
            yield f"booked twice: {entry.external_id}"
        names.add(entry.external_id)
    yield from (f"booking {name} sums to {total}" for name, total in bookings.items() if total)
