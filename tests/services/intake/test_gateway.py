"""What goes to РП ДРН through ШЭП, and what its answers are taken for; against the sandbox's own РП ДРН."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from services.intake.domain.facts import Fact, Reported
from services.intake.domain.registration import Refused, Talon
from services.intake.domain.watching import Fate
from services.intake.gateway import Registration, ShepRegister
from shared.contracts.values import FileRef
from shared.engine.rows import Unavailable
from shared.gateways.letters import Standing
from shared.gateways.post import Post
from shared.gateways.soap import Login
from shared.security.objects import ObjectBroken
from tests.services.intake.cases import ID, IIN
from tests.services.running import NOW

IMAGES = {"a.jpg": b"photo", "b.png": b"sample"}
PHOTO, SAMPLE = (FileRef(reference=name, sha256=sha256(content).hexdigest()) for name, content in IMAGES.items())
ASKED = Registration(ID, IIN, "71", "71-01", PHOTO, SAMPLE, "c" * 64, "Q01T")
TALON = {
    "talonNumber": "t",
    "documentationCode": "d",
    "registeredAt": "2025-10-06T10:00:00+05:00",
    "recalled": "false",
}


class Images:
    """The object store."""

    async def get(self, reference: str) -> bytes:
        return IMAGES[reference]


class Asked:
    """ШЭП, as far as its callers see it; files are kept under `id of <name>`."""

    login = Login("KUALIK")

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer, self.asked = answer, list[tuple[str, dict[str, Any], str]]()
        self.files: dict[str, str] = {}

    async def ask(self, service_id: str, data: dict[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
        if service_id == "EDS_TEMP_FILES":
            return self.keep(data["tempStorageRequest"]["uploadRequest"]["fileUploadRequests"][0])
        self.asked.append((service_id, data, message_id))
        return self.answer

    def keep(self, file: dict[str, Any]) -> dict[str, Any]:
        name = file["fileProcessIdentifier"]
        self.files[name] = file["content"]
        result = {"fileProcessIdentifier": name, "fileIdentifier": f"id of {name}"}
        return {"tempStorageResponse": {"uploadResponse": {"uploadFileResults": [result]}}}


class Sent(Post):
    """ШЭП's asynchronous channel, as far as its callers see it."""

    def __init__(self, standing: Standing = Standing.DELIVERED) -> None:
        self.found, self.asked = standing, list[tuple[str, dict[str, Any]]]()

    async def request(self, service_id: str, data: Mapping[str, Any], at: datetime) -> str:
        self.asked.append((service_id, dict(data)))
        return "r-1"

    async def standing(self, service_id: str, message_id: str) -> Standing:
        assert message_id == "r-1"
        return self.found


def register(answer: dict[str, Any]) -> tuple[ShepRegister, Asked]:
    shep = Asked(answer)
    return ShepRegister(shep, lambda: NOW, Images(), Sent()), shep  # type: ignore[arg-type]


async def test_registered_it_gives_the_talon_and_asks_under_one_key_however_often() -> None:
    rpdrn, shep = register({"registered": "true", **TALON})
    assert await rpdrn.register(ASKED) == Talon("t", "d", datetime(2025, 10, 6, 5, 0, tzinfo=UTC))
    await rpdrn.register(ASKED)
    (service_id, data, first), (_, _, second) = shep.asked
    assert (service_id, data["applicationId"], data["point"]) == ("RPDRN_REGISTER", str(ID), "71-01")
    assert first == second == data["key"]


async def test_a_refusal_stands_with_its_texts() -> None:
    rpdrn, _ = register({"registered": "false", "code": "NO", "messageKz": "жоқ", "messageRu": "нет"})
    assert await rpdrn.register(ASKED) == Refused("NO", "жоқ", "нет")


@pytest.mark.parametrize("answer", [{}, {"registration": []}])
async def test_no_talons_are_none(answer: dict[str, Any]) -> None:
    rpdrn, _ = register(answer)
    assert await rpdrn.talons_of(ID) == ()


