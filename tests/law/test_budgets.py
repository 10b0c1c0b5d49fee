"""The time budgets of the stages: one dated table, set anew by name."""

from dataclasses import fields
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from shared.law.budgets import STAGES, Budgets, budgets_from, budgets_on
from shared.law.rules import RULES
from shared.law.settled import rules_from
from shared.settings import Settings


def test_every_stage_has_its_budget_and_none_is_empty() -> None:
    budgets = budgets_on(date(2026, 1, 1))
    assert all(budgets.of(stage) > timedelta() for stage in STAGES)
    assert {each.name for each in fields(Budgets)} - STAGES == {"valid_from", "valid_until", "rarest"}


def test_what_is_no_stage_has_no_budget() -> None:
    for name in ("lunch", "valid_from", "rarest", "of"):
        with pytest.raises(LookupError):
            Budgets().of(name)


def test_an_installation_sets_single_lines_anew() -> None:
    budgets = budgets_from({"submitted": 600, "story": "PT30S"})
    assert (budgets.submitted, budgets.story) == (timedelta(minutes=10), timedelta(seconds=30))
    assert budgets.opened == Budgets().opened


def test_an_unknown_line_is_refused() -> None:
    with pytest.raises(ValidationError):
        budgets_from({"lunch": 60})


def test_the_setting_reaches_every_decision() -> None:
    rules = rules_from(Settings(budgets={"opened": 5}))
    assert rules.budgets.opened == timedelta(seconds=5)
    assert rules.limits == RULES.limits
