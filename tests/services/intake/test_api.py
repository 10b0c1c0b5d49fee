"""Intake over HTTP, on a real engine: the portal's look-up, and one way through S13."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.values import Stage
from tests.services.intake.cases import ID, photo_accepted, waived
from tests.services.intake.desk import Desk, desk_in


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield await desk.opened()


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


async def test_without_the_portals_token_nothing_is_told(desk: Desk) -> None:
    async with desk.caller("") as stranger:
        problem(await stranger.get(f"/applications/{ID}/status"), 401)


async def test_the_portal_looks_up_where_an_application_stands(desk: Desk) -> None:
    async with desk.caller() as portal:
        answer = await portal.get(f"/applications/{ID}/status")
        missing = await portal.get(f"/applications/{UUID(int=9)}/status")
    assert answer.json() == {
        "application_id": str(ID), "stage": "ELIGIBLE", "ending": None, "revision": None, "talon": None,
        "registry_status": None,
    }  # fmt: skip
    problem(missing, 404)


async def registered(desk: Desk) -> str:
    await desk.say(desk.form(*await desk.files()), "form")
    await desk.say(photo_accepted(), "photo")
    await desk.say(desk.signed(), "signed")
    await desk.said("application-registered")
    return desk.state().talon


async def test_from_the_start_through_eds_and_rpdrn_to_the_request_about_the_result(desk: Desk) -> None:
    talon = await registered(desk)
    assert desk.register.asked[0].cms
    await desk.say(waived(), "waived")
    await desk.said("result-requested")
    state = desk.state()
    assert (state.talon, state.stage, state.signature and state.signature.cms) == (talon, Stage.SETTLED, None)


async def test_a_talon_that_another_application_holds_lies_in_the_dead_letters(desk: Desk) -> None:
    desk.register.next_talon = "held"
    desk.tables.claims["talon:held"] = UUID(int=9)
    await desk.say(desk.form(*await desk.files()), "form")
    await desk.say(photo_accepted(), "photo")
    await desk.say(desk.signed(), "signed")
    await desk.said("intake.decision-failed")
    (letter,) = desk.wire.said("intake.decision-failed")
    assert letter.headers["error"] == "TalonHeldByAnother"
    assert desk.state().stage is Stage.SUBMITTED


async def test_nothing_of_the_person_stands_in_the_tables_in_clear(desk: Desk) -> None:
    await registered(desk)
    rows = repr(desk.tables.states) + repr(desk.tables.logs) + repr(desk.tables.due) + repr(desk.wire.sent)
    assert "900115390019" not in rows
    assert "77011234567" not in rows
