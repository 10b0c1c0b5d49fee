"""Accounts a refund may go to."""

from __future__ import annotations

import pytest

from shared.law.iban import is_iban, with_check_digits


def test_an_account_of_a_bank_of_kazakhstan_is_known_by_its_check_digits() -> None:
    assert is_iban("KZ86125KZT5004100100")
    assert with_check_digits("125", "KZT5004100100") == "KZ86125KZT5004100100"


@pytest.mark.parametrize(
    "written",
    [
        "KZ87125KZT5004100100", "KZ86125KZT5004100101", "KZ86 125K ZT50 0410 0100", "kz86125kzt5004100100",
        "DE89370400440532013000", "KZ86125KZT500410010", "KZ86125KZT5004100100\n", "", "KZ8612AKZT5004100100",
    ],
)  # fmt: skip
def test_anything_else_is_no_account(written: str) -> None:
    assert not is_iban(written)
