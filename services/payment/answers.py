"""What the outside systems answer to payment, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.payment.notice import Notice
from shared.contracts.payment import RefundCause
from shared.contracts.values import RefundAccount
from shared.law.exemptions import SocialStatus


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """S15: the invoice that РП ДРН made under the talon; `amount` in whole tenge."""

    invoice_id: str
    amount: int
    kbk: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money that came: the gateway's own receipt id, whole tenge, business time."""

    receipt_id: str
    amount: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Statuses:
    """What АИС СИК said; None when there is no consent by which it may be asked."""

    held: tuple[SocialStatus, ...] | None


@dataclass(frozen=True, slots=True)
class NoToken:
    """АИС СИК takes our token no more; or, of the fresh one that КДП was asked for: PENDING, DENIED or EXPIRED."""

    standing: str = "EXPIRED"


class InvoiceStatus(StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class InvoiceStanding:
    """How an invoice stands at the gateway, and all money that came to it."""

    status: InvoiceStatus
    receipts: tuple[Incoming, ...] = ()


class RefundStatus(StrEnum):
    UNKNOWN = "UNKNOWN"
    FILED = "FILED"
    ACCEPTED = "ACCEPTED"
    PAID = "PAID"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class RefundStanding:
    """How a case stands at the revenue authority. `correctable`: only the account is at fault; `payout_id` and
    `paid_on` are the authority's own, once it has paid.
    """

    status: RefundStatus
    accepted_on: date | None = None
    reason: str = ""
    correctable: bool = False
    payout_id: str = ""
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class RefundClaim:
    """The conditional refund application of the citizen, with the notice that confirms its ground."""

    case_id: str
    amount: int
    account: RefundAccount = field(repr=False)
    receipt_id: str
    cause: RefundCause
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """A case as it stands after filing, and which of the citizen's accounts it names."""

    standing: RefundStanding
    account_version: int
