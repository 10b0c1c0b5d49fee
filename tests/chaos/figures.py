"""What chaos did to the citizens, counted from outside: the portal's own list, the gateway's and the authority's books.

An application is what the broker has taken a start of. All that is counted here is to be zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.sandbox.books import Books, Invoice, Receipt, Refund
from deploy.sandbox.portal.acts import BESIDE
from shared.contracts.values import Ending

KEPT = (Ending.ISSUED, Ending.NOT_COLLECTED)
"""The endings whose fee is the state's: once."""

Row = Mapping[str, Any]


def applications(rows: Sequence[Row], given_up: Sequence[str]) -> list[Row]:
    """What the portal has had confirmed. A start beside a live application is none: it is led back to that one."""
    refused = {line.partition(" Start: ")[0] for line in given_up if " Start: " in line}
    return [row for row in rows if row["course"] != BESIDE and row["citizen"] not in refused]


def lost(accepted: Sequence[Row]) -> list[str]:
    """Neither an ending is shown, nor the refusal at the door where the story has one."""
    return [
        str(row["application_id"])
        for row in accepted
        if (row["ending"] is None if row["expected"] is not None else row["code"] is None)
    ]


@dataclass(frozen=True, slots=True)
class Account:
    """The money of one application. `paid` is what the revenue authority has paid out, by receipt."""

    application_id: str
    receipts: tuple[Receipt, ...]
    fees: Mapping[str, int]
    paid: Mapping[str, tuple[int, ...]]

    def kept(self, receipt: Receipt) -> int:
        return receipt.amount - sum(self.paid.get(receipt.id, ()))

    def earned(self, ending: Ending | None) -> Receipt | None:
        """The one receipt that is to be kept, up to its fee: the one that has come nearest to it."""
        if ending not in KEPT:
            return None
        enough = [each for each in self.receipts if each.amount >= self.fees[each.id]]
        return min(enough, key=lambda each: abs(self.kept(each) - self.fees[each.id]), default=None)

    def due(self, receipt: Receipt, ending: Ending | None) -> int:
        """What of it is to go back to the citizen."""
        return receipt.amount - (self.fees[receipt.id] if receipt is self.earned(ending) else 0)


def accounts(books: Books) -> Iterator[Account]:
    """One for each application that has paid anything."""
    invoices: dict[str, Invoice] = {invoice.id: invoice for invoice in books.invoices}
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for refund in books.refunds:
        refunds[refund.receipt_id].append(refund)
    by_application: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in books.receipts:
        by_application[invoices[receipt.invoice_id].application_id].append(receipt)
    for id, receipts in by_application.items():
        fees = {each.id: invoices[each.invoice_id].amount for each in receipts}
        paid = {each.id: tuple(sum for refund in refunds[each.id] for sum in refund.paid) for each in receipts}
        yield Account(id, tuple(receipts), fees, paid)


def double_charged(books: Books) -> list[str]:
    """More than one receipt was kept, or the fee was taken on more than one invoice."""
    return [
        account.application_id
        for account in accounts(books)
        if sum(account.kept(each) > 0 for each in account.receipts) > 1
        or len({each.invoice_id for each in account.receipts}) > 1
    ]


def refunds_missing(books: Books, endings: Mapping[str, Ending | None], lawful: Collection[str]) -> list[str]:
    """Receipts of which less went back than was due; `lawful`: applications whose refund the law refuses."""
    return [
        f"{account.application_id}: receipt {each.id}"
        for account in accounts(books)
        if account.application_id not in lawful
        for each in account.receipts
        if sum(account.paid[each.id]) < account.due(each, endings.get(account.application_id))
    ]


def refunds_doubled(books: Books, endings: Mapping[str, Ending | None]) -> list[str]:
    """Receipts of which more was paid out than was due, and cases paid or filed more than once."""
    twice = {refund.receipt_id for refund in books.refunds if len(refund.paid) > 1 or refund.filings > 1}
    return [
        f"{account.application_id}: receipt {each.id}"
        for account in accounts(books)
        for each in account.receipts
        if each.id in twice or sum(account.paid[each.id]) > account.due(each, endings.get(account.application_id))
    ]
