"""What payment knows of one application: the facts it was told, the invoice, the money, the refund cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from services.payment.ledger import FeeGround
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import ConsentToken
from shared.contracts.payment import RefundCause
from shared.contracts.values import RefundAccount
from shared.engine.decision import Decision
from shared.engine.service import Audited


class Phase(StrEnum):
    """Where S14 and S15 stand. PAID, WAIVED, LAPSED and CANCELLED are final."""

    NEW = "NEW"
    ASSESSING = "ASSESSING"  # АИС СИК is asked (S14)
    INVOICING = "INVOICING"  # РП ДРН is asked (S15)
    TERMS = "TERMS"  # the gateway is told deadline and call-back
    OPEN = "OPEN"
    HELD = "HELD"  # operations must look
    CLOSING = "CLOSING"  # the gateway is asked to cancel
    PAID = "PAID"
    WAIVED = "WAIVED"
    LAPSED = "LAPSED"
    CANCELLED = "CANCELLED"


UNSETTLED = frozenset({Phase.ASSESSING, Phase.INVOICING, Phase.TERMS, Phase.OPEN, Phase.HELD})
PAYABLE = frozenset({Phase.TERMS, Phase.OPEN, Phase.HELD, Phase.CLOSING})


class Why(StrEnum):
    """Why an invoice is being cancelled at the gateway."""

    LAPSED = "LAPSED"
    REPLACED = "REPLACED"  # the fee law changed, or operations released a held one: S14, S15 again
    CANCELLED = "CANCELLED"  # ordered by `CancelInvoice`
    STOPPED = "STOPPED"  # the application has ended


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came. `cause` says why the whole of it goes back; without one it paid the fee."""

    receipt_id: str
    invoice_id: str
    amount: int
    paid_at: datetime
    cause: RefundCause | None = None


class CasePhase(StrEnum):
    """OPENED waits for an account or the notice, ACCOUNT for another account; the last two are ends."""

    OPENED = "OPENED"
    FILING = "FILING"
    FILED = "FILED"
    ACCEPTED = "ACCEPTED"
    ACCOUNT = "ACCOUNT"
    REFUNDED = "REFUNDED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Case:
    """One refund. `filed` is what was said at its opening; `account_version` names the account it was filed with;
    `filed_at` is when the revenue authority first had it; `payout_id` and `paid_on` are the authority's own.
    """

    case_id: str
    receipt_id: str
    amount: int
    cause: RefundCause
    filed: bool
    phase: CasePhase = CasePhase.OPENED
    account_version: int = 0
    due_on: date | None = None
    overdue: bool = False
    reason: str = ""
    filed_at: datetime | None = None
    payout_id: str = ""
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    application_id: UUID
    phase: Phase = Phase.NEW
    why: Why | None = None
    round: int = 0
    # facts
    iin: Sealed[str] | None = None
    consent: Sealed[ConsentToken] | None = None
    form_revision: int = 0
    form_account: Sealed[RefundAccount] | None = None
    refund_application: bool = False
    changed_account: Sealed[RefundAccount] | None = None
    changed_at: datetime | None = None
    account_changes: int = 0
    talon: str = ""
    approved: bool = False
    notice_round: int = 0
    notice_id: str = ""
    notice_ground: str = ""
    notice_reasons: tuple[str, ...] = ()
    notice_on: date | None = None
    ended: bool = False
    cause: RefundCause | None = None
    # the fee
    fee: int = 0
    law: str = ""
    assessed_on: date | None = None
    assessed: bool = False
    rule: str = ""
    legal_ground: str = ""
    kbk: str = ""
    category: Sealed[str] | None = None
    invoice_id: str = ""
    pay_url: str = ""
    until: datetime | None = None
    outage_since: datetime | None = None
    claimed: bool = False
    held_for: str = ""
    # the money
    receipts: tuple[Receipt, ...] = ()
    settled_by: str = ""
    settled_invoice: str = ""
    earned: bool = False
    cases: tuple[Case, ...] = ()
    # the recorded answer to `CancelInvoice`
    answered: bool = False
    answer_case: str = ""
    answer_invoice: str = ""

    @property
    def ground(self) -> FeeGround:
        return FeeGround(self.rule, self.legal_ground, self.kbk, self.assessed_on)

    @property
    def account(self) -> RefundAccount | None:
        """Where a refund may go: the account last named, in the applicant's own name."""
        named = self.changed_account or self.form_account
        if named is None or self.iin is None or not (self.refund_application or self.changed_account):
            return None
        return named.value if named.value.holder_iin == self.iin.value else None

    @property
    def account_version(self) -> int:
        return 1 + self.account_changes

    def case(self, case_id: str) -> Case | None:
        return next((case for case in self.cases if case.case_id == case_id), None)

    def with_case(self, changed: Case) -> Invoice:
        return self.but(cases=tuple(changed if case.case_id == changed.case_id else case for case in self.cases))

    def but(self, **changes: Any) -> Invoice:
        return replace(self, **changes)

    def key(self, purpose: str) -> str:
        """An idempotency key for the outside: of the application, the purpose and the round."""
        return str(uuid5(self.application_id, f"{purpose}/{self.round}"))


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that only operations can mend; a row per occurrence."""

    application_id: UUID
    what: str
    detail: str


Act = Callable[[Invoice], Decision[Invoice]]


def in_turn(start: Invoice | Decision[Invoice], *acts: Act) -> Decision[Invoice]:
    """One decision after another over the same invoice, as one decision."""
    whole = start if isinstance(start, Decision) else Decision(start)
    for act in acts:
        part = act(whole.state)
        whole = Decision(
            part.state,
            *whole.says,
            *part.says,
            later=(*whole.later, *part.later),
            appends=(*whole.appends, *part.appends),
            release=(*whole.release, *part.release),
            reply=whole.reply if part.reply is None else part.reply,
        )
    return whole


def audited(invoice: Invoice, what: str, result: str, who: str = "service") -> Audited:
    """Every act on money and every request for personal data (order p.4.1)."""
    return Audited(invoice.application_id, who, "payment", what, result)
