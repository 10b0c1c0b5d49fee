"""The portal's driver: acts are carried out in order, tried again when the other side cannot now, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from deploy.sandbox.authority import Authority
from deploy.sandbox.portal.acts import BESIDE
from deploy.sandbox.portal.driver import Never, NotNow, Portal
from shared.clock import SystemClock
from shared.contracts.base import PortalMessage, routing_key
from shared.contracts.portal import MessageRejected, NextAction, StatusChanged, Text
from shared.contracts.values import Ending, FileRef, Stage
from tests.sandbox.crowds import NOW, person

AUTHORITY = Authority(NOW, b"portal")


@dataclass
class Wires:
    """What was said and done, in order; the first `shy` calls are not taken."""

    shy: int = 0
    closed: bool = False
    said: list[tuple[str, UUID]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def say(self, message: PortalMessage, message_id: UUID, headers: Mapping[str, str]) -> None:
        self._shy()
        self.said.append((routing_key(message), message_id))

    async def grant(self, application_id: UUID) -> str:
        self._shy()
        return f"grant of {application_id}"

    async def upload(self, application_id: UUID, purpose: str, grant: str, content: bytes, media: str) -> FileRef:
        self._shy()
        assert grant == f"grant of {application_id}"
        self.done.append(purpose)
        return FileRef(reference=purpose, sha256=sha256(content).hexdigest())

    async def code(self, application_id: UUID) -> str | None:
        self._shy()
        return "mobileSign:http://intake/mgov"

    async def visit(self, link: str) -> None:
        self._shy()
        self.done.append(link)

    async def pay(self, link: str, amount: int, key: str) -> None:
        if self.closed:
            raise Never("404")
        self.done.append(f"pays {amount}")

    def _shy(self) -> None:
        self.shy -= 1
        if self.shy >= 0:
            raise NotNow("503")


def portal_of(wires: Wires) -> Portal:
    return Portal(wires, AUTHORITY, SystemClock())


async def settled(portal: Portal) -> None:
    for _ in range(1000):
        if not portal.in_hand:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


def status(id: UUID, stage: Stage, action: NextAction = NextAction.NOTHING, **other: Any) -> StatusChanged:
    fields: dict[str, Any] = {"round": 1, "version": 1, "text": Text(kk="к", ru="р"), "at": NOW}
    fields |= {"code": stage.value, "stage": stage, "rank": list(Stage).index(stage), "next_action": action}
    return StatusChanged(application_id=id, **fields | other)


async def test_a_citizen_goes_the_whole_way_and_says_each_thing_once() -> None:
    wires, citizen = Wires(), person("issued-paid")
    portal = portal_of(wires)
    portal.admit([citizen])
    assert await portal.start([citizen], 1000) == 1
    assert await portal.start([citizen], 1000) == 0
    id = citizen.application_id(0)
    way = (
        status(id, Stage.OPENED, NextAction.IDENTIFY, link="http://d"),
        status(id, Stage.ELIGIBLE, NextAction.FILL_FORM),
        status(id, Stage.PHOTO_ACCEPTED, NextAction.SIGN),
        status(id, Stage.REGISTERED, NextAction.PAY, link="http://p", amount=786),
        status(id, Stage.CLOSED, ending=Ending.ISSUED),
    )
    for each in way:
        portal.hear(each)
        portal.hear(each)
        await settled(portal)
    keys = ["application-started", "form-filled", "application-signed", "feedback-left"]
    assert [key for key, _ in wires.said] == keys
    assert wires.done == ["http://d", "photo", "signature-sample", "pays 786"]
    (row,) = portal.shown()
    assert (row["ending"], row["expected"], row["repeated"], portal.given_up) == ("issued", "issued", 5, [])


async def test_what_is_not_taken_now_is_tried_again_as_the_same_message() -> None:
    wires, citizen = Wires(shy=1), person("issued-paid")
    portal = portal_of(wires)
    await portal.start([citizen], 1000)
    await settled(portal)
    assert [key for key, _ in wires.said] == ["application-started"]


async def test_what_is_never_taken_is_given_up_and_told() -> None:
    wires, citizen = Wires(closed=True), person("issued-paid")
    portal = portal_of(wires)
    await portal.start([citizen], 1000)
    portal.hear(status(citizen.application_id(0), Stage.REGISTERED, NextAction.PAY, link="http://p", amount=786))
    await settled(portal)
    assert portal.given_up == [f"{citizen.name} Pay: 404"]


async def test_a_second_start_is_led_back_and_the_first_goes_on() -> None:
    wires, citizen = Wires(), person("second-start")
    portal = portal_of(wires)
    await portal.start([citizen], 1000)
    first, second = citizen.application_id(0), citizen.application_id(BESIDE)
    portal.hear(status(first, Stage.ELIGIBLE, NextAction.FILL_FORM))
    await settled(portal)
    assert "form-filled" not in [key for key, _ in wires.said]
    portal.hear(status(second, Stage.OPENED, live_application=str(first)))
    await settled(portal)
    assert [key for key, _ in wires.said] == ["application-started", "application-started", "form-filled"]


async def test_who_was_annulled_comes_again() -> None:
    wires, citizen = Wires(), person("annulled-again")
    portal = portal_of(wires)
    await portal.start([citizen], 1000)
    portal.hear(status(citizen.application_id(0), Stage.CLOSED, ending=Ending.ANNULLED))
    await settled(portal)
    assert [key for key, _ in wires.said] == ["application-started", "application-started"]
    assert {row["expected"] for row in portal.shown()} == {"annulled", "issued"}


async def test_a_rejected_message_is_kept_on_the_board() -> None:
    portal = portal_of(Wires())
    citizen = person("issued-paid")
    await portal.start([citizen], 1000)
    portal.hear(MessageRejected(application_id=citizen.application_id(0), message_id="m", reason="INVALID"))
    assert portal.shown()[0]["rejected"] == [{"reason": "INVALID", "message_id": "m"}]
    await settled(portal)
    await portal.close()
