"""Money that comes: each receipt has one fate. The first sufficient one pays the fee, everything else goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.payment import ledger
from services.payment.answers import Incoming
from services.payment.charge import law_of
from services.payment.invoice import PAYABLE, Act, Invoice, Phase, Receipt, Why, audited, in_turn
from services.payment.refund import case_id_of, open_case
from shared.contracts.payment import FeePaid, InvoiceCancelled, RefundCause
from shared.engine.decision import ALMATY, Decision, Given
from shared.engine.service import Step


def take(invoice: Invoice, invoice_id: str, incoming: Iterable[Incoming], given: Given) -> Decision[Invoice]:
    """Every receipt that was not known yet, in the order of their payment."""
    ordered = sorted(incoming, key=lambda money: (money.paid_at, money.receipt_id))
    return in_turn(invoice, *(_taking(invoice_id, money, given) for money in ordered))


def _taking(invoice_id: str, money: Incoming, given: Given) -> Act:
    return lambda invoice: take_one(invoice, invoice_id, money, given)


def take_one(invoice: Invoice, invoice_id: str, money: Incoming, given: Given) -> Decision[Invoice]:
    if any(known.receipt_id == money.receipt_id for known in invoice.receipts):
        return Decision(invoice)
    cause = cause_of_return(invoice, invoice_id, money, given)
    receipt = Receipt(money.receipt_id, invoice_id, money.amount, money.paid_at, cause)
    noted = invoice.but(receipts=(*invoice.receipts, receipt))
    written = audited(invoice, f"receipt of {money.amount} tenge", cause.value if cause else "pays the fee")
    if cause is None:
        return in_turn(Decision(noted, appends=(written,)), lambda now: settle(now, receipt))
    entries = booked(invoice, receipt, 0)
    return in_turn(
        Decision(noted, appends=(*entries, written)),
        lambda now: open_case(now, receipt.receipt_id, "whole", receipt.amount, cause),
    )


def booked(invoice: Invoice, receipt: Receipt, fee: int) -> tuple[ledger.Entry, ...]:
    id, ground = invoice.application_id, invoice.ground
    return ledger.received(id, receipt.receipt_id, receipt.amount, fee, ground, receipt.paid_at)


def cause_of_return(invoice: Invoice, invoice_id: str, money: Incoming, given: Given) -> RefundCause | None:
    """Why the whole of it goes back; None when it pays the fee."""
    if invoice.settled_by and invoice_id == invoice.settled_invoice:
        return RefundCause.SECOND
    payable = invoice.phase in PAYABLE and invoice.why is not Why.STOPPED
    if not payable or invoice_id != invoice.invoice_id or law_of(payment_day(invoice, money, given)) != invoice.law:
        return RefundCause.LATE
    return RefundCause.SHORT if money.amount < invoice.fee else None


def payment_day(invoice: Invoice, money: Incoming, given: Given) -> date:
    """The Almaty day whose law applies; a gateway's clock that is off cannot leave the life of the invoice."""
    day = min(money.paid_at, given.now).astimezone(ALMATY).date()
    return max(day, invoice.assessed_on or day)


def settle(invoice: Invoice, receipt: Receipt) -> Decision[Invoice]:
    """The fee is paid; if the invoice was being cancelled by order, it goes back at once under the order's cause."""
    id, fee = invoice.application_id, invoice.fee
    ordered = invoice.cause is not None
    entries = () if invoice.claimed else ledger.claimed(id, invoice.round, fee, invoice.ground)
    entries += booked(invoice, receipt, fee)
    settled = invoice.but(
        phase=Phase.CANCELLED if ordered else Phase.PAID, why=None, claimed=True,
        settled_by=receipt.receipt_id, settled_invoice=receipt.invoice_id,
    )  # fmt: skip
    if ordered:
        came = Decision(settled, appends=(*entries, Step(id, "S15", "refused", "CANCELLED")))
        return in_turn(came, return_fee, lambda now: _return_excess(now, receipt))
    said = FeePaid(application_id=id, amount=fee, receipt_id=receipt.receipt_id, paid_at=receipt.paid_at)
    return in_turn(
        Decision(settled, said, appends=(*entries, Step(id, "S15", "done"))),
        lambda now: _return_excess(now, receipt),
        earn,
    )


def _return_excess(invoice: Invoice, receipt: Receipt) -> Decision[Invoice]:
    excess = receipt.amount - invoice.fee
    if not excess:
        return Decision(invoice)
    return open_case(invoice, receipt.receipt_id, "excess", excess, RefundCause.EXCESS)


def earn(invoice: Invoice) -> Decision[Invoice]:
    """The fee of an approved application is the state's."""
    if not invoice.approved or invoice.earned or invoice.phase is not Phase.PAID:
        return Decision(invoice)
    entries = ledger.earned(invoice.application_id, invoice.fee, invoice.ground)
    return Decision(invoice.but(earned=True), appends=(*entries, audited(invoice, "fee", "earned")))


def return_fee(invoice: Invoice) -> Decision[Invoice]:
    """The fee that was paid goes back, to the tenge, under the cause of the order; that is the order's answer."""
    cause = invoice.cause
    assert cause is not None  # the caller has looked
    opened = open_case(invoice, invoice.settled_by, "fee", invoice.fee, cause)
    case_id = case_id_of(invoice, invoice.settled_by, "fee")
    entries = ledger.owed(invoice.application_id, case_id, invoice.fee, invoice.earned, invoice.ground)
    answered = opened.state.but(earned=False, answered=True, answer_case=case_id)
    return Decision(answered, *opened.says, later=opened.later, appends=(*entries, *opened.appends))


def unpaid(invoice: Invoice) -> Decision[Invoice]:
    """The order's other answer: nothing was paid, and nothing can be paid any more."""
    answer = InvoiceCancelled(application_id=invoice.application_id, invoice_id=invoice.invoice_id or None)
    return Decision(invoice.but(answered=True, answer_invoice=invoice.invoice_id), answer)
