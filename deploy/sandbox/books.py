"""What the outside systems themselves hold and count: ids, sums and standings, no person's data.

Made of the sandbox's state in the same interpreter, or read from its `/control/books`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from deploy.sandbox.systems.state import State


class Talon(NamedTuple):
    """A registration in РП ДРН, in the order of registering; `firm`: it refuses the recall. `stages` as it was told."""

    number: str
    application_id: str
    recalled: bool
    firm: bool
    stages: tuple[str, ...]


class Invoice(NamedTuple):
    """At the payment gateway; `amount` is what was asked, in whole tenge."""

    id: str
    application_id: str
    standing: str
    amount: int


class Receipt(NamedTuple):
    """Money that came to the gateway."""

    id: str
    invoice_id: str
    amount: int


class Refund(NamedTuple):
    """A case at the revenue authority: how often it was filed, and every pay-out."""

    case_id: str
    receipt_id: str
    amount: int
    filings: int
    paid: tuple[int, ...]


class Order(NamedTuple):
    """At the central node; `made` counts cards, `pending` is a card still on its way."""

    id: str
    application_id: str
    standing: str
    made: int
    pending: bool


class Session(NamedTuple):
    """Of Digital-ID; `open`: nobody has come to it and nobody has cancelled it, `until` then it expires by itself."""

    application_id: str
    open: bool
    until: datetime


class Books(NamedTuple):
    """`sms` and `mails` are the ids of what was taken; `mails` is None where nobody keeps them."""

    talons: tuple[Talon, ...]
    invoices: tuple[Invoice, ...]
    receipts: tuple[Receipt, ...]
    refunds: tuple[Refund, ...]
    orders: tuple[Order, ...]
    sessions: tuple[Session, ...]
    sms: tuple[str, ...]
    mails: tuple[str, ...] | None = None


BOOKS = TypeAdapter(Books)
ATTEMPTS = range(1, 6)
"""Of an identification: a session is found by application and attempt."""


def books_of(state: State, now: datetime, mails: tuple[str, ...] | None = None) -> Books:
    """Everything the systems of that sandbox hold at that business time."""
    gateway, revenue, ground = state.gateway_system, state.revenue_authority, state.ground
    paid: dict[str, list[int]] = {}
    for payout in revenue.payouts(now):
        paid.setdefault(payout.case_id, []).append(payout.amount)
    return Books(
        talons=tuple(
            Talon(
                held.talon, held.application_id, held.recalled, ground.treatment_of(held.application_id).recall_refused,
                tuple(str(stage["stage"]) for stage in held.stages),
            )
            for held in state.registry.talons.values()
        ),
        invoices=tuple(
            Invoice(one.id, one.application_id, one.status.value, one.amount) for one in gateway.invoices.values()
        ),
        receipts=tuple(
            Receipt(receipt.id, invoice.id, receipt.amount)
            for invoice in gateway.invoices.values()
            for receipt in invoice.receipts
        ),
        refunds=tuple(
            Refund(case.id, case.receipt_id, case.amount, case.filings, tuple(paid.get(case.id, ())))
            for case in revenue.cases.values()
        ),
        orders=tuple(
            Order(order.id, order.application_id, order.standing.value, order.made, order.next is not None)
            for order in state.production.orders.values()
        ),
        sessions=tuple(_sessions(state)),
        sms=tuple(state.sms_gateway.messages),
        mails=mails,
    )  # fmt: skip


def _sessions(state: State) -> list[Session]:
    ground, sessions = state.ground, state.digital_id_system.sessions
    found = []
    for id in ground.courses:
        for attempt in ATTEMPTS:
            session = sessions.get(ground.secret(f"session {id}/{attempt}")[:32])
            if session is not None:
                untouched = session.visited_at is None and not session.cancelled
                until = session.opened_at + ground.pace.session_expires
                found.append(Session(str(id), untouched, until))
    return found
