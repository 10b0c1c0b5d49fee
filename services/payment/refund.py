"""A refund case from its opening to its one end. Refunds block no ending of an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import uuid5

from services.payment import ledger
from services.payment.answers import Filed, RefundClaim, RefundStanding, RefundStatus
from services.payment.invoice import Alert, Case, CasePhase, Invoice, audited, in_turn
from services.payment.looks import ever_rarer, pause
from services.payment.messages import CheckRefundDue, FileRefund, FollowRefund, RecheckRefund
from services.payment.notice import notice_of
from shared.contracts.payment import (
    FeeRefunded,
    RefundAccepted,
    RefundCause,
    RefundFiled,
    RefundOverdue,
    RefundRejected,
)
from shared.engine.decision import ALMATY, Decision, Given, Later
from shared.law.terms import refund_due

FOLLOWED = (CasePhase.FILED, CasePhase.ACCEPTED)
ACCOUNT_OF_ANOTHER = "ACCOUNT_OF_ANOTHER"


def case_id_of(invoice: Invoice, receipt_id: str, part: str) -> str:
    """The same part of the same receipt is the same case, however often it is ordered."""
    return str(uuid5(invoice.application_id, f"refund/{receipt_id}/{part}"))


def open_case(invoice: Invoice, receipt_id: str, part: str, amount: int, cause: RefundCause) -> Decision[Invoice]:
    """One case per part of a receipt; opened again it is the same case and nothing is said."""
    case_id = case_id_of(invoice, receipt_id, part)
    if invoice.case(case_id):
        return Decision(invoice)
    case = Case(case_id, receipt_id, amount, cause, filed=invoice.account is not None)
    opened = Decision(
        invoice.but(cases=(*invoice.cases, case)),
        said_filed(invoice, case),
        appends=(audited(invoice, f"opened refund case {case_id}", cause.value),),
    )
    return in_turn(opened, file_what_can_be)


def said_filed(invoice: Invoice, case: Case) -> RefundFiled:
    """What was said when the case was opened, word for word."""
    return RefundFiled(
        application_id=invoice.application_id, case_id=case.case_id, cause=case.cause, amount=case.amount,
        filed=case.filed,
    )  # fmt: skip


def file_what_can_be(invoice: Invoice) -> Decision[Invoice]:
    """Set on its way every case that waited for an account or the annulment notice and now has it."""
    if invoice.account is None:
        return Decision(invoice)
    later = []
    for case in invoice.cases:
        waits = case.phase is CasePhase.OPENED and (case.cause is not RefundCause.ANNULLED or invoice.notice_on)
        corrected = case.phase is CasePhase.ACCOUNT and invoice.account_version > case.account_version
        if waits or corrected:
            invoice = invoice.with_case(replace(case, phase=CasePhase.FILING))
            message = FileRefund(application_id=invoice.application_id, case_id=case.case_id)
            later.append(Later(message, key=f"file/{case.case_id}/{invoice.account_version}"))
    return Decision(invoice, later=later)


def claim_of(invoice: Invoice, case: Case) -> RefundClaim | None:
    """What the revenue authority is given; None while the applicant has named no account of their own."""
    account = invoice.account
    if account is None:
        return None
    return RefundClaim(case.case_id, case.amount, account, case.receipt_id, case.cause, notice_of(invoice, case))


def refund_filed(invoice: Invoice, message: FileRefund, filed: Filed | None, given: Given) -> Decision[Invoice]:
    """The revenue authority has the case, with the account it was given."""
    case = invoice.case(message.case_id)
    if case is None or filed is None or case.phase is not CasePhase.FILING:
        return Decision(invoice)
    case = replace(
        case, account_version=filed.account_version, phase=CasePhase.FILED, due_on=None,
        filed_at=case.filed_at or given.now,
    )  # fmt: skip
    start = Decision(invoice.with_case(case), appends=(audited(invoice, f"filed refund case {case.case_id}", "filed"),))
    return in_turn(start, lambda now: refund_stands(now, case, filed.standing, 0, given))


def refund_followed(
    invoice: Invoice, message: FollowRefund, standing: RefundStanding | None, given: Given
) -> Decision[Invoice]:
    """A look at a case that the authority has."""
    case = invoice.case(message.case_id)
    if case is None or standing is None or case.phase not in FOLLOWED:
        return Decision(invoice)
    return refund_stands(invoice, case, standing, message.look, given)


def refund_stands(invoice: Invoice, case: Case, standing: RefundStanding, look: int, given: Given) -> Decision[Invoice]:
    """Accepted once, ended once; what is not decided is looked at again."""
    if standing.status is RefundStatus.REJECTED:
        return _rejected(invoice, case, standing, given)
    decision = Decision(invoice)
    if standing.status in (RefundStatus.ACCEPTED, RefundStatus.PAID) and case.due_on is None:
        decision = _accepted(invoice, case, standing, given)
    if standing.status is RefundStatus.PAID:
        return in_turn(decision, lambda now: _paid(now, case.case_id, standing))
    message = FollowRefund(application_id=invoice.application_id, case_id=case.case_id, look=look + 1)
    again = Later(message, after=pause(given.rules, look), clock="machine", key=f"follow/{case.case_id}")
    return in_turn(decision, lambda now: Decision(now, later=(again,)))


def _accepted(invoice: Invoice, case: Case, standing: RefundStanding, given: Given) -> Decision[Invoice]:
    due_on = refund_due(standing.accepted_on or given.today, given.rules.terms, given.rules.calendar)
    return Decision(
        invoice.with_case(replace(case, phase=CasePhase.ACCEPTED, due_on=due_on)),
        RefundAccepted(application_id=invoice.application_id, case_id=case.case_id, due_on=due_on),
        later=(
            Later(
                CheckRefundDue(application_id=invoice.application_id, case_id=case.case_id),
                at=datetime.combine(due_on + timedelta(days=1), time(), ALMATY),
                key=f"refund-due/{case.case_id}/{due_on}",
            ),
        ),
        appends=(audited(invoice, f"refund case {case.case_id}", "accepted"),),
    )


def _paid(invoice: Invoice, case_id: str, standing: RefundStanding) -> Decision[Invoice]:
    case = invoice.case(case_id)
    assert case is not None  # looked up by the caller
    payout_id, paid_on = standing.payout_id, standing.paid_on
    return Decision(
        invoice.with_case(replace(case, phase=CasePhase.REFUNDED, payout_id=payout_id, paid_on=paid_on)),
        FeeRefunded(application_id=invoice.application_id, case_id=case_id, amount=case.amount),
        appends=(
            *ledger.paid_back(invoice.application_id, case_id, case.amount, invoice.ground, payout_id, paid_on),
            audited(invoice, f"refund case {case_id}", "refunded"),
        ),
    )


def refund_rechecked(
    invoice: Invoice, message: RecheckRefund, standing: RefundStanding | None, given: Given
) -> Decision[Invoice]:
    """Whoever waits for another account need not, once the authority has taken the case or refused it for good."""
    case = invoice.case(message.case_id)
    if case is None or standing is None or case.phase is not CasePhase.ACCOUNT:
        return Decision(invoice)
    ended = standing.status is RefundStatus.REJECTED and not standing.correctable
    if ended or standing.status in (RefundStatus.ACCEPTED, RefundStatus.PAID):
        return refund_stands(invoice, case, standing, 0, given)
    return Decision(invoice, later=recheck_later(invoice, case, given, message.look + 1))


def recheck_later(invoice: Invoice, case: Case, given: Given, look: int = 0) -> tuple[Later, ...]:
    """One row while the case waits for another account, ever rarer; none after the term within which it may be
    claimed: from then on a new account alone moves it.
    """
    if case.filed_at is not None and given.now - case.filed_at > given.rules.limits.refund_claimed:
        return ()
    message = RecheckRefund(application_id=invoice.application_id, case_id=case.case_id, look=look)
    return (Later(message, after=ever_rarer(given.rules, look), clock="machine", key=f"recheck/{case.case_id}"),)


def _rejected(invoice: Invoice, case: Case, standing: RefundStanding, given: Given) -> Decision[Invoice]:
    """An account fault waits for another account and stays the same case; a refusal by law ends it."""
    phase = CasePhase.ACCOUNT if standing.correctable else CasePhase.REJECTED
    result = "account returned" if standing.correctable else "refused"
    appends: tuple[object, ...] = (audited(invoice, f"refund case {case.case_id}", result),)
    if not standing.correctable:
        appends += ledger.kept_back(invoice.application_id, case.case_id, case.amount, invoice.ground)
    said = RefundRejected(
        application_id=invoice.application_id, case_id=case.case_id, reason=standing.reason or "REFUSED",
        correctable=standing.correctable,
    )  # fmt: skip
    changed = replace(case, phase=phase, due_on=None, reason=said.reason)
    later = recheck_later(invoice, case, given) if standing.correctable else ()
    return in_turn(Decision(invoice.with_case(changed), said, later=later, appends=appends), file_what_can_be)


def refund_late(invoice: Invoice, message: CheckRefundDue, given: Given) -> Decision[Invoice]:
    """Told once; the money is still awaited."""
    case = invoice.case(message.case_id)
    if case is None or case.phase is not CasePhase.ACCEPTED or case.overdue or case.due_on is None:
        return Decision(invoice)
    if given.today <= case.due_on:
        return Decision(invoice)
    return Decision(
        invoice.with_case(replace(case, overdue=True)),
        RefundOverdue(application_id=invoice.application_id, case_id=case.case_id, due_on=case.due_on),
        appends=(
            Alert(invoice.application_id, "refund overdue", case.case_id),
            audited(invoice, f"refund case {case.case_id}", "overdue"),
        ),
    )


def account_returned(invoice: Invoice) -> Decision[Invoice]:
    """An account of another serves nobody: every case that waits for one is told so, and waits on."""
    waiting = [case for case in invoice.cases if case.phase in (CasePhase.OPENED, CasePhase.ACCOUNT)]
    return Decision(
        invoice,
        *(
            RefundRejected(
                application_id=invoice.application_id, case_id=case.case_id, reason=ACCOUNT_OF_ANOTHER, correctable=True
            )
            for case in waiting
        ),
        appends=(audited(invoice, "refund account", "of another: not taken"),),
    )
