"""The outside systems that payment asks, as tests set them up; and what payment is told of one application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.payment.answers import (
    Incoming,
    InvoiceStanding,
    InvoiceStatus,
    IssuedInvoice,
    RefundClaim,
    RefundStanding,
    RefundStatus,
)
from services.payment.app import SERVICE
from services.payment.books import Books
from services.payment.gateway import World
from services.payment.ledger import Account, Entry, balances
from services.payment.messages import ReportReceipt
from services.payment.statement import Ours, Period, RevenueStatement, StatedReceipt
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import ConsentToken, IdentityConfirmed
from shared.contracts.intake import ApplicationClosed, ApplicationRegistered, FormAccepted, RefundAccountChanged
from shared.contracts.payment import CancelInvoice, RefundCause
from shared.contracts.ums_review import AnnulmentGround, CertifiedApplication, ReviewAnnulled, ReviewApproved
from shared.contracts.values import Contacts, Ending, FileRef, Instruction, Locale, RefundAccount
from shared.engine.rows import Unavailable
from shared.gateways.consents import Renewed
from shared.gateways.shep import ConsentRefused
from shared.law.exemptions import SocialStatus
from shared.law.fees import KBK
from tests.law.people import a_person
from tests.services.running import APPLICATION, Run

IIN = a_person().iin
TALON = "71-251006-000001-7"
IN_2025 = datetime(2025, 10, 6, 5, 0, tzinfo=UTC)  # a Monday, 10:00 in Almaty; the fee is 786
IN_2026 = datetime(2026, 1, 15, 5, 0, tzinfo=UTC)  # the rate is zero
NEW_YEARS_EVE_2024 = datetime(2024, 12, 31, 5, 0, tzinfo=UTC)  # 738 today, 786 tomorrow
NEW_YEARS_EVE_2025 = datetime(2025, 12, 31, 5, 0, tzinfo=UTC)  # 786 today, nothing tomorrow
FEE = 786


@dataclass
class Social:
    statuses: tuple[SocialStatus, ...] = ()
    silent: bool = False
    asked: int = 0
    takes: str = ""
    """The one token that is taken; any, when it is none."""

    async def statuses_of(self, iin: str, day: date, consent: ConsentToken, ask: str) -> tuple[SocialStatus, ...]:
        self.asked += 1
        assert (iin, consent.access_name) == (IIN, "AIS_SIK")
        if self.takes not in ("", consent.token):
            raise ConsentRefused("aissik", "CONSENT_EXPIRED")
        if self.silent:
            raise Unavailable("aissik")
        return self.statuses


@dataclass
class Renewing:
    """КДП: what it says of the n-th renewal, the last for all that follow; every question by its request. REFUSED: it
    takes no such question.
    """

    standings: list[str] = field(default_factory=lambda: ["VALID"])
    asked: list[str] = field(default_factory=list)

    async def renew(self, access_name: str, request_id: str, iin: str, lifetime: timedelta, at: datetime) -> Renewed:
        assert (access_name, iin) == ("AIS_SIK", IIN)
        self.asked.append(request_id)
        standing = self.standings.pop(0) if len(self.standings) > 1 else self.standings[0]
        if standing == "REFUSED":
            raise ConsentRefused("kdp", "CONSENT_REQUIRED")
        fresh = ConsentToken(access_name=access_name, token="fresh", public_key="k", expires_at=at + lifetime)
        return Renewed(standing, fresh if standing == "VALID" else None)


@dataclass
class Registry:
    """РП ДРН: one invoice per key."""

    amount: int | None = None
    kbk: str = KBK
    fees: dict[str, int] = field(default_factory=dict)
    silent: bool = False

    async def invoice(self, talon: str, key: str) -> IssuedInvoice:
        assert talon == TALON
        if self.silent:
            raise Unavailable("rpdrn")
        number = list(self.fees).index(key) + 1 if key in self.fees else len(self.fees) + 1
        self.fees[key] = FEE if self.amount is None else self.amount
        return IssuedInvoice(f"INV-{number}", self.fees[key], self.kbk, f"https://pay.example/INV-{number}")


@dataclass
class Gateway:
    """`standings` may be scripted; without a script an invoice is cancelled when asked to be, unless it was paid."""

    receipts: dict[str, list[Incoming]] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    terms: list[tuple[str, datetime]] = field(default_factory=list)
    unknown: int = 0
    paid: set[str] = field(default_factory=set)

    async def set_terms(self, invoice_id: str, until: datetime) -> None:
        self.terms.append((invoice_id, until))

    async def inquire(self, invoice_id: str) -> InvoiceStanding:
        status = InvoiceStatus.OPEN
        if invoice_id in self.cancelled:
            status = InvoiceStatus.CANCELLED
        return InvoiceStanding(
            InvoiceStatus.PAID if invoice_id in self.paid else status, tuple(self.receipts.get(invoice_id, ()))
        )

    async def cancel(self, invoice_id: str, key: str) -> InvoiceStanding:
        if self.unknown:
            self.unknown -= 1
            return InvoiceStanding(InvoiceStatus.UNKNOWN)
        if invoice_id not in self.paid:
            self.cancelled.append(invoice_id)
        return await self.inquire(invoice_id)

    async def statement(self, period: Period) -> tuple[StatedReceipt, ...]:
        return tuple(
            StatedReceipt(one.receipt_id, invoice_id, one.amount, one.paid_at)
            for invoice_id, receipts in self.receipts.items()
            for one in receipts
            if period.holds(one.paid_at)
        )

    def pay(self, invoice_id: str, receipt_id: str, amount: int, at: datetime) -> None:
        """Money of which no call-back tells."""
        self.receipts.setdefault(invoice_id, []).append(Incoming(receipt_id, amount, at))
        self.paid |= {invoice_id} if amount >= FEE else set()


@dataclass
class Revenue:
    """`script` is what a case answers to the next looks once it is filed; the last answer stays. `stated` is what its
    statement lists, whatever the days.
    """

    script: list[RefundStanding] = field(default_factory=list)
    stated: RevenueStatement = field(default_factory=RevenueStatement)
    filed: list[RefundClaim] = field(default_factory=list)
    corrected: list[tuple[str, str]] = field(default_factory=list)
    silent_after_filing: int = 0

    async def inquire(self, case_id: str) -> RefundStanding:
        if all(claim.case_id != case_id for claim in self.filed):
            return RefundStanding(RefundStatus.UNKNOWN)
        if len(self.script) > 1:
            return self.script.pop(0)
        return self.script[0] if self.script else RefundStanding(RefundStatus.FILED)

    async def file(self, claim: RefundClaim) -> None:
        assert all(known.case_id != claim.case_id for known in self.filed), "filed twice"
        self.filed.append(claim)
        if self.silent_after_filing:
            self.silent_after_filing -= 1
            raise Unavailable("revenue")

    async def correct(self, case_id: str, account: RefundAccount) -> None:
        self.corrected.append((case_id, account.iban))

    async def statement(self, period: Period) -> RevenueStatement:
        return self.stated


@dataclass
class Blank:
    """Books in which nothing stands; `done` are the runs on record."""

    ours: Ours = field(default_factory=Ours)
    covered: date | None = None
    done: set[UUID] = field(default_factory=set)

    async def find(self, period: Period, gateway: Sequence[StatedReceipt], revenue: RevenueStatement) -> Ours:
        return self.ours

    async def covered_until(self, day: date) -> date | None:
        return self.covered if self.covered and self.covered <= day else None

    async def is_done(self, run_id: UUID) -> bool:
        return run_id in self.done


@dataclass
class Outside:
    social: Social = field(default_factory=Social)
    registry: Registry = field(default_factory=Registry)
    gateway: Gateway = field(default_factory=Gateway)
    revenue: Revenue = field(default_factory=Revenue)
    books: Books = field(default_factory=Blank)
    renewing: Renewing = field(default_factory=Renewing)
    alarms: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def world(self) -> World:
        return World(self.social, self.registry, self.gateway, self.revenue, self.books, self.renewing, self._alarm)

    def _alarm(self, what: str, **told: Any) -> None:
        self.alarms.append((what, told))


def account(number: int = 1, holder: str = IIN) -> RefundAccount:
    return RefundAccount(iban=f"KZ00000000000000000{number}", holder_iin=holder)


OWN = account()


def identity(consented: bool = True) -> IdentityConfirmed:
    tokens = [ConsentToken(access_name="ZAGS_RECORD", token="t1", public_key="k", expires_at=IN_2026)]
    if consented:
        tokens.append(ConsentToken(access_name="AIS_SIK", token="t2", public_key="k", expires_at=IN_2026))
    return IdentityConfirmed(application_id=APPLICATION, person=Sealed(a_person()), consents=Sealed(tuple(tokens)))


def form(revision: int = 1, holds: RefundAccount | None = None, applied: bool = True) -> FormAccepted:
    file = FileRef(reference="a", sha256="0" * 64)
    return FormAccepted(
        application_id=APPLICATION, revision=revision, region="71", point="71-01",
        contacts=Sealed(Contacts(phone="+77010000000")), photo=file, signature_sample=file,
        refund_account=Sealed(holds) if holds else None, refund_application=applied and holds is not None,
        instruction=Instruction(version="1", language=Locale.RU),
    )  # fmt: skip


def registered() -> ApplicationRegistered:
    return ApplicationRegistered(
        application_id=APPLICATION, talon=TALON, documentation_code="DC-1", region="71", point="71-01",
        registered_on=date(2025, 10, 6), expires=date(2025, 10, 20),
    )  # fmt: skip


def approved(round: int = 1) -> ReviewApproved:
    file = FileRef(reference="a", sha256="0" * 64)
    certified = CertifiedApplication(
        person=a_person(), birth_place=None, birth_country="398", talon=TALON, documentation_code="DC-1", region="71",
        point="71-01", photo=file, signature_sample=file, canonical_sha256="0" * 64, cms="",
    )  # fmt: skip
    return ReviewApproved(
        application_id=APPLICATION, decision_id=f"d-{round}", round=round, officer_id="17", region="71",
        point="71-01", talon=TALON, certified=Sealed(certified),
    )  # fmt: skip


def annulled(round: int = 1) -> ReviewAnnulled:
    return ReviewAnnulled(
        application_id=APPLICATION, decision_id=f"d-{round}", round=round, officer_id="17", ground=AnnulmentGround.PHOTO
    )


def closed(ending: Ending) -> ApplicationClosed:
    return ApplicationClosed(application_id=APPLICATION, ending=ending, closed_at=IN_2025)


def cancel(cause: RefundCause = RefundCause.ANNULLED) -> CancelInvoice:
    return CancelInvoice(application_id=APPLICATION, cause=cause)


def changed(number: int = 2, holder: str = IIN) -> RefundAccountChanged:
    return RefundAccountChanged(application_id=APPLICATION, refund_account=Sealed(account(number, holder)))


def receipt(id: str = "R-1", amount: int = FEE, invoice_id: str = "INV-1", at: datetime = IN_2025) -> ReportReceipt:
    return ReportReceipt(application_id=APPLICATION, invoice_id=invoice_id, receipt_id=id, amount=amount, paid_at=at)


def a_run(outside: Outside, started: datetime = IN_2025, **given: Any) -> Run:
    return Run(SERVICE, world=outside.world(), started=started, **given)


async def charged(
    outside: Outside, started: datetime = IN_2025, holds: RefundAccount | None = OWN, **given: Any
) -> Run:
    """Registered, identified, formed; whatever is due has been asked for."""
    run = await a_run(outside, started, **given).hear_all((identity(), form(holds=holds), registered()))
    return await run.let_pass(timedelta(seconds=1))


def sums(run: Run) -> dict[Account, int]:
    """The accounts of the ledger; they always sum to zero."""
    found = balances(run.appended_of(Entry))
    assert sum(found.values()) == 0
    return {account: amount for account, amount in found.items() if amount}
