"""S19, p.4.3, p.11: to whom the card is handed, by whom, where, and to whom it never is."""

from __future__ import annotations

from typing import Any

import pytest

from services.production_dispatch import messages as m
from services.production_dispatch.messages import Code
from services.production_dispatch.production import Alert, HandOver, Standing
from shared.contracts.production_dispatch import DocumentIssued, DocumentReady, IssueRefused
from shared.contracts.values import Ending
from shared.engine.service import Audited, Step
from shared.security.evidence import KeptSignature
from tests.services.production_dispatch.cases import (
    CITIZEN,
    ELSEWHERE,
    ID,
    MADE,
    POINT,
    SHIPPED,
    TALON,
    a_run,
    act,
    after,
    annulled,
    approved,
    changed,
    check_in,
    closed,
    issue,
    ready,
)


def audits(run: Any) -> list[tuple[str, str, str]]:
    return [(row.who, row.what, row.result) for row in run.appended_of(Audited) if row.who.startswith("officer")]


async def test_the_card_is_handed_to_its_owner_at_the_chosen_point() -> None:
    run = await ready()
    answer = await run.hear(issue())
    assert (answer.code, answer.standing) == (None, "ISSUED")
    assert run.said[-1] == DocumentIssued(application_id=ID, point=POINT, officer_id="70")
    assert run.appended_of(Step)[-1] == Step(ID, "S19", "done")
    assert audits(run) == [("officer:70", "check-in", "done"), ("officer:70", "issue-card", "old card taken")]


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"by_proxy": True}, Code.PROXY),
        ({"person_established": False}, Code.NOT_ESTABLISHED),
        ({"point": ELSEWHERE}, Code.OTHER_POINT),
        ({"talon": "71-000000-000000-0"}, Code.WRONG_TALON),
    ],
)
async def test_a_proxy_another_point_an_unknown_face_or_another_talon_gets_nothing(
    spoilt: dict[str, Any], code: Code
) -> None:
    run = await ready()
    answer = await run.hear(issue(**spoilt))
    assert answer.code is code
    point = spoilt.get("point", POINT)
    assert run.said[-1] == IssueRefused(application_id=ID, point=point, officer_id="70", reason=code.value)
    assert audits(run)[-1] == ("officer:70", "issue-card", code.value)
    assert run.state.standing is Standing.READY


async def test_nobody_hands_over_or_looks_up_their_own_card() -> None:
    run = await ready()
    own = issue().model_copy(update={"officer_index": f"index:{CITIZEN}"})
    assert (await run.hear(own)).code is Code.OWN_CARD
    look = act(m.ViewCard, talon=TALON).model_copy(update={"officer_index": f"index:{CITIZEN}"})
    assert (await run.hear(look)).code is Code.OWN_CARD


async def test_an_act_heard_again_is_answered_the_same_and_does_nothing() -> None:
    run = await ready()
    first = await run.hear(issue())
    words, rows = len(run.said), len(run.appended)
    assert await run.hear(issue()) == first
    assert (len(run.said), len(run.appended)) == (words, rows)
    refused = await run.hear(issue("other"))
    assert refused.code is Code.ISSUED_ALREADY
    assert await run.hear(issue("other")) == refused


async def test_a_refused_act_stays_refused_and_a_new_one_is_judged_anew() -> None:
    run = await ready()
    assert (await run.hear(issue("a", by_proxy=True))).code is Code.PROXY
    assert (await run.hear(issue("a"))).code is Code.PROXY
    assert (await run.hear(issue("b"))).code is None


async def test_the_same_id_of_another_officer_is_another_act() -> None:
    run = await ready()
    await run.hear(issue("a", by_proxy=True))
    assert (await run.hear(issue("a", officer="71"))).code is None


async def test_a_card_that_was_not_checked_in_is_not_issued() -> None:
    run = await after(approved(), MADE, SHIPPED)
    assert (await run.hear(issue())).code is Code.NOT_READY
    assert run.said_of(DocumentIssued) == []


