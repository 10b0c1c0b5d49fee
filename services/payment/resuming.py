"""Going on when something was lost: what was said is said again, what is waited for is asked again. Nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from services.payment.charge import asking, closing, due, inquire_later, next_day, request_of, requesting, setting_terms
from services.payment.invoice import UNSETTLED, Case, CasePhase, Invoice, Phase
from services.payment.messages import CheckRefundDue, FileRefund, FollowRefund
from services.payment.refund import recheck_later
from shared.contracts.base import Message
from shared.contracts.payment import FeeLapsed, FeePaid, FeeRefunded, FeeWaived, RefundRejected, WaiverGround
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.engine.waiting import Awaited, rows_of

WITH_THE_AUTHORITY = (CasePhase.FILING, CasePhase.FILED, CasePhase.ACCEPTED)
ASKS = {
    Phase.ASSESSING: asking,
    Phase.INVOICING: requesting,
    Phase.TERMS: setting_terms,
    Phase.CLOSING: closing,
}


def resume(invoice: Invoice, given: Given) -> Decision[Invoice]:
    """Facts under new ids, for whoever has not heard them; and the rows that must stand."""
    return Decision(invoice, *said_so_far(invoice), later=rows_of(awaited(invoice, given)))


def said_so_far(invoice: Invoice) -> Iterator[Message]:
    """How the fee stands. How the refunds ended only when none is under way: the citizen reads of each anew."""
    id = invoice.application_id
    match invoice.phase:
        case Phase.OPEN if invoice.until is not None:
            yield request_of(invoice, invoice.until)
        case Phase.WAIVED:
            ground = WaiverGround.EXEMPT if invoice.category is not None else WaiverGround.ZERO_RATE
            yield FeeWaived(application_id=id, ground=ground)
        case Phase.LAPSED:
            yield FeeLapsed(application_id=id, invoice_id=invoice.invoice_id)
        case Phase.PAID:
            paid = next(receipt for receipt in invoice.receipts if receipt.receipt_id == invoice.settled_by)
            yield FeePaid(
                application_id=id, amount=invoice.fee, receipt_id=paid.receipt_id, paid_at=paid.paid_at
            )  # fmt: skip
    if not any(case.phase in WITH_THE_AUTHORITY for case in invoice.cases):
        yield from (_end_of(invoice, case) for case in invoice.cases if case.phase is not CasePhase.OPENED)


def _end_of(invoice: Invoice, case: Case) -> Message:
    if case.phase is CasePhase.REFUNDED:
        return FeeRefunded(application_id=invoice.application_id, case_id=case.case_id, amount=case.amount)
    return RefundRejected(
        application_id=invoice.application_id, case_id=case.case_id, reason=case.reason,
        correctable=case.phase is CasePhase.ACCOUNT,
    )  # fmt: skip


def awaited(invoice: Invoice, given: Given) -> Iterator[Awaited]:
    """The rows that stand while the invoice is as it is; a held one waits for operations."""
    ask = ASKS.get(invoice.phase)
    if ask is not None:
        yield Awaited(ask(invoice))
    if invoice.phase is Phase.OPEN and invoice.until is not None:
        yield Awaited(due(invoice, invoice.until))
        yield Awaited(inquire_later(invoice, given))
    if invoice.phase in UNSETTLED:
        yield Awaited(next_day(invoice, given))
    for case in invoice.cases:
        yield from _awaited_of(invoice, case, given)


def _awaited_of(invoice: Invoice, case: Case, given: Given) -> Iterator[Awaited]:
    """A case without an account waits for the citizen; whether it must is looked at."""
    id = invoice.application_id
    if case.phase is CasePhase.ACCOUNT:
        yield from map(Awaited, recheck_later(invoice, case, given))
    if case.phase is CasePhase.FILING:
        key = f"file/{case.case_id}/{invoice.account_version}"
        yield Awaited(Later(FileRefund(application_id=id, case_id=case.case_id), key=key))
    if case.phase in (CasePhase.FILED, CasePhase.ACCEPTED):
        follow = FollowRefund(application_id=id, case_id=case.case_id)
        yield Awaited(Later(follow, clock="machine", key=f"follow/{case.case_id}"))
    if case.phase is CasePhase.ACCEPTED and case.due_on is not None and not case.overdue:
        at = datetime.combine(case.due_on + timedelta(days=1), time(), ALMATY)
        check = CheckRefundDue(application_id=id, case_id=case.case_id)
        yield Awaited(Later(check, at=at, key=f"refund-due/{case.case_id}/{case.due_on}"))
