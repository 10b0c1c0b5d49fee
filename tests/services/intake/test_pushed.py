"""Intake's end of ШЭП's asynchronous channel: what is pushed once, again, late, wrongly signed, or about nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from deploy.sandbox.pushing import HEADERS, pushed, taken
from deploy.sandbox.soap import Channel
from deploy.sandbox.systems.ground import Callback
from deploy.sandbox.systems.rpdrn import status_push, status_report
from services.intake.api import PUSHED
from services.intake.domain.application import Application
from services.intake.domain.own import RegistryStatus, ReportStatus
from services.intake.domain.statuses import note_status
from shared.contracts.intake import Circumstance, CircumstanceChanged
from shared.engine.service import Audited
from shared.gateways.mailbox import MOST
from shared.gateways.soap import fault_in
from shared.security.safe_xml import parse
from shared.web.forgeries import house_of
from tests.engine.house import SEALER
from tests.gateways.wire import channel, installation
from tests.services.intake.cases import ID
from tests.services.intake.desk import TODAY, Desk, desk_in
from tests.services.intake.test_api import problem, registered

WATCH = "5c1d9a52-0000-4000-8000-000000000001"
"""The REQUEST that the statuses belong to."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield await desk.opened()


def changed(talon: str, reason: str | None = "DEATH", id: str = "m-1", status: str = "CHANGED") -> Callback:
    return status_push(id, WATCH, status_report(str(ID), talon, status, TODAY, reason), TODAY)


async def push(desk: Desk, said: Callback, end: Channel | None = None) -> tuple[int, str]:
    """As ШЭП does it: the status of HTTP, and why its answer does not count (or what the fault says)."""
    end = end or channel(desk.clock.machine_now)
    async with desk.caller("") as shep:
        answer = await shep.post(PUSHED, content=await pushed(end, said), headers=HEADERS)
    if answer.status_code == 200:
        return 200, await taken(end, said, answer.content)
    fault = fault_in(parse(answer.content))
    assert fault is not None
    return answer.status_code, fault.info.code


async def test_a_pushed_status_is_receipted_each_time_and_told_on_once(desk: Desk) -> None:
    said = changed(await registered(desk))
    assert [await push(desk, said) for _ in range(3)] == [(200, "")] * 3
    await desk.said("circumstance-changed")
    assert len(desk.wire.said("circumstance-changed")) == 1
    assert desk.state().registry_status == "CHANGED"


async def test_a_push_that_is_not_of_shep_or_not_about_us_is_refused_each_time(desk: Desk) -> None:
    talon = await registered(desk)
    stranger = Channel(installation("stranger").far(desk.clock.machine_now), desk.clock.machine_now, frozenset())
    assert await push(desk, changed(talon), stranger) == (500, "UnknownSigner")
    assert [await push(desk, changed("other", id="m-2")) for _ in range(2)] == [(500, "UnknownTalon")] * 2
    assert await push(desk, changed(talon, "RAIN")) == (500, "NotOfTheService")
    assert await push(desk, changed(talon, None)) == (500, "NotOfTheService")
    assert desk.wire.said("circumstance-changed") == []


async def test_a_push_that_is_not_of_shep_is_on_record_once_a_minute_and_what_is_of_shep_is_not(desk: Desk) -> None:
    talon = await registered(desk)
    stranger = Channel(installation("stranger").far(desk.clock.machine_now), desk.clock.machine_now, frozenset())
    for number in range(5):
        assert (await push(desk, changed(talon, id=f"m-{number}"), stranger))[0] == 500
    noted = [row for row in desk.tables.rows_of(Audited, SEALER) if row.result == "forged"]
    assert 1 <= len(noted) <= 2, "two when the minute turned meanwhile"
    assert {(row.application_id, row.who, row.what) for row in noted} == {
        (house_of("intake"), "unknown", "call-back of ШЭП")
    }
    assert await push(desk, changed("other", id="m-8")) == (500, "UnknownTalon")
    assert await push(desk, changed(talon, id="m-9")) == (200, "")
    assert [row for row in desk.tables.rows_of(Audited, SEALER) if row.result == "forged"] == noted


async def test_a_push_that_was_not_taken_is_taken_when_it_is_right(desk: Desk) -> None:
    talon = await registered(desk)
    assert (await push(desk, changed("other")))[0] == 500
    assert await push(desk, changed(talon)) == (200, "")
    await desk.said("circumstance-changed")


async def test_a_push_is_xml_and_no_more_of_it_than_a_message_has(desk: Desk) -> None:
    async with desk.caller("") as shep:
        problem(await shep.post(PUSHED, content=b"{}", headers={"content-type": "application/json"}), 415)
        problem(await shep.post(PUSHED, content=b"<" * (MOST + 1), headers=HEADERS), 413)
        assert (await shep.post(PUSHED, content=b"<!DOCTYPE x><x/>", headers=HEADERS)).status_code == 500


def report(status: str, minutes: int, circumstance: Circumstance | None = None) -> ReportStatus:
    at = TODAY + timedelta(minutes=minutes)
    return ReportStatus(
        application_id=ID, talon="t", status=RegistryStatus(status), registry_status_at=at, circumstance=circumstance
    )


SAID = (
    report("REGISTERED", 0),
    report("CHANGED", 5, Circumstance.RECORD_CHANGED),
    report("CHANGED", 7, Circumstance.DEATH),
    report("RECALLED", 7),
)


@pytest.mark.parametrize("order", tuple(permutations(range(len(SAID)))))
def test_in_any_order_the_newest_status_stands_and_no_circumstance_is_lost(order: tuple[int, ...]) -> None:
    state = Application(application_id=ID, opened=True, talon="t")
    told: list[object] = []
    places = []
    for at in (*order, *order):
        turn = note_status(state, SAID[at])
        state, told = turn.state, [*told, *turn.says]
        places.append(state.registry_status_at)
    assert (state.registry_status, state.registry_status_at) == ("RECALLED", TODAY + timedelta(minutes=7))
    assert places == sorted(places, key=lambda each: each or TODAY)
    assert {each.circumstance for each in told if isinstance(each, CircumstanceChanged)} == {
        Circumstance.RECORD_CHANGED, Circumstance.DEATH,
    }  # fmt: skip
    assert len(told) == 2


async def test_a_second_talon_that_was_recalled_changes_nothing_of_the_first(desk: Desk) -> None:
    talon = await registered(desk)
    assert await push(desk, changed("stray", None, "m-3", "RECALLED")) == (200, "")
    assert (desk.state().talon, desk.state().registry_status) == (talon, "")


async def test_a_final_status_comes_as_response_and_no_other_does(desk: Desk) -> None:
    said = changed(await registered(desk), None, "m-4", "ISSUED")
    assert said.body["kind"] == "RESPONSE"
    wrong = Callback(said.to, said.path, {**said.body, "kind": "NOTIFICATION"}, "", said.at)
    assert await push(desk, wrong) == (500, "NotOfTheService")
    assert await push(desk, said) == (200, "")
    assert desk.state().registry_status == "ISSUED"
    async with desk.caller() as portal:
        shown = (await portal.get(f"/applications/{ID}/status")).json()
    assert shown["registry_status"] == "ISSUED"
