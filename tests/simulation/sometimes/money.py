"""What must be reached in payment."""

from __future__ import annotations

from services.payment.answers import RefundStatus
from services.payment.invoice import CasePhase, Invoice, Phase, Why
from services.payment.messages import (
    AskExemption,
    CheckFeeLaw,
    CloseInvoice,
    FileRefund,
    InquireInvoice,
    ReleaseInvoice,
    ReportReceipt,
    RequestInvoice,
    SetTerms,
)
from shared.contracts import payment as p
from shared.process import PAYMENT
from tests.simulation.sometimes.goals import Goal, Goals, Holds, became
from tests.simulation.sometimes.seen import Decided

PHASES = tuple(phase for phase in Phase if phase is not Phase.NEW)
WHYS = (Why.LAPSED, Why.REPLACED, Why.CANCELLED)
"""STOPPED is a second bolt: no ending before the settlement is said without a cancellation once there is an invoice."""
ASKED = frozenset({Phase.TERMS, Phase.OPEN})


def _closes(why: Why) -> Holds:
    return lambda d: d.after.phase is Phase.CLOSING and d.after.why is why and d.before.why is not why


def _case(phase: CasePhase) -> Holds:
    def holds(d: Decided) -> bool:
        after: Invoice = d.after
        before = {case.case_id: case.phase for case in d.before.cases}
        return any(case.phase is phase and before.get(case.case_id) is not phase for case in after.cases)

    return holds


def _came(d: Decided) -> bool:
    return len(d.after.receipts) > len(d.before.receipts)


PAYMENT_GOALS = Goals(
    PAYMENT,
    (
        *(Goal(f"an invoice is {phase.value.lower()}", became("phase", phase)) for phase in PHASES),
        *(Goal(f"an invoice is closed: {why.value.lower()}", _closes(why)) for why in WHYS),
        *(Goal(f"a refund case is {phase.value.lower()}", _case(phase)) for phase in CasePhase),
        Goal("the law changes between invoice and payment",
             lambda d: d.before.phase in ASKED and d.after.why is Why.REPLACED),
        Goal("the law changes while АИС СИК is asked", lambda d: d.after.round > d.before.round, (AskExemption,)),
        Goal("a duty is assessed anew by the law of another day",
             lambda d: d.after.round > d.before.round > 0 and d.after.phase is Phase.ASSESSING),
        Goal("a duty falls away with the law", lambda d: d.after.round > d.before.round > 0
             and d.after.phase is Phase.WAIVED),
        Goal("money comes while the invoice lapses, and pays it", lambda d: d.before.why is Why.LAPSED
             and d.after.phase is Phase.PAID),
        Goal("money comes while the invoice is cancelled by order, and goes back",
             lambda d: d.before.why is Why.CANCELLED and d.after.settled_by and not d.before.settled_by),
        Goal("money comes to a dead invoice", lambda d: _came(d) and d.before.phase in (Phase.LAPSED, Phase.CANCELLED)),
        Goal("an invoice is made after the end, and cancelled",
             lambda d: (d.before.ended or d.before.cause) and d.after.phase is Phase.CLOSING, (RequestInvoice,)),
        Goal("the gateway cannot tell whether an invoice is cancelled", lambda d: d.later(CloseInvoice),
             (CloseInvoice,)),
        Goal("an inquiry finds money that no call-back told of", _came, (InquireInvoice,)),
        Goal("a call-back tells of money", _came, (ReportReceipt,)),
        Goal("a call-back tells what is known", lambda d: d.silent, (ReportReceipt,)),
        Goal("the term of payment is extended by an outage", lambda d: d.before.outage_since and d.later(SetTerms)),
        Goal("a day begins, and the law is the same", lambda d: d.later(CheckFeeLaw) and d.after.phase is
             d.before.phase, (CheckFeeLaw,)),
        Goal("an invoice is held, and released by operations", lambda d: d.before.phase is Phase.HELD,
             (ReleaseInvoice,)),
        Goal("a cancellation ordered again is answered again", lambda d: d.before.answered, (p.CancelInvoice,)),
        Goal("a cancellation waits for the invoice that РП ДРН makes", lambda d: d.before.phase is Phase.INVOICING
             and not d.decision.says, (p.CancelInvoice,)),
        Goal("a cancellation returns the fee", lambda d: d.says(p.RefundFiled), (p.CancelInvoice,)),
        Goal("a cancellation finds nothing to cancel", lambda d: d.says(p.InvoiceCancelled)
             and not d.before.answered, (p.CancelInvoice,)),
        Goal("a refund waits for the annulment notice", lambda d: d.after.account and not d.after.notice_id and any(
            case.phase is CasePhase.OPENED for case in d.after.cases)),
        Goal("a refund waits for an account", lambda d: not d.after.account and any(
            case.phase is CasePhase.OPENED for case in d.after.cases)),
        Goal("a refund is found filed already", lambda d: d.given.answers is not None
             and d.given.answers.standing.status in (RefundStatus.ACCEPTED, RefundStatus.PAID), (FileRefund,)),
        Goal("an earned fee goes back", lambda d: d.before.earned and not d.after.earned),
        Goal("one receipt pays, and its excess goes back", lambda d: d.after.settled_by and not d.before.settled_by
             and len(d.after.cases) > len(d.before.cases)),
    ),
)  # fmt: skip