async def test_a_card_is_checked_in_at_its_own_point_only() -> None:
    run = await after(approved(), MADE, SHIPPED)
    assert (await run.hear(check_in(point=ELSEWHERE))).code is Code.OTHER_POINT
    assert run.said_of(DocumentReady) == []
    assert audits(run)[-1] == ("officer:70", "check-in", "OTHER_POINT")


async def test_what_was_not_ordered_cannot_be_checked_in() -> None:
    run = await a_run().hear_all([approved()])
    assert (await run.hear(check_in())).code is Code.NOT_SHIPPED


@pytest.mark.parametrize("stop", [(annulled(),), (closed(),), (closed(Ending.ANNULLED), annulled())])
async def test_after_an_annulment_or_an_ending_nothing_is_issued(stop: tuple[Any, ...]) -> None:
    run = await ready()
    await run.hear_all(stop)
    answer = await run.hear(issue())
    assert answer.code is Code.STOPPED
    assert run.said_of(DocumentIssued) == run.said_of(IssueRefused) == []
    assert {alert.what for alert in run.appended_of(Alert)} == {"CARD_TO_DESTROY", "ISSUE_TRIED_AFTER_STOP"}
    assert audits(run)[-1] == ("officer:70", "issue-card", "STOPPED")


async def test_a_card_that_comes_to_the_point_after_the_stop_is_marked_for_destruction() -> None:
    run = await after(approved(), changed(), annulled())
    assert (await run.hear(check_in())).code is Code.STOPPED
    assert run.state.to_destroy
    assert [alert.what for alert in run.appended_of(Alert)] == ["CARD_TO_DESTROY"]


async def test_the_ending_after_the_issue_changes_nothing() -> None:
    run = await ready()
    await run.hear(issue())
    words = list(run.said)
    await run.hear_all([closed(Ending.ISSUED), annulled(), MADE, SHIPPED, changed()])
    assert run.said == words
    assert run.state.standing is Standing.ISSUED
    assert not run.state.to_destroy


async def test_every_look_at_a_card_is_on_record_granted_or_not() -> None:
    run = await ready()
    assert (await run.hear(act(m.ViewCard, talon=TALON))).code is None
    assert (await run.hear(act(m.ViewCard, point=ELSEWHERE, talon=TALON))).code is Code.OTHER_POINT
    assert audits(run)[-2:] == [("officer:70", "view-card", "done"), ("officer:70", "view-card", "OTHER_POINT")]


async def test_an_attempt_with_a_talon_nobody_has_is_on_record_and_says_nothing() -> None:
    run = a_run()
    assert (await run.hear(issue(talon="unknown"))).code is Code.UNKNOWN_TALON
    assert run.said == []
    assert audits(run) == [("officer:70", "issue-card", "UNKNOWN_TALON")]


async def test_what_the_officer_signed_is_kept_with_the_hand_over_and_with_a_refused_proxy() -> None:
    for stated, kept in ((dict[str, Any](), 1), ({"by_proxy": True}, 1), ({"point": ELSEWHERE}, 0)):
        run = await ready()
        await run.hear(issue(**stated))
        await run.hear(issue(**stated))
        assert len(run.appended_of(KeptSignature)) == len(run.appended_of(HandOver)) == kept, stated


async def test_a_hand_over_that_nobody_signed_is_none() -> None:
    run = await ready()
    assert (await run.hear(issue(proof=None, signed_for=None))).code is Code.NOT_SIGNED
    assert run.state.standing is Standing.READY


async def test_a_difference_of_a_shipment_is_told_to_operations_once_and_moves_no_card() -> None:
    run = await after(approved(), MADE, SHIPPED)
    before = run.state.standing
    told = act(
        m.ReportDifference, "box", talon=TALON, listed_in="SHIPPED/71-01/2025-10-06", shipment="Р-1",
        what=m.Difference.MISSING,
    )  # fmt: skip
    for _ in range(2):
        assert (await run.hear(told)).code is None
    alerts = [row for row in run.appended_of(Alert) if row.what == "SHIPMENT_MISSING"]
    assert [(row.whom, row.detail) for row in alerts] == [
        ("operations", f"SHIPPED/71-01/2025-10-06 Р-1 {TALON} {POINT}")
    ]  # fmt: skip
    assert run.state.standing is before
    assert (await run.hear(check_in())).standing == "READY"
