"""The revenue authority: refund cases, paid within some working days, late, or refused (S15, art. 101 and its heirs).

It promises no idempotency: the same case filed twice is two filings. `payouts` shows what really left the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from deploy.sandbox.persona import Refund, Treatment
from deploy.sandbox.systems.gateway import Gateway
from deploy.sandbox.systems.ground import Ground, Plain, Said, day_of, need, whole
from shared.law.calendar import add_working_days


@dataclass(slots=True)
class Case:
    id: str
    amount: int
    iban: str
    holder_iin: str
    receipt_id: str
    ground: str
    notice: str
    filed_at: datetime
    filings: int = 1
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Payout:
    case_id: str
    amount: int
    iban: str = field(repr=False)


@dataclass(slots=True)
class RevenueAuthority:
    ground: Ground
    gateway: Gateway
    cases: dict[str, Case] = field(default_factory=dict)

    def ask(self, method: str, path: str, said: Said, now: datetime) -> Plain | None:
        """`POST /refunds`, `GET /refunds/{case}`, `PUT /refunds/{case}/account`; None: not found."""
        match (method, *path.strip("/").split("/")):
            case ("POST", "refunds"):
                return self._file(said, now)
            case ("GET", "refunds", id):
                return self._standing(self.cases[id], now) if id in self.cases else {"status": "UNKNOWN"}
            case ("PUT", "refunds", id, "account") if id in self.cases:
                return self._correct(self.cases[id], said, now)
        return None

    def payouts(self, now: datetime) -> tuple[Payout, ...]:
        """What has been paid out by now; a case filed twice is paid twice."""
        return tuple(
            Payout(case.id, case.amount, case.iban)
            for case in self.cases.values()
            if self._standing(case, now)["status"] == "PAID"
            for _ in range(case.filings)
        )

    def _file(self, said: Said, now: datetime) -> Plain:
        id, iban, holder, receipt = need(said, "key", "iban", "holder_iin", "receipt_id")
        ground, notice = need(said, "ground", "notice")
        if id in self.cases:
            self.cases[id].filings += 1
        else:
            self.cases[id] = Case(id, whole(said, "amount"), iban, holder, receipt, ground, notice, now)
        return {"status": "FILED"}

    def _correct(self, case: Case, said: Said, now: datetime) -> Plain:
        """Another account; asked again with the same one it changes nothing."""
        iban, holder = need(said, "iban", "holder_iin")
        if iban != case.iban:
            case.iban, case.holder_iin, case.corrected, case.filed_at = iban, holder, True, now
        return self._standing(case, now)

    def _standing(self, case: Case, now: datetime) -> Plain:
        accepted_at = case.filed_at + self.ground.pace.refund_accepted
        if now < accepted_at:
            return {"status": "FILED"}
        treatment = self._treatment(case)
        if treatment.refund is Refund.AGAINST_LAW:
            return {"status": "REJECTED", "reason": "NO_LEGAL_GROUND", "correctable": False}
        if treatment.refund is Refund.ACCOUNT_FAULT and not case.corrected:
            return {"status": "REJECTED", "reason": "ACCOUNT_CLOSED", "correctable": True}
        accepted = day_of(accepted_at)
        paid = day_of(now) >= self._paid_on(accepted, treatment)
        return {"status": "PAID" if paid else "ACCEPTED", "accepted_on": accepted.isoformat()}

    def _paid_on(self, accepted: date, treatment: Treatment) -> date:
        return add_working_days(accepted, treatment.refund_days)

    def _treatment(self, case: Case) -> Treatment:
        invoice = self.gateway.receipts.get(case.receipt_id)
        return self.ground.treatment_of(invoice.application_id) if invoice else Treatment()
