from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law.dated import NotInForce
from shared.law.exemptions import Category, SocialStatus, exempt_on, exemption_ground
from shared.law.fees import RATES, fee_on, table_version
from shared.law.pilot import Reason
from shared.law.tax_code import Norm, wording

LAST_OF_2025, FIRST_OF_2026 = date(2025, 12, 31), date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "reason", "tenge", "rule"),
    [
        (date(2024, 6, 1), Reason.EXPIRY, 738, "CARD_2024"),
        (date(2025, 5, 28), Reason.EXPIRY, 786, "CARD_2025"),
        (LAST_OF_2025, Reason.EXPIRY, 786, "CARD_2025"),
        (FIRST_OF_2026, Reason.EXPIRY, 0, "EXPIRY_2026_FREE"),
        (FIRST_OF_2026, Reason.FIRST, 0, "EXPIRY_2026_FREE"),
        (FIRST_OF_2026, Reason.DAMAGE, 865, "CARD_2026"),
        (date(2027, 1, 1), Reason.EXPIRY, 0, "EXPIRY_2026_FREE"),
    ],
)
def test_the_duty_is_that_of_the_day_of_payment(day: date, reason: Reason, tenge: int, rule: str) -> None:
    fee = fee_on(day, reason)
    assert (fee.amount, fee.rule, fee.kbk) == (tenge, rule, "108126")
    assert fee.valid_from <= day
    assert fee.valid_until is None or day <= fee.valid_until


def test_the_new_code_takes_over_with_the_year() -> None:
    assert fee_on(LAST_OF_2025, Reason.EXPIRY).legal_ground is Norm.RATE_2017
    assert fee_on(FIRST_OF_2026, Reason.EXPIRY).legal_ground is Norm.RATE_2025
    assert exemption_ground(LAST_OF_2025) is Norm.EXEMPTION_2017
    assert exemption_ground(FIRST_OF_2026) is Norm.EXEMPTION_2025


@pytest.mark.parametrize("norm", Norm)
def test_every_norm_can_be_named_in_both_languages(norm: Norm) -> None:
    assert wording(norm, "ru") != wording(norm, "kk")


def test_an_unknown_year_is_an_error_not_a_guess() -> None:
    with pytest.raises(NotInForce):
        fee_on(date(2027, 1, 1), Reason.DAMAGE)


def test_an_invoice_of_the_old_year_dies_with_it() -> None:
    assert table_version(date(2025, 6, 1)) == table_version(LAST_OF_2025)
    assert table_version(LAST_OF_2025) != table_version(FIRST_OF_2026)


def test_an_edited_line_kills_the_invoices_too() -> None:
    dearer = tuple(replace(rate, index=rate.index + 1) for rate in RATES)
    assert table_version(LAST_OF_2025) != table_version(LAST_OF_2025, dearer)


def test_the_version_is_the_same_in_every_process() -> None:
    assert table_version(LAST_OF_2025) == "b2761fb620a0"


@given(st.dates(date(2024, 1, 1), date(2040, 1, 1)))
def test_expiry_always_has_exactly_one_duty_and_it_is_never_negative(day: date) -> None:
    assert fee_on(day, Reason.EXPIRY).amount >= 0


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_the_duty_changes_only_when_the_version_does(day: date) -> None:
    before = day - timedelta(days=1)
    if day > date(2024, 1, 1) and table_version(before) == table_version(day):
        assert fee_on(before, Reason.EXPIRY) == fee_on(day, Reason.EXPIRY)


@pytest.mark.parametrize("category", Category)
def test_every_category_of_the_law_is_exempt(category: Category) -> None:
    assert exempt_on(LAST_OF_2025, [SocialStatus(category.value)]) is category


@pytest.mark.parametrize("code", ["PENSIONER", "", "disabled"])
def test_a_code_that_the_law_does_not_name_exempts_nobody(code: str) -> None:
    assert exempt_on(LAST_OF_2025, [SocialStatus(code)]) is None


@pytest.mark.parametrize(
    ("day", "exempt"),
    [(date(2025, 5, 31), False), (date(2025, 6, 1), True), (date(2025, 8, 31), True), (date(2025, 9, 1), False)],
)
def test_a_status_exempts_only_while_it_holds(day: date, exempt: bool) -> None:
    status = SocialStatus("DISABLED", date(2025, 6, 1), date(2025, 8, 31))
    assert (exempt_on(day, [status]) is Category.DISABLED) is exempt


def test_of_several_categories_the_first_of_the_list_is_named() -> None:
    statuses = [SocialStatus("CHERNOBYL"), SocialStatus("VETERAN"), SocialStatus("PENSIONER")]
    assert exempt_on(LAST_OF_2025, statuses) is Category.VETERAN
    assert exempt_on(LAST_OF_2025, reversed(statuses)) is Category.VETERAN


def test_nobody_without_a_status_is_exempt() -> None:
    assert exempt_on(LAST_OF_2025, []) is None


def test_a_status_does_not_print_what_it_is() -> None:
    assert "DISABLED" not in repr(SocialStatus("DISABLED"))
