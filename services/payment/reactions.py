"""What payment hears, and which decision answers."""

from __future__ import annotations

from services.payment import asks, charge, domain, ending, reconciling, refund, resuming
from services.payment.gateway import GATEWAY, REGISTRY, REVENUE, SOCIAL
from services.payment.invoice import Invoice
from services.payment.messages import (
    AskExemption,
    CheckFeeLaw,
    CheckRefundDue,
    CloseInvoice,
    EndPaymentTerm,
    FileRefund,
    FollowRefund,
    InquireInvoice,
    RecheckRefund,
    Reconcile,
    ReconcileDaily,
    ReleaseInvoice,
    ReportReceipt,
    RequestInvoice,
    SetTerms,
)
from services.payment.store import invoice_key
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.intake import ApplicationClosed, ApplicationRegistered, FormAccepted, RefundAccountChanged
from shared.contracts.payment import CancelInvoice, ResumePayment
from shared.contracts.ums_review import ReviewAnnulled, ReviewApproved
from shared.engine.decision import Decision, Given
from shared.engine.service import Reaction
from shared.web.forgeries import ON_RECORD

Decided = Decision[Invoice]


def keep_person_when_identity_confirmed(invoice: Invoice, said: IdentityConfirmed, given: Given) -> Decided:
    return domain.know_person(invoice, said, given)


def keep_account_when_form_accepted(invoice: Invoice, said: FormAccepted, given: Given) -> Decided:
    return domain.know_form(invoice, said, given)


def assess_when_application_registered(invoice: Invoice, said: ApplicationRegistered, given: Given) -> Decided:
    return domain.know_talon(invoice, said, given)


def earn_when_review_approved(invoice: Invoice, said: ReviewApproved, given: Given) -> Decided:
    return domain.approve(invoice)


def keep_notice_when_review_annulled(invoice: Invoice, said: ReviewAnnulled, given: Given) -> Decided:
    return domain.know_notice(invoice, said, given.said_at)


def file_when_refund_account_changed(invoice: Invoice, said: RefundAccountChanged, given: Given) -> Decided:
    return domain.change_account(invoice, said, given.said_at)


def stop_when_application_closed(invoice: Invoice, said: ApplicationClosed, given: Given) -> Decided:
    return domain.know_ending(invoice, said)


def cancel_invoice(invoice: Invoice, command: CancelInvoice, given: Given) -> Decided:
    return ending.cancel(invoice, command)


def charge_or_waive(invoice: Invoice, message: AskExemption, given: Given) -> Decided:
    return charge.exemption_answered(invoice, message, given.answers, given)


def accept_invoice(invoice: Invoice, message: RequestInvoice, given: Given) -> Decided:
    return charge.invoice_issued(invoice, message, given.answers, given)


def request_fee(invoice: Invoice, message: SetTerms, given: Given) -> Decided:
    return charge.terms_set(invoice, message, given.answers, given)


def take_what_came(invoice: Invoice, message: InquireInvoice, given: Given) -> Decided:
    return ending.inquired(invoice, message, given.answers, given)


def take_reported_receipt(invoice: Invoice, message: ReportReceipt, given: Given) -> Decided:
    return ending.receipt_reported(invoice, message, given)


def end_payment_term(invoice: Invoice, message: EndPaymentTerm, given: Given) -> Decided:
    return ending.term_ended(invoice, message, given)


def check_fee_law(invoice: Invoice, message: CheckFeeLaw, given: Given) -> Decided:
    return charge.day_began(invoice, message, given)


def end_when_gateway_cancelled(invoice: Invoice, message: CloseInvoice, given: Given) -> Decided:
    return ending.closing_answered(invoice, message, given.answers, given)


def release_invoice(invoice: Invoice, message: ReleaseInvoice, given: Given) -> Decided:
    return charge.release(invoice, message, given)


def note_refund_filed(invoice: Invoice, message: FileRefund, given: Given) -> Decided:
    return refund.refund_filed(invoice, message, given.answers, given)


def note_refund_standing(invoice: Invoice, message: FollowRefund, given: Given) -> Decided:
    return refund.refund_followed(invoice, message, given.answers, given)


def note_refund_rechecked(invoice: Invoice, message: RecheckRefund, given: Given) -> Decided:
    return refund.refund_rechecked(invoice, message, given.answers, given)


def tell_refund_overdue(invoice: Invoice, message: CheckRefundDue, given: Given) -> Decided:
    return refund.refund_late(invoice, message, given)


def reconcile_daily(invoice: Invoice, message: ReconcileDaily, given: Given) -> Decided:
    return reconciling.looked(invoice, message, given.answers, given)


def record_reconciliation(invoice: Invoice, message: Reconcile, given: Given) -> Decided:
    return reconciling.reconciled(invoice, message, given.answers, given)


def resume_payment(invoice: Invoice, command: ResumePayment, given: Given) -> Decided:
    return resuming.resume(invoice, given)


def claim_invoice(message: RequestInvoice, given: Given) -> str | None:
    """An invoice belongs to one application for ever; its call-backs find the way by this key."""
    return invoice_key(given.answers.invoice_id) if given.answers is not None else None


REACTIONS = (
    Reaction(ApplicationRegistered, assess_when_application_registered),
    Reaction(AskExemption, charge_or_waive, asks=asks.ask_exemption, policy=SOCIAL),
    Reaction(RequestInvoice, accept_invoice, asks=asks.request_invoice, policy=REGISTRY, claims=claim_invoice),
    Reaction(SetTerms, request_fee, asks=asks.set_terms, policy=GATEWAY),
    Reaction(ReportReceipt, take_reported_receipt),
    ON_RECORD,
    Reaction(InquireInvoice, take_what_came, asks=asks.inquire_invoice, policy=GATEWAY),
    Reaction(EndPaymentTerm, end_payment_term),
    Reaction(CheckFeeLaw, check_fee_law),
    Reaction(CloseInvoice, end_when_gateway_cancelled, asks=asks.close_invoice, policy=GATEWAY),
    Reaction(ReleaseInvoice, release_invoice),
    Reaction(RefundAccountChanged, file_when_refund_account_changed),
    Reaction(FileRefund, note_refund_filed, asks=asks.file_refund, policy=REVENUE),
    Reaction(FollowRefund, note_refund_standing, asks=asks.follow_refund, policy=REVENUE),
    Reaction(RecheckRefund, note_refund_rechecked, asks=asks.recheck_refund, policy=REVENUE),
    Reaction(CheckRefundDue, tell_refund_overdue),
    Reaction(ReconcileDaily, reconcile_daily, asks=reconciling.look),  # our own books: no outside system, no policy
    Reaction(Reconcile, record_reconciliation, asks=reconciling.reconcile, policy=reconciling.STATEMENTS),
    Reaction(CancelInvoice, cancel_invoice),
    Reaction(ResumePayment, resume_payment),
    Reaction(IdentityConfirmed, keep_person_when_identity_confirmed),
    Reaction(FormAccepted, keep_account_when_form_accepted),
    Reaction(ReviewApproved, earn_when_review_approved),
    Reaction(ReviewAnnulled, keep_notice_when_review_annulled),
    Reaction(ApplicationClosed, stop_when_application_closed),
)
