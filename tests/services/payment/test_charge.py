"""S14 and S15: who is asked to pay, how much, and who is not."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.payment import charge
from services.payment.gateway import GATEWAY, REGISTRY, REVENUE, SOCIAL
from services.payment.invoice import Alert, Phase
from services.payment.messages import AskExemption, ReleaseInvoice, RequestInvoice, SetTerms
from shared.contracts.payment import FeeRequested, FeeWaived, InvoiceCancelled, WaiverGround
from shared.contracts.values import Ending
from shared.engine.rows import Unavailable
from shared.engine.service import AskPolicy, Audited, Step
from shared.law.exemptions import EXEMPTIONS, Category, SocialStatus
from tests.services.payment.stage import (
    FEE,
    IN_2025,
    IN_2026,
    NEW_YEARS_EVE_2024,
    NEW_YEARS_EVE_2025,
    Outside,
    Registry,
    Social,
    a_run,
    account,
    cancel,
    charged,
    closed,
    form,
    identity,
    receipt,
    registered,
    sums,
)
from tests.services.running import APPLICATION, Run

EXEMPT = SocialStatus("DISABLED")


async def charged_across(outside: Outside, started: datetime) -> Run:
    """A new year begins while the invoice is open."""
    run = await charged(outside, started)
    return await run.let_pass(timedelta(hours=20))


def steps(run: Run) -> list[tuple[str, str, str]]:
    return [(step.step, step.result, step.reason) for step in run.appended_of(Step)]


async def test_the_fee_is_requested_by_the_invoice_of_the_register() -> None:
    run = await charged(Outside())
    assert run.said == [
        FeeRequested(
            application_id=APPLICATION, invoice_id="INV-1", amount=FEE, pay_url="https://pay.example/INV-1",
            until=IN_2025 + timedelta(hours=24),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_nothing_is_asked_before_person_form_and_talon_are_known(order: tuple[int, ...]) -> None:
    facts = (identity(), form(), registered())
    run = a_run(Outside())
    for place in order:
        assert not run.waiting
        await run.hear(facts[place])
    assert run.waiting


async def test_the_gateway_is_told_the_deadline() -> None:
    outside = Outside()
    await charged(outside)
    assert outside.gateway.terms == [("INV-1", IN_2025 + timedelta(hours=24))]


async def test_in_2026_the_rate_is_zero_and_nobody_is_asked_about_the_person() -> None:
    outside = Outside()
    run = await charged(outside, IN_2026)
    assert run.said == [FeeWaived(application_id=APPLICATION, ground=WaiverGround.ZERO_RATE)]
    assert outside.social.asked == 0
    assert not outside.registry.fees
    assert steps(run) == [("S14", "skipped", "ZERO_RATE"), ("S15", "skipped", "ZERO_RATE")]


@pytest.mark.parametrize("category", Category)
async def test_every_category_of_the_tax_code_pays_nothing(category: Category) -> None:
    run = await charged(Outside(social=Social((SocialStatus(category.value),))))
    assert run.said == [FeeWaived(application_id=APPLICATION, ground=WaiverGround.EXEMPT)]
    assert steps(run) == [("S14", "done", ""), ("S15", "skipped", "EXEMPT")]


async def test_the_category_of_an_exemption_stays_in_payment() -> None:
    run = await charged(Outside(social=Social((EXEMPT,))))
    assert run.state.category.value == "DISABLED"
    assert "DISABLED" not in repr((run.said, run.appended, run.state))


@pytest.mark.parametrize(
    "status",
    [
        SocialStatus("PENSIONER"),
        SocialStatus("DISABLED", valid_until=IN_2025.date() - timedelta(days=1)),
        SocialStatus("DISABLED", valid_from=IN_2025.date() + timedelta(days=1)),
    ],
)
async def test_a_status_that_the_law_does_not_name_or_that_does_not_hold_exempts_nobody(status: SocialStatus) -> None:
    run = await charged(Outside(social=Social((status,))))
    assert run.said_of(FeeRequested)
    assert not run.said_of(FeeWaived)


async def test_a_silent_register_neither_charges_nor_waives() -> None:
    outside = Outside(social=Social(silent=True))
    run = await a_run(outside).hear_all((identity(), form(), registered()))
    with pytest.raises(Unavailable):
        await run.fire(AskExemption)
    assert run.said == []


@pytest.mark.parametrize("policy", [SOCIAL, REGISTRY, GATEWAY, REVENUE])
def test_after_registration_no_silence_ever_sends_anyone_away(policy: AskPolicy) -> None:
    assert policy.deadline is None
    assert not policy.p12


async def test_without_a_consent_the_register_is_not_asked_and_operations_look() -> None:
    outside = Outside()
    run = await a_run(outside).hear_all((identity(consented=False), form(), registered()))
    await run.let_pass(timedelta(seconds=1))
    assert outside.social.asked == 0
    assert (run.said, run.state.phase, run.state.held_for) == ([], Phase.HELD, "NO_CONSENT")


async def test_every_request_of_personal_data_is_in_the_audit_trail() -> None:
    run = await charged(Outside())
    assert "asked АИС СИК" in {row.what for row in run.appended_of(Audited)}


async def test_an_invoice_of_another_amount_than_ours_is_held_for_operations() -> None:
    run = await charged(Outside(registry=Registry(amount=865)))
    assert run.said == []
    assert (run.state.phase, run.state.held_for) == (Phase.HELD, "AMOUNT_DIFFERS")
    assert [(alert.what, alert.detail) for alert in run.appended_of(Alert)] == [("invoice held", "AMOUNT_DIFFERS")]


async def test_an_invoice_of_another_budget_code_is_held_for_operations() -> None:
    run = await charged(Outside(registry=Registry(kbk="108125")))
    assert (run.said, run.state.held_for) == ([], "CODE_DIFFERS")


async def test_an_invoice_that_another_application_holds_is_held_and_left_alone() -> None:
    outside = Outside()
    another = APPLICATION.__class__(int=2)
    run = await a_run(outside, owners={"invoice/INV-1": another}).hear_all((identity(), form(), registered()))
    await run.let_pass(timedelta(seconds=1))
    assert (run.state.held_for, run.state.invoice_id) == ("OF_ANOTHER", "")
    await run.hear(cancel())
    assert run.said == [InvoiceCancelled(application_id=APPLICATION)]
    assert not outside.gateway.cancelled


async def test_a_released_invoice_is_cancelled_and_the_fee_is_assessed_again() -> None:
    outside = Outside(registry=Registry(amount=865))
    run = await charged(outside)
    outside.registry.amount = FEE
    assert await run.hear(ReleaseInvoice(application_id=APPLICATION, round=1, officer="9"))
    await run.let_pass(timedelta(seconds=1))
    assert outside.gateway.cancelled == ["INV-1"]
    assert [(said.invoice_id, said.amount, said.round) for said in run.said_of(FeeRequested)] == [("INV-2", FEE, 2)]
    assert "officer:9" in {row.who for row in run.appended_of(Audited)}


async def test_an_invoice_that_is_not_held_is_not_released() -> None:
    run = await charged(Outside())
    assert await run.hear(ReleaseInvoice(application_id=APPLICATION, round=1, officer="9")) is False
    assert run.state.phase is Phase.OPEN


async def test_an_open_invoice_dies_when_the_table_changes_and_the_zero_rate_waives() -> None:
    outside = Outside()
    run = await charged_across(outside, NEW_YEARS_EVE_2025)
    assert outside.gateway.cancelled == ["INV-1"]
    assert [type(said).__name__ for said in run.said] == ["FeeRequested", "FeeWaived"]
    assert run.said_of(FeeWaived)[0].ground is WaiverGround.ZERO_RATE
    assert steps(run) == [("S14", "done", ""), ("S15", "skipped", "ZERO_RATE")]
    assert sums(run) == {}


async def test_an_open_invoice_dies_when_the_table_changes_and_the_new_fee_is_requested() -> None:
    outside = Outside(registry=Registry(amount=738))
    run = await charged(outside, NEW_YEARS_EVE_2024)
    outside.registry.amount = None
    await run.let_pass(timedelta(hours=20))
    assert [(said.amount, said.round) for said in run.said_of(FeeRequested)] == [(738, 1), (786, 2)]
    assert sums(run) == {"receivable": 786, "suspense": -786}


async def test_a_silent_register_is_not_waited_for_when_the_new_year_makes_it_free() -> None:
    outside = Outside(social=Social(silent=True))
    run = await a_run(outside, NEW_YEARS_EVE_2025).hear_all((identity(), form(), registered()))
    stuck = [row for row in run.waiting if isinstance(row[1].message, AskExemption)]
    run.waiting = [row for row in run.waiting if row not in stuck]
    await run.let_pass(timedelta(hours=20))
    assert [type(said).__name__ for said in run.said] == ["FeeWaived"]
    assert steps(run) == [("S14", "skipped", "ZERO_RATE"), ("S15", "skipped", "ZERO_RATE")]
    await run.hear(stuck[0][1].message)
    assert outside.social.asked == 0


async def test_an_invoice_that_comes_under_another_law_is_cancelled_and_never_shown() -> None:
    outside = Outside(registry=Registry(silent=True))
    run = await a_run(outside, NEW_YEARS_EVE_2025).hear_all((identity(), form(), registered()))
    await run.fire(AskExemption)
    asked = [row for row in run.waiting if isinstance(row[1].message, RequestInvoice)]
    run.waiting = [row for row in run.waiting if row not in asked]
    await run.let_pass(timedelta(hours=20))
    outside.registry.silent = False
    await run.hear(asked[0][1].message)
    await run.let_pass(timedelta(seconds=1))
    assert outside.gateway.cancelled == ["INV-1"]
    assert [type(said).__name__ for said in run.said] == ["FeeWaived"]


async def test_a_held_invoice_is_free_too_when_the_new_year_makes_it_free() -> None:
    outside = Outside(registry=Registry(amount=1))
    run = await charged_across(outside, NEW_YEARS_EVE_2025)
    assert [type(said).__name__ for said in run.said] == ["FeeWaived"]


@pytest.mark.parametrize("ending", [Ending.REFUSED, Ending.ABANDONED, Ending.REDIRECTED, Ending.WITHDRAWN])
async def test_an_application_that_ended_before_is_never_charged(ending: Ending) -> None:
    run = await a_run(Outside()).hear_all((closed(ending), identity(), form(), registered()))
    await run.let_pass(timedelta(days=2))
    assert (run.said, run.waiting) == ([], [])


async def test_an_invoice_that_comes_after_the_ending_is_cancelled_in_silence() -> None:
    outside = Outside()
    run = await a_run(outside).hear_all((identity(), form(), registered()))
    await run.fire(AskExemption)
    await run.hear(closed(Ending.WITHDRAWN))
    await run.let_pass(timedelta(seconds=1))
    assert (run.said, outside.gateway.cancelled) == ([], ["INV-1"])


async def test_terms_that_come_after_the_ending_open_nothing() -> None:
    outside = Outside()
    run = await a_run(outside).hear_all((identity(), form(), registered()))
    await run.fire(AskExemption)
    await run.fire(RequestInvoice)
    late = next(row[1].message for row in run.waiting if isinstance(row[1].message, SetTerms))
    await run.hear(closed(Ending.WITHDRAWN))
    await run.hear(late, answers=IN_2025)
    assert (run.said, run.state.phase) == ([], Phase.CLOSING)


@pytest.mark.parametrize("ending", [Ending.ANNULLED, Ending.NOT_MADE])
async def test_an_ending_after_settlement_changes_nothing(ending: Ending) -> None:
    run = await charged(Outside())
    await run.hear(receipt())
    before = run.state
    await run.hear(closed(ending))
    assert run.state == before


@pytest.mark.parametrize("ending", [Ending.ISSUED, Ending.NOT_COLLECTED])
async def test_an_ending_after_an_approval_that_was_not_heard_earns_the_fee(ending: Ending) -> None:
    run = await charged(Outside())
    await run.hear(receipt())
    before = run.state
    await run.hear_all((closed(ending), closed(ending)))
    assert run.state == before.but(approved=True, earned=True)


async def test_a_second_talon_and_a_second_identity_change_nothing() -> None:
    run = await charged(Outside())
    before = run.state
    await run.hear(registered())
    await run.hear(identity())
    assert run.state == before


async def test_the_last_revision_of_the_form_counts_in_whatever_order() -> None:
    run = await a_run(Outside()).hear_all((form(2, account(2)), form(1, account(1)), identity()))
    assert run.state.account == account(2)


def test_the_law_changes_with_the_list_of_exemptions(monkeypatch: pytest.MonkeyPatch) -> None:
    day = IN_2025.date()
    before = charge.law_of(day)
    shorter = tuple(replace(row, valid_until=day - timedelta(days=1)) for row in EXEMPTIONS)
    monkeypatch.setattr(charge, "EXEMPTIONS", shorter)
    assert charge.law_of(day) != before
