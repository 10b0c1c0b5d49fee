"""Who may renew online: the decision of S4–S7, above the grounds that tests/law proves one by one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.eligibility.domain import Assessment, Registers, assess, close
from shared.contracts.base import Sealed
from shared.contracts.eligibility import EligibilityConfirmed, EligibilityRefused, EligibilityUnavailable
from shared.contracts.identity_verification import IdentityConfirmed
from shared.contracts.intake import ApplicationClosed
from shared.contracts.values import Ending
from shared.engine.decision import EPOCH, Decision, Outage, Overdue
from shared.engine.service import Audited, Step
from shared.law.birth_place import BirthPlaceSource
from shared.law.eligibility import Ground
from shared.law.person import Entry, Person
from shared.law.rules import RULES
from tests.law.people import TODAY, a_card, a_person, a_record, an_address

ID = UUID(int=7)


def confirmed(person: Person) -> IdentityConfirmed:
    return IdentityConfirmed(application_id=ID, person=Sealed(person), consents=Sealed(()))


def decided(person: Person | None = None, registers: object = None, today: date = TODAY) -> Decision[Assessment]:
    found = registers or Registers(a_record(), an_address())
    return assess(Assessment(ID), confirmed(person or a_person()), found, today, RULES)  # type: ignore[arg-type]


def test_a_person_in_order_is_confirmed_with_the_expiry_of_the_card() -> None:
    said = decided().says[0]
    assert isinstance(said, EligibilityConfirmed)
    assert said.expires == a_card().expires


def test_a_refusal_names_every_ground_at_once() -> None:
    person = a_person(citizenship=Entry(code="840"), registration=None)
    said = decided(person).says[0]
    assert isinstance(said, EligibilityRefused)
    assert said.grounds == (Ground.NOT_CITIZEN, Ground.NO_PERMANENT_REGISTRATION)


@pytest.mark.parametrize(("days_left", "may_renew"), [(31, False), (30, True), (0, True), (-10, True), (-11, False)])
def test_the_window_is_thirty_days_before_and_ten_after(days_left: int, may_renew: bool) -> None:
    person = a_person(documents=(a_card(expires=TODAY + timedelta(days=days_left)),))
    assert isinstance(decided(person).says[0], EligibilityConfirmed) is may_renew


def test_a_settled_assessment_stays_silent() -> None:
    again = assess(Assessment(ID, settled=True), confirmed(a_person()), Registers(a_record(), None), TODAY, RULES)
    assert (again.says, again.appends) == ((), ())


def test_after_the_ending_nothing_is_assessed() -> None:
    closed = close(Assessment(ID), ApplicationClosed(application_id=ID, ending=Ending.WITHDRAWN, closed_at=EPOCH)).state
    assert assess(closed, confirmed(a_person()), Registers(a_record(), an_address()), TODAY, RULES).says == ()


@pytest.mark.parametrize("silence", [Outage("zags"), Overdue("zags")])
def test_a_register_silent_past_its_deadline_sends_the_citizen_away_without_a_ground(silence: object) -> None:
    said = decided(registers=silence).says[0]
    assert said == EligibilityUnavailable(application_id=ID, dependency="zags")


def test_the_birth_place_is_kept_word_for_word_with_its_source() -> None:
    said = decided(registers=Registers(a_record(birth_place="с. Үлгі, Мысал ауданы"), an_address())).says[0]
    assert isinstance(said, EligibilityConfirmed)
    assert said.birth_place is not None
    assert (said.birth_place.value.text, said.birth_place.value.source) == (
        "с. Үлгі, Мысал ауданы",
        BirthPlaceSource.CIVIL_REGISTRY,
    )


def test_without_the_civil_registry_the_historical_record_gives_the_birth_place() -> None:
    said = decided(registers=Registers(a_record(birth_place=None), an_address())).says[0]
    assert isinstance(said, EligibilityConfirmed)
    assert said.birth_place is not None
    assert said.birth_place.value.source is BirthPlaceSource.HISTORICAL


def test_the_stage_record_names_the_step_that_refused() -> None:
    steps = [row for row in decided(a_person(registration=None)).appends if isinstance(row, Step)]
    assert [(row.step, row.result) for row in steps] == [
        ("S4", "done"), ("S5", "done"), ("S6", "refused"), ("S7", "done"),
    ]  # fmt: skip


def test_every_request_for_personal_data_is_audited() -> None:
    assert [row.what for row in decided().appends if isinstance(row, Audited)] == [
        "asked ЗАГС and the address register"
    ]


def test_nothing_of_the_person_prints_itself() -> None:
    assert "ҮЛГІБАЕВ" not in repr(confirmed(a_person()))
