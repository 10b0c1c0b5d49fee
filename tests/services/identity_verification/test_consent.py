"""S1: consent by SMS, three times over ten minutes, for every register that will be asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.identity_verification.answers import Consent
from services.identity_verification.state import ACCESS_NAMES, CheckConsent, GiveUpIdentification, RequestConsent
from shared.contracts.identity_verification import (
    ConsentRequested,
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
    IdentityUnavailable,
)
from shared.engine.decision import Overdue
from tests.services.identity_verification.outside import (
    DENIED,
    EXPIRED,
    GRANTED,
    IIN,
    MINUTE,
    PENDING,
    Outside,
    a_run,
    acts,
    begun,
    opened,
    steps,
    tokens,
)
from tests.services.running import APPLICATION, NOW, Run


def reasons(run: Run) -> list[IdentityRefusal]:
    return [said.reason for said in run.said_of(IdentityRefused)]


async def test_consent_is_asked_for_at_once_and_the_citizen_has_ten_minutes() -> None:
    run = await begun(outside := Outside({1: PENDING}))
    assert outside.asked_for("request") == [(f"{APPLICATION}/1", IIN)]
    assert run.said == [ConsentRequested(application_id=APPLICATION, send=1, until=NOW + 10 * MINUTE)]


async def test_consent_is_asked_for_three_times_over_the_ten_minutes_each_once() -> None:
    run = await begun(outside := Outside({1: PENDING}), 9.9 * MINUTE)
    assert [asked[0] for asked in outside.asked_for("request")] == [f"{APPLICATION}/{send}" for send in (1, 2, 3)]
    asked = run.said_of(ConsentRequested)
    assert [(said.send, said.until) for said in asked] == [(send, NOW + 10 * MINUTE) for send in (1, 2, 3)]


async def test_the_sends_are_spread_evenly() -> None:
    run = await begun(Outside({1: PENDING}), 3.3 * MINUTE)
    assert len(run.said) == 1
    await run.let_pass(MINUTE)
    assert len(run.said) == 2


async def test_consent_that_nobody_gives_expires_after_ten_minutes() -> None:
    run = await begun(Outside({1: PENDING}), 10.5 * MINUTE)
    assert reasons(run) == [IdentityRefusal.CONSENT_EXPIRED]


async def test_a_request_that_expires_early_is_made_again_before_anyone_is_refused() -> None:
    run = await begun(outside := Outside({1: EXPIRED, 2: PENDING}), MINUTE)
    assert len(outside.asked_for("request")) == 2
    assert not reasons(run)


async def test_three_requests_that_expired_refuse() -> None:
    run = await begun(Outside({1: EXPIRED, 2: EXPIRED, 3: EXPIRED}), MINUTE)
    assert reasons(run) == [IdentityRefusal.CONSENT_EXPIRED]


async def test_consent_denied_refuses_at_once_and_no_register_is_asked() -> None:
    run = await begun(outside := Outside({1: DENIED}), MINUTE)
    assert reasons(run) == [IdentityRefusal.CONSENT_DENIED]
    assert set(outside.questions()) == {"request", "status"}
    assert steps(run) == ["S1 refused"]


async def test_the_citizen_may_answer_any_of_the_messages() -> None:
    outside = Outside({1: PENDING})
    run = await begun(outside, 5 * MINUTE)
    outside.consents = {1: GRANTED, 2: PENDING}
    await run.let_pass(MINUTE)
    assert len(run.said_of(IdentityConfirmed)) == 1


async def test_consent_is_kept_with_a_token_for_every_access_name() -> None:
    run = await begun(Outside(), MINUTE)
    assert {token.access_name for token in run.state.consents.value} == set(ACCESS_NAMES)
    assert steps(run)[0] == "S1 done"


@pytest.mark.parametrize("lacking", ACCESS_NAMES)
async def test_a_grant_that_lacks_a_token_is_no_grant_and_nothing_is_asked_without_it(lacking: str) -> None:
    part = Consent("VALID", tokens(name for name in ACCESS_NAMES if name != lacking))
    run = await begun(outside := Outside({1: part, 2: part, 3: part}), 11 * MINUTE)
    assert reasons(run) == [IdentityRefusal.CONSENT_EXPIRED]
    assert set(outside.questions()) == {"request", "status"}


async def test_looks_grow_rarer() -> None:
    await begun(outside := Outside({1: PENDING}), 3 * MINUTE)
    assert len(outside.asked_for("status")) < 30


async def test_the_citizen_has_all_ten_minutes_however_late_the_request_was_taken() -> None:
    run = a_run(outside := Outside({1: PENDING}))
    await run.hear(opened())
    run.waiting = [row for row in run.waiting if not isinstance(row[1].message, RequestConsent)]
    await run.let_pass(25 * MINUTE)
    await run.hear(RequestConsent(application_id=APPLICATION, send=1))
    assert run.said == [ConsentRequested(application_id=APPLICATION, send=1, until=NOW + 35 * MINUTE)]
    assert outside.questions() == ["request"]


async def test_thirty_minutes_unidentified_refuse_whoever_still_has_time_to_consent() -> None:
    run = a_run(Outside({1: PENDING}))
    await run.hear(opened())
    run.waiting = [row for row in run.waiting if not isinstance(row[1].message, RequestConsent)]
    await run.let_pass(25 * MINUTE)
    await run.hear(RequestConsent(application_id=APPLICATION, send=1))
    await run.let_pass(5 * MINUTE)
    assert reasons(run) == [IdentityRefusal.UNIDENTIFIED_TOO_LONG]


async def test_nobody_is_given_up_while_the_consent_system_keeps_them_waiting() -> None:
    run = a_run(Outside({1: PENDING}))
    await run.hear(opened())
    await run.fire(GiveUpIdentification)
    assert not run.said
    await run.let_pass(timedelta())
    run.waiting = [row for row in run.waiting if not isinstance(row[1].message, CheckConsent)]
    await run.let_pass(30 * MINUTE)
    await run.hear(GiveUpIdentification(application_id=APPLICATION))
    assert not reasons(run)


@pytest.mark.parametrize("message", [RequestConsent, CheckConsent])
async def test_a_silent_consent_system_redirects_after_its_long_deadline(message: type[RequestConsent]) -> None:
    run = a_run(Outside({1: PENDING}))
    await run.hear(opened())
    await run.hear(message(application_id=APPLICATION, send=1), answers=Overdue("kdp"))
    assert run.said == [IdentityUnavailable(application_id=APPLICATION, dependency="kdp")]


async def test_what_is_heard_twice_is_said_once() -> None:
    run = await begun(outside := Outside({1: PENDING}))
    await run.hear(opened())
    await run.hear(RequestConsent(application_id=APPLICATION, send=1))
    assert len(run.said) == 1
    assert len({asked[0] for asked in outside.asked_for("request")}) == 1


async def test_every_request_and_its_answer_is_audited() -> None:
    run = await begun(Outside({1: DENIED}), MINUTE)
    assert acts(run) == ["asked consent: sent", "consent: CONSENT_DENIED"]
