from datetime import date, timedelta

import holidays as library
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law.calendar import (
    Overrides,
    add_working_days,
    calendar_version,
    holidays,
    holidays_by_rule,
    is_working_day,
    working_days_between,
)
from shared.law.calendar_table import LISTED

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
counts = st.integers(0, 40)
moved = st.builds(
    lambda free, worked: Overrides(free - worked, worked),
    st.frozensets(days, max_size=5),
    st.frozensets(days, max_size=5),
)

# Where our table and the library part: nowhere in these years. A new release that moves a day is seen here.
DISPUTED: dict[int, set[date]] = {2025: set(), 2026: set(), 2027: set()}


@pytest.mark.parametrize("year", LISTED)
def test_the_table_agrees_with_the_library_but_for_the_disputed_days(year: int) -> None:
    # The library counts a feast on a plain weekend as a holiday too, as our table does.
    assert holidays(year) ^ set(library.country_holidays("KZ", years=year)) == DISPUTED[year]


# What no rule can know: the moon, and the exchange of 3 for 5 January 2025.
UNRULED = {2025: {date(2025, 1, 3), date(2025, 6, 6)}, 2026: {date(2026, 5, 27)}, 2027: {date(2027, 5, 16)}}


@pytest.mark.parametrize("year", LISTED)
def test_the_rule_gives_the_listed_years_but_for_the_moon_and_the_governments_transfers(year: int) -> None:
    assert LISTED[year] ^ holidays_by_rule(year) == UNRULED[year]


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2025, 1, 3), False),
        (date(2025, 1, 5), True),
        (date(2025, 1, 7), False),
        (date(2025, 9, 1), False),
        (date(2026, 8, 31), True),
        (date(2026, 3, 20), True),
        (date(2026, 3, 25), False),
        (date(2027, 3, 15), False),
        (date(2028, 7, 6), False),
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
    ],
)
def test_which_days_are_worked(day: date, worked: bool) -> None:
    assert is_working_day(day) is worked


def test_fifteen_working_days_step_over_nauryz() -> None:
    assert add_working_days(date(2026, 3, 20), 1) == date(2026, 3, 26)
    assert add_working_days(date(2026, 3, 20), 15) == date(2026, 4, 15)


def test_the_day_a_term_begins_is_not_counted() -> None:
    assert add_working_days(date(2026, 2, 6), 1) == date(2026, 2, 9)
    assert add_working_days(date(2026, 2, 6), 0) == date(2026, 2, 6)


def test_a_term_does_not_run_backward() -> None:
    with pytest.raises(ValueError):
        add_working_days(date(2026, 2, 6), -1)


def test_the_government_may_move_a_day() -> None:
    overrides = Overrides(free=frozenset({date(2026, 5, 8)}), worked=frozenset({date(2026, 5, 16)}))
    assert not is_working_day(date(2026, 5, 8), overrides)
    assert is_working_day(date(2026, 5, 16), overrides)
    assert calendar_version(2026, overrides) != calendar_version(2026)
    assert calendar_version(2025, overrides) == calendar_version(2025)


def test_no_day_is_free_and_worked_at_once() -> None:
    with pytest.raises(ValueError):
        Overrides(frozenset({date(2026, 5, 8)}), frozenset({date(2026, 5, 8)}))


@given(days, counts, moved)
def test_adding_and_counting_are_each_others_inverse(day: date, count: int, overrides: Overrides) -> None:
    end = add_working_days(day, count, overrides)
    assert working_days_between(day, end, overrides) == count
    assert count == 0 or is_working_day(end, overrides)


@given(days, st.integers(0, 20), st.integers(0, 20), moved)
def test_two_terms_one_after_the_other_are_one_term(day: date, one: int, other: int, overrides: Overrides) -> None:
    halfway = add_working_days(day, one, overrides)
    assert add_working_days(halfway, other, overrides) == add_working_days(day, one + other, overrides)


@given(days, st.integers(-30, 0))
def test_nothing_lies_between_a_day_and_an_earlier_one(day: date, back: int) -> None:
    assert working_days_between(day, day + timedelta(days=back)) == 0
