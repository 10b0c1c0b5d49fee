"""S13: one talon, whatever is lost, repeated or late; and its recall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.intake.domain.own import (
    RegisterApplication,
    RegistryStatus,
    ReportStatus,
    SeekRegistration,
    TidyTalons,
    VerifySignature,
)
from services.intake.domain.registration import Found, Refused, Talon, TalonHeldByAnother
from shared.contracts.intake import (
    ApplicationClosed,
    ApplicationRegistered,
    Circumstance,
    CircumstanceChanged,
    CloseApplication,
    RecallRefused,
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
    a_photo_accepted,
    a_registered,
    a_run,
    a_submitted,
    another,
    only,
    signed,
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


async def test_a_recall_takes_the_talon_back() -> None:
    run = await a_registered()
    await run.hear(RECALL)
    await run.fire(TidyTalons)
    assert (only(run, RegistrationRecalled).talon, run.world.register.standing) == (TALON, [])
    assert PLACE not in run.owners


async def test_a_recall_heard_again_is_answered_again() -> None:
    run = await a_registered()
    await run.hear(RECALL)
    await run.fire(TidyTalons)
    await run.hear(RECALL)
    assert [said.talon for said in run.said_of(RegistrationRecalled)] == [TALON, TALON]


async def test_a_recall_of_what_was_never_registered_is_answered_at_once() -> None:
    run = await a_photo_accepted()
    await run.hear(RECALL)
    assert only(run, RegistrationRecalled).talon is None
    await run.hear(signed())
    await run.fire(VerifySignature)
    assert await run.fire(RegisterApplication) == 0


async def test_a_recall_of_an_unknown_application_leaves_nothing_that_could_open() -> None:
    run = a_run()
    await run.hear(RECALL)
    assert only(run, RegistrationRecalled).talon is None


async def test_a_recall_waits_for_a_register_in_flight() -> None:
    run = await a_submitted()
    await run.hear(RECALL)
    assert not run.said_of(RegistrationRecalled)
    await run.hear(REGISTER, answers=Found((run.world.register.put(ID, TALON),)))
    assert not run.said_of(ApplicationRegistered)
    await run.fire(TidyTalons)
    assert (only(run, RegistrationRecalled).talon, run.world.register.standing) == (TALON, [])


async def test_a_recall_that_waited_for_a_register_that_failed_is_answered() -> None:
    run = await a_submitted()
    await run.hear(RECALL)
    await run.fire(RegisterApplication)
    assert only(run, RegistrationRecalled).talon is None
    assert not run.world.register.asked


async def test_a_recall_while_s13_still_waits_ends_the_waiting() -> None:
    run = await a_photo_accepted()
    run.owners[PLACE] = another(1)
    await run.hear(signed())
    await run.fire(VerifySignature)
    await run.hear(RECALL)
    del run.owners[PLACE]
    await run.fire(SeekRegistration)
    assert (await run.fire(RegisterApplication), run.owners.get(PLACE)) == (0, None)


async def test_a_refused_recall_goes_to_operations_and_holds_the_persons_place() -> None:
    run = await a_registered()
    run.world.register.recall_code = "RECALL_REFUSED"
    await run.hear(RECALL)
    await run.fire(TidyTalons)
    assert (only(run, RecallRefused).reason, run.owners[PLACE]) == ("RECALL_REFUSED", ID)


async def test_a_refused_recall_is_tried_again_when_it_is_ordered_again() -> None:
    run = await a_registered()
    run.world.register.recall_code = "RECALL_REFUSED"
    await run.hear(RECALL)
    await run.fire(TidyTalons)
    run.world.register.recall_code = ""
    await run.hear(RECALL)
    await run.fire(TidyTalons)
    assert only(run, RegistrationRecalled).talon == TALON


async def test_a_talon_that_comes_after_the_ending_is_recalled_at_once() -> None:
    run = await a_submitted()
    await run.hear(close(Ending.WITHDRAWN))
    await run.hear(REGISTER, answers=Found((run.world.register.put(ID, TALON),)))
    assert not run.said_of(ApplicationRegistered)
    await run.fire(TidyTalons)
    assert (run.world.register.standing, only(run, RegistrationRecalled).talon) == ([], TALON)


async def test_after_the_ending_nothing_new_is_registered() -> None:
    run = await a_submitted()
    await run.hear(close(Ending.WITHDRAWN))
    await run.fire(RegisterApplication)
    assert (run.world.register.asked, run.owners) == ([], {})


async def test_a_talon_that_shows_itself_after_a_register_thought_lost_is_recalled() -> None:
    run = await a_submitted()
    await run.hear(close(Ending.WITHDRAWN))
    await run.fire(RegisterApplication)
    run.world.register.put(ID, "late")
    await run.fire(TidyTalons)
    assert run.world.register.standing == []


async def test_a_register_that_comes_to_pass_after_the_step_was_given_up_is_recalled() -> None:
    run = await a_submitted()
    await run.hear(REGISTER, answers=Overdue("rpdrn"))
    await run.let_pass(timedelta(minutes=1))
    run.world.register.put(ID, "late")
    await run.let_pass(timedelta(minutes=6))
    assert run.world.register.standing == []


async def test_annulled_the_person_may_file_at_once_but_s13_waits_for_the_recall() -> None:
    run = await a_registered()
    await run.hear(close(Ending.ANNULLED))
    assert (f"iin:index:{IIN}" in run.owners, run.owners[PLACE]) == (False, ID)
    await run.hear(RECALL)
    assert run.owners[PLACE] == ID
    await run.fire(TidyTalons)
    assert PLACE not in run.owners


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
