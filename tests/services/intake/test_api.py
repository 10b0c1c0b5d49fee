"""Intake over HTTP, on a real engine: files, the portal's look-up, and one way through S13."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.sandbox.pictures import PortraitFlaw, portrait, signature_sample
from services.intake.domain.own import KeepFile
from shared.contracts.intake import CloseApplication
from shared.contracts.values import Ending, FileRef, Stage
from shared.engine.work import Result
from shared.law.limits import Limits
from tests.services.intake.cases import ID, photo_accepted, waived
from tests.services.intake.desk import Desk, desk_in

PHOTO, SAMPLE = f"/applications/{ID}/files/photo", f"/applications/{ID}/files/signature-sample"
JPEG, PNG = {"content-type": "image/jpeg"}, {"content-type": "image/png"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield await desk.opened()


async def put(desk: Desk, path: str = PHOTO, content: bytes = b"", headers: Any = None, token: str = "") -> Any:
    async with desk.caller(token) if token else desk.caller() as portal:
        return await portal.put(path, content=content or portrait(1), headers=headers or JPEG)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


async def test_a_photo_is_kept_sealed_and_named_by_its_content(desk: Desk) -> None:
    answer = await put(desk)
    assert answer.status_code == 201
    assert await desk.objects.get(answer.json()["reference"]) == portrait(1)
    assert desk.state().uploads[0].sha256 == answer.json()["sha256"]


async def test_the_same_photo_again_is_the_same_file(desk: Desk) -> None:
    first, again = await put(desk), await put(desk)
    assert first.json() == again.json()
    assert len(desk.objects.envelopes) == 1


async def test_too_large_a_photo_is_413(desk: Desk) -> None:
    problem(await put(desk, content=b"\xff\xd8\xff" + bytes(Limits().photo_max_bytes)), 413)


@pytest.mark.parametrize("headers", [{"content-type": "application/pdf"}, PNG])
async def test_another_type_or_a_false_one_is_415(desk: Desk, headers: dict[str, str]) -> None:
    problem(await put(desk, headers=headers), 415)


@pytest.mark.parametrize("flaw", [PortraitFlaw.NOT_A_PICTURE, PortraitFlaw.CUT_SHORT])
async def test_what_is_no_whole_picture_is_422_with_its_fault(desk: Desk, flaw: PortraitFlaw) -> None:
    body = problem(await put(desk, content=portrait(1, flaw)), 422)
    assert body["faults"][0]["field"] == "body"
    assert desk.objects.envelopes == {}


async def test_a_picture_of_a_few_bytes_is_422(desk: Desk) -> None:
    problem(await put(desk, content=b"\xff\xd8\xff\xd9"), 422)


async def test_without_the_portals_token_nothing_is_taken_or_told(desk: Desk) -> None:
    problem(await put(desk, token="another-token-altogether"), 401)
    async with desk.caller("") as stranger:
        problem(await stranger.get(f"/applications/{ID}/status"), 401)


async def test_for_an_application_that_was_not_opened_it_is_404(desk: Desk) -> None:
    problem(await put(desk, path=PHOTO.replace(str(ID), str(UUID(int=9)))), 404)


async def test_for_an_application_that_has_ended_it_is_409(desk: Desk) -> None:
    await desk.say(CloseApplication(application_id=ID, ending=Ending.REFUSED), "close")
    assert problem(await put(desk), 409)["code"] == "CLOSED"


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
    photo = FileRef(**(await put(desk)).json())
    sample = FileRef(**(await put(desk, SAMPLE, signature_sample(1), PNG)).json())
    await desk.say(desk.form(photo, sample), "form")
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
    photo = FileRef(**(await put(desk)).json())
    sample = FileRef(**(await put(desk, SAMPLE, signature_sample(1), PNG)).json())
    await desk.say(desk.form(photo, sample), "form")
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


async def test_an_upload_that_loses_the_race_with_the_ending_leaves_no_file(desk: Desk) -> None:
    await desk.say(CloseApplication(application_id=ID, ending=Ending.REFUSED), "close")
    outcome = await desk.engine.act(KeepFile(application_id=ID, purpose="photo", reference="r", sha256="0"), "late")
    assert (outcome.result, outcome.reply) == (Result.DONE, "CLOSED")
