"""S2 with a token that ГБД ФЛ or БМГ does not take: the citizen is asked once more; it is nobody's outage."""

from __future__ import annotations

import pytest

from services.identity_verification.answers import Consent
from services.identity_verification.state import ACCESS_NAMES, PEOPLE, PHONES
from shared.contracts.identity_verification import (
    ConsentRequested,
    IdentityConfirmed,
    IdentityRefusal,
    IdentityRefused,
)
from tests.services.identity_verification.outside import GRANTED, MINUTE, PENDING, Outside, acts, begun, steps, tokens

ANEW = Consent("VALID", tokens(what="fresh"))
ALL_BUT = {PEOPLE: f"token of {PHONES}", PHONES: f"token of {PEOPLE}"}
FRESH = tuple(f"fresh of {name}" for name in ACCESS_NAMES)


@pytest.mark.parametrize("refusing", [PEOPLE, PHONES])
async def test_a_token_that_is_not_taken_is_asked_for_anew_and_the_person_is_confirmed(refusing: str) -> None:
    outside = Outside({1: GRANTED, 2: ANEW}, taken=(ALL_BUT[refusing], *FRESH))
    run = await begun(outside, 2 * MINUTE)
    assert [said.send for said in run.said_of(ConsentRequested)] == [1, 2]
    assert len(run.said_of(IdentityConfirmed)) == 1
    assert run.state.consents.value == ANEW.tokens
    assert steps(run) == ["S1 done", "S2 done", "S3 done"], "the stage record has each step once"
    dependency = {PEOPLE: "gbdfl", PHONES: "bmg"}[refusing]
    assert f"consent: not taken by {dependency}: CONSENT_EXPIRED" in acts(run)


async def test_the_citizen_has_ten_minutes_for_the_new_answer_too() -> None:
    run = await begun(Outside({1: GRANTED, 2: PENDING}, taken=FRESH), MINUTE)
    first, second = run.said_of(ConsentRequested)
    assert second.until > first.until
    assert run.state.consents.value == GRANTED.tokens, "kept, to know them when КДП tells of them again"
    await run.let_pass(11 * MINUTE)
    assert [said.reason for said in run.said_of(IdentityRefused)] == [IdentityRefusal.CONSENT_EXPIRED]


async def test_the_same_tokens_given_once_more_are_no_answer_and_it_ends() -> None:
    outside = Outside({1: GRANTED, 2: GRANTED, 3: GRANTED}, taken=("no such token",))
    run = await begun(outside, 3 * MINUTE)
    assert [said.reason for said in run.said_of(IdentityRefused)] == [IdentityRefusal.CONSENT_EXPIRED]
    assert len(outside.asked_for("person")) == 1, "what was refused is not shown again"


async def test_ever_new_tokens_that_nobody_takes_end_with_the_sends() -> None:
    given = {send: Consent("VALID", tokens(what=f"send {send}")) for send in (1, 2, 3)}
    outside = Outside(given, taken=("no such token",))
    run = await begun(outside, 3 * MINUTE)
    assert [said.reason for said in run.said_of(IdentityRefused)] == [IdentityRefusal.CONSENT_EXPIRED]
    assert len(outside.asked_for("person")) == 3


async def test_tokens_refused_first_are_no_answer_after_others_were_refused_either() -> None:
    other = Consent("VALID", tokens(what="send 2"))
    outside = Outside({1: GRANTED, 2: other, 3: PENDING}, taken=("no such token",))
    run = await begun(outside, 3 * MINUTE)
    assert [said.send for said in run.said_of(ConsentRequested)] == [1, 2, 3]
    assert len(outside.asked_for("person")) == 2, "each set is shown once"
    assert not run.said_of(IdentityRefused), "the citizen is waited for"
    await run.let_pass(11 * MINUTE)
    assert [said.reason for said in run.said_of(IdentityRefused)] == [IdentityRefusal.CONSENT_EXPIRED]
