"""What gateway and revenue authority may get wrong in their books, so that a reconciliation has something to find."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from deploy.sandbox.systems.ground import day_of
from deploy.sandbox.systems.revenue import Payout
from deploy.sandbox.systems.state import State


class Wrong(StrEnum):
    UNTOLD_RECEIPT = "untold-receipt"  # money comes to the invoice `id`, and no call-back is ever made
    RECEIPT_AMOUNT = "receipt-amount"  # the receipt `id` has another amount from now on
    RECEIPT_LOST = "receipt-lost"  # nobody there knows the receipt `id` any more
    STRAY_PAYOUT = "stray-payout"  # paid under the case `id`, of which nobody asked
    PAYOUT_AMOUNT = "payout-amount"  # the case `id` is paid in another amount
    PAYOUT_TWICE = "payout-twice"  # the case `id` is paid once more
    CASE_LOST = "case-lost"  # nobody there knows the case `id`, nor that it was paid


class Misstatement(BaseModel):
    """`at` is the business time of money that comes, and the day of a stray pay-out; absent: an hour ago, yesterday."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Wrong
    id: str = Field(min_length=1, max_length=128)
    amount: int = 0
    at: datetime | None = None


def misstate(state: State, wrong: Misstatement, now: datetime) -> str:
    """The id of what was made or changed. Raises `KeyError` for an id that is none."""
    gateway, authority = state.gateway_system, state.revenue_authority
    match wrong.what:
        case Wrong.UNTOLD_RECEIPT:
            return gateway.pay(wrong.id, wrong.amount, wrong.at or now - timedelta(hours=1), tells=False).id
        case Wrong.RECEIPT_AMOUNT:
            gateway.receipt(wrong.id).amount = wrong.amount
        case Wrong.RECEIPT_LOST:
            gateway.forget(wrong.id)
        case Wrong.STRAY_PAYOUT:
            day: date = day_of(wrong.at or now - timedelta(days=1))
            authority.strays.append(Payout(wrong.id, wrong.amount, "", f"PO-STRAY-{len(authority.strays) + 1}", day))
            return authority.strays[-1].id
        case Wrong.PAYOUT_AMOUNT:
            authority.cases[wrong.id].paid_amount = wrong.amount
        case Wrong.PAYOUT_TWICE:
            authority.cases[wrong.id].filings += 1
        case Wrong.CASE_LOST:
            del authority.cases[wrong.id]
    return wrong.id
