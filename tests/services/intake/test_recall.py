"""The recall of a registration: whatever was registered is taken back, also when it shows itself late."""

from __future__ import annotations

from datetime import timedelta

from services.intake.domain.own import RegisterApplication, SeekRegistration, TidyTalons, VerifySignature
from services.intake.domain.registration import Found
from shared.contracts.intake import (
    ApplicationRegistered,
    CloseApplication,
    RecallRefused,
    RecallRegistration,
    RegistrationRecalled,
)
from shared.contracts.values import Ending
from shared.engine.decision import Overdue
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
