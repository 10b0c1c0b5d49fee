"""Money neither appears nor vanishes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment import ledger
from services.payment.ledger import Account, Booking, FeeGround, Unbalanced
from tests.services.running import APPLICATION

GROUND = FeeGround("CARD_2025", "tax-code-2017-art-615", "108126")


@pytest.mark.parametrize(
    "lines",
    [
        ((Account.TREASURY, 786),),
        ((Account.TREASURY, 786), (Account.SUSPENSE, -785)),
        ((Account.TREASURY, 786), (Account.TREASURY, -786)),
        ((Account.TREASURY, 0), (Account.SUSPENSE, 0)),
        ((Account.TREASURY, 786.0), (Account.SUSPENSE, -786.0)),
        (),
    ],
)
def test_a_booking_that_is_not_balanced_in_whole_tenge_is_none(lines: tuple[tuple[Account, int], ...]) -> None:
    with pytest.raises(Unbalanced):
        Booking(APPLICATION, "b", lines, GROUND)


def test_a_line_bears_rule_norm_and_budget_code() -> None:
    for entry in ledger.claimed(APPLICATION, 1, 786, GROUND):
        assert (entry.rule, entry.legal_ground, entry.kbk) == ("CARD_2025", "tax-code-2017-art-615", "108126")


def test_every_line_has_a_name_that_may_stand_once() -> None:
    lines = (
        *ledger.claimed(APPLICATION, 1, 786, GROUND), *ledger.dropped(APPLICATION, 1, 786, GROUND),
        *ledger.claimed(APPLICATION, 2, 865, GROUND), *ledger.received(APPLICATION, "R-1", 900, 865, GROUND),
        *ledger.received(APPLICATION, "R-2", 1, 0, GROUND), *ledger.earned(APPLICATION, 865, GROUND),
        *ledger.owed(APPLICATION, "c-1", 865, True, GROUND), *ledger.paid_back(APPLICATION, "c-1", 865, GROUND),
        *ledger.kept_back(APPLICATION, "c-2", 35, GROUND),
    )  # fmt: skip
    assert len({line.external_id for line in lines}) == len(lines)


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_what_comes_is_split_to_the_tenge(amount: int, fee: int) -> None:
    fee = min(fee, amount)
    found = ledger.balances(ledger.received(APPLICATION, "R", amount, fee, GROUND))
    assert sum(found.values()) == 0
    assert (found[Account.TREASURY], found[Account.RECEIVABLE], found[Account.REFUND_DUE]) == (
        amount, -fee, fee - amount
    )  # fmt: skip
