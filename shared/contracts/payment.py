"""Payment: sole judge of money (S14, S15, refund). Sums are whole tenge."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from shared.contracts.base import Command, Event


class WaiverGround(StrEnum):
    """Why nothing is paid; the exemption's category never leaves payment."""

    EXEMPT = "EXEMPT"
    ZERO_RATE = "ZERO_RATE"


class RefundCause(StrEnum):
    """Why money goes back; everything but the first receipt of an approved application, up to the fee."""

    ANNULLED = "ANNULLED"
    WITHDRAWN = "WITHDRAWN"
    NOT_MADE = "NOT_MADE"
    SECOND = "SECOND"
    LATE = "LATE"
    EXCESS = "EXCESS"
    SHORT = "SHORT"


class FeeWaived(Event):
    ground: WaiverGround


class FeeRequested(Event):
    """S15: the invoice of РП ДРН under the talon; said again (higher `round`) when the fee table changed."""

    invoice_id: str
    amount: int
    pay_url: str
    until: datetime
    round: int = 1


class FeePaid(Event):
    amount: int
    receipt_id: str
    paid_at: datetime


class FeeLapsed(Event):
    """Not paid in time, and the gateway has cancelled the invoice."""

    invoice_id: str


class InvoiceCancelled(Event):
    """Answer to `CancelInvoice`: nothing was paid, nothing can be paid any more."""

    invoice_id: str | None = None


class RefundFiled(Event):
    """A refund case was opened (and, when an account is known, filed with the revenue authority)."""

    case_id: str
    cause: RefundCause
    amount: int
    filed: bool = True


class RefundAccepted(Event):
    case_id: str
    due_on: date


class RefundOverdue(Event):
    case_id: str
    due_on: date


class FeeRefunded(Event):
    case_id: str
    amount: int


class RefundRejected(Event):
    """`correctable`: the account is at fault, the citizen may name another; else the law refuses."""

    case_id: str
    reason: str
    correctable: bool


class CancelInvoice(Command):
    """Answered `InvoiceCancelled`, or `RefundFiled` when money had come."""

    cause: RefundCause


class ResumePayment(Command):
    """Go on from where it stands: what was said is said again, what is waited for is asked again. Changes nothing."""
