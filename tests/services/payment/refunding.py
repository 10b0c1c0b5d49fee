"""A paid application that was annulled, and what the revenue authority may say of its refund."""

from __future__ import annotations

from datetime import date, timedelta

from services.payment.answers import RefundStanding, RefundStatus
from shared.contracts.values import RefundAccount
from tests.services.payment.stage import (
    OWN,
    Outside,
    annulled,
    cancel,
    charged,
    receipt,
)
from tests.services.running import Run

MOMENT = timedelta(minutes=5)
ACCEPTED = RefundStanding(RefundStatus.ACCEPTED, date(2025, 10, 6))
PAID = RefundStanding(RefundStatus.PAID, date(2025, 10, 6))
ACCOUNT_FAULT = RefundStanding(RefundStatus.REJECTED, reason="ACCOUNT_CLOSED", correctable=True)
AGAINST_LAW = RefundStanding(RefundStatus.REJECTED, reason="ART_101")


async def annulled_and_paid(outside: Outside, holds: RefundAccount | None = OWN) -> Run:
    run = await charged(outside, holds=holds)
    return await run.hear_all((receipt(), annulled(), cancel()))
