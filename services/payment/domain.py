"""What payment keeps of the facts it is told, in whatever order they come. Pure: values in, values out."""

from __future__ import annotations

from datetime import datetime

from services.payment.charge import begin
from services.payment.ending import stop
from services.payment.invoice import Invoice, audited, in_turn
from services.payment.receipt import earn
from services.payment.refund import account_returned, file_what_can_be
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.intake import ApplicationClosed, ApplicationRegistered, FormAccepted, RefundAccountChanged
from shared.contracts.ums_review import ReviewAnnulled
from shared.contracts.values import Ending
from shared.engine.decision import ALMATY, Decision, Given

EXEMPTIONS_REGISTER = "AIS_SIK"
AFTER_APPROVAL = frozenset({Ending.ISSUED, Ending.NOT_COLLECTED})
BEFORE_SETTLEMENT = frozenset({Ending.REFUSED, Ending.ABANDONED, Ending.REDIRECTED, Ending.WITHDRAWN})


def know_person(invoice: Invoice, said: IdentityConfirmed, given: Given) -> Decision[Invoice]:
    """The IIN and the one consent that payment needs; nothing else of the person is kept."""
    if invoice.iin is not None:
        return Decision(invoice)
    consent = next((c for c in said.consents.value if c.access_name == EXEMPTIONS_REGISTER), None)
    known = invoice.but(iin=Sealed(said.person.value.iin), consent=Sealed(consent) if consent else None)
    return in_turn(known, lambda now: begin(now, given), file_what_can_be)


def know_form(invoice: Invoice, said: FormAccepted, given: Given) -> Decision[Invoice]:
    """The account and the conditional refund application of the last revision."""
    if said.revision <= invoice.form_revision:
        return Decision(invoice)
    known = invoice.but(
        form_revision=said.revision, form_account=said.refund_account, refund_application=said.refund_application
    )
    return in_turn(known, lambda now: begin(now, given), file_what_can_be)


def know_talon(invoice: Invoice, said: ApplicationRegistered, given: Given) -> Decision[Invoice]:
    if invoice.talon:
        return Decision(invoice)
    return in_turn(invoice.but(talon=said.talon), lambda now: begin(now, given))


def approve(invoice: Invoice) -> Decision[Invoice]:
    """The pivot: the fee is earned, unless it is on its way back already."""
    return in_turn(invoice.but(approved=True), earn)


def know_notice(invoice: Invoice, said: ReviewAnnulled, said_at: datetime) -> Decision[Invoice]:
    """The annulment notice: the document that a refund stands on. It bears the day of the decision, whenever heard and
    however often said; a decision that does not tell it was made on the day on which it is said.
    """
    if said.round <= invoice.notice_round and invoice.notice_on is not None:
        return Decision(invoice)
    known = invoice.but(
        notice_round=said.round, notice_id=said.decision_id, notice_ground=said.ground.value,
        notice_reasons=said.reasons, notice_on=(said.decided_at or said_at).astimezone(ALMATY).date(),
    )  # fmt: skip
    return in_turn(known, file_what_can_be)


def know_ending(invoice: Invoice, said: ApplicationClosed) -> Decision[Invoice]:
    """An ending that can come before settlement stops the charge; one that follows an approval earns the fee, though
    the approval was not heard; all others follow from what payment has said.
    """
    if said.ending in AFTER_APPROVAL:
        return approve(invoice)
    return stop(invoice) if said.ending in BEFORE_SETTLEMENT else Decision(invoice)


def change_account(invoice: Invoice, said: RefundAccountChanged, said_at: datetime) -> Decision[Invoice]:
    """The account said last is the one; it is a conditional refund application too. Same case, another account."""
    account = said.refund_account.value
    if invoice.iin is not None and account.holder_iin != invoice.iin.value:
        return account_returned(invoice)
    if invoice.changed_at is not None and said_at <= invoice.changed_at:
        return Decision(invoice.but(account_changes=invoice.account_changes + 1))
    changed = invoice.but(
        changed_account=said.refund_account, changed_at=said_at, account_changes=invoice.account_changes + 1
    )
    written = Decision(changed, appends=(audited(changed, "refund account", "changed", "citizen"),))
    return in_turn(written, file_what_can_be)
