"""Signing with eGov Mobile: a code at the portal, API №1 and №2, a telephone that signs (S12)."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.sandbox.telephone import Unreadable, seen_in, sign_what_is_shown, signed
from shared.contracts.values import Stage
from shared.documents.qr import picture_of
from shared.engine.service import Audited
from shared.security.canonical import CanonicalApplication
from shared.security.evidence import KeptSignature
from tests.services.intake.cases import ID, IIN, OTHER_IIN, photo_accepted
from tests.services.intake.desk import SEALER, TODAY, Desk, desk_in, key_of

LINKS = f"/applications/{ID}/signing-links"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path) as desk:
        await desk.opened()
        await desk.say(desk.form(*await desk.files()), "form")
        await desk.say(photo_accepted(), "photo")
        yield desk


async def code(desk: Desk) -> str:
    async with desk.caller() as portal:
        answer = await portal.post(LINKS)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["qr"])


async def shown(desk: Desk, address: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    async with desk.caller("") as telephone:
        service = (await telephone.get(address)).json()
        headers = {"Authorization": f"Bearer {service['document']['auth_token']}"}
        return service, (await telephone.get(service["document"]["uri"], headers=headers)).json(), headers


async def test_a_telephone_that_scans_the_code_signs_the_form(desk: Desk) -> None:
    async with desk.caller("") as telephone:
        assert await sign_what_is_shown(telephone, picture_of(await code(desk)), key_of(IIN), TODAY) == 200
    await desk.said("application-submitted")
    (kept,) = desk.tables.rows_of(KeptSignature, SEALER)
    assert (kept.what, kept.claimed_at) == ("application", TODAY)
    rows = [(row.who[:8], row.where, row.what) for row in desk.tables.rows_of(Audited, SEALER)]
    assert ("citizen:", "egov-mobile", "ShowToTelephone") in rows


async def test_the_app_is_told_who_asks_until_when_and_what_is_to_be_signed(desk: Desk) -> None:
    service, document, _ = await shown(desk, (await code(desk)).removeprefix("mobileSign:"))
    assert service["document"]["auth_type"] == "Token"
    assert service["organisation"].keys() == {"nameRu", "nameKz", "nameEn", "bin"}
    form = desk.state().form
    assert form is not None
    (one,) = document["documentsToSign"]
    assert base64.b64decode(one["documentCms"]) == CanonicalApplication.of(IIN, form).canonical()
    assert one["document"]["file"]["data"] == one["documentCms"]
    assert document["signMethod"] == "CMS_SIGN_ONLY"


async def test_the_cross_link_opens_the_app_on_the_same_telephone(desk: Desk) -> None:
    async with desk.caller() as portal:
        link = (await portal.post(LINKS)).json()
    assert link["cross_link"].startswith("https://mgovsign.page.link/?link=http")
    assert "apn=kz.mobile.mgov" in link["cross_link"]


@pytest.mark.parametrize("attached", [False, True])
async def test_either_form_of_the_answer_is_met_and_the_same_again_is_answered_alike(
    desk: Desk, attached: bool
) -> None:
    service, document, headers = await shown(desk, (await code(desk)).removeprefix("mobileSign:"))
    answer = signed({**document, "signMethod": "CMS_WITH_DATA" if attached else "CMS_SIGN_ONLY"}, key_of(IIN), TODAY)
    del answer["documentsToSign"][0]["document" if attached else "documentCms"]
    async with desk.caller("") as telephone:
        for _ in range(2):
            assert (await telephone.put(service["document"]["uri"], json=answer, headers=headers)).status_code == 200
        await desk.said("application-submitted")
        assert (await telephone.get(service["document"]["uri"], headers=headers)).status_code == 409
    assert desk.state().stage is not Stage.PHOTO_ACCEPTED


async def test_without_the_token_of_this_link_nothing_is_shown_or_taken(desk: Desk) -> None:
    address, another = [(await code(desk)).removeprefix("mobileSign:") for _ in range(2)]
    service, document, _ = await shown(desk, another)
    headers = {"Authorization": f"Bearer {service['document']['auth_token']}"}
    async with desk.caller("") as stranger:
        for given in ({}, {"Authorization": "Bearer x"}, headers):
            assert (await stranger.get(f"{address}/document", headers=given)).status_code == 401
            assert (await stranger.put(f"{address}/document", headers=given, json=document)).status_code == 401


async def test_a_link_that_ended_was_altered_or_is_of_another_application_leads_nowhere(desk: Desk) -> None:
    address = (await code(desk)).removeprefix("mobileSign:")
    over = desk.links.issue(ID, desk.clock.machine_now() - timedelta(seconds=1), bytes(12))
    async with desk.caller("") as stranger:
        for bad in (address[:-2] + "AA", address.replace(str(ID), str(UUID(int=9))), f"http://here/mgov/{ID}/{over}"):
            assert (await stranger.get(bad)).status_code == 404


async def test_only_the_portal_gets_a_link_and_only_when_there_is_something_to_sign(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.opened()
        async with desk.caller("") as stranger:
            assert (await stranger.post(LINKS)).status_code == 401
        async with desk.caller() as portal:
            answer = await portal.post(LINKS)
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_ACCEPTED_YET")


async def test_what_another_person_signs_goes_back_as_from_the_portal(desk: Desk) -> None:
    async with desk.caller("") as telephone:
        assert await sign_what_is_shown(telephone, picture_of(await code(desk)), key_of(OTHER_IIN), TODAY) == 200
    await desk.said("signature-returned")
    assert (await code(desk)).startswith("mobileSign:")


@pytest.mark.parametrize("cms", ["", "not base64!", None])
async def test_what_is_no_signature_is_422(desk: Desk, cms: str | None) -> None:
    service, document, headers = await shown(desk, (await code(desk)).removeprefix("mobileSign:"))
    (one,) = document["documentsToSign"]
    changes = {"id": 9} if cms is None else {"documentCms": cms, "document": {"file": {"data": cms}}}
    body = {**document, "documentsToSign": [{**one, **changes}]}
    async with desk.caller("") as telephone:
        answer: httpx.Response = await telephone.put(service["document"]["uri"], json=body, headers=headers)
    assert answer.status_code == 422


def test_a_picture_without_such_a_code_is_none() -> None:
    assert seen_in(picture_of("mobileSign:https://intake.example/mgov/1")) == "https://intake.example/mgov/1"
    for picture in (b"", b"no picture", picture_of("https://elsewhere.example")):
        with pytest.raises(Unreadable):
            seen_in(picture)
