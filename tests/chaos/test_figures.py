"""The last line's figures find what they count, by the books of the outside alone."""

from __future__ import annotations

from typing import Any

from deploy.sandbox.books import Books, Invoice, Receipt, Refund
from deploy.sandbox.portal.acts import BESIDE
from shared.contracts.values import Ending
from tests.chaos.figures import applications, double_charged, lost, refunds_doubled, refunds_missing

FEE = 1_000


def row(id: str, ending: str | None, expected: str | None = "issued", **more: Any) -> dict[str, Any]:
    return {
        "application_id": id, "citizen": f"plain/{id}", "course": 0, "ending": ending, "expected": expected,
        "code": "CODE", **more,
    }  # fmt: skip


def books(*receipts: Receipt, refunds: tuple[Refund, ...] = (), invoices: int = 1) -> Books:
    opened = tuple(Invoice(f"I{number}", "a", "PAID", FEE) for number in range(1, invoices + 1))
    return Books((), opened, receipts, refunds, (), (), ())


def refund(receipt: str, *paid: int, filings: int = 1) -> Refund:
    return Refund(f"case of {receipt}", receipt, sum(paid), filings, paid)


def is_in_order(found: Books, endings: dict[str, Ending | None]) -> bool:
    wrong = (double_charged(found), refunds_missing(found, endings, ()), refunds_doubled(found, endings))
    return not any(wrong)


ONE, OTHER = Receipt("R1", "I1", FEE), Receipt("R2", "I1", FEE)
ISSUED: dict[str, Ending | None] = {"a": Ending.ISSUED}
ANNULLED: dict[str, Ending | None] = {"a": Ending.ANNULLED}


def test_an_application_is_what_the_broker_has_taken() -> None:
    rows = [row("1", None), row("2", None), row("3", None, course=BESIDE)]
    assert applications(rows, ["plain/2 Start: 90 tries", "plain/1 Sign: 90 tries"]) == rows[:1]


def test_what_has_neither_ending_nor_refusal_is_lost() -> None:
    at_the_door = [row("4", None, None), row("5", None, None, code=None)]
    assert lost([row("1", "issued"), row("2", None), row("3", "refused"), *at_the_door]) == ["2", "5"]


def test_a_fee_paid_once_and_earned_is_in_order() -> None:
    assert is_in_order(books(ONE), ISSUED)


def test_a_second_receipt_goes_back_and_no_more() -> None:
    assert is_in_order(books(ONE, OTHER, refunds=(refund("R2", FEE),)), ISSUED)
    assert double_charged(books(ONE, OTHER)) == ["a"]
    assert refunds_missing(books(ONE, OTHER), ISSUED, ()) == ["a: receipt R2"]
    both = books(ONE, OTHER, refunds=(refund("R1", FEE), refund("R2", FEE)))
    assert len(refunds_doubled(both, ISSUED)) == 1


def test_a_fee_taken_on_two_invoices_is_a_double_charge_also_when_it_went_back() -> None:
    found = books(ONE, Receipt("R2", "I2", FEE), refunds=(refund("R2", FEE),), invoices=2)
    assert double_charged(found) == ["a"]


def test_an_excess_goes_back_alone() -> None:
    over = Receipt("R1", "I1", FEE + 214)
    assert not refunds_missing(books(over, refunds=(refund("R1", 214),)), ISSUED, ())
    assert refunds_missing(books(over), ISSUED, ()) == ["a: receipt R1"]
    assert refunds_doubled(books(over, refunds=(refund("R1", FEE + 214),)), ISSUED) == ["a: receipt R1"]


def test_what_was_annulled_goes_back_unless_the_law_refuses() -> None:
    assert refunds_missing(books(ONE), ANNULLED, ()) == ["a: receipt R1"]
    assert not refunds_missing(books(ONE), ANNULLED, ("a",))
    assert not refunds_missing(books(ONE, refunds=(refund("R1", FEE),)), ANNULLED, ())


def test_a_case_paid_or_filed_twice_is_doubled() -> None:
    assert refunds_doubled(books(ONE, refunds=(refund("R1", FEE, FEE, filings=2),)), ANNULLED) == ["a: receipt R1"]
    assert refunds_doubled(books(ONE, refunds=(refund("R1", filings=2),)), ANNULLED) == ["a: receipt R1"]
