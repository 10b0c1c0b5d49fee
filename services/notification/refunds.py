"""Refunds: told at once, and once the application has ended they are its newest status.

What comes back because the application ended (annulled, withdrawn, not made) is told after that ending. Other money
(second, late, excess, short) may come back while the application goes on: it is told beside the way, and again when the
application has ended, so that the account can be corrected there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.notification.notice import Notice, notice
from services.notification.places import after_the_ending, aside
from services.notification.state import Correspondence
from services.notification.wording import day, end_of, sentence, text
from shared.contracts.payment import (
    FeeRefunded,
    RefundAccepted,
    RefundCause,
    RefundFiled,
    RefundOverdue,
    RefundRejected,
)
from shared.contracts.values import Stage

Refund = RefundFiled | RefundAccepted | RefundOverdue | FeeRefunded | RefundRejected
OF_AN_ENDING = frozenset((RefundCause.ANNULLED, RefundCause.WITHDRAWN, RefundCause.NOT_MADE))


def told_of_refund(said: Refund, said_at: datetime, known: Correspondence) -> tuple[Notice, ...]:
    """Nothing before the cause of the case is known."""
    cause = known.refunds.get(said.case_id)
    if cause is None:
        return ()
    worded = replace(_worded(said), about=said.case_id)
    beside = replace(worded, place=aside(Stage.REGISTERED, said_at, said))
    after = replace(worded, place=after_the_ending(said, said_at), ending=known.ended)
    if cause in OF_AN_ENDING:
        return (after,) if known.ended else ()
    return (beside, replace(after, channels=())) if known.ended else (beside,)


def _worded(said: Refund) -> Notice:
    match said:
        case RefundFiled(filed=True):
            return notice("REFUND_FILED", (), {"amount": said.amount}, amount=said.amount)
        case RefundFiled():
            how = (text("refund/INSTRUCTION"),)
            return notice("REFUND_ACCOUNT_NEEDED", how, {"amount": said.amount}, amount=said.amount)
        case RefundAccepted():
            return notice("REFUND_ACCEPTED", (), {"due": day(said.due_on)}, until=end_of(said.due_on))
        case RefundOverdue():
            return notice("REFUND_OVERDUE", (), {"due": day(said.due_on)}, until=end_of(said.due_on))
        case FeeRefunded():
            return notice("REFUNDED", (), {"amount": said.amount}, amount=said.amount)
        case RefundRejected(correctable=True):
            return notice("REFUND_ACCOUNT_FAULT", (sentence("refund", said.reason),))
    return notice("REFUND_REJECTED", (sentence("refund", said.reason), text("refund/APPEAL")))
