"""What goes to РП ДРН through ШЭП, and what its answers are taken for; against the sandbox's own РП ДРН."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.intake.domain.application import Fact, Reported
from services.intake.domain.registration import Refused, Talon
from services.intake.gateway import Registration, ShepRegister
from tests.services.intake.cases import ID, IIN
from tests.services.running import NOW

ASKED = Registration(ID, IIN, "71", "71-01", "a.jpg", "b.png", "c" * 64, "Q01T")
TALON = {"talon": "t", "documentation_code": "d", "registered_at": "2025-10-06T10:00:00+05:00", "recalled": "false"}


class Asked:
    """ШЭП, as far as its callers see it."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer, self.asked = answer, list[tuple[str, dict[str, Any], str]]()

    async def ask(self, service_id: str, data: dict[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
        self.asked.append((service_id, data, message_id))
        return self.answer


def register(answer: dict[str, Any]) -> tuple[ShepRegister, Asked]:
    shep = Asked(answer)
    return ShepRegister(shep, lambda: NOW), shep  # type: ignore[arg-type]


async def test_registered_it_gives_the_talon_and_asks_under_one_key_however_often() -> None:
    rpdrn, shep = register({"registered": "true", **TALON})
    assert await rpdrn.register(ASKED) == Talon("t", "d", datetime(2025, 10, 6, 5, 0, tzinfo=UTC))
    await rpdrn.register(ASKED)
    (service_id, data, first), (_, _, second) = shep.asked
    assert (service_id, data["application_id"], data["point"]) == ("RPDRN_REGISTER", str(ID), "71-01")
    assert first == second == data["key"]


async def test_a_refusal_stands_with_its_texts() -> None:
    rpdrn, _ = register({"registered": "false", "code": "NO", "text_kk": "жоқ", "text_ru": "нет"})
    assert await rpdrn.register(ASKED) == Refused("NO", "жоқ", "нет")


@pytest.mark.parametrize("answer", [{}, {"talons": ""}, {"talons": []}])
async def test_no_talons_are_none(answer: dict[str, Any]) -> None:
    rpdrn, _ = register(answer)
    assert await rpdrn.talons_of(ID) == ()


async def test_talons_are_told_with_whether_they_stand() -> None:
    rpdrn, _ = register({"talons": [TALON, TALON | {"talon": "u", "recalled": "true"}]})
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
        "talon": "t", "number": 3, "stage": "DECIDED", "at": NOW.isoformat(), "ground": "PHOTO", "officer": "17",
    }  # fmt: skip


async def test_the_request_about_the_result_is_named() -> None:
    rpdrn, _ = register({"request_id": "r-1"})
    assert await rpdrn.result_request("t") == "r-1"
