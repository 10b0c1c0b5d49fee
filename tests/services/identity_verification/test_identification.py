"""S3: Digital-ID, five attempts in fifteen minutes; and what ends an identification from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.identity_verification.answers import Session
from services.identity_verification.state import (
    CancelSession,
    CheckSession,
    ConfirmPhone,
    GiveUpIdentification,
    OpenSession,
    Phase,
)
from shared.contracts.base import Message
from shared.contracts.identity_verification import (
    ConsentRequested,
    IdentificationRequested,
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
)
from shared.engine.decision import Outage, Overdue
from tests.law.people import a_person
from tests.services.identity_verification.outside import (
    GRANTED,
    MINUTE,
    Outside,
    a_run,
    begun,
    closed,
    opened,
    steps,
    tokens,
)
from tests.services.running import APPLICATION, Run


def reasons(run: Run) -> list[IdentityRefusal]:
    return [said.reason for said in run.said_of(IdentityRefused)]


async def showing(outside: Outside) -> Run:
    """The session is open, the citizen is on its page."""
    run = await begun(outside)
    await run.let_pass(run.rules.poll)
    assert run.state.session_id
    return run


async def test_who_passes_is_confirmed_with_the_person_and_the_consents_sealed() -> None:
    run = await begun(Outside(), MINUTE)
    (said,) = run.said_of(IdentityConfirmed)
    assert (said.person.value, said.consents.value) == (a_person(), tokens())
    assert repr(said.person) == repr(said.consents) == "Sealed(***)"
    assert steps(run) == ["S1 done", "S2 done", "S3 done"]


async def test_the_citizen_is_sent_to_the_page_with_fifteen_minutes_and_four_more_attempts() -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    (said,) = run.said_of(IdentificationRequested)
    assert (said.attempt, said.attempts_left, said.until - run.now) == (1, 4, 15 * MINUTE)
    assert said.url.startswith("https://digital-id")


async def test_who_fails_tries_again_in_a_new_session() -> None:
    run = await begun(outside := Outside(sessions=["FAILED", "EXPIRED", "PASSED"]), MINUTE)
    assert len(set(outside.asked_for("open"))) == 3
    assert [(said.attempt, said.attempts_left) for said in run.said_of(IdentificationRequested)] == [
        (1, 4), (2, 3), (3, 2),
    ]  # fmt: skip
    assert len(run.said_of(IdentityConfirmed)) == 1


async def test_five_failures_refuse() -> None:
    run = await begun(outside := Outside(sessions=["FAILED"]), 5 * MINUTE)
    assert reasons(run) == [IdentityRefusal.IDENTIFICATION_FAILED]
    assert len(outside.asked_for("open")) == 5
    assert steps(run) == ["S1 done", "S2 done", "S3 refused"]


async def test_who_has_not_passed_in_fifteen_minutes_is_refused() -> None:
    run = await begun(Outside(sessions=["PROGRESS"]), 14 * MINUTE)
    assert not reasons(run)
    await run.let_pass(1.5 * MINUTE)
    assert reasons(run) == [IdentityRefusal.IDENTIFICATION_EXPIRED]


async def test_the_fifteen_minutes_begin_when_the_page_is_there() -> None:
    run = await begun(Outside(sessions=["PROGRESS"]))
    while not any(isinstance(later.message, OpenSession) for _, later in run.waiting):
        run.moved += timedelta(seconds=1)
        due = [row for row in run.waiting if row[0] <= run.now]
        run.waiting = [row for row in run.waiting if row not in due]
        for _, later in due:
            await run.hear(later.message)
    run.moved += 9 * MINUTE
    await run.let_pass(timedelta())
    (said,) = run.said_of(IdentificationRequested)
    assert said.until == run.now + 15 * MINUTE


async def test_who_passes_in_the_last_moment_is_confirmed() -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    run.moved += 16 * MINUTE
    await run.hear(CheckSession(application_id=APPLICATION, attempt=1), answers=Session("s", status="PASSED"))
    assert len(run.said_of(IdentityConfirmed)) == 1


@pytest.mark.parametrize("silence", [Outage("digital-id"), Overdue("digital-id")])
@pytest.mark.parametrize("kind", [OpenSession, CheckSession])
async def test_an_outage_of_digital_id_redirects(kind: type[Message], silence: object) -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    if kind is OpenSession:
        run.state = run.state.but(session_id=None)
    await run.hear(kind(application_id=APPLICATION, attempt=1), answers=silence)  # type: ignore[call-arg]
    assert run.said_of(IdentityUnavailable) == [
        IdentityUnavailable(application_id=APPLICATION, dependency="digital-id")
    ]


async def test_thirty_minutes_unidentified_refuse_even_on_the_page() -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    await run.hear(GiveUpIdentification(application_id=APPLICATION))
    assert reasons(run) == [IdentityRefusal.UNIDENTIFIED_TOO_LONG]


async def test_nobody_is_given_up_while_digital_id_or_a_register_keeps_them_waiting() -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    run.waiting = [row for row in run.waiting if not isinstance(row[1].message, CheckSession)]
    await run.let_pass(5 * MINUTE)
    for phase in (Phase.PERSON, Phase.PHONE, Phase.SESSION):
        run.state = run.state.but(phase=phase)
        await run.hear(GiveUpIdentification(application_id=APPLICATION))
    assert not reasons(run)


async def test_nobody_is_given_up_before_the_next_page_is_there() -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    await run.hear(CheckSession(application_id=APPLICATION, attempt=1), answers=Session("s", status="FAILED"))
    await run.hear(GiveUpIdentification(application_id=APPLICATION))
    assert not reasons(run)


async def test_a_confirmed_citizen_is_never_given_up() -> None:
    run = await begun(Outside(), 31 * MINUTE)
    assert not reasons(run)
    assert len(run.said_of(IdentityConfirmed)) == 1


@pytest.mark.parametrize("ended", ["in progress", "given up", "out of time", "out of order"])
async def test_an_open_session_is_cancelled_with_the_application(ended: str) -> None:
    run = await showing(outside := Outside(sessions=["PROGRESS"]))
    if ended == "given up":
        await run.hear(GiveUpIdentification(application_id=APPLICATION))
    elif ended == "out of time":
        await run.let_pass(16 * MINUTE)
    elif ended == "out of order":
        await run.hear(CheckSession(application_id=APPLICATION, attempt=1), answers=Outage("digital-id"))
    await run.hear(closed())
    await run.hear(closed())
    await run.let_pass(timedelta())
    assert outside.asked_for("cancel") == [(f"session {APPLICATION}/1",)]


@pytest.mark.parametrize("status", ["PASSED", "FAILED"])
async def test_a_session_that_is_over_is_not_cancelled(status: str) -> None:
    run = await begun(outside := Outside(sessions=[status]), 5 * MINUTE)
    await run.hear(closed())
    await run.let_pass(timedelta())
    assert not outside.asked_for("cancel")


async def test_a_session_that_opens_after_the_ending_is_cancelled() -> None:
    run = await showing(outside := Outside(sessions=["PROGRESS"]))
    run.state = run.state.but(session_id=None, closed=True)
    said = list(run.said)
    await run.hear(OpenSession(application_id=APPLICATION, attempt=1), answers=Session("late"))
    await run.let_pass(timedelta())
    assert outside.asked_for("cancel") == [("late",)]
    assert run.said == said


async def test_a_session_that_was_opened_unheard_before_the_ending_is_found_by_its_key_and_cancelled() -> None:
    run = await showing(outside := Outside(sessions=["PROGRESS"]))
    run.state = run.state.but(session_id=None, closed=True)
    said = list(run.said)
    await run.hear(OpenSession(application_id=APPLICATION, attempt=1))
    await run.let_pass(timedelta())
    assert outside.asked_for("cancel") == [(f"session {APPLICATION}/1",)]
    assert run.said == said


async def test_a_session_that_may_have_been_opened_unheard_is_cancelled_when_the_system_answers_again() -> None:
    run = await showing(outside := Outside(sessions=["PROGRESS"]))
    run.state = run.state.but(session_id=None)
    await run.hear(OpenSession(application_id=APPLICATION, attempt=1), answers=Outage("digital-id"))
    assert run.state.phase is Phase.UNAVAILABLE
    await run.let_pass(timedelta())
    assert outside.asked_for("cancel") == [(f"session {APPLICATION}/1",)]


async def test_an_undoing_that_finds_the_system_down_is_no_answer_to_anyone() -> None:
    run = await begun(Outside(), MINUTE)
    state = run.state
    await run.hear(CancelSession(application_id=APPLICATION, session_id="s"), answers=Outage("digital-id"))
    assert run.state == state


async def test_after_the_ending_nothing_is_asked_and_no_answer_changes_anything() -> None:
    outside = Outside(sessions=["PROGRESS"])
    run = await showing(outside)
    await run.hear(closed())
    await run.let_pass(timedelta())
    state, said, asked = run.state, list(run.said), list(outside.asked)
    await run.let_pass(60 * MINUTE)
    for answer in ("PASSED", "FAILED"):
        await run.hear(CheckSession(application_id=APPLICATION, attempt=1), answers=Session("s", status=answer))
    await run.hear(ConfirmPhone(application_id=APPLICATION))
    assert (run.state, run.said, outside.asked) == (state, said, asked)


async def test_an_ending_heard_first_leaves_a_closed_state_and_nothing_is_asked() -> None:
    run = a_run(outside := Outside({1: GRANTED}))
    await run.hear_all([closed(), opened()])
    await run.let_pass(60 * MINUTE)
    assert (run.said, outside.asked) == ([], [])


async def test_every_message_of_the_page_heard_twice_says_nothing_more() -> None:
    run = await showing(Outside(sessions=["PROGRESS"]))
    said = list(run.said)
    await run.hear_all([opened(), OpenSession(application_id=APPLICATION, attempt=1)])
    assert run.said == said
    assert len(run.said_of(ConsentRequested)) == 1
