"""Identity verification goes on when rows or facts were lost, at whatever question it stood."""

from __future__ import annotations

from datetime import timedelta

from services.identity_verification.answers import Consent
from services.identity_verification.likeness import Likeness
from services.identity_verification.resuming import awaited
from services.identity_verification.state import GiveUpIdentification, Phase
from shared.contracts.base import routing_key
from shared.contracts.identity_verification import (
    ConsentRequested,
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
    PhotoAccepted,
    PhotoReturned,
    ResumeIdentification,
)
from shared.engine.decision import Given, Outage
from tests.services.healing import unmet
from tests.services.identity_verification.outside import (
    DENIED,
    MINUTE,
    QUICK,
    Outside,
    a_run,
    begun,
    closed,
    form,
    opened,
)
from tests.services.running import APPLICATION, Run

RESUME = ResumeIdentification(application_id=APPLICATION)
SECOND = timedelta(seconds=1)


def outside(*sessions: str) -> Outside:
    return Outside(
        sessions=list(sessions or ("PROGRESS", "FAILED", "PROGRESS", "PASSED")),
        likenesses=[Likeness(match=False, score=10), Likeness(match=True, score=91)],
        shown=lambda reference: reference.encode(), eyes=QUICK,
    )  # fmt: skip


def missing(run: Run) -> list[str]:
    return unmet(run, awaited(run.state, Given(now=run.now)))


async def step(run: Run) -> bool:
    """The first row that is due is worked off; False when nothing waits but the term of the whole."""
    rows = [row for row in run.waiting if not isinstance(row[1].message, GiveUpIdentification)]
    if not rows:
        return False
    first = min(rows, key=lambda row: row[0])
    run.waiting.remove(first)
    run.moved = max(run.moved, first[0] - run.started)
    await run.hear(first[1].message)
    return True


async def lived(lose_at: int | None = None) -> tuple[Run, int]:
    """Opened, identified at the second attempt, three forms; rows are lost before that question. Gives their number."""
    run, questions = a_run(outside()), 0
    for heard in (opened(), form(1, "dark"), form(2), form(3)):
        await run.hear(heard)
        while True:
            assert missing(run) == []
            if questions == lose_at:
                run.waiting.clear()
                await run.hear_all([RESUME, RESUME])
                assert missing(run) == []
            questions += 1
            if not await step(run):
                break
    return run, questions


async def test_whatever_question_is_lost_it_is_asked_again_and_it_ends_the_same() -> None:
    expected, questions = await lived()
    assert expected.state.phase is Phase.CONFIRMED
    assert [said.revision for said in expected.said_of(PhotoAccepted)] == [3]
    assert questions > 12
    for place in range(questions):
        run, _ = await lived(place)
        quiet = {word for word in run.words() if "until" not in word}
        assert quiet == {word for word in expected.words() if "until" not in word}, place
        assert (run.state.judged, run.state.photo_misses, run.state.likeness_misses) == (3, 1, 1)


async def test_going_on_asks_nothing_twice_while_the_rows_stand() -> None:
    run = a_run(outside("PROGRESS"))
    await run.hear(opened())
    for _ in range(8):
        rows = sorted(routing_key(later.message) for _, later in run.waiting)
        await run.hear_all([RESUME, RESUME])
        assert sorted(routing_key(later.message) for _, later in run.waiting) == rows
        await step(run)


async def test_the_request_for_consent_is_said_again_with_the_same_term() -> None:
    run = await begun(Outside(consents={1: Consent("PENDING")}), SECOND)
    await run.let_pass(MINUTE)
    await run.hear(RESUME)
    first, again = run.said_of(ConsentRequested)
    assert first == again


async def test_a_person_confirmed_is_confirmed_again_word_for_word() -> None:
    run = await begun(outside("PASSED"), MINUTE)
    await run.hear(RESUME)
    first, again = run.said_of(IdentityConfirmed)
    assert first == again


async def test_a_refusal_is_said_again_with_its_reason() -> None:
    run = await begun(Outside(consents={1: DENIED}), MINUTE)
    await run.hear(RESUME)
    assert [said.reason for said in run.said_of(IdentityRefused)] == [IdentityRefusal.CONSENT_DENIED] * 2


async def test_a_system_that_was_silent_is_named_again() -> None:
    run = await begun(Outside(consents={1: Consent("PENDING")}), SECOND)
    (check,) = (later.message for _, later in run.waiting if routing_key(later.message) == "check-consent")
    await run.hear(check, answers=Outage("kdp"))
    await run.hear(RESUME)
    assert [said.dependency for said in run.said_of(IdentityUnavailable)] == ["kdp", "kdp"]


async def test_only_the_verdict_on_the_form_that_stands_is_said_again() -> None:
    run = await begun(outside("PASSED"), MINUTE)
    await run.hear(form(1, "dark"))
    await run.let_pass(MINUTE)
    await run.hear(RESUME)
    assert [said.revision for said in run.said_of(PhotoReturned)] == [1, 1]
    await run.hear(form(2))
    await run.hear(RESUME)
    assert [said.revision for said in run.said_of(PhotoReturned)] == [1, 1]


async def test_after_the_ending_nothing_is_said_and_nothing_is_asked() -> None:
    run = await begun(outside("PASSED"), MINUTE)
    await run.hear(closed())
    run.said.clear()
    run.waiting.clear()
    await run.hear(RESUME)
    assert (run.said, run.waiting) == ([], [])


async def test_an_application_never_heard_of_is_not_begun() -> None:
    run = a_run(outside())
    await run.hear(RESUME)
    assert (run.said, run.waiting) == ([], [])
