"""The sandbox's end of ШЭП's asynchronous channel: strict in what it takes; a talon is watched once, from its first
REQUEST on; what was pushed is pushed once more, or no more, as its receiver says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import etree
from starlette.applications import Starlette

from deploy.sandbox.callbacks import Callbacks
from deploy.sandbox.faults import Fault
from deploy.sandbox.http import Systems, system_routes
from deploy.sandbox.receiving import read
from deploy.sandbox.soap import Declined
from deploy.sandbox.systems.ground import Callback
from shared.engine.rows import Unavailable
from shared.gateways import letters
from shared.gateways.catalogue import STATUSES_PUSHED
from shared.gateways.letters import Delivery, Kind, Letter, Standing
from shared.gateways.post import Post
from shared.gateways.soap import Login
from shared.gateways.transport import client
from shared.security import distrust
from shared.security.distrust import Distrusted
from tests.engine.house import until
from tests.gateways.attacks import Attack
from tests.gateways.test_attacks import SHAPES
from tests.gateways.test_letters import LETTER, SERVICE
from tests.gateways.wire import CLOCK, SENDER, channel, installation, near, post, sandbox
from tests.sandbox.crowds import NOW, person, register

ASKED = {"talonNumber": "t", "applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}


def request(**changes: Any) -> Letter:
    return replace(Letter("", "", SERVICE, Kind.REQUEST, CLOCK.machine_now(), ASKED), **changes)


async def written(letter: Letter, sender: str = SENDER, name: str = "x") -> bytes:
    return await near().sign(await letters.written(letter, Login(sender), near()), name)


async def declined(content: bytes) -> tuple[str, str]:
    with pytest.raises(Declined) as refusal:
        await read(channel(), content)
    return refusal.value.code, refusal.value.inner


@pytest.mark.parametrize(("change", "expected"), SHAPES)
async def test_a_request_that_was_touched_is_refused_for_its_own_reason(
    change: Attack, expected: type[Distrusted]
) -> None:
    code, inner = await declined(change(await written(request())))
    assert inner == expected.__name__
    unread = expected in (distrust.Unreadable, distrust.NotAnEnvelope)
    otherwise = "BAD_REQUEST" if unread else "IS_NOT_VALID"
    assert code == ("SIGN_NOT_EXIST" if expected is distrust.Unsigned else otherwise)


async def test_what_nobody_may_send_is_refused() -> None:
    late = CLOCK.machine_now() - timedelta(minutes=6)
    assert await declined(await written(request(), "SOMEBODY")) == ("SENDER_NOT_FOUND", "")
    assert await declined(await written(request(at=late))) == ("MESSAGE_EXPIRED", "Stale")
    assert await declined(await written(LETTER)) == ("BAD_REQUEST", "OutsideItsSchema")
    assert await declined(await written(request(id="mine"))) == ("BAD_REQUEST", "OutsideItsSchema")
    stranger = installation("stranger").near(CLOCK.machine_now)
    theirs = await stranger.sign(await letters.written(request(), Login(SENDER), stranger), "x")
    assert await declined(theirs) == ("IS_NOT_VALID", "UnknownSigner")


async def test_a_notice_is_of_now_of_a_known_sender_and_of_a_service_that_there_is() -> None:
    told = Delivery("m", STATUSES_PUSHED, accepted=True)

    async def sent(said: Delivery, sender: str = SENDER, minutes: int = 0) -> bytes:
        at = CLOCK.machine_now() + timedelta(minutes=minutes)
        return await near().sign(letters.delivery(said, Login(sender), at), "x")

    assert await read(channel(), await sent(told)) == told
    assert await declined(await sent(told, "SOMEBODY")) == ("SENDER_NOT_FOUND", "")
    assert await declined(await sent(told, minutes=6)) == ("MESSAGE_EXPIRED", "Stale")
    assert await declined(await sent(replace(told, service_id="NO_SUCH"))) == ("SERVICE_NOT_FOUND", "")
    nobody = letters.look("m", Login(SENDER))
    for sender in list(nobody.iter("sender")):
        parent = sender.getparent()
        assert parent is not None
        parent.remove(sender)
    assert await declined(await near().sign(nobody, "x")) == ("SENDER_NOT_FOUND", "")


async def test_the_same_envelope_is_not_taken_twice_whatever_stands_around_its_body() -> None:
    end, content = channel(), await written(request())
    await read(end, content)
    for again in (content, etree.tostring(etree.fromstring(content)) + b"\n"):
        with pytest.raises(Declined, match="MESSAGE_REPEATED"):
            await read(end, again)
    await read(end, await written(request(), name="y"))


@dataclass
class Wire:
    """The sandbox behind its door, and our client; somebody's talon stands."""

    systems: Systems
    http: httpx.AsyncClient
    asked: dict[str, str]

    @property
    def post(self) -> Post:
        return post(self.http)

    async def watch(self) -> str:
        return await self.post.request(STATUSES_PUSHED, self.asked, CLOCK.machine_now())

    async def standing(self, id: str) -> Standing:
        return await self.post.standing(STATUSES_PUSHED, id)

    def tell(self, status: str = "CHANGED", name: str = "") -> None:
        registry = self.systems.state.registry
        registry.tell(registry.talons[self.asked["talonNumber"]], status, NOW, "DEATH", name)

    def owed(self) -> list[Callback]:
        return list(self.systems.state.due(self.systems.clock.now() + timedelta(minutes=1)))

    def switch(self, **wrong: Any) -> None:
        self.systems.faults.switch(Fault(system="rpdrn", **wrong))


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    systems, citizen = sandbox(), person("issued-paid")
    systems.state.admit([citizen])
    talon = register(systems.state, citizen)["talonNumber"]
    app = Starlette(routes=system_routes(systems))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield Wire(systems, http, {"talonNumber": talon, "applicationId": str(citizen.application_id(0))})


