"""АИС СИК, РП ДРН, the payment gateway, the revenue authority: as payment sees them, and over the wire."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from services.payment.answers import (
    Incoming,
    InvoiceStanding,
    InvoiceStatus,
    IssuedInvoice,
    RefundClaim,
    RefundStanding,
    RefundStatus,
)
from services.payment.books import Books
from services.payment.notice import Notice, drawn
from services.payment.statement import Period, RevenueStatement, StatedCase, StatedPayout, StatedReceipt
from services.payment.wire import (
    GatewayPage,
    InvoiceAnswer,
    RefundAnswer,
    RevenuePage,
    SocialAnswer,
    StandingAnswer,
    pages,
    understood,
)
from shared.contracts.identity_verification import ConsentToken
from shared.contracts.values import RefundAccount
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import INVOICE, STATUSES
from shared.gateways.consents import Renewed
from shared.gateways.policies import POLICIES
from shared.gateways.rest import Rest
from shared.gateways.shep import Shep
from shared.law.exemptions import SocialStatus

SOCIAL, REGISTRY, GATEWAY, REVENUE = (POLICIES[n] for n in ("aissik", "rpdrn", "payment-gateway", "revenue"))


class SocialRegister(Protocol):
    """АИС СИК. Raises `Unavailable("aissik")`, and `ConsentRefused` for a token that it does not take."""

    async def statuses_of(self, iin: str, day: date, consent: ConsentToken, ask: str) -> tuple[SocialStatus, ...]: ...


class InvoiceRegister(Protocol):
    """РП ДРН; the same `key` is the same invoice. Raises `Unavailable("rpdrn")`."""

    async def invoice(self, talon: str, key: str) -> IssuedInvoice: ...


class PaymentGateway(Protocol):
    """Raises `Unavailable("payment-gateway")`."""

    async def set_terms(self, invoice_id: str, until: datetime) -> None: ...
    async def inquire(self, invoice_id: str) -> InvoiceStanding: ...
    async def cancel(self, invoice_id: str, key: str) -> InvoiceStanding: ...
    async def statement(self, period: Period) -> tuple[StatedReceipt, ...]: ...


class ConsentRenewals(Protocol):
    """КДП, when a token is taken no more. Raises `Unavailable("kdp")`."""

    async def renew(
        self, access_name: str, request_id: str, iin: str, lifetime: timedelta, at: datetime
    ) -> Renewed: ...


class RevenueAuthority(Protocol):
    """Promises no idempotency: inquire before filing. Raises `Unavailable("revenue")`."""

    async def inquire(self, case_id: str) -> RefundStanding: ...
    async def file(self, claim: RefundClaim) -> None: ...
    async def correct(self, case_id: str, account: RefundAccount) -> None: ...
    async def statement(self, period: Period) -> RevenueStatement: ...


def _unheard(what: str, **told: object) -> None:
    """Where nobody watches a log."""


@dataclass(frozen=True, slots=True)
class World:
    """The five systems; `books` are our own as reconciliation reads them; `alarm` is a line of the log for whoever is
    on watch.
    """

    social: SocialRegister
    registry: InvoiceRegister
    gateway: PaymentGateway
    revenue: RevenueAuthority
    books: Books
    renewals: ConsentRenewals
    alarm: Callable[..., None] = _unheard


@dataclass(frozen=True, slots=True)
class ShepRegisters:
    """АИС СИК and РП ДРН through ШЭП; `now` is machine time."""

    shep: Shep
    now: Callable[[], datetime]

    async def statuses_of(self, iin: str, day: date, consent: ConsentToken, ask: str) -> tuple[SocialStatus, ...]:
        data = {"iin": iin, "date": day.isoformat(), "kdpToken": consent.token, "publicKey": consent.public_key}
        answer = await self.shep.ask(STATUSES, data, ask, self.now())
        found = understood(SocialAnswer, answer, SOCIAL.dependency)
        if found.day != day:
            raise Unavailable(SOCIAL.dependency)
        return tuple(SocialStatus(status.code, status.date_from, status.date_to) for status in found.status)

    async def invoice(self, talon: str, key: str) -> IssuedInvoice:
        answer = await self.shep.ask(INVOICE, {"talonNumber": talon, "key": key}, key, self.now())
        found = understood(InvoiceAnswer, answer, REGISTRY.dependency)
        return IssuedInvoice(found.invoice_id, found.amount, found.kbk, found.pay_url)


@dataclass(frozen=True, slots=True)
class RestGateway:
    """The payment gateway; it calls back at `callback_url`."""

    rest: Rest
    callback_url: str

    async def set_terms(self, invoice_id: str, until: datetime) -> None:
        await self.rest.post(
            f"/invoices/{invoice_id}/terms", {"callback_url": self.callback_url, "until": until.isoformat()}
        )
        if (await self.inquire(invoice_id)).status is InvoiceStatus.UNKNOWN:
            raise Unavailable(GATEWAY.dependency)  # РП ДРН has made it, the gateway does not know it yet

    async def inquire(self, invoice_id: str) -> InvoiceStanding:
        return self._standing(await self.rest.get(f"/invoices/{invoice_id}"))

    async def cancel(self, invoice_id: str, key: str) -> InvoiceStanding:
        return self._standing(await self.rest.post(f"/invoices/{invoice_id}/cancel", {"key": key}))

    async def statement(self, period: Period) -> tuple[StatedReceipt, ...]:
        """Every receipt of those days, to whichever invoice it came."""
        found = [page async for page in pages(self.rest, period, GatewayPage, GATEWAY.dependency)]
        return tuple(
            StatedReceipt(one.receipt_id, one.invoice_id, one.amount, one.paid_at)
            for page in found
            for one in page.receipts
        )

    def _standing(self, answer: Any) -> InvoiceStanding:
        found = understood(StandingAnswer, answer, GATEWAY.dependency)
        return InvoiceStanding(
            found.status, tuple(Incoming(one.receipt_id, one.amount, one.paid_at) for one in found.receipts)
        )


@dataclass(frozen=True, slots=True)
class RestRevenue:
    """`draw` makes the paper of a notice, in a thread beside the loop."""

    rest: Rest
    draw: Callable[[Notice], bytes] = drawn

    async def inquire(self, case_id: str) -> RefundStanding:
        found = understood(RefundAnswer, await self.rest.get(f"/refunds/{case_id}"), REVENUE.dependency)
        return RefundStanding(
            found.status, found.accepted_on, found.reason or "", found.correctable, found.payout_id or "", found.paid_on
        )

    async def file(self, claim: RefundClaim) -> None:
        notice = {"cause": claim.cause.value, **(await self._papers(claim.notice) if claim.notice else {})}
        answer = await self.rest.post(
            "/refunds",
            {
                "key": claim.case_id, "amount": claim.amount, "iban": claim.account.iban,
                "holder_iin": claim.account.holder_iin, "receipt_id": claim.receipt_id, "ground": claim.cause.value,
                "notice": notice,
            },
            once=True,  # it promises no idempotency: who cannot tell whether it was filed inquires
        )  # fmt: skip
        if understood(RefundAnswer, answer, REVENUE.dependency).status is RefundStatus.UNKNOWN:
            raise Unavailable(REVENUE.dependency)

    async def _papers(self, notice: Notice) -> dict[str, Any]:
        """The notice as data and, in base64, as the paper; both hold together by its SHA-256."""
        paper = await asyncio.to_thread(self.draw, notice)
        return notice.told() | {"sha256": sha256(paper).hexdigest(), "pdf": b64encode(paper).decode()}

    async def correct(self, case_id: str, account: RefundAccount) -> None:
        await self.rest.put(f"/refunds/{case_id}/account", {"iban": account.iban, "holder_iin": account.holder_iin})

    async def statement(self, period: Period) -> RevenueStatement:
        """Every case filed and every pay-out made on those days."""
        found = [page async for page in pages(self.rest, period, RevenuePage, REVENUE.dependency)]
        return RevenueStatement(
            tuple(StatedCase(one.case_id, one.amount, one.filed_at) for page in found for one in page.cases),
            tuple(
                StatedPayout(one.payout_id, one.case_id, one.amount, one.paid_on)
                for page in found
                for one in page.payouts
            ),
        )
