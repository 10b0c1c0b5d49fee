"""`make up` begins on a day of the pilot, says which, and lets a person choose another."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, timedelta

import pytest

from deploy.demo.play import FIRST
from deploy.local.__main__ import a_day
from deploy.local.business_day import BusinessDay, told
from deploy.sandbox.settings import SandboxSettings
from shared.law.calendar import ALMATY, is_working_day
from shared.law.pilot import PILOT

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def begins(day: BusinessDay, kept: timedelta = timedelta()) -> datetime:
    return (NOW + day.offset(kept, NOW)).astimezone(ALMATY)


def test_new_data_begins_on_the_demonstrations_first_morning_which_is_a_working_day_of_the_pilot() -> None:
    assert begins(BusinessDay()) == FIRST
    assert PILOT.contains(FIRST.date())
    assert is_working_day(FIRST.date())


def test_a_day_that_is_asked_for_is_the_day_whatever_was_kept() -> None:
    for kept in (timedelta(), timedelta(days=-100)):
        assert begins(BusinessDay(date(2025, 10, 6)), kept) == datetime(2025, 10, 6, 10, 0, tzinfo=ALMATY)


def test_kept_data_goes_on_with_its_own_time() -> None:
    assert begins(BusinessDay(), timedelta(days=-400)) == (NOW - timedelta(days=400)).astimezone(ALMATY)


@pytest.mark.parametrize(
    ("day", "said"),
    [(FIRST, "within the pilot"), (NOW, "outside the pilot, 28.05.2025–31.03.2026: nobody may apply")],
)
def test_the_line_says_which_day_it_is_whether_anybody_may_apply_and_how_to_choose(day: datetime, said: str) -> None:
    line = told(day)
    assert f"{day.astimezone(ALMATY):%d.%m.%Y}" in line
    assert said in line
    assert line.endswith("make up TODAY=2025-10-06")


def test_what_is_no_day_is_refused_with_the_form_of_one() -> None:
    assert a_day("2025-10-06") == date(2025, 10, 6)
    with pytest.raises(argparse.ArgumentTypeError, match="is no day; write it like 2025-10-06"):
        a_day("06.10.2025")


def test_the_sandbox_is_told_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    offset = BusinessDay().offset(timedelta(), NOW)
    monkeypatch.setenv("KUALIK_CLOCK_OFFSET_SECONDS", str(offset.total_seconds()))
    assert timedelta(seconds=SandboxSettings().clock_offset_seconds) == offset
