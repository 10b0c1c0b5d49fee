"""Eligibility says again what it found, and asks nobody for it."""

from __future__ import annotations

import pytest

from services.eligibility.domain import Registers as Found
from services.eligibility.domain import assess, close, resume
from shared.contracts.base import Message
from shared.contracts.eligibility import (
    EligibilityConfirmed,
    EligibilityRefused,
    EligibilityUnavailable,
    ResumeAssessment,
)
from shared.engine.decision import Overdue
from shared.law.rules import RULES
from tests.law.people import TODAY, a_record, an_address
from tests.services.eligibility.test_permutations import CLOSED, IDENTITY, heard
from tests.services.running import APPLICATION

RESUME = ResumeAssessment(application_id=APPLICATION)
ALL_WELL = Found(a_record(), an_address())


async def test_what_was_found_is_said_again_and_no_register_is_asked_again() -> None:
    run, registers = await heard(IDENTITY, RESUME, RESUME)
    assert [type(said) for said in run.said] == [EligibilityConfirmed] * 3
    assert len({repr(said) for said in run.said}) == 1
    assert len(registers.asked) == 2


@pytest.mark.parametrize(
    ("registers", "kind"),
    [
        (ALL_WELL, EligibilityConfirmed),
        (Found(a_record(), None), EligibilityRefused),
        (Overdue("zags"), EligibilityUnavailable),
    ],
)
async def test_each_answer_is_kept_to_be_said_again(registers: Found | Overdue, kind: type[Message]) -> None:
    run, _ = await heard()
    settled = assess(run.state, IDENTITY, registers, TODAY, RULES)
    again = resume(settled.state)
    assert (again.says, again.state) == (settled.says, settled.state)
    assert [type(said) for said in again.says] == [kind]


async def test_unsettled_it_says_nothing_and_waits_for_the_identity_to_be_said_again() -> None:
    run, registers = await heard(RESUME)
    assert (run.said, registers.asked) == ([], [])
    await run.hear(IDENTITY)
    assert [type(said) for said in run.said] == [EligibilityConfirmed]


async def test_an_identity_said_again_beside_its_own_waiting_ask_is_assessed_once() -> None:
    run, registers = await heard(IDENTITY, IDENTITY)
    assert (len(run.said), len(registers.asked)) == (1, 2)


async def test_after_the_ending_nothing_is_said() -> None:
    run, _ = await heard(IDENTITY, CLOSED, RESUME)
    assert len(run.said) == 1
    assert resume(close(run.state, CLOSED).state).says == ()