async def test_talons_are_told_with_whether_they_stand() -> None:
    rpdrn, _ = register({"registration": [TALON, TALON | {"talonNumber": "u", "recalled": "true"}]})
    assert [(talon.number, talon.recalled) for talon in await rpdrn.talons_of(ID)] == [("t", False), ("u", True)]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"recalled": "true", "code": "RECALLED"}, ""),
        ({"recalled": "false", "code": "RECALL_REFUSED"}, "RECALL_REFUSED"),
        ({"recalled": "false"}, "NOT_RECALLED"),
    ],
)
async def test_a_recall_is_done_or_has_its_code(answer: dict[str, Any], code: str) -> None:
    rpdrn, _ = register(answer)
    assert await rpdrn.recall("t", "annulled") == code


async def test_a_stage_is_told_with_its_number_ground_and_officer() -> None:
    rpdrn, shep = register({"accepted": "true"})
    assert await rpdrn.report("t", Fact(Reported.DECIDED, 1, NOW, "PHOTO", "17", 3))
    assert shep.asked[0][1] == {
        "talonNumber": "t", "number": 3, "stage": "DECIDED", "stageDate": NOW.isoformat(),
        "ground": "PHOTO", "officer": "17",
    }  # fmt: skip


async def test_the_request_about_the_result_is_named() -> None:
    rpdrn, _ = register({"requestId": "r-1"})
    assert await rpdrn.result_request("t") == "r-1"


async def test_whoever_wants_to_be_told_of_a_talon_names_it_and_its_application() -> None:
    post = Sent()
    rpdrn = ShepRegister(Asked({}), lambda: NOW, Images(), post)  # type: ignore[arg-type]
    assert await rpdrn.watch("t", ID) == "r-1"
    assert post.asked == [("RPDRN_STATUS", {"talonNumber": "t", "applicationId": str(ID)})]


@pytest.mark.parametrize(
    ("standing", "fate"),
    [
        (Standing.ON_DELIVERY, Fate.UNDER_WAY),
        (Standing.DELIVERED, Fate.DELIVERED),
        (Standing.NOT_DELIVERED, Fate.LOST),
        (Standing.DELIVERY_STOPPED, Fate.LOST),
    ],
)
async def test_a_request_is_under_way_delivered_or_lost(standing: Standing, fate: Fate) -> None:
    rpdrn = ShepRegister(Asked({}), lambda: NOW, Images(), Sent(standing))  # type: ignore[arg-type]
    assert await rpdrn.fate_of("r-1") is fate


async def test_images_go_to_the_temporary_files_and_only_their_names_are_told() -> None:
    rpdrn, shep = register({"registered": "true", **TALON})
    await rpdrn.register(ASKED)
    ((_, data, _),) = shep.asked
    assert data["photo"] == {"fileIdentifier": "id of a.jpg", "sha256": PHOTO.sha256}
    assert data["signatureSample"] == {"fileIdentifier": "id of b.png", "sha256": SAMPLE.sha256}
    assert shep.files == {"a.jpg": "cGhvdG8=", "b.png": "c2FtcGxl"}


async def test_an_image_that_is_not_the_signed_one_is_not_sent() -> None:
    rpdrn, shep = register({"registered": "true", **TALON})
    with pytest.raises(ObjectBroken):
        await rpdrn.register(replace(ASKED, photo=FileRef(reference="a.jpg", sha256="0" * 64)))
    assert shep.files == {}


@pytest.mark.parametrize("answer", [{}, {"registered": "perhaps"}, {"registered": "true", "talonNumber": ""}])
async def test_an_answer_that_does_not_read_is_no_answer(answer: dict[str, Any]) -> None:
    rpdrn, _ = register(answer)
    with pytest.raises(Unavailable, match="rpdrn"):
        await rpdrn.register(ASKED)
