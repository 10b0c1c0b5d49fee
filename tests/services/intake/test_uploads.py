"""Uploads (S9): by a grant, once for each purpose; an image by content, small enough, written anew, sealed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image

from deploy.sandbox.pictures import PortraitFlaw, portrait, signature_sample
from services.intake.domain.own import KeepFile
from shared.contracts.intake import CloseApplication
from shared.contracts.values import Ending
from shared.engine.rows import Unavailable
from shared.engine.work import Outcome, Result
from shared.law.limits import Limits
from shared.security.objects import MemoryObjects
from tests.services.intake.cases import ID
from tests.services.intake.desk import PHOTO, SAMPLE, Desk, desk_in


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        yield await desk.opened()


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


def with_place(content: bytes) -> bytes:
    """The same picture as a telephone would send it: lying on its side, with place and device in its EXIF."""
    image, out = Image.open(io.BytesIO(content)), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = 6, "TELEPHONE", b"SECRET PLACE"
    image.rotate(90, expand=True).save(out, "JPEG", quality=95, exif=exif, comment=b"SECRET REMARK")
    return out.getvalue()


async def test_what_is_kept_is_sealed_and_the_citizen_signs_for_what_is_kept(desk: Desk) -> None:
    answer = await desk.put(PHOTO, portrait(1))
    assert answer.status_code == 201
    kept = await desk.objects.get(answer.json()["reference"])
    assert hashlib.sha256(kept).hexdigest() == answer.json()["sha256"] == desk.state().uploads[0].sha256
    assert desk.state().uploads[0].sent == hashlib.sha256(portrait(1)).hexdigest()
    assert kept not in desk.envelopes.envelopes.values()


async def test_a_picture_is_turned_upright_and_loses_all_but_its_pixels(desk: Desk) -> None:
    sent = with_place(portrait(1))
    assert b"SECRET PLACE" in sent
    assert b"SECRET REMARK" in sent
    kept = await desk.objects.get((await desk.put(PHOTO, sent)).json()["reference"])
    shown = Image.open(io.BytesIO(kept))
    assert shown.size == Image.open(io.BytesIO(portrait(1))).size
    assert not shown.getexif()
    assert not any(word in kept for word in (b"SECRET", b"TELEPHONE", b"Exif"))


async def test_the_same_photo_again_is_the_same_file_by_whatever_grant(desk: Desk) -> None:
    grant = await desk.grant()
    first, again, another = [await desk.put(PHOTO, portrait(1), grant=each) for each in (grant, grant, "")]
    assert first.json() == again.json() == another.json()
    assert len(desk.envelopes.envelopes) == 1


async def test_a_grant_serves_once_for_each_purpose(desk: Desk) -> None:
    grant = await desk.grant()
    assert (await desk.put(PHOTO, portrait(1), grant=grant)).status_code == 201
    assert (await desk.put(SAMPLE, signature_sample(1), "image/png", grant)).status_code == 201
    assert problem(await desk.put(PHOTO, portrait(2), grant=grant), 409)["code"] == "GRANT_USED"
    assert (await desk.put(PHOTO, portrait(2))).status_code == 201
    late = KeepFile(application_id=ID, purpose="photo", reference="r", sha256="0", grant=desk.state().uploads[0].grant)
    outcome = await desk.engine.act(late, "two at once")
    assert (outcome.result, outcome.reply) == (Result.DONE, "GRANT_USED")


async def test_without_a_grant_for_this_application_that_lasts_nothing_is_taken(desk: Desk) -> None:
    grant = await desk.grant()
    stranger = desk.grants.issue(UUID(int=9), desk.clock.machine_now() + timedelta(minutes=1), bytes(12))
    over = desk.grants.issue(ID, desk.clock.machine_now() - timedelta(seconds=1), bytes(12))
    (token,) = [path.read_text() for path in desk.folder.glob("portal.token")]
    for other in (stranger, over, token, grant[:-2] + "AA", "g2" + grant[2:], "g1.", "g1.====", "?"):
        problem(await desk.put(PHOTO, portrait(1), grant=other), 401)
    assert desk.envelopes.envelopes == {}


async def test_only_the_portal_gets_grants_and_only_for_what_takes_files(desk: Desk) -> None:
    async with desk.caller("") as stranger:
        problem(await stranger.post(f"/applications/{ID}/grants"), 401)
    async with desk.caller() as portal:
        problem(await portal.post(f"/applications/{UUID(int=9)}/grants"), 404)
        grant = (await portal.post(f"/applications/{ID}/grants")).json()["grant"]
        await desk.say(CloseApplication(application_id=ID, ending=Ending.REFUSED), "close")
        assert problem(await portal.post(f"/applications/{ID}/grants"), 409)["code"] == "CLOSED"
    assert problem(await desk.put(PHOTO, portrait(1), grant=grant), 409)["code"] == "CLOSED"


async def test_too_large_a_photo_is_413(desk: Desk) -> None:
    problem(await desk.put(PHOTO, b"\xff\xd8\xff" + bytes(Limits().photo_max_bytes)), 413)


@pytest.mark.parametrize("media", ["application/pdf", "image/png", "image/gif"])
async def test_another_type_or_a_false_one_is_415(desk: Desk, media: str) -> None:
    problem(await desk.put(PHOTO, portrait(1), media), 415)


@pytest.mark.parametrize("flaw", [PortraitFlaw.NOT_A_PICTURE, PortraitFlaw.CUT_SHORT])
async def test_what_is_no_whole_picture_is_422_with_its_fault(desk: Desk, flaw: PortraitFlaw) -> None:
    body = problem(await desk.put(PHOTO, portrait(1, flaw)), 422)
    assert body["faults"][0]["field"] == "body"
    assert desk.envelopes.envelopes == {}


async def test_a_picture_of_a_few_bytes_is_422(desk: Desk) -> None:
    problem(await desk.put(PHOTO, b"\xff\xd8\xff\xd9"), 422)


async def test_a_bomb_is_refused_before_it_is_decoded(desk: Desk) -> None:
    out = io.BytesIO()
    Image.new("L", (5900, 5900)).save(out, "PNG", compress_level=9)
    assert len(out.getvalue()) < Limits().photo_max_bytes
    body = problem(await desk.put(PHOTO, out.getvalue(), "image/png"), 422)
    assert body["faults"] == [{"field": "body", "problem": "TooManyPixels"}]


async def test_an_upload_that_loses_the_race_with_the_ending_leaves_no_file(desk: Desk) -> None:
    await desk.say(CloseApplication(application_id=ID, ending=Ending.REFUSED), "close")
    outcome = await desk.engine.act(KeepFile(application_id=ID, purpose="photo", reference="r", sha256="0"), "late")
    assert (outcome.result, outcome.reply) == (Result.DONE, "CLOSED")


async def test_a_decision_that_failed_is_tried_again_and_finds_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failed(message: KeepFile, *_: object) -> Outcome:
        return Outcome(Result.FAILED)

    monkeypatch.setattr(desk.engine, "act", failed)
    problem(await desk.put(PHOTO, portrait(1)), 503)
    assert isinstance(desk.objects, MemoryObjects)
    assert len(desk.objects.envelopes) == 1


async def test_while_the_store_is_out_of_reach_the_sender_is_told_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise Unavailable("objects")

    monkeypatch.setattr(desk.objects, "put", lost)
    problem(await desk.put(PHOTO, portrait(1)), 503)
    assert desk.state().uploads == ()
