"""The oracle names in whose hands every application is, and what is missing when it is in nobody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from deploy.oracle.evidence import Evidence, NotJudged
from deploy.oracle.owners import (
    STATES,
    Hands,
    Kind,
    Owner,
    each_application_has_an_owner,
    each_case_is_watched,
    each_row_that_is_waited_for_stands,
    hands_of,
    owner_of,
)
from services.identity_verification.answers import Consent
from services.payment.invoice import Phase
from services.production_dispatch.production import Standing
from services.saga_coordinator.saga import Case, begin
from services.saga_coordinator.stages import place
from services.saga_coordinator.stories import ANNULMENT
from shared.contracts.base import routing_key
from shared.contracts.intake import ApplicationOpened, ApplicationRegistered
from shared.contracts.values import Ending
from shared.engine.rows import Due
from shared.process import COORDINATOR, ELIGIBILITY, IDENTITY, INTAKE, NOTIFICATION, PAYMENT, PRODUCTION, REVIEW
from tests.services.identity_verification import outside as i
from tests.services.intake import cases as n
from tests.services.notification import events as c
from tests.services.payment import stage as p
from tests.services.production_dispatch import cases as d
from tests.services.running import APPLICATION as ID
from tests.services.running import NOW, Run
from tests.services.ums_review import cases as r

CITIZEN_TIMERS = {"form-overdue", "signing-overdue", "watch-case"}


@dataclass
class Scene:
    """States and rows of one application; what is not told of is empty."""

    states_of: dict[str, Any] = field(default_factory=dict)
    rows_of: dict[str, set[str]] = field(default_factory=dict)

    def with_run(self, service: str, run: Run) -> Scene:
        names = {routing_key(later.message) for _, later in run.waiting}
        return self.with_state(service, run.state, *names)

    def with_state(self, service: str, state: Any, *rows: str) -> Scene:
        return Scene({**self.states_of, service: state}, {**self.rows_of, service: set(rows)})

    def without(self, service: str, *rows: str) -> Scene:
        """Those rows are lost; with none named, all of that service."""
        left = self.rows_of.get(service, set()) - set(rows) if rows else set()
        return Scene(self.states_of, {**self.rows_of, service: left})

    def states(self, service: str) -> Mapping[UUID, Any]:
        return {ID: self.states_of[service]} if service in self.states_of else {}

    def due(self, service: str) -> Sequence[Due]:
        return [Due(ID, ID, name, b"", {}, NOW, "machine", NOW) for name in sorted(self.rows_of.get(service, ()))]

    @property
    def evidence(self) -> Evidence:
        return cast(Evidence, self)

    def owner(self, *, flying: bool = False) -> Owner:
        (hands,) = (hands for _, hands in hands_of(self.evidence, {ID} if flying else ()))
        return owner_of(hands)


def watched(case: Case | None = None, *rows: str) -> Scene:
    """The coordinator knows the case, and its timers stand."""
    return Scene().with_state(COORDINATOR, case or Case(ID, reached=place(1)), *(rows or CITIZEN_TIMERS))


async def silent() -> Scene:
    run = await i.begun(i.Outside(consents={1: Consent("PENDING")}), timedelta(seconds=1))
    return watched().with_run(INTAKE, await n.an_opened()).with_run(IDENTITY, run)


async def confirmed() -> Scene:
    scene = watched().with_run(INTAKE, await n.an_opened())
    return scene.with_run(IDENTITY, await i.identified(i.Outside()))


async def on_review() -> Scene:
    scene = watched().with_run(INTAKE, await n.a_settled()).with_run(PAYMENT, await p.charged(p.Outside()))
    return scene.with_run(REVIEW, await r.queued())


async def with_card(run: Run) -> Scene:
    return (await on_review()).with_run(REVIEW, await r.approved()).with_run(PRODUCTION, run)


async def test_a_question_to_an_outside_system_owns_the_application_that_waits_for_it() -> None:
    assert (await silent()).owner() == Owner(Kind.ROW, IDENTITY, "check-consent")


async def test_an_ask_that_was_removed_is_missed_by_name() -> None:
    scene = (await silent()).without(IDENTITY, "check-consent")
    assert scene.owner() == Owner(Kind.NOBODY, IDENTITY, "waits for check-consent, and no such row stands")
    (told,) = each_application_has_an_owner(scene.evidence)
    assert told == f"{ID} has no owner: identity-verification waits for check-consent, and no such row stands"
    assert list(each_row_that_is_waited_for_stands(scene.evidence)) == [
        f"{ID}: identity-verification waits for check-consent, and no such row stands"
    ]


async def test_a_timer_of_another_stage_is_no_owner() -> None:
    scene = (await silent()).without(IDENTITY, "check-consent")
    assert "give-up-identification" in scene.rows_of[IDENTITY]
    assert "form-overdue" in scene.rows_of[COORDINATOR]


async def test_the_registers_are_asked_by_the_event_that_eligibility_heard() -> None:
    scene = (await confirmed()).with_state(ELIGIBILITY, STATES[ELIGIBILITY](ID), "identity-confirmed")
    assert scene.owner() == Owner(Kind.ROW, ELIGIBILITY, "identity-confirmed")
    assert scene.without(ELIGIBILITY).owner() == Owner(
        Kind.NOBODY, ELIGIBILITY, "has not heard what identity-verification said"
    )
    assert scene.without(ELIGIBILITY).owner(flying=True).kind is Kind.MESSAGE


async def test_the_citizen_has_it_while_the_deadline_stands() -> None:
    form = (await confirmed()).with_run(INTAKE, await n.an_eligible())
    signing = (await confirmed()).with_run(INTAKE, await n.a_photo_accepted())
    for scene, timer in ((form, "form-overdue"), (signing, "signing-overdue")):
        assert scene.owner() == Owner(Kind.PERSON, "the citizen", timer)
        assert scene.without(COORDINATOR, timer).owner() == Owner(Kind.NOBODY, COORDINATOR, f"{timer} is lost")


async def test_a_form_lies_with_the_checks_until_they_have_answered() -> None:
    run = await n.an_eligible()
    await run.hear(n.a_form())
    scene = (await confirmed()).with_run(INTAKE, run)
    assert scene.owner().what == "has not heard what intake said"
    judged = await i.identified(i.Outside())
    await judged.hear(i.form())
    assert scene.with_run(IDENTITY, judged).owner() == Owner(Kind.ROW, IDENTITY, "judge-photo")


async def test_a_registration_under_way_is_owned_by_its_ask() -> None:
    scene = (await confirmed()).with_run(INTAKE, await n.a_submitted())
    assert scene.owner() == Owner(Kind.ROW, INTAKE, "register-application")
    assert scene.without(INTAKE).owner().what == "waits for register-application, and no such row stands"


async def test_the_fee_is_payments_then_the_citizens_then_intakes() -> None:
    scene = watched().with_run(INTAKE, await n.a_registered())
    assert scene.owner().what == "has not heard what intake said"
    charged = await p.charged(p.Outside())
    assert scene.with_run(PAYMENT, charged).owner() == Owner(Kind.ROW, PAYMENT, "end-payment-term")
    held = replace(charged.state, phase=Phase.HELD)
    with_law = scene.with_state(PAYMENT, held, "check-fee-law")
    assert with_law.owner() == Owner(Kind.PERSON, "operations", "held invoices")
    paid = scene.with_state(PAYMENT, replace(charged.state, phase=Phase.PAID))
    assert paid.owner().what == "has not heard what payment said"
    reporting = await n.a_registered()
    await reporting.hear(n.waived())
    assert paid.with_run(INTAKE, reporting).owner() == Owner(Kind.ROW, INTAKE, "report-stage")


async def test_a_queued_case_is_its_regions_and_a_signed_one_waits_for_its_confirmation() -> None:
    scene = await on_review()
    assert scene.owner() == Owner(Kind.PERSON, "the officers of region 71", "queue")
    signed = await r.queued()
    await r.signed(signed)
    assert scene.with_run(REVIEW, signed).owner() == Owner(Kind.ROW, REVIEW, "confirm-decision")
    assert scene.with_run(REVIEW, signed).without(REVIEW).owner().kind is Kind.NOBODY


async def test_a_card_is_the_nodes_the_centres_the_points_and_its_owners() -> None:
    asked = d.a_run()
    await asked.hear(d.approved())
    assert (await with_card(asked)).owner() == Owner(Kind.ROW, PRODUCTION, "send-order")
    assert (await with_card(await d.after(d.approved()))).owner() == Owner(Kind.ROW, PRODUCTION, "pass-term")
    shipped = await with_card(await d.after(d.approved(), d.MADE, d.SHIPPED))
    assert shipped.owner() == Owner(Kind.PERSON, "the registration point", "cards to check in")
    ready = await with_card(await d.ready())
    assert ready.owner() == Owner(Kind.ROW, PRODUCTION, "give-up-collection")
    assert ready.without(PRODUCTION).owner().kind is Kind.NOBODY


@pytest.mark.parametrize(("fault", "standing", "owner"), [
    (d.TECHNICAL, Standing.HELD, Owner(Kind.PERSON, "operations", "held orders")),
    (d.SUBSTANTIVE, Standing.RETURNED, Owner(Kind.NOBODY, REVIEW, "has not heard what production-dispatch said")),
])  # fmt: skip
async def test_a_refused_order_is_operations_or_goes_back(fault: Any, standing: Standing, owner: Owner) -> None:
    scene = await with_card(await d.after(d.approved(), node=d.Node([d.refused(fault)])))
    assert scene.states_of[PRODUCTION].standing is standing
    assert scene.owner() == owner


async def test_what_came_back_is_in_the_queue_again() -> None:
    back = await r.approved()
    await back.hear(r.refusal())
    scene = await with_card(await d.after(d.approved(), node=d.Node([d.refused(d.SUBSTANTIVE)])))
    assert scene.with_run(REVIEW, back).owner() == Owner(Kind.PERSON, "the officers of region 71", "queue")


async def test_a_running_story_is_the_reminders() -> None:
    case = begin(Case(ID), ANNULMENT).state
    scene = (await on_review()).with_state(COORDINATOR, case, "step-overdue", "watch-case")
    assert scene.owner() == Owner(Kind.ROW, COORDINATOR, "step-overdue")
    assert scene.without(COORDINATOR, "step-overdue").owner() == Owner(Kind.NOBODY, COORDINATOR, "step-overdue is lost")


async def test_after_the_ending_every_row_still_has_to_stand() -> None:
    told = c.run()
    await told.hear(c.said(ApplicationOpened))
    await told.hear(c.said(ApplicationRegistered))
    scene = (await on_review()).with_run(NOTIFICATION, told)
    assert list(each_row_that_is_waited_for_stands(scene.evidence)) == []
    lost = scene.without(NOTIFICATION)
    assert [line[38:] for line in each_row_that_is_waited_for_stands(lost.evidence)] == [
        "notification waits for send-email, and no such row stands"
    ]


async def test_a_case_that_nobody_watches_is_named_and_one_that_operations_hold_needs_no_watch() -> None:
    scene = (await on_review()).with_state(COORDINATOR, Case(ID, reached=place(11, 1)))
    assert list(each_case_is_watched(scene.evidence)) == [f"{ID} waits for review, and nobody watches it"]
    timed = scene.with_state(COORDINATOR, scene.states_of[COORDINATOR], "watch-case")
    assert list(each_case_is_watched(timed.evidence)) == []
    held = scene.with_state(COORDINATOR, Case(ID, reached=place(11, 1, 2)))
    assert list(each_case_is_watched(held.evidence)) == []


async def test_what_was_not_opened_or_has_ended_needs_no_owner() -> None:
    assert list(hands_of(watched().with_state(INTAKE, STATES[INTAKE](ID)).evidence)) == []
    ended = replace((await n.an_opened()).state, ending=Ending.WITHDRAWN)
    assert list(each_application_has_an_owner(watched().with_state(INTAKE, ended).evidence)) == []


async def test_without_the_rows_nothing_is_judged() -> None:
    scene = await silent()
    scene.due = lambda service: None  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(NotJudged, match="due rows"):
        list(each_application_has_an_owner(scene.evidence))


def test_hands_know_every_service() -> None:
    assert set(STATES) == {INTAKE, IDENTITY, ELIGIBILITY, PAYMENT, REVIEW, PRODUCTION, NOTIFICATION, COORDINATOR}
    assert Hands({}, {}).flying is False
