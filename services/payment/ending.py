"""How an invoice ends: by deadline, by order, with the application; never before the gateway has cancelled it."""

from __future__ import annotations

from datetime import timedelta

from services.payment import ledger
from services.payment.answers import Incoming, InvoiceStanding, InvoiceStatus
from services.payment.charge import assess, check_law, close, due, inquire_later
from services.payment.findings import Mended
from services.payment.invoice import Invoice, Phase, Why, audited, in_turn
from services.payment.looks import pause
from services.payment.messages import CloseInvoice, EndPaymentTerm, InquireInvoice, ReportReceipt, SetTerms
from services.payment.receipt import return_fee, take, unpaid
from services.payment.refund import said_filed
from shared.contracts.payment import CancelInvoice, FeeLapsed, InvoiceCancelled, RefundFiled
from shared.engine.decision import Decision, Given, Later
from shared.engine.service import Step

WAYS_TO_PAY = frozenset({"portal", "mobile-app"})
AGAIN = timedelta(minutes=10)  # business time between two looks at an outage that stands at the deadline


def receipt_reported(invoice: Invoice, message: ReportReceipt, given: Given) -> Decision[Invoice]:
    """S15: the gateway's call-back, whenever it comes; or a reconciliation in its stead, for its record."""
    money = Incoming(message.receipt_id, message.amount, message.paid_at)
    taken = take(invoice, message.invoice_id, (money,), given)
    if message.found_by is None:
        return taken
    how = "KNOWN" if taken.state == invoice else "TAKEN"
    mended = Mended(invoice.application_id, message.found_by, message.receipt_id, how)
    return in_turn(taken, lambda now: Decision(now, appends=(mended,)))


def inquired(
    invoice: Invoice, message: InquireInvoice, standing: InvoiceStanding | None, given: Given
) -> Decision[Invoice]:
    """S15: what no call-back told of; while the invoice is open it is asked again."""
    if message.round != invoice.round or standing is None:
        return Decision(invoice)
    return in_turn(
        take(invoice, invoice.invoice_id, standing.receipts, given),
        lambda now: extend(now, given),
        lambda now: check_law(now, given),
        lambda now: Decision(now, later=(inquire_later(now, given),) if now.phase is Phase.OPEN else ()),
    )


def extend(invoice: Invoice, given: Given) -> Decision[Invoice]:
    """p.12: while the portal or the application is out, the term of payment does not run."""
    if invoice.phase is not Phase.OPEN or invoice.until is None:
        return Decision(invoice)
    out = bool(WAYS_TO_PAY & given.outages)
    if out and invoice.outage_since is None:
        return Decision(invoice.but(outage_since=given.now))
    if out or invoice.outage_since is None:
        return Decision(invoice)
    until = invoice.until + (given.now - invoice.outage_since)
    message = SetTerms(application_id=invoice.application_id, round=invoice.round, until=until)
    return Decision(
        invoice.but(until=until, outage_since=None),
        later=(Later(message, key=f"terms/{invoice.round}/{until.isoformat()}"),),
        appends=(audited(invoice, "term of payment", "extended by an outage"),),
    )


def term_ended(invoice: Invoice, message: EndPaymentTerm, given: Given) -> Decision[Invoice]:
    """At the deadline the gateway is asked to cancel; a paid invoice is looked at once more for a second receipt."""
    if message.round != invoice.round:
        return Decision(invoice)
    if invoice.phase is Phase.PAID:
        look = InquireInvoice(application_id=invoice.application_id, round=invoice.round)
        return Decision(invoice, later=(Later(look, key=f"inquire-last/{invoice.round}"),))
    return in_turn(extend(invoice, given), lambda now: _lapse(now, given))


def _lapse(invoice: Invoice, given: Given) -> Decision[Invoice]:
    if invoice.phase is not Phase.OPEN or invoice.until is None:
        return Decision(invoice)
    if invoice.outage_since is not None:
        return Decision(invoice, later=(due(invoice, given.now + AGAIN),))
    if given.now < invoice.until:
        return Decision(invoice, later=(due(invoice, invoice.until),))
    return close(invoice, Why.LAPSED)


