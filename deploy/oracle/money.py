"""The rules of money: each receipt one fate, what is due is refunded, the ledger sums to zero."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from deploy.oracle.facts import Facts
from services.payment.invoice import CasePhase, Invoice, Phase
from services.payment.ledger import Account, Entry, balances
from shared.contracts.values import Ending
from shared.engine.decision import ALMATY
from shared.law.fees import fee_on
from shared.law.pilot import Reason
from shared.process import PAYMENT

WAIT = (CasePhase.OPENED, CasePhase.ACCOUNT)
"""A case that waits for the citizen's account, or for the notice."""
ENDED = (CasePhase.REFUNDED, CasePhase.REJECTED)
KEPT = (Ending.ISSUED, Ending.NOT_COLLECTED)
"""The endings whose fee is the state's."""


def each_receipt_one_fate(facts: Facts) -> Iterator[str]:
    """every receipt one fate: earned, or one refund case"""
    for id, invoice in facts.states(PAYMENT).items():
        application = facts.opened.get(id)
        ended = application is not None and application.ending is not None
        if len({case.case_id for case in invoice.cases}) != len(invoice.cases):
            yield f"{id} has a refund case twice"
        for receipt in invoice.receipts:
            cases = [case for case in invoice.cases if case.receipt_id == receipt.receipt_id]
            returned = sum(case.amount for case in cases)
            earned = invoice.fee if invoice.earned and receipt.receipt_id == invoice.settled_by else 0
            told = f"{earned} earned, cases {[(case.cause.value, case.amount, case.phase.value) for case in cases]}"
            if returned + earned > receipt.amount:
                yield f"{id} gives more than its receipt of {receipt.amount}: {told}"
            elif (ended or facts.of.over) and returned + earned != receipt.amount:
                yield f"{id} has a receipt of {receipt.amount}: {told}"
            if len({case.cause for case in cases}) != len(cases):
                yield f"{id} has two cases of one cause for one receipt: {told}"
        if len({receipt.receipt_id for receipt in invoice.receipts}) != len(invoice.receipts):
            yield f"{id} has a receipt twice"


def earned_by_approval(facts: Facts) -> Iterator[str]:
    """a fee is earned by approval alone, and goes back when there is to be no card"""
    for id, invoice in facts.states(PAYMENT).items():
        if not invoice.earned:
            continue
        application = facts.opened.get(id)
        ending = application.ending if application is not None else None
        if not facts.approved(id):
            yield f"{id} was never approved, and its fee is earned"
        elif facts.of.over and ending not in KEPT:
            yield f"{id} ended {ending}, and its fee is earned"


def no_refund_rests_halfway(facts: Facts) -> Iterator[str]:
    """every refund case comes to its end, or waits for the citizen's account"""
    if not facts.of.over:
        return
    for id, invoice in facts.states(PAYMENT).items():
        for case in invoice.cases:
            if case.phase not in (*WAIT, *ENDED):
                yield f"{id}: case {case.case_id} rests at {case.phase}"


def refunded_is_what_was_due(facts: Facts) -> Iterator[str]:
    """sum refunded = sum due, and never two pay-outs"""
    booked: Counter[object] = Counter()
    for _, entry in facts.of.rows(PAYMENT, Entry):
        if entry.account is Account.REFUNDED:
            booked[entry.application_id] += abs(entry.amount)
    for id, invoice in facts.states(PAYMENT).items():
        due = sum(case.amount for case in invoice.cases if case.phase is CasePhase.REFUNDED)
        if booked[id] != due:
            yield f"{id} was refunded {booked[id]}, due {due}"


def paid_out_is_what_was_due(facts: Facts) -> Iterator[str]:
    """the revenue authority has each case once, and has paid exactly what is due"""
    cases = {case.case_id: case for invoice in facts.states(PAYMENT).values() for case in invoice.cases}
    for refund in facts.books.refunds:
        case = cases.get(refund.case_id)
        if refund.filings != 1:
            yield f"case {refund.case_id} was filed {refund.filings} times"
        if case is None or (case.amount, case.receipt_id) != (refund.amount, refund.receipt_id):
            yield f"the authority's case {refund.case_id} of {refund.amount} is not payment's"
        elif sum(refund.paid) > case.amount or len(refund.paid) > 1:
            yield f"case {refund.case_id}: {refund.paid} paid out, {case.amount} due"
        elif facts.of.over and sum(refund.paid) != (case.amount if case.phase is CasePhase.REFUNDED else 0):
            yield f"case {refund.case_id}: {refund.paid} paid out, payment has it at {case.phase}"
    paid = {refund.case_id for refund in facts.books.refunds if refund.paid}
    for id, case in cases.items():
        if case.phase is CasePhase.REFUNDED and id not in paid:
            yield f"case {id} is called refunded, and nothing was paid out"


