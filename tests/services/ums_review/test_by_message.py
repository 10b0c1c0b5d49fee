"""A decision that a region's workstation publishes: the same way as on the page, and every no has its word."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.ums_review.acts import Code, SwitchSecondEyes
from services.ums_review.notes import Note, SignedDecision
from services.ums_review.review import Standing
from shared.contracts.base import Sealed, read, write
from shared.contracts.intake import Circumstance, CircumstanceChanged
from shared.contracts.ums_review import ReviewAnnulled, ReviewApproved
from shared.contracts.workstation import DecisionRefused, DecisionTaken
from shared.engine.work import Result
from shared.security.evidence import KeptSignature
from shared.security.trust import Trust
from tests.engine.house import until
from tests.services.ums_review.office import SEALER, Office, office_in
from tests.services.ums_review.station import Station

HEARD = "workstation:71"
ANNUL: dict[str, Any] = {"decision": "ANNUL", "ground": "PHOTO", "reasons": ["PHOTO_BLURRED"]}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with office_in(tmp_path) as office:
        yield office


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Office]:
    """Where there is time to undo."""
    async with office_in(tmp_path, undo=timedelta(minutes=5)) as office:
        yield office


def dead(office: Office) -> list[str]:
    return [row.routing_key for row in office.wire.sent if row.exchange == "dead-letters"]


async def test_what_comes_by_the_feed_is_held_by_nobody_until_the_lease_is_taken(office: Office) -> None:
    path = await office.arrive()
    (queued,) = office.wire.said("review-queued.71")
    assert office.state(path).lease_officer is None
    station = Station(office)
    token = await station.taken(path, "18")
    refused = await station.asked(station.decision(path, "17-has-none", "17"))
    assert (type(refused), refused.decision_id) == (DecisionRefused, "d-1")
    assert isinstance(refused, DecisionRefused)
    assert refused.code == Code.LEASE_LOST
    assert isinstance(await station.asked(station.decision(path, token, "18", decision_id="d-2")), DecisionTaken)
    assert queued.exchange == "events"


async def test_a_signed_decision_is_taken_confirmed_and_kept_with_its_signature(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    token = await station.taken(path)
    taken = await station.asked(station.decision(path, token, note="seen in daylight"))
    assert isinstance(taken, DecisionTaken)
    assert (taken.decision_id, taken.round, taken.second_eyes) == ("d-1", 1, False)
    await office.said("review-approved")
    (row,) = office.wire.said("review-approved")
    said = read(ReviewApproved, row.body, taken.application_id, SEALER)
    assert (said.decision_id, said.officer_id, said.region) == ("d-1", "17", "71")
    (kept,) = office.tables.rows_of(KeptSignature, SEALER)
    (signed,) = office.tables.rows_of(SignedDecision, SEALER)
    assert (kept.what, kept.payload_sha256) == ("decision/d-1", signed.payload_sha256)
    assert (signed.lease_token, signed.cms) == (token, kept.cms)
    (note,) = office.tables.rows_of(Note, SEALER)
    assert note.text == Sealed("seen in daylight")
    assert ("officer:17", "sign-decision", "APPROVE") in office.audits(path)
    assert not dead(office)


async def test_an_annulment_goes_with_ground_and_reasons(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    token = await station.taken(path)
    assert isinstance(await station.asked(station.decision(path, token, **ANNUL)), DecisionTaken)
    await office.said("review-annulled")
    (row,) = office.wire.said("review-annulled")
    said = read(ReviewAnnulled, row.body, office.state(path).application_id, SEALER)
    assert (said.ground.value, said.reasons) == ("PHOTO", ("PHOTO_BLURRED",))


async def test_the_time_to_undo_is_the_pages_and_it_is_undone_by_the_call(slow: Office) -> None:
    path, station = await slow.arrive(), Station(slow)
    said = station.decision(path, await station.taken(path))
    taken = await station.asked(said)
    verdict = slow.state(path).verdict
    assert isinstance(taken, DecisionTaken)
    assert verdict
    assert taken.undo_until == verdict.undo_until
    async with slow.caller() as officer:
        assert (await officer.request("DELETE", f"{path}/decision", json={"decision_id": "d-1"})).status_code == 204
    refused = await station.asked(said)
    assert isinstance(refused, DecisionRefused)
    assert refused.code == Code.DECISION_ID_SPENT
    assert slow.state(path).standing is Standing.QUEUED


async def test_the_same_decision_again_is_one_decision_and_gets_the_same_answer(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    said = station.decision(path, await station.taken(path))
    first = await station.asked(said, id="m-1")
    assert (await station.again("m-1")).result is Result.REPEATED
    assert await station.asked(said, id="m-2") == first
    await office.said("review-approved")
    assert await station.asked(said, id="m-3") == first
    assert len(office.wire.said("review-approved")) == 1
    assert len(office.tables.rows_of(KeptSignature, SEALER)) == 1


async def test_a_paid_annulment_waits_for_the_second_pair_of_eyes_where_the_head_asked_for_it(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    head = {"officer_id": "h", "officer_region": "71", "officer_index": "h", "where": "here"}
    switch = SwitchSecondEyes(application_id=uuid4(), at=office.clock.machine_now(), wanted=True, **head)
    await office.engine.act(switch, "a-switch")
    taken = await station.asked(station.decision(path, await station.taken(path), **ANNUL))
    assert isinstance(taken, DecisionTaken)
    assert taken.second_eyes
    await station.rest()
    assert not office.wire.said("review-annulled")


TAMPERED: list[tuple[dict[str, Any], str]] = [
    ({"documentation_code": "other"}, "PAYLOAD_DIFFERS"),
    ({"decision": "ANNUL", "ground": "PHOTO", "reasons": ("PHOTO_BLURRED",)}, "PAYLOAD_DIFFERS"),
    ({"officer_id": "18"}, "PAYLOAD_DIFFERS"),
    ({"cms": Sealed("AAAA")}, "NOT_CMS"),
    ({"round": 2}, "ROUND_CHANGED"),
    ({"officer_id": "nobody"}, "UNKNOWN_OFFICER"),
    ({"officer_id": "70"}, "UNKNOWN_OFFICER"),
    ({"officer_id": "75"}, "OTHER_REGION"),
    ({"lease_token": "of-another"}, "LEASE_LOST"),
    ({"ground": "PHOTO"}, "INVALID"),
    ({"reasons": ("NO_SUCH_REASON",)}, "INVALID"),
    ({"cms": Sealed("not base64!")}, "INVALID"),
]


@pytest.mark.parametrize(("sent", "code"), TAMPERED, ids=[f"{'-'.join(sent)} {code}" for sent, code in TAMPERED])
async def test_what_is_not_what_was_signed_is_refused_by_its_word_and_on_record(
    office: Office, sent: dict[str, Any], code: str
) -> None:
    path, station = await office.arrive(), Station(office)
    token = await station.taken(path)
    good = station.decision(path, token)
    refused = await station.asked(station.decision(path, token, sent=sent))
    assert isinstance(refused, DecisionRefused)
    assert (refused.code, refused.decision_id) == (code, "d-1")
    assert bool(refused.faults) == (code == "INVALID")
    assert [what for what in office.audits(path) if what[2] == code] != []
    assert office.state(path).verdict is None
    assert not dead(office)
    assert isinstance(await station.asked(good), DecisionTaken), "the officer still holds the case"


async def test_key_account_and_case_are_of_one_region(office: Office) -> None:
    path, station, foreign = await office.arrive(), Station(office), Station(office, "75")
    token = await station.taken(path)
    said = station.decision(path, token)
    for refused in (
        await foreign.asked(said, key="decision-signed.75"),
        await foreign.asked(said.model_copy(update={"region": "75"})),
        await foreign.asked(foreign.decision(path, token, "75")),
    ):
        assert isinstance(refused, DecisionRefused)
        assert (refused.code, refused.region) == (Code.OTHER_REGION, "75")
    assert station.silent()
    assert office.state(path).verdict is None
    assert [row for row in office.audits(path) if row[0] == "workstation:75"] == [
        ("workstation:75", "sign-decision", "OTHER_REGION")
    ] * 3


async def test_an_expired_lease_and_one_that_passed_on_are_refused(tmp_path: Path) -> None:
    async with office_in(tmp_path, review_lease=timedelta(seconds=0.05)) as office:
        path, station = await office.arrive(), Station(office)
        late = station.decision(path, await station.taken(path))
        await until(lambda: office.state(path).lease_until < office.clock.machine_now())  # type: ignore[operator]
        refused = await station.asked(late)
        assert isinstance(refused, DecisionRefused)
        assert refused.code == Code.LEASE_LOST
        await station.taken(path, "18")
        refused = await station.asked(late)
        assert isinstance(refused, DecisionRefused)
        assert refused.code == Code.LEASE_LOST


async def test_a_circumstance_that_came_meanwhile_leaves_one_ground_only(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    token = await station.taken(path)
    said = station.decision(path, token)
    changed = CircumstanceChanged(application_id=said.application_id, circumstance=Circumstance.RECORD_CHANGED)
    await office.engine.act(changed, "a-change")
    refused = await station.asked(said)
    assert isinstance(refused, DecisionRefused)
    assert refused.code == Code.CIRCUMSTANCE_CHANGED
    by_checks: dict[str, Any] = {
        "decision": "ANNUL",
        "ground": "EXTRA_CHECKS",
        "reasons": ["WRONG_FILLING"],
        "decision_id": "d-2",
    }
    assert isinstance(await station.asked(station.decision(path, token, **by_checks)), DecisionTaken)


async def test_a_moment_that_is_not_now_and_a_case_nobody_knows(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    token = await station.taken(path)
    old = (office.clock.now() - timedelta(minutes=11)).isoformat()
    refused = await station.asked(station.decision(path, token, decided_at=old))
    assert isinstance(refused, DecisionRefused)
    assert refused.code == "NOT_NOW"
    refused = await station.asked(station.decision(path, token, sent={"application_id": uuid4()}))
    assert isinstance(refused, DecisionRefused)
    assert refused.code == Code.UNKNOWN_CASE


async def test_while_nobody_can_tell_of_revocation_it_is_asked_again_and_not_refused(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    said = station.decision(path, await station.taken(path))
    known, office.trust = office.trust, Trust(office.trust.issuing, ())
    await station.say(said)
    await until(lambda: any(row.name == "verify-decision" and row.attempts for row in office.tables.waiting()))
    assert station.silent()
    office.trust = known
    assert isinstance(await station.answer(), DecisionTaken)


POISON: list[tuple[dict[str, Any], str]] = [
    ({"cms": "MIIB in clear"}, "INVALID"),
    ({"cms": "p1.0000000000000000." + "A" * 80}, "INVALID"),
    ({"decision": "BURN"}, "INVALID"),
    ({"officer_id": "a b"}, "INVALID"),
    ({"padding": "x" * 70_000}, "TOO_LARGE"),
]


@pytest.mark.parametrize(("spoiled", "code"), POISON, ids=[f"{'-'.join(spoiled)}" for spoiled, _ in POISON])
async def test_what_does_not_read_is_answered_by_its_message_id_and_on_record(
    office: Office, spoiled: dict[str, Any], code: str
) -> None:
    path, station = await office.arrive(), Station(office)
    good = json.loads(write(station.decision(path, await station.taken(path)), station.sealer))
    refused = await station.asked({**good, **spoiled}, id="m-9")
    assert isinstance(refused, DecisionRefused)
    assert (refused.code, refused.message_id, refused.decision_id) == (code, "m-9", None)
    assert (HEARD, "sign-decision", code) in office.audits(path)
    assert not dead(office)


async def test_one_id_for_two_messages_is_refused(office: Office) -> None:
    path, station = await office.arrive(), Station(office)
    token = await station.taken(path)
    assert isinstance(await station.asked(station.decision(path, token), id="m-1"), DecisionTaken)
    refused = await station.asked(station.decision(path, token, decision_id="d-2"), id="m-1")
    assert isinstance(refused, DecisionRefused)
    assert (refused.code, (refused.message_id or "").partition("/")[0]) == ("ID_REUSED", "m-1")


async def test_what_names_no_application_goes_to_operations(office: Office) -> None:
    station = Station(office)
    await station.say({"region": "71"})
    await until(lambda: dead(office) == ["ums-review.no-application-id"])
    assert station.silent()