def closing_answered(
    invoice: Invoice, message: CloseInvoice, standing: InvoiceStanding | None, given: Given
) -> Decision[Invoice]:
    """Money that came meanwhile is judged first; an unclear answer is asked for again."""
    if message.round != invoice.round or standing is None:
        return Decision(invoice)
    return in_turn(
        take(invoice, invoice.invoice_id, standing.receipts, given), lambda now: _closed(now, message, standing, given)
    )


def _closed(invoice: Invoice, message: CloseInvoice, standing: InvoiceStanding, given: Given) -> Decision[Invoice]:
    if invoice.phase is not Phase.CLOSING:
        return Decision(invoice)
    shut = standing.status is InvoiceStatus.CANCELLED
    if not shut and not (standing.status is InvoiceStatus.PAID and standing.receipts):
        again = message.model_copy(update={"tries": message.tries + 1})
        wait = pause(given.rules, message.tries)
        return Decision(invoice, later=(Later(again, after=wait, clock="machine", key=f"close/{invoice.round}"),))
    entries = (audited(invoice, f"invoice {invoice.invoice_id}", f"cancelled: {invoice.why}"),)
    if invoice.claimed:
        dropped = ledger.dropped(invoice.application_id, invoice.round, invoice.fee, invoice.ground)
        return in_turn(Decision(invoice.but(claimed=False), appends=(*dropped, *entries)), lambda now: _end(now, given))
    return in_turn(Decision(invoice, appends=entries), lambda now: _end(now, given))


def _end(invoice: Invoice, given: Given) -> Decision[Invoice]:
    match invoice.why:
        case Why.REPLACED:
            return assess(invoice, given)
        case Why.LAPSED:
            lapsed = FeeLapsed(application_id=invoice.application_id, invoice_id=invoice.invoice_id)
            step = Step(invoice.application_id, "S15", "refused", "LAPSED")
            return Decision(invoice.but(phase=Phase.LAPSED, why=None), lapsed, appends=(step,))
        case _:
            ordered = invoice.why is Why.CANCELLED
            step = Step(invoice.application_id, "S15", "refused", "CANCELLED")
            gone = Decision(invoice.but(phase=Phase.CANCELLED, why=None), appends=(step,))
            return in_turn(gone, unpaid) if ordered else gone


def cancel(invoice: Invoice, command: CancelInvoice) -> Decision[Invoice]:
    """Unpaid: cancelled at the gateway first. Paid: exactly the fee goes back. Ordered again: the same answer."""
    if invoice.answered:
        return Decision(invoice, _recorded(invoice))
    first = invoice.cause is None
    ordered = invoice.but(cause=invoice.cause or command.cause)
    appends = (audited(invoice, "invoice", f"to be cancelled: {command.cause.value}"),) if first else ()
    return in_turn(Decision(ordered, appends=appends), _obey)


def _obey(invoice: Invoice) -> Decision[Invoice]:
    match invoice.phase:
        case Phase.INVOICING:  # РП ДРН may have made it: its answer is waited for, and undone
            return Decision(invoice)
        case Phase.CLOSING:
            return Decision(invoice.but(why=Why.CANCELLED))
        case Phase.TERMS | Phase.OPEN | Phase.HELD if invoice.invoice_id:
            return close(invoice, Why.CANCELLED)
        case Phase.PAID:
            return return_fee(invoice.but(phase=Phase.CANCELLED))
        case Phase.WAIVED | Phase.LAPSED:
            return unpaid(invoice)
        case _:
            return unpaid(invoice.but(phase=Phase.CANCELLED))


def _recorded(invoice: Invoice) -> RefundFiled | InvoiceCancelled:
    case = invoice.case(invoice.answer_case)
    if case is not None:
        return said_filed(invoice, case)
    return InvoiceCancelled(application_id=invoice.application_id, invoice_id=invoice.answer_invoice or None)


def stop(invoice: Invoice) -> Decision[Invoice]:
    """The application ended before its duty was settled: nothing may be charged any more."""
    ended = invoice.but(ended=True)
    match invoice.phase:
        case Phase.NEW | Phase.ASSESSING:
            return Decision(ended.but(phase=Phase.CANCELLED))
        case Phase.TERMS | Phase.OPEN | Phase.HELD:
            return close(ended, Why.STOPPED) if invoice.invoice_id else Decision(ended.but(phase=Phase.CANCELLED))
        case Phase.CLOSING if invoice.why is not Why.CANCELLED:
            return Decision(ended.but(why=Why.STOPPED))
        case _:
            return Decision(ended)
