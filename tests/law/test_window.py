from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law.window import renewal_window

EXPIRES = date(2026, 2, 15)


@pytest.mark.parametrize(
    ("days_left", "may_renew"), [(31, False), (30, True), (1, True), (0, True), (-1, True), (-10, True), (-11, False)]
)
def test_the_window_is_thirty_days_before_and_ten_after(days_left: int, may_renew: bool) -> None:
    assert renewal_window(EXPIRES).contains(EXPIRES - timedelta(days=days_left)) is may_renew


def test_the_window_spans_the_turn_of_the_year() -> None:
    window = renewal_window(date(2026, 1, 5))
    assert (window.opens, window.closes) == (date(2025, 12, 6), date(2026, 1, 15))


def test_a_day_outside_is_either_too_early_or_too_late() -> None:
    window = renewal_window(EXPIRES)
    assert window.is_ahead_of(window.opens - timedelta(days=1))
    assert window.is_behind(window.closes + timedelta(days=1))


@pytest.mark.parametrize("expires", [date.max, date.min])
def test_a_card_without_a_real_end_falls_over_nothing(expires: date) -> None:
    window = renewal_window(expires)
    assert not window.contains(EXPIRES)
    assert window.opens < window.closes


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-400, 400))
def test_a_day_is_before_in_or_after_the_window_and_only_one_of_them(expires: date, days: int) -> None:
    window, today = renewal_window(expires), expires + timedelta(days=days)
    assert [window.is_ahead_of(today), window.contains(today), window.is_behind(today)].count(True) == 1
    assert window.contains(today) is (window.opens <= today <= window.closes)
