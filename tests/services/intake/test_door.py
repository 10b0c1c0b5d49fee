"""The door (p.7, p.12): what opens an application, and what does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.intake.domain.door import DoorFacts, IdentityRefusal
from services.intake.gateway import World
from shared.contracts.base import Sealed
from shared.contracts.identity_verification import IdentityRefusal as Why
from shared.contracts.identity_verification import IdentityRefused
from shared.contracts.intake import ApplicationOpened, ApplicationRefused, CloseApplication, DoorRefusal
from shared.contracts.values import DocumentKind, Ending, Reason, Stage
from shared.engine.decision import ALMATY
from shared.engine.service import Audited
from tests.services.intake.cases import (
    ID,
    IIN,
    OTHER_IIN,
    PERSON,
    Images,
    Records,
    Register,
    Verifier,
    a_run,
    an_opened,
    another,
    only,
    started,
)


async def refusal(**spoilt: Any) -> ApplicationRefused:
    run = a_run()
    await run.hear(started(**spoilt))
    refused: ApplicationRefused = only(run, ApplicationRefused)
    return refused


async def test_a_citizen_in_order_is_let_in_and_the_phone_is_written_one_way() -> None:
    run = await an_opened()
    opened = only(run, ApplicationOpened)
    assert (opened.phone.value, opened.iin_index, run.state.stage) == ("+77011234567", f"index:{IIN}", Stage.OPENED)


@pytest.mark.parametrize(
    ("spoilt", "ground"),
    [
        ({"iin": Sealed("900115390018"), "authenticated_iin": Sealed("900115390018")}, DoorRefusal.IIN_INVALID),
        ({"authenticated_iin": Sealed(OTHER_IIN)}, DoorRefusal.IIN_OF_ANOTHER),
        ({"phone": Sealed("7172 55 55 55")}, DoorRefusal.PHONE_INVALID),
        ({"email": Sealed("no address")}, DoorRefusal.EMAIL_INVALID),
        ({"reason": Reason.LOSS}, DoorRefusal.OTHER_REASON),
        ({"document": DocumentKind.PASSPORT}, DoorRefusal.OTHER_DOCUMENT),
    ],
)
async def test_each_ground_refuses(spoilt: dict[str, Any], ground: DoorRefusal) -> None:
    assert (await refusal(**spoilt)).grounds == (ground,)


async def test_every_ground_is_named_at_once() -> None:
    refused = await refusal(reason=Reason.DAMAGE, document=DocumentKind.PASSPORT, phone=Sealed("112"))
    assert set(refused.grounds) == {DoorRefusal.OTHER_REASON, DoorRefusal.OTHER_DOCUMENT, DoorRefusal.PHONE_INVALID}


async def test_no_email_is_no_fault() -> None:
    run = a_run()
    await run.hear(started(email=None))
    assert run.said_of(ApplicationOpened)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2025, 5, 27, 23, 59, 59, tzinfo=ALMATY), False),
        (datetime(2025, 5, 28, 0, 0, 0, tzinfo=ALMATY), True),
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=ALMATY), True),
        (datetime(2026, 4, 1, 0, 0, 0, tzinfo=ALMATY), False),
    ],
)
async def test_the_pilot_is_judged_by_the_almaty_day_on_which_the_citizen_started(
    moment: datetime, opens: bool
) -> None:
    run = a_run(started=moment + timedelta(minutes=5))
    await run.hear(started(), said_at=moment)
    assert bool(run.said_of(ApplicationOpened)) is opens
    assert opens or only(run, ApplicationRefused).grounds == (DoorRefusal.OUTSIDE_PILOT,)


@pytest.mark.parametrize("system", ["bmg", "digital-id", "portal", "mobile-app"])
async def test_in_an_outage_of_p12_nothing_is_opened(system: str) -> None:
    run = a_run(outages=frozenset({system}))
    await run.hear(started())
    assert only(run, ApplicationRefused).grounds == (DoorRefusal.OUTAGE,)


@pytest.mark.parametrize("system", ["kdp", "gbdfl", "zags", "rpdrn", "aissik", "payment-gateway"])
async def test_no_other_system_closes_the_door(system: str) -> None:
    run = a_run(outages=frozenset({system}))
    await run.hear(started())
    assert run.said_of(ApplicationOpened)


@pytest.mark.parametrize(("refusals", "opens"), [(2, True), (3, False), (4, False)])
async def test_after_three_identity_refusals_in_a_day_the_way_is_to_tson(refusals: int, opens: bool) -> None:
    run = a_run(world=World(Records(DoorFacts(refusals=refusals)), Register(), Verifier(), Images()))
    await run.hear(started())
    assert bool(run.said_of(ApplicationOpened)) is opens
    assert opens or only(run, ApplicationRefused).grounds == (DoorRefusal.TOO_MANY_REFUSALS,)


async def test_an_identity_refusal_is_counted_by_person_and_moment() -> None:
    run = await an_opened()
    await run.hear(IdentityRefused(application_id=ID, reason=Why.IDENTIFICATION_FAILED))
    assert run.appended_of(IdentityRefusal) == [IdentityRefusal(ID, f"index:{IIN}", run.now)]


async def test_a_second_start_of_the_same_person_gets_the_live_one_to_resume() -> None:
    live = another(1)
    facts = DoorFacts(live, Stage.PHOTO_ACCEPTED)
    run = a_run(owners={PERSON: live}, world=World(Records(facts), Register(), Verifier(), Images()))
    await run.hear(started())
    refused = only(run, ApplicationRefused)
    assert refused.grounds == (DoorRefusal.LIVE_APPLICATION,)
    assert (refused.resume.application_id, refused.resume.stage) == (str(live), Stage.PHOTO_ACCEPTED)
    assert run.owners == {PERSON: live}


async def test_of_two_starts_at_the_same_moment_one_opens_and_the_other_resumes_it() -> None:
    run = a_run(owners={PERSON: another(1)})
    await run.hear(started())
    assert only(run, ApplicationRefused).resume.stage is Stage.OPENED


async def test_what_is_known_of_a_person_is_not_told_to_another() -> None:
    facts = DoorFacts(another(1), Stage.IN_REVIEW, 5)
    run = a_run(owners={PERSON: another(1)}, world=World(Records(facts), Register(), Verifier(), Images()))
    await run.hear(started(authenticated_iin=Sealed(OTHER_IIN)))
    refused = only(run, ApplicationRefused)
    assert (refused.grounds, refused.resume) == ((DoorRefusal.IIN_OF_ANOTHER,), None)


async def test_refused_at_the_door_the_person_is_free_to_start_again() -> None:
    run = a_run()
    await run.hear(started(reason=Reason.LOSS))
    assert run.owners == {}


async def test_an_opened_application_holds_its_person() -> None:
    assert (await an_opened()).owners == {PERSON: ID}


async def test_started_again_it_stays_silent_and_still_holds_its_person() -> None:
    run = await an_opened()
    await run.hear(started())
    assert (len(run.said), run.owners) == (1, {PERSON: ID})


async def test_another_person_with_the_same_application_id_changes_nothing_and_holds_nothing() -> None:
    run = await an_opened()
    await run.hear(started(iin=Sealed(OTHER_IIN), authenticated_iin=Sealed(OTHER_IIN)))
    assert (len(run.said), run.owners) == (1, {PERSON: ID})


async def test_a_start_that_comes_after_the_tombstone_opens_nothing() -> None:
    run = a_run()
    await run.hear(CloseApplication(application_id=ID, ending=Ending.ABANDONED))
    await run.hear(started())
    assert (run.said_of(ApplicationOpened), run.owners) == ([], {})


async def test_every_start_is_audited_by_the_blind_index() -> None:
    run = await an_opened()
    (row,) = run.appended_of(Audited)
    assert (row.who, row.what, row.result) == (f"citizen:index:{IIN}", "ApplicationStarted", "opened")
