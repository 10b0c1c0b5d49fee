"""S2: the person by ГБД ФЛ and the phone by БМГ, one after the other, each only with its token."""

from __future__ import annotations

import pytest

from services.identity_verification.answers import Phone
from services.identity_verification.state import ConfirmPhone, IdentifyPerson
from shared.contracts.base import Message
from shared.contracts.identity_verification import (
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
)
from shared.engine.decision import Outage, Overdue
from tests.services.identity_verification.outside import IIN, PHONE, Outside, a_run, acts, begun, opened, steps
from tests.services.running import APPLICATION, Run


def reasons(run: Run) -> list[IdentityRefusal]:
    return [said.reason for said in run.said_of(IdentityRefused)]


async def stopped_at(kind: type[Message], outside: Outside) -> Run:
    """The message of that kind waits to be heard."""
    run = a_run(outside)
    await run.hear(opened())
    while not any(isinstance(later.message, kind) for _, later in run.waiting):
        due, later = min(run.waiting, key=lambda row: row[0])
        run.waiting.remove((due, later))
        run.moved = max(run.moved, due - run.started)
        await run.hear(later.message)
    run.waiting = []
    return run


async def test_the_systems_are_asked_strictly_one_after_another() -> None:
    run = await begun(outside := Outside())
    await run.let_pass(run.rules.poll * 10)
    assert outside.questions() == ["request", "status", "person", "phone", "open", "look"]


async def test_each_register_is_asked_with_its_own_token_once() -> None:
    run = await begun(outside := Outside())
    await run.let_pass(run.rules.poll * 10)
    assert outside.asked_for("person") == [(IIN, "token of GBDFLUniversal_token")]
    assert outside.asked_for("phone") == [(IIN, PHONE, "token of MCDB_SERVICE")]


async def test_a_person_that_nobody_knows_is_refused_and_the_phone_is_not_asked() -> None:
    run = await begun(outside := Outside(person=None))
    await run.let_pass(run.rules.poll)
    assert reasons(run) == [IdentityRefusal.PERSON_NOT_FOUND]
    assert "phone" not in outside.questions()
    assert steps(run) == ["S1 done", "S2 refused"]


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        (Phone(found=False, matches=False), IdentityRefusal.PHONE_ABSENT),
        (Phone(found=True, matches=False), IdentityRefusal.PHONE_OF_ANOTHER),
    ],
)
async def test_a_phone_that_is_not_the_citizens_is_refused_and_nobody_is_identified(
    phone: Phone, reason: IdentityRefusal
) -> None:
    run = await begun(outside := Outside(phone=phone))
    await run.let_pass(run.rules.poll)
    assert reasons(run) == [reason]
    assert "open" not in outside.questions()
    assert steps(run) == ["S1 done", "S2 refused"]


@pytest.mark.parametrize(
    ("kind", "silence"),
    [
        (IdentifyPerson, Overdue("gbdfl")), (ConfirmPhone, Outage("bmg")), (ConfirmPhone, Overdue("bmg")),
    ],
)  # fmt: skip
async def test_a_register_that_is_out_or_silent_redirects(kind: type[Message], silence: Outage | Overdue) -> None:
    run = await stopped_at(kind, Outside())
    await run.hear(kind(application_id=APPLICATION), answers=silence)
    assert run.said_of(IdentityUnavailable) == [
        IdentityUnavailable(application_id=APPLICATION, dependency=silence.dependency)
    ]
    assert not run.waiting


@pytest.mark.parametrize("kind", [IdentifyPerson, ConfirmPhone])
async def test_after_an_outage_a_late_answer_changes_nothing(kind: type[Message]) -> None:
    run = await stopped_at(kind, Outside())
    await run.hear(kind(application_id=APPLICATION), answers=Outage("bmg"))
    state, said = run.state, list(run.said)
    await run.hear(kind(application_id=APPLICATION))
    assert (run.state, run.said) == (state, said)


@pytest.mark.parametrize("kind", [IdentifyPerson, ConfirmPhone])
async def test_what_is_answered_twice_is_asked_and_said_once(kind: type[Message]) -> None:
    run = await begun(outside := Outside())
    await run.let_pass(run.rules.poll * 10)
    before = list(outside.asked)
    await run.hear(kind(application_id=APPLICATION))
    assert outside.asked == before
    assert len(run.said_of(IdentityConfirmed)) == 1


async def test_every_question_about_the_person_is_audited() -> None:
    run = await begun(Outside())
    await run.let_pass(run.rules.poll * 10)
    assert acts(run) == [
        "asked consent: sent", "consent: granted", "asked ГБД ФЛ: answered", "asked БМГ: answered",
        "identification: passed: liveness 97, likeness 91",
    ]  # fmt: skip


async def test_nothing_of_the_person_prints_itself() -> None:
    run = await begun(Outside())
    await run.let_pass(run.rules.poll * 10)
    shown = repr(run.state) + repr(run.said) + repr(run.appended)
    assert not [word for word in (IIN, PHONE, "ҮЛГІБАЕВ", "token of") if word in shown]
