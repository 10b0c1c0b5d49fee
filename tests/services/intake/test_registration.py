"""S13: one talon, whatever is lost, repeated or late."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.intake.domain.own import (
    RegisterApplication,
    RegistryStatus,
    ReportStatus,
    TidyTalons,
)
from services.intake.domain.registration import Found, Refused, Talon, TalonHeldByAnother
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationRegistered,
    Circumstance,
    CircumstanceChanged,
    CloseApplication,
    RecallRegistration,
    RegistrationRecalled,
    RegistrationRefused,
    RegistrationUnavailable,
)
from shared.contracts.values import Ending, Stage
from shared.engine.decision import Overdue
from shared.engine.rows import Unavailable
from shared.engine.service import Step
from tests.services.intake.cases import (
    ID,
    IIN,
    PLACE,
    a_registered,
    a_run,
    a_submitted,
    another,
    only,
)

TALON = "71-251006-000001-7"
RECALL = RecallRegistration(application_id=ID)
REGISTER = RegisterApplication(application_id=ID)


def close(ending: Ending) -> CloseApplication:
    return CloseApplication(application_id=ID, ending=ending)


async def test_registered_it_has_its_talon_and_documentation_code() -> None:
    run = await a_registered()
    said = only(run, ApplicationRegistered)
    assert (said.talon, said.documentation_code, said.registered_on) == (TALON, "7100000001", date(2025, 10, 6))
    assert (said.region, said.point, said.expires) == ("71", "71-01", date(2025, 10, 20))
    assert run.appended_of(Step)[-1].step == "S13"


async def test_rpdrn_is_given_what_was_signed() -> None:
    run = await a_registered()
    (asked,) = run.world.register.asked
    assert (asked.iin, asked.point, asked.cms) == (IIN, "71-01", "Q01T")


async def test_a_register_whose_answer_was_lost_is_found_and_not_repeated() -> None:
    run = await a_submitted()
    run.world.register.loses = 1
    with pytest.raises(Unavailable):
        await run.hear(REGISTER)
    await run.fire(RegisterApplication)
    assert (len(run.world.register.asked), only(run, ApplicationRegistered).talon) == (1, TALON)


async def test_of_two_talons_the_first_is_kept_and_the_second_recalled() -> None:
    run = await a_submitted()
    first, second = run.world.register.put(ID, "first"), run.world.register.put(ID, "second")
    await run.fire(RegisterApplication)
    await run.fire(TidyTalons)
    assert (run.state.talon, run.world.register.standing) == (first.number, [first.number])
    assert second.number not in {said.talon for said in run.said_of(ApplicationRegistered)}
    assert not run.said_of(RegistrationRecalled)


async def test_a_try_that_was_given_up_and_comes_to_pass_while_we_ask_again_is_the_first() -> None:
    run = await a_submitted()
    run.world.register.given_up = ["given up"]
    await run.fire(RegisterApplication)
    assert only(run, ApplicationRegistered).talon == "given up"
    run.world.register.put(ID, "given up too")
    assert await run.fire(TidyTalons) == 2, "at once, and once more for what comes late"
    assert run.world.register.standing == ["given up"]


async def test_a_second_talon_that_shows_itself_later_is_found_and_recalled() -> None:
    run = await a_registered()
    run.world.register.put(ID, "late")
    await run.fire(TidyTalons)
    assert run.world.register.standing == [TALON]


async def test_a_second_talon_that_another_application_holds_is_not_touched() -> None:
    run = await a_registered()
    run.world.register.put(ID, "theirs")
    run.world.own.holders["theirs"] = another(1)
    with pytest.raises(TalonHeldByAnother):
        await run.fire(TidyTalons)
    assert run.world.register.standing == [TALON, "theirs"]


async def test_a_talon_held_by_another_application_goes_to_the_dead_letters() -> None:
    run = await a_submitted()
    run.owners[f"talon:{TALON}"] = another(1)
    with pytest.raises(TalonHeldByAnother):
        await run.fire(RegisterApplication)
    assert not run.said_of(ApplicationRegistered)


async def test_refused_by_rpdrn_the_reason_is_told_and_the_person_is_free() -> None:
    run = await a_submitted()
    run.world.register.refuses = Refused("NOT_REGISTERED", "қазақша", "по-русски")
    await run.fire(RegisterApplication)
    said = only(run, RegistrationRefused)
    assert (said.code, said.text_kk, said.text_ru) == ("NOT_REGISTERED", "қазақша", "по-русски")
    assert PLACE not in run.owners
    assert run.appended_of(Step)[-1].result == "refused"


async def test_rpdrn_silent_past_the_deadline_redirects_and_what_it_registered_is_recalled() -> None:
    run = await a_submitted()
    run.world.register.put(ID, "lost")
    await run.hear(REGISTER, answers=Overdue("rpdrn"))
    assert only(run, RegistrationUnavailable).dependency == "rpdrn"
    await run.hear(close(Ending.REDIRECTED))
    assert only(run, ApplicationClosed).ending is Ending.REDIRECTED
    await run.fire(TidyTalons)
    assert (run.world.register.standing, PLACE in run.owners) == ([], False)


async def test_an_answer_heard_twice_registers_once() -> None:
    run = await a_registered()
    await run.hear(REGISTER)
    assert len(run.said_of(ApplicationRegistered)) == 1


@pytest.mark.parametrize("ending", [Ending.ISSUED, Ending.NOT_COLLECTED])
async def test_a_registration_that_has_come_to_its_end_holds_nobody_up(ending: Ending) -> None:
    run = await a_registered()
    await run.hear(close(ending))
    assert PLACE not in run.owners


def told(circumstance: Circumstance = Circumstance.DEATH, talon: str = TALON) -> ReportStatus:
    return ReportStatus(
        application_id=ID,
        talon=talon,
        status=RegistryStatus.CHANGED,
        registry_status_at=datetime(2025, 10, 6, tzinfo=UTC),
        circumstance=circumstance,
    )


async def test_a_later_change_is_told_on_once() -> None:
    run = await a_registered()
    await run.hear(told())
    await run.hear(told())
    assert only(run, CircumstanceChanged).circumstance is Circumstance.DEATH


async def test_a_change_under_another_talon_is_not_ours() -> None:
    run = await a_registered()
    before = run.state
    await run.hear(told(talon="other"))
    assert run.state == before


async def test_a_change_before_registration_leads_to_refusal_and_a_talon_in_flight_is_recalled() -> None:
    run = await a_submitted()
    await run.hear(told())
    await run.hear(REGISTER, answers=Found((run.world.register.put(ID, TALON),)))
    await run.fire(TidyTalons)
    await run.hear(close(Ending.REFUSED))
    assert (run.said_of(ApplicationRegistered), run.world.register.standing) == ([], [])
    assert run.state.stage is Stage.CLOSED


def test_the_error_of_a_foreign_talon_names_nobody() -> None:
    assert str(TalonHeldByAnother()) == ""
    assert Talon("1", "2", a_run().now).recalled is False
