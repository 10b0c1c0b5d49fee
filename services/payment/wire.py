"""How the outside words its answers to payment: what does not read is no answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.payment.answers import InvoiceStatus, RefundStatus
from services.payment.statement import Period
from shared.engine.rows import Unavailable
from shared.gateways.rest import Rest


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class SocialLine(Wire):
    code: str
    date_from: date | None = Field(None, alias="dateFrom")
    date_to: date | None = Field(None, alias="dateTo")


class SocialAnswer(Wire):
    """Of the day that was asked for: an answer that names no day has not said that there are no statuses."""

    day: date = Field(alias="date")
    status: tuple[SocialLine, ...] = ()


class InvoiceAnswer(Wire):
    invoice_id: str = Field(min_length=1, max_length=128, alias="invoiceId")
    amount: int = Field(ge=0)
    kbk: str
    pay_url: str = Field(alias="payUrl")


class ReceiptLine(Wire):
    receipt_id: str = Field(min_length=1, max_length=128)
    amount: int = Field(gt=0)
    paid_at: AwareDatetime


class StandingAnswer(Wire):
    status: InvoiceStatus = InvoiceStatus.UNKNOWN
    receipts: tuple[ReceiptLine, ...] = ()


class RefundAnswer(Wire):
    status: RefundStatus = RefundStatus.UNKNOWN
    accepted_on: date | None = None
    reason: str | None = None
    correctable: bool = False
    payout_id: str | None = Field(None, max_length=128)
    paid_on: date | None = None


class ReceiptStated(ReceiptLine):
    amount: int  # also what no receipt should be: it is compared, and shown
    invoice_id: str = Field(min_length=1, max_length=128)


class GatewayPage(Wire):
    receipts: tuple[ReceiptStated, ...]
    next: int | None = None


class CaseStated(Wire):
    case_id: str = Field(min_length=1, max_length=128)
    amount: int
    filed_at: AwareDatetime


class PayoutStated(Wire):
    payout_id: str = Field(min_length=1, max_length=128)
    case_id: str
    amount: int
    paid_on: date


class RevenuePage(Wire):
    cases: tuple[CaseStated, ...]
    payouts: tuple[PayoutStated, ...]
    next: int | None = None


W = TypeVar("W", bound=Wire)
P = TypeVar("P", GatewayPage, RevenuePage)
MOST_PAGES = 10_000


def understood(model: type[W], answer: Any, dependency: str) -> W:
    """An answer that does not read is no answer: `Unavailable`."""
    try:
        return model.model_validate(answer)
    except ValidationError:
        raise Unavailable(dependency) from None


async def pages(rest: Rest, period: Period, model: type[P], dependency: str) -> AsyncIterator[P]:
    """Every page of a statement; what does not end is no answer. Raises `Unavailable`."""
    page: int | None = 1
    while page is not None:
        path = f"/statement?from={period.first}&to={period.last}&page={page}"
        found = understood(model, await rest.get(path), dependency)
        yield found
        if found.next is not None and not page < found.next <= MOST_PAGES:
            raise Unavailable(dependency)
        page = found.next
