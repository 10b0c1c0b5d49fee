"""The revenue authority: refund cases, paid within some working days, late, or refused (S15, art. 101 and its heirs).

It promises no idempotency: the same case filed twice is two filings. `payouts` shows what really left the budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from deploy.sandbox.persona import Refund, Treatment
from deploy.sandbox.systems.annulment_notice import fault_of_notice
from deploy.sandbox.systems.gateway import Gateway
from deploy.sandbox.systems.ground import Ground, Plain, Said, day_of, need, whole
from deploy.sandbox.systems.paging import days_of, page_of
from shared.law.calendar import add_working_days

ANNULLED = "ANNULLED"


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
    first_filed_at: datetime | None = None
    paid_amount: int | None = None
    """What was paid instead of what was asked, when somebody there has erred."""
    fault: str = ""
    """Why the application is refused on its papers alone."""


@dataclass(frozen=True, slots=True)
class Payout:
    case_id: str
    amount: int
    iban: str = field(repr=False)
    id: str = ""
    paid_on: date = date.min


@dataclass(slots=True)
class RevenueAuthority:
    ground: Ground
    gateway: Gateway
    cases: dict[str, Case] = field(default_factory=dict)
    strays: list[Payout] = field(default_factory=list)
    """Paid by mistake, with no case."""

    def ask(self, method: str, path: str, said: Said, now: datetime) -> Plain | None:
        """`POST /refunds`, `GET /refunds/{case}`, `PUT /refunds/{case}/account`, `GET /statement?from=&to=&page=`
        (days); None: not found.
        """
        match (method, *path.strip("/").split("/")):
            case ("GET", "statement"):
                return self._statement(said, now)
            case ("POST", "refunds"):
                return self._file(said, now)
            case ("GET", "refunds", id):
                return self._standing(self.cases[id], now) if id in self.cases else {"status": "UNKNOWN"}
            case ("PUT", "refunds", id, "account") if id in self.cases:
                return self._correct(self.cases[id], said, now)
        return None

    def payouts(self, now: datetime) -> tuple[Payout, ...]:
        """What has been paid out by now; a case filed twice is paid twice."""
        paid = (
            Payout(
                case.id, case.amount if case.paid_amount is None else case.paid_amount, case.iban,
                self._payout_id(case, number), date.fromisoformat(standing["paid_on"]),
            )
            for case, standing in ((case, self._standing(case, now)) for case in self.cases.values())
            if standing["status"] == "PAID"
            for number in range(case.filings)
        )  # fmt: skip
        return (*paid, *(stray for stray in self.strays if stray.paid_on <= day_of(now)))

    def _payout_id(self, case: Case, number: int = 0) -> str:
        """Its own id of one payment order."""
        return f"PO-{self.ground.secret(f'payout {case.id} {number}')[:16].upper()}"

    def _statement(self, said: Said, now: datetime) -> Plain:
        """The cases filed and the pay-outs made on those days, a page of each."""
        first, last = days_of(said)
        cases = [
            {"case_id": case.id, "amount": case.amount, "filed_at": filed_at.isoformat()}
            for case, filed_at in ((case, case.first_filed_at or case.filed_at) for case in self.cases.values())
            if first <= day_of(filed_at) <= last
        ]
        payouts = [
            {"payout_id": paid.id, "case_id": paid.case_id, "amount": paid.amount, "paid_on": paid.paid_on.isoformat()}
            for paid in self.payouts(now)
            if first <= paid.paid_on <= last
        ]
        (filed, more_filed), (paid_out, more_paid) = page_of(cases, said), page_of(payouts, said)
        return {"cases": filed, "payouts": paid_out, "next": more_filed or more_paid}

    def _file(self, said: Said, now: datetime) -> Plain:
        id, iban, holder, receipt = need(said, "key", "iban", "holder_iin", "receipt_id")
        ground, notice = need(said, "ground", "notice")
        if id in self.cases:
            self.cases[id].filings += 1
        else:
            self.cases[id] = Case(
                id, whole(said, "amount"), iban, holder, receipt, ground, notice, now, first_filed_at=now,
                fault=self._fault(said),
            )  # fmt: skip
        return {"status": "FILED"}

    def _fault(self, said: Said) -> str:
        """The notice that confirms the ground must be there, and agree with the receipt and with what is asked."""
        invoice, notice = self.gateway.receipts.get(str(said["receipt_id"])), said["notice"]
        if invoice is None:
            return "RECEIPT_UNKNOWN"
        if whole(said, "amount") > self.gateway.receipt(str(said["receipt_id"])).amount:
            return "AMOUNT_DIFFERS"
        if not isinstance(notice, Mapping) or notice.get("cause") != said["ground"]:
            return "NOTICE_DIFFERS"
        if said["ground"] != ANNULLED and "pdf" not in notice:
            return ""
        told = {"talon": invoice.talon, "receipt_id": said["receipt_id"], "amount": said["amount"]}
        return fault_of_notice(notice, told, str(said["holder_iin"]))

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
        if case.fault:
            return {"status": "REJECTED", "reason": case.fault, "correctable": False}
        treatment = self._treatment(case)
        if treatment.refund is Refund.AGAINST_LAW:
            return {"status": "REJECTED", "reason": "NO_LEGAL_GROUND", "correctable": False}
        if treatment.refund is Refund.ACCOUNT_FAULT and not case.corrected:
            return {"status": "REJECTED", "reason": "ACCOUNT_CLOSED", "correctable": True}
        accepted = day_of(accepted_at)
        standing = {"status": "ACCEPTED", "accepted_on": accepted.isoformat()}
        paid_on = self._paid_on(accepted, treatment)
        if day_of(now) < paid_on:
            return standing
        return {**standing, "status": "PAID", "payout_id": self._payout_id(case), "paid_on": paid_on.isoformat()}

    def _paid_on(self, accepted: date, treatment: Treatment) -> date:
        return add_working_days(accepted, treatment.refund_days)

    def _treatment(self, case: Case) -> Treatment:
        invoice = self.gateway.receipts.get(case.receipt_id)
        return self.ground.treatment_of(invoice.application_id) if invoice else Treatment()
