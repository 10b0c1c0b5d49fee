"""Who knocks at payment: the gateway with its signed call-back, and operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.routing import BaseRoute

from services.payment.desk import reconciliation_endpoints
from services.payment.invoice import CasePhase, Invoice, Phase, Why
from services.payment.messages import ReleaseInvoice, ReportReceipt
from services.payment.records import Records
from services.payment.store import find_application
from shared.contracts.payment import RefundCause
from shared.engine.engine import Engine
from shared.engine.work import Result
from shared.web.forgeries import noting
from shared.web.officers import Officers, Role, officer_of
from shared.web.openapi import Endpoint, routes_of
from shared.web.problems import conflict, not_found
from shared.web.signed import signed_with

GATEWAY_KEY = "gateway.key"


class Held(BaseModel):
    """An invoice that waits for operations; no personal data."""

    model_config = ConfigDict(frozen=True)

    application_id: UUID
    round: int
    held_for: str
    invoice_id: str
    fee: int
    assessed_on: date | None


class HeldInvoices(BaseModel):
    held: tuple[Held, ...]


class Queue(Protocol):
    """Where what is held is read."""

    async def held(self) -> list[Held]: ...


class ReceiptReported(BaseModel):
    """The gateway's call-back: `amount` in whole tenge, `paid_at` with its zone."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    callback_id: str = Field(min_length=1, max_length=80)
    invoice_id: str = Field(min_length=1, max_length=128)
    receipt_id: str = Field(min_length=1, max_length=80)
    amount: int = Field(gt=0, le=10**9, strict=True)
    paid_at: AwareDatetime


class Taken(BaseModel):
    receipt_id: str


class ReceiptShown(BaseModel):
    receipt_id: str
    invoice_id: str
    amount: int
    paid_at: datetime
    cause: RefundCause | None


class CaseShown(BaseModel):
    case_id: str
    receipt_id: str
    amount: int
    cause: RefundCause
    phase: CasePhase
    due_on: date | None
    overdue: bool
    reason: str


class InvoiceShown(BaseModel):
    """What operations may see: money and its state; never the person, an account or the category of an exemption."""

    application_id: UUID
    phase: Phase
    why: Why | None
    round: int
    held_for: str
    invoice_id: str
    fee: int
    rule: str
    legal_ground: str
    kbk: str
    until: datetime | None
    earned: bool
    receipts: tuple[ReceiptShown, ...]
    cases: tuple[CaseShown, ...]


def shown(invoice: Invoice) -> InvoiceShown:
    names = {name: getattr(invoice, name) for name in InvoiceShown.model_fields if name not in ("receipts", "cases")}
    return InvoiceShown(
        **names,
        receipts=tuple(
            ReceiptShown(**{name: getattr(one, name) for name in ReceiptShown.model_fields}) for one in invoice.receipts
        ),
        cases=tuple(
            CaseShown(**{name: getattr(one, name) for name in CaseShown.model_fields}) for one in invoice.cases
        ),
    )


@dataclass(frozen=True, slots=True)
class Counter:
    """The HTTP side of payment."""

    engine: Engine
    queue: Queue

    async def take_receipt(self, request: Request, told: ReceiptReported) -> Taken:
        """404 while the invoice is not known here: the gateway keeps the money and calls again."""
        application_id = await find_application(self.engine.ports.store, told.invoice_id)
        if application_id is None:
            raise not_found("No invoice of this id is known yet.")
        message = ReportReceipt(
            application_id=application_id, invoice_id=told.invoice_id, receipt_id=told.receipt_id, amount=told.amount,
            paid_at=told.paid_at,
        )  # fmt: skip
        await self.engine.act(message, f"callback/{told.callback_id}/{told.receipt_id}")
        return Taken(receipt_id=told.receipt_id)

    async def show(self, request: Request) -> InvoiceShown:
        return shown(await self._invoice(request))

    async def list_held(self, request: Request) -> HeldInvoices:
        return HeldInvoices(held=tuple(await self.queue.held()))

    async def release(self, request: Request) -> InvoiceShown:
        """The round makes the id: released twice is released once."""
        invoice = await self._invoice(request)
        if invoice.phase is not Phase.HELD:
            raise conflict("This invoice is not held.", "NOT_HELD")
        message = ReleaseInvoice(
            application_id=invoice.application_id, round=invoice.round, officer=officer_of(request).id
        )
        outcome = await self.engine.act(message, f"release/{invoice.application_id}/{invoice.round}")
        if outcome.result is Result.DONE and not outcome.reply:
            raise conflict("This invoice is not held.", "NOT_HELD")
        return shown(await self._invoice(request))

    async def _invoice(self, request: Request) -> Invoice:
        invoice: Invoice = await self.engine.read(request.path_params["id"])
        if invoice == Invoice(invoice.application_id):
            raise not_found("Payment knows of no such application.")
        return invoice


def payment_routes(engine: Engine, queue: Queue, records: Records, key_folder: Path) -> list[BaseRoute]:
    """The routes, `/openapi.json` and `/docs`."""
    counter = Counter(engine, queue)
    operations = Officers(key_folder).allow(Role.OPERATIONS)
    endpoints = (
        Endpoint(
            "POST", "/callbacks/payment", counter.take_receipt, ReceiptReported, Taken,
            "The gateway tells of a receipt (S15)", (401, 404), checks=signed_with(key_folder / GATEWAY_KEY),
            notes=noting(engine, "the payment gateway"), secured="signature",
        ),
        Endpoint(
            "GET", "/invoices/{id:uuid}", counter.show, None, InvoiceShown, "Invoice, receipts and refund cases",
            (401, 403, 404), allows=operations, secured="bearer",
        ),
        Endpoint(
            "GET", "/operations/held", counter.list_held, None, HeldInvoices, "Invoices held for operations",
            (401, 403), allows=operations, secured="bearer",
        ),
        Endpoint(
            "POST", "/operations/release/{id:uuid}", counter.release, None, InvoiceShown,
            "What it was held for is mended: S14, S15 again", (401, 403, 404, 409), 202, allows=operations,
            secured="bearer",
        ),
        *reconciliation_endpoints(engine, records, key_folder),
    )  # fmt: skip
    return [*routes_of(endpoints, "Payment")]