def no_money_unknown(facts: Facts) -> Iterator[str]:
    """no money at the gateway that payment does not know, and none known that did not come"""
    known = {r.receipt_id: r.amount for invoice in facts.states(PAYMENT).values() for r in invoice.receipts}
    came = {receipt.id: receipt.amount for receipt in facts.books.receipts}
    for id, amount in known.items():
        if came.get(id) != amount:
            yield f"receipt {id} of {amount} came as {came.get(id)}"
    if facts.of.over:
        yield from (f"receipt {id} of {amount} is unknown to payment" for id, amount in came.items() if id not in known)


def nothing_lapses_before_the_gateway(facts: Facts) -> Iterator[str]:
    """no invoice can be paid any more that was called lapsed or cancelled"""
    invoices = facts.states(PAYMENT)
    by_id = {invoice.invoice_id: invoice for invoice in invoices.values() if invoice.invoice_id}
    for one in facts.books.invoices:
        mine = by_id.get(one.id)
        if one.standing == "OPEN" and mine is not None and mine.phase in (Phase.LAPSED, Phase.CANCELLED):
            yield f"{mine.application_id}: {one.id} is {mine.phase}, and can still be paid"
        elif one.standing == "OPEN" and facts.of.over:
            yield f"{one.application_id}: {one.id} can still be paid when all is over"


def the_fee_is_the_law_s(facts: Facts) -> Iterator[str]:
    """the rate is that of the payment day, and nobody is let off without a ground"""
    for id, invoice in facts.states(PAYMENT).items():
        settles = next((r for r in invoice.receipts if r.receipt_id == invoice.settled_by), None)
        if settles is not None:
            paid_on = settles.paid_at.astimezone(ALMATY).date()
            rate = fee_on(paid_on, Reason.EXPIRY).amount
            if invoice.fee != rate:
                yield f"{id} paid {invoice.fee} on {paid_on}, when {rate} was due"
            if settles.amount < invoice.fee:
                yield f"{id} is settled by {settles.amount} of {invoice.fee}"
        if invoice.phase is Phase.WAIVED and invoice.fee and not invoice.category:
            yield f"{id} was let off {invoice.fee} without a ground"


def ledger_sums_to_zero(facts: Facts) -> Iterator[str]:
    """ledger sums to zero, each booking of it, and nothing stands in it twice"""
    bookings: dict[str, int] = defaultdict(int)
    names: set[str] = set()
    for _, entry in facts.of.rows(PAYMENT, Entry):
        bookings[entry.booking] += entry.amount
        if entry.external_id in names:
            yield f"booked twice: {entry.external_id}"
        names.add(entry.external_id)
    yield from (f"booking {name} sums to {total}" for name, total in bookings.items() if total)


def the_ledger_is_the_cases(facts: Facts) -> Iterator[str]:
    """each account holds what receipts, fees and refund cases say"""
    if not facts.of.over:
        return
    sums = balances(entry for _, entry in facts.of.rows(PAYMENT, Entry))
    invoices: list[Invoice] = list(facts.states(PAYMENT).values())
    cases = [case for invoice in invoices for case in invoice.cases]
    expected = {
        Account.TREASURY: sum(receipt.amount for invoice in invoices for receipt in invoice.receipts),
        Account.REFUNDED: -sum(case.amount for case in cases if case.phase is CasePhase.REFUNDED),
        Account.EARNED: -sum(invoice.fee for invoice in invoices if invoice.earned),
        Account.REFUND_DUE: -sum(case.amount for case in cases if case.phase in WAIT),
        Account.RECEIVABLE: 0,
    }
    for account, amount in expected.items():
        if sums[account] != amount:
            yield f"account {account.value} holds {sums[account]}, not {amount}"


RULES = (
    each_receipt_one_fate,
    earned_by_approval,
    no_refund_rests_halfway,
    refunded_is_what_was_due,
    paid_out_is_what_was_due,
    no_money_unknown,
    nothing_lapses_before_the_gateway,
    the_fee_is_the_law_s,
    ledger_sums_to_zero,
    the_ledger_is_the_cases,
)