async def test_only_who_asked_is_told_all_that_came_before_first_and_each_thing_once(wire: Wire) -> None:
    wire.tell(name="before")
    assert wire.owed() == []
    first, second = await wire.watch(), await wire.watch()
    assert first != second
    wire.tell(name="after")
    assert [callback.body["correlation"] for callback in wire.owed()] == [first, first]
    assert [await wire.standing(id) for id in (first, second)] == [Standing.DELIVERED] * 2


async def test_what_ended_is_a_response_and_what_goes_on_a_notification(wire: Wire) -> None:
    await wire.watch()
    wire.tell()
    wire.tell("ISSUED")
    assert [callback.body["kind"] for callback in wire.owed()] == ["NOTIFICATION", "RESPONSE"]


async def test_a_talon_that_does_not_stand_or_is_anothers_is_not_watched(wire: Wire) -> None:
    for wrong in ({"talonNumber": "other"}, {"applicationId": "c6f9bd6e-0000-4000-8000-000000000001"}):
        id = await wire.post.request(STATUSES_PUSHED, wire.asked | wrong, CLOCK.machine_now())
        assert await wire.standing(id) is Standing.DELIVERY_STOPPED
    wire.tell()
    assert wire.owed() == []


async def test_a_request_that_is_lost_on_its_way_is_known_to_be_and_can_be_sent_again(wire: Wire) -> None:
    wire.switch(undelivered_rate=1)
    lost = await wire.watch()
    assert await wire.standing(lost) is Standing.NOT_DELIVERED
    wire.tell()
    assert wire.owed() == []
    wire.switch()
    again = await wire.watch()
    assert [callback.body["correlation"] for callback in wire.owed()] == [again]
    assert wire.systems.exchanges.counts["rpdrn", "RPDRN_STATUS sendMessage", "undelivered"] == 1


async def test_a_message_that_is_none_reaches_nobody(wire: Wire) -> None:
    assert await wire.standing("5c1d9a52-0000-4000-8000-000000000001") is Standing.NOT_DELIVERED


@pytest.mark.parametrize(
    "wrong", ["outage", "lost_rate", "wrong_signature_rate", "truncated_rate", "stale_rate", "error_rate"]
)
async def test_whatever_is_wrong_with_the_channel_the_talon_is_watched_once_in_the_end(wire: Wire, wrong: str) -> None:
    wire.switch(**{wrong: 1})
    with pytest.raises(Unavailable, match="rpdrn"):
        await wire.watch()
    wire.switch()
    id = await wire.watch()
    assert await wire.standing(id) is Standing.DELIVERED
    wire.tell()
    assert len(wire.owed()) == 1


PUSH = Callback("intake", "/shep/async", {"callback_id": "m-1", "kind": "NOTIFICATION", "talonNumber": "t"}, "", NOW)


async def test_what_its_receiver_wants_no_more_is_pushed_no_more_and_comes_again_when_it_does(wire: Wire) -> None:
    async with client(timeout=1.0) as http:
        sender = Callbacks(wire.systems, http, installation().keys, {})
        telling = asyncio.create_task(sender.deliver(PUSH, pause=0.01))
        await until(lambda: wire.systems.exchanges.tally("callbacks")["failed"] > 2)
        assert not telling.done()
        await wire.post.tell(Delivery("m-1", STATUSES_PUSHED, accepted=False), CLOCK.machine_now())
        await asyncio.wait_for(telling, 10)
    assert wire.owed() == []
    await wire.post.tell(Delivery("m-1", STATUSES_PUSHED, accepted=False, resend=True), CLOCK.machine_now())
    assert [callback.id for callback in wire.owed()] == ["m-1"]
    assert wire.systems.state.post.push(PUSH)
    await wire.post.tell(Delivery("m-1", STATUSES_PUSHED, accepted=True), CLOCK.machine_now())
    assert not wire.systems.state.post.push(PUSH)


async def test_of_a_message_that_was_never_pushed_nothing_can_be_said(wire: Wire) -> None:
    with pytest.raises(Unavailable):
        await wire.post.tell(Delivery("m-9", STATUSES_PUSHED, accepted=True), CLOCK.machine_now())
