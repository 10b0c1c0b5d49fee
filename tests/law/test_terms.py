from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.law.calendar import ALMATY, Overrides, is_working_day
from shared.law.limits import LIMITS, Limits, limits_from, limits_on
from shared.law.terms import (
    Terms,
    breached_at,
    last_day,
    refund_due,
    reminders,
    terms_from,
    terms_on,
    uncollected_on,
    warnings,
)

FRIDAY = date(2026, 2, 6)


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ALMATY)


def test_the_terms_of_the_order_in_working_days() -> None:
    terms = terms_on(date(2026, 1, 1))
    assert (terms.whole, terms.review, terms.production, terms.delivery, terms.refund) == (15, 2, 3, 7, 5)


@pytest.mark.parametrize(
    ("working_days", "moments"),
    [
        (2, [at(2, 10, 12, 36), at(2, 10, 16, 12), at(2, 10, 18)]),
        (10, [at(2, 17, 18), at(2, 19, 18), at(2, 20, 18)]),
        (15, [at(2, 23, 13, 30), at(2, 26, 13, 30), at(2, 27, 18)]),
    ],
)
def test_warnings_come_at_seventy_ninety_and_a_hundred_percent(working_days: int, moments: list[datetime]) -> None:
    found = warnings(FRIDAY, working_days)
    assert [milestone.percent for milestone in found] == [70, 90, 100]
    assert [milestone.at for milestone in found] == moments


def test_the_citizen_is_told_when_the_last_day_is_over() -> None:
    assert last_day(FRIDAY, 2) == date(2026, 2, 10)
    assert breached_at(FRIDAY, 2) == datetime(2026, 2, 11, tzinfo=ALMATY)


def test_a_moved_day_moves_the_term() -> None:
    free = Overrides(free=frozenset({date(2026, 2, 9)}))
    assert last_day(FRIDAY, 2, free) == date(2026, 2, 11)
    assert warnings(FRIDAY, 2, overrides=free)[-1].at == at(2, 11, 18)


def test_a_refund_is_due_in_five_working_days() -> None:
    assert refund_due(date(2026, 3, 19)) == date(2026, 3, 31)


def test_the_card_waits_with_three_reminders() -> None:
    limits = Limits()
    assert reminders(FRIDAY, limits) == (date(2026, 2, 16), date(2026, 3, 8), date(2026, 4, 7))
    assert uncollected_on(FRIDAY, limits) == date(2026, 5, 7)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(1, 30))
def test_warnings_are_in_order_in_office_hours_and_before_the_breach(begun: date, working_days: int) -> None:
    moments = [milestone.at for milestone in warnings(begun, working_days)]
    assert moments == sorted(moments)
    assert all(is_working_day(moment.date()) and time(9) <= moment.time() <= time(18) for moment in moments)
    assert begun < moments[0].date()
    assert moments[-1] < breached_at(begun, working_days)


def test_terms_and_limits_are_settings() -> None:
    assert terms_from({"whole": 20, "opens": "08:30"}) == Terms(whole=20, opens=time(8, 30))
    assert limits_from({"consent": 300, "form": "PT1H"}) == Limits(
        consent=timedelta(minutes=5), form=timedelta(hours=1)
    )
    assert limits_from({}) == limits_on(FRIDAY)


@pytest.mark.parametrize("wrong", [{"consnet": 300}, {"photo_attempts": 0}, {"form": "soon"}])
def test_a_setting_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        limits_from(wrong)


def test_a_new_line_of_the_table_leaves_the_old_days_as_they_were() -> None:
    table = (Limits(valid_until=date(2026, 2, 28)), Limits(valid_from=date(2026, 3, 1), photo_attempts=7))
    assert limits_on(date(2026, 2, 28), table) == Limits(valid_until=date(2026, 2, 28))
    assert limits_on(date(2026, 3, 1), table).photo_attempts == 7
    assert len(LIMITS) == 1
