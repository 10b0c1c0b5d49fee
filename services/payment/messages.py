"""What payment says to itself. `round` names the invoice that is meant: a message of another round is stale."""

from __future__ import annotations

from datetime import date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.contracts.base import Own

HOUSE = uuid5(NAMESPACE_URL, "kualik:payment")
"""Whose rows are nobody's application but payment's own: its reconciliations."""


class AskExemption(Own):
    """S14: what does АИС СИК know of the person. `renewals` counts the fresh tokens of КДП that were asked for since
    the register takes the one we hold no more, `looks` the looks at the last of them.
    """

    round: int
    renewals: int = 0
    looks: int = 0


class RequestInvoice(Own):
    """S15: have РП ДРН make the invoice under the talon."""

    round: int


class SetTerms(Own):
    """S15: tell the gateway where to call back and until when; `until` is given when the deadline was extended."""

    round: int
    until: datetime | None = None


class InquireInvoice(Own):
    """Has money come that no call-back told of?"""

    round: int


class EndPaymentTerm(Own):
    """The deadline of the invoice."""

    round: int


class CheckFeeLaw(Own):
    """A new day: does the invoice still stand on the law of that day?"""

    round: int


class CloseInvoice(Own):
    """Cancel at the gateway; `tries` counts unclear answers."""

    round: int
    tries: int = 0


class ReportReceipt(Own):
    """The gateway's call-back; or what a reconciliation has found in its stead, then `found_by` is that run."""

    invoice_id: str
    receipt_id: str
    amount: int
    paid_at: datetime
    found_by: UUID | None = None


class ReleaseInvoice(Own):
    """Operations have mended what an invoice was held for: S14, S15 again."""

    round: int
    officer: str


class FileRefund(Own):
    """File a case with the revenue authority, or correct its account."""

    case_id: str


class FollowRefund(Own):
    """How does the case stand? `look` counts the looks."""

    case_id: str
    look: int = 0


class RecheckRefund(Own):
    """Is it still the account that hinders the case? What was said of it may have been old. `look` counts the looks."""

    case_id: str
    look: int = 0


class CheckRefundDue(Own):
    """The five working days after acceptance are over."""

    case_id: str


class ReconcileDaily(Own):
    """Of the house: is everything up to yesterday compared? Asked again and again."""


class Reconcile(Own):
    """Of the house: compare these days with gateway and revenue authority. Without `first`: from where the last
    scheduled run ended, its last day once more. `by` is who ordered it.
    """

    run_id: UUID
    last: date
    first: date | None = None
    by: str = "service"
