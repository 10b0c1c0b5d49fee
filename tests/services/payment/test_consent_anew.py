"""S14 with a token that АИС СИК takes no more: КДП gives another; meanwhile nothing is charged and nothing waived."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.payment.invoice import Phase
from shared.contracts.payment import FeeRequested, FeeWaived
from shared.law.exemptions import SocialStatus
from tests.services.payment.stage import IN_2025, IN_2026, Outside, Renewing, Social, a_run, charged, form, identity
from tests.services.payment.stage import registered as talon
from tests.services.running import APPLICATION

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("statuses", "said"), [((), FeeRequested), ((SocialStatus("DISABLED"),), FeeWaived)])
async def test_a_fresh_token_is_asked_for_and_the_register_answers(statuses: Any, said: type) -> None:
    outside = Outside(social=Social(statuses, takes="fresh"))
    run = await charged(outside)
    await run.let_pass(MINUTE)
    assert [type(one) for one in run.said] == [said]
    assert (outside.social.asked, set(outside.renewing.asked)) == (2, {f"{APPLICATION}/1/1"})


async def test_while_the_citizen_is_asked_nothing_is_charged_and_nobody_is_held() -> None:
    outside = Outside(social=Social(takes="fresh"), renewing=Renewing(["PENDING", "PENDING", "PENDING", "VALID"]))
    run = await charged(outside)
    assert (run.said, run.state.phase) == ([], Phase.ASSESSING)
    await run.let_pass(MINUTE)
    assert [type(one) for one in run.said] == [FeeRequested]
    assert set(outside.renewing.asked) == {f"{APPLICATION}/1/1"}, "one renewal, looked at again"


async def test_a_renewal_that_expires_is_made_again_and_in_the_end_operations_look() -> None:
    outside = Outside(social=Social(takes="fresh"), renewing=Renewing(["EXPIRED"]))
    run = await charged(outside)
    await run.let_pass(10 * MINUTE)
    assert outside.renewing.asked == [f"{APPLICATION}/1/{number}" for number in (1, 2, 3)]
    assert (run.said, run.state.phase, run.state.held_for) == ([], Phase.HELD, "NO_CONSENT")


async def test_the_citizens_no_is_for_operations_at_once() -> None:
    run = await charged(Outside(social=Social(takes="fresh"), renewing=Renewing(["DENIED"])))
    await run.let_pass(MINUTE)
    assert (run.said, run.state.phase, run.state.held_for) == ([], Phase.HELD, "NO_CONSENT")


async def test_fresh_tokens_that_nobody_takes_end_with_operations_too() -> None:
    outside = Outside(social=Social(takes="another"))
    run = await charged(outside)
    await run.let_pass(10 * MINUTE)
    assert (outside.social.asked, run.state.phase) == (4, Phase.HELD)


async def test_a_token_that_has_run_out_is_not_even_shown() -> None:
    outside = Outside(social=Social(takes="fresh"))
    person = identity()
    held = tuple(token.model_copy(update={"expires_at": IN_2025}) for token in person.consents.value)
    assert held != person.consents.value
    assert IN_2026 > IN_2025
    old = person.model_copy(update={"consents": type(person.consents)(held)})
    run = await a_run(outside).hear_all((old, form(), talon()))
    await run.let_pass(MINUTE)
    assert [type(one) for one in run.said] == [FeeRequested]
    assert outside.social.asked == 1


async def test_a_renewal_that_kdp_will_not_take_is_for_operations_in_the_end_and_never_lost() -> None:
    outside = Outside(social=Social(takes="fresh"), renewing=Renewing(["REFUSED"]))
    run = await charged(outside)
    await run.let_pass(10 * MINUTE)
    assert (run.said, run.state.phase, run.state.held_for) == ([], Phase.HELD, "NO_CONSENT")
