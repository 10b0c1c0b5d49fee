"""The payment gateway of the electronic government: invoices, receipts, its page, its signed call-back (S15).

Money is never turned away: it may come late, twice, in another sum, and to a cancelled invoice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from deploy.sandbox.systems.ground import Callback, Ground, Plain, Refused, Said, day_of, need, whole
from deploy.sandbox.systems.paging import days_of, page_of


class Standing(StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


@dataclass(slots=True)
class Receipt:
    id: str
    amount: int
    paid_at: datetime

    def shown(self) -> Plain:
        return {"receipt_id": self.id, "amount": self.amount, "paid_at": self.paid_at.isoformat()}


@dataclass(slots=True)
class Invoice:
    id: str
    application_id: str
    talon: str
    amount: int
    opened_at: datetime
    status: Standing = Standing.OPEN
    receipts: list[Receipt] = field(default_factory=list)
    callback_url: str | None = None
    until: str | None = None
    unknown_answers: int = 0

    def shown(self) -> Plain:
        return {
            "invoice_id": self.id,
            "status": self.status.value,
            "amount": self.amount,
            "receipts": [receipt.shown() for receipt in self.receipts],
        }


@dataclass(slots=True)
class Gateway:
    ground: Ground
    invoices: dict[str, Invoice] = field(default_factory=dict)
    receipts: dict[str, Invoice] = field(default_factory=dict)
    keyed: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    number: int = 0

    def ask(self, method: str, path: str, said: Said, now: datetime) -> Plain | None:
        """`GET /invoices/{id}`, `POST /invoices/{id}/terms`, `POST …/cancel`, `POST /pay/{id}`, `GET /statement?from=
        &to=&page=` (days); None: not found.
        """
        match (method, *path.strip("/").split("/")):
            case ("GET", "statement"):
                return self._statement(said)
            case ("GET", "invoices", id) if id in self.invoices:
                return self.invoices[id].shown()
            case ("POST", "invoices", id, "terms") if id in self.invoices:
                return self._terms(self.invoices[id], said)
            case ("POST", "invoices", id, "cancel") if id in self.invoices:
                return self._cancel(self.invoices[id], said)
            case ("POST", "pay", id) if id in self.invoices:
                return self.pay(id, whole(said, "amount"), now, str(said.get("key") or "")).shown()
        return None

    def open(self, key: str, application_id: str, talon: str, amount: int, now: datetime) -> Invoice:
        """РП ДРН sets an invoice; the same key is the same invoice."""
        id = f"INV-{self.ground.secret(f'invoice {talon} {key}')[:16].upper()}"
        if id not in self.invoices:
            self.invoices[id] = Invoice(id, application_id, talon, amount, now)
        return self.invoices[id]

    def page(self, invoice_id: str) -> str:
        """Where the citizen pays."""
        return f"{self.ground.base}/gateway/pay/{invoice_id}"

    def pay(self, invoice_id: str, amount: int, now: datetime, key: str = "", *, tells: bool = True) -> Receipt:
        """Money comes; the same key is the same payment; without `tells` no call-back is ever made. Raises `Refused`
        for a sum that is none.
        """
        if key and (invoice_id, key) in self.keyed:
            return self.keyed[(invoice_id, key)]
        if not 0 < amount < 10_000_000:
            raise Refused("BAD_AMOUNT", 422)
        invoice = self.invoices[invoice_id]
        self.number += 1
        receipt = Receipt(f"RC-{self.number:010}", amount, now)
        invoice.receipts.append(receipt)
        if key:
            self.keyed[(invoice_id, key)] = receipt
        self.receipts[receipt.id] = invoice
        if invoice.status is Standing.OPEN and amount >= invoice.amount:
            invoice.status = Standing.PAID
        if tells:
            self._tell(invoice, receipt, now + self.ground.pace.call_back)
        return receipt

    def tell_again(self, receipt_id: str, now: datetime) -> None:
        """The same call-back once more, as a gateway does that has lost the answer."""
        self._tell(self.receipts[receipt_id], self.receipt(receipt_id), now + timedelta(seconds=1))

    def receipt(self, receipt_id: str) -> Receipt:
        """Raises `KeyError`."""
        return next(each for each in self.receipts[receipt_id].receipts if each.id == receipt_id)

    def forget(self, receipt_id: str) -> None:
        """As if it had never come. Raises `KeyError`."""
        invoice = self.receipts.pop(receipt_id)
        invoice.receipts = [receipt for receipt in invoice.receipts if receipt.id != receipt_id]

    def _statement(self, said: Said) -> Plain:
        first, last = days_of(said)
        rows = [
            {**receipt.shown(), "invoice_id": invoice.id}
            for receipt, invoice in ((self.receipt(id), invoice) for id, invoice in self.receipts.items())
            if first <= day_of(receipt.paid_at) <= last
        ]
        shown, next_page = page_of(rows, said)
        return {"receipts": shown, "next": next_page}

    def _terms(self, invoice: Invoice, said: Said) -> Plain:
        invoice.callback_url, invoice.until = need(said, "callback_url", "until")
        return invoice.shown()

    def _cancel(self, invoice: Invoice, said: Said) -> Plain:
        need(said, "key")
        if invoice.unknown_answers < self.ground.treatment_of(invoice.application_id).cancel_unknown:
            invoice.unknown_answers += 1
            return {**invoice.shown(), "status": "UNKNOWN"}
        if invoice.status is Standing.OPEN:
            invoice.status = Standing.CANCELLED
        return invoice.shown()

    def _tell(self, invoice: Invoice, receipt: Receipt, at: datetime) -> None:
        body = {
            "callback_id": self.ground.id(f"receipt {receipt.id}"),
            "invoice_id": invoice.id,
            **receipt.shown(),
        }
        url = invoice.callback_url
        self.ground.owe(Callback("payment", "/callbacks/payment", body, "gateway.key", at, url))
