"""The stories of process.md section 4: who starts them, what is ordered, how they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.saga_coordinator.saga import Case, Step, Story, Tables
from shared.contracts import eligibility, identity_verification, intake, payment, production_dispatch, ums_review
from shared.contracts.base import Message
from shared.contracts.intake import CloseApplication, RecallRegistration
from shared.contracts.payment import CancelInvoice, RefundCause
from shared.contracts.ums_review import WithdrawReview
from shared.contracts.values import Ending


def _close(ending: Ending, *, may_be_refused: bool = False) -> Step:
    """The ending is intake's to say; where it may refuse this ending, the application goes on and the story is over."""
    return Step(
        do=lambda id: CloseApplication(application_id=id, ending=ending),
        done=(intake.ApplicationClosed,),
        stops=(intake.CloseRefused,) if may_be_refused else (),
        other=() if may_be_refused else (intake.CloseRefused,),
        fits=lambda event: isinstance(event, intake.ApplicationClosed) or event.ending is ending,
    )


ORDERED = frozenset({RefundCause.ANNULLED, RefundCause.WITHDRAWN, RefundCause.NOT_MADE})


def _cancel(cause: RefundCause) -> Step:
    """A refund that nobody ordered (late, second, excess, short) is no answer to this order."""
    return Step(
        do=lambda id: CancelInvoice(application_id=id, cause=cause),
        done=(payment.InvoiceCancelled, payment.RefundFiled),
        fits=lambda event: isinstance(event, payment.InvoiceCancelled) or event.cause in ORDERED,
    )


def _withdraw_review(id: UUID) -> WithdrawReview:
    return WithdrawReview(application_id=id)


RECALL = Step(
    do=lambda id: RecallRegistration(application_id=id),
    done=(intake.RegistrationRecalled,),
    other=(intake.RecallRefused,),
)

REFUSAL = Story("refusal", Ending.REFUSED, (_close(Ending.REFUSED, may_be_refused=True),))
ABANDONED = Story("abandoned", Ending.ABANDONED, (_close(Ending.ABANDONED, may_be_refused=True),))
REDIRECTED = Story("redirected", Ending.REDIRECTED, (_close(Ending.REDIRECTED, may_be_refused=True),))
ANNULMENT = Story("annulment", Ending.ANNULLED, (_close(Ending.ANNULLED), RECALL, _cancel(RefundCause.ANNULLED)))
NOT_MADE = Story("not made", Ending.NOT_MADE, (_close(Ending.NOT_MADE), RECALL, _cancel(RefundCause.NOT_MADE)))
UNPAID = Story("unpaid", Ending.UNPAID, (RECALL, _close(Ending.UNPAID)))
ISSUED = Story("issued", Ending.ISSUED, (_close(Ending.ISSUED),))
NOT_COLLECTED = Story("not collected", Ending.NOT_COLLECTED, (_close(Ending.NOT_COLLECTED),))
WITHDRAWAL = Story(
    "withdrawal",
    Ending.WITHDRAWN,
    (
        Step(do=_withdraw_review, done=(ums_review.ReviewWithdrawn,), stops=(ums_review.WithdrawalRefused,)),
        _cancel(RefundCause.WITHDRAWN),
        RECALL,
        _close(Ending.WITHDRAWN),
    ),
)
TABLES = Tables(
    (ISSUED, NOT_COLLECTED, NOT_MADE, ANNULMENT, UNPAID, WITHDRAWAL, REFUSAL, REDIRECTED, ABANDONED)
)  # fmt: skip
"""In the order in which those that wait are begun: what cannot be refused before what can. A changed story is a new one
with the next version, put beside the old; the old stays as long as a case can run it (tests replay what was recorded).
"""

Trigger = Callable[[Case, Any], str | None]
"""The name of the story that the event starts, if any."""


def _before_registration(story: Story) -> Trigger:
    return lambda case, event: None if case.registered else story.name


def _annulled(case: Case, event: ums_review.ReviewAnnulled) -> str:
    return NOT_MADE.name if event.after_approval else ANNULMENT.name


TRIGGERS: dict[type[Message], Trigger] = {
    identity_verification.IdentityRefused: _before_registration(REFUSAL),
    identity_verification.PhotoRefused: _before_registration(REFUSAL),
    eligibility.EligibilityRefused: _before_registration(REFUSAL),
    intake.RegistrationRefused: _before_registration(REFUSAL),
    intake.CircumstanceChanged: _before_registration(REFUSAL),
    identity_verification.IdentityUnavailable: _before_registration(REDIRECTED),
    eligibility.EligibilityUnavailable: _before_registration(REDIRECTED),
    intake.RegistrationUnavailable: _before_registration(REDIRECTED),
    intake.WithdrawalRequested: lambda case, event: WITHDRAWAL.name,
    # An answer to an order given twice: a refusal may have stopped the story before the review could be withdrawn.
    ums_review.ReviewWithdrawn: lambda case, event: WITHDRAWAL.name,
    payment.FeeLapsed: lambda case, event: UNPAID.name,
    ums_review.ReviewAnnulled: _annulled,
    production_dispatch.DocumentIssued: lambda case, event: ISSUED.name,
    production_dispatch.DocumentUncollected: lambda case, event: NOT_COLLECTED.name,
}
