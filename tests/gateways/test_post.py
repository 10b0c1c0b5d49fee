"""What we send by ШЭП's asynchronous channel, at a stranger's server and at the sandbox: answers are believed only when
they are signed, of now, of their schema, and the first time; what leaves is of its schema.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from starlette.applications import Starlette

from deploy.sandbox.http import Systems, system_routes
from deploy.sandbox.systems.post import PostOffice
from shared.engine.rows import Unavailable
from shared.gateways import letters
from shared.gateways.catalogue import ASYNCHRONOUS, STATUSES_PUSHED
from shared.gateways.letters import Delivery, Kind, Receipt, Standing
from shared.gateways.post import Post
from shared.gateways.schema import Unsendable
from shared.gateways.soap import Login, envelope, stamp
from shared.security.distrust import Distrusted
from shared.security.safe_xml import parse
from shared.security.wsse import SOAP, body_of
from tests.engine.house import Quiet
from tests.gateways.attacks import Attack
from tests.gateways.invented import values
from tests.gateways.recorded import WHEN, OneId, Server, StoppedClock, sample, sealed
from tests.gateways.test_attacks import SHAPES
from tests.gateways.wire import CLOCK, SENDER, URL, channel, far, installation, near, post, sandbox

SERVICE = ASYNCHRONOUS[STATUSES_PUSHED]
ASKED = {"talonNumber": "t", "applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}
TOLD = Delivery("m-1", STATUSES_PUSHED, accepted=False, resend=True, error="E")
AT = CLOCK.machine_now().replace(microsecond=0)


class Loud(Quiet):
    """Keeps why something was not believed."""

    def __init__(self) -> None:
        super().__init__()
        self.whys: list[str] = []

    def error(self, *said: object, **fields: object) -> None:
        self.whys.append(str(fields.get("why")))

    info = warning = error


def ours(server: Server, at: datetime = WHEN) -> tuple[Post, Loud]:
    """Our client of that server, at the moment of the samples."""
    clock, log, http = StoppedClock(at), Loud(), httpx.AsyncClient(transport=httpx.MockTransport(server))
    return Post(http, URL, Login(SENDER), near(clock.machine_now), clock, OneId(), log), log


async def why_not(server: Server, at: datetime = WHEN) -> set[str]:
    """Why the answer to a REQUEST is not believed, by both quick tries."""
    client, log = ours(server, at)
    with pytest.raises(Unavailable, match="rpdrn"):
        await client.request(STATUSES_PUSHED, ASKED, WHEN)
    return set(log.whys)


async def test_a_strangers_receipt_names_the_request_whatever_its_prefixes() -> None:
    server = Server(sealed(sample("receipt")))
    assert await ours(server)[0].request(STATUSES_PUSHED, ASKED, WHEN) == "0f000000-0000-4000-8000-000000000002"
    letter, sender = await letters.letter_in(body_of(parse(server.asked[0])), far())
    assert (letter.id, letter.correlation, letter.kind, letter.data, sender) == ("", "", Kind.REQUEST, ASKED, SENDER)


@pytest.mark.parametrize(("change", "expected"), SHAPES)
async def test_a_receipt_that_was_touched_is_not_believed(change: Attack, expected: type[Distrusted]) -> None:
    assert await why_not(Server(change(sealed(sample("receipt"))))) == {expected.__name__}


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_receipt_is_of_now(minutes: int) -> None:
    assert await why_not(Server(sealed(sample("receipt"))), WHEN + timedelta(minutes=minutes)) == {"Stale"}


async def test_our_own_signature_and_a_strangers_are_not_sheps() -> None:
    for key in (installation().ours, installation("stranger").theirs):
        assert await why_not(Server(sealed(sample("receipt"), key))) == {"UnknownSigner"}


async def test_an_answer_is_believed_once_and_no_second_question_is_answered_by_it() -> None:
    server = Server(sealed(sample("receipt")))
    client, log = ours(server)
    await client.request(STATUSES_PUSHED, ASKED, WHEN)
    with pytest.raises(Unavailable):
        await client.request(STATUSES_PUSHED, ASKED, WHEN)
    assert set(log.whys) == {"OfAnotherQuestion"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<correlationId/>", b""),
        (b"<correlationId/>", b"<correlationId/><unheard/>"),
        (b">0f000000-0000-4000-8000-000000000002<", b"><"),
        (b"2025-06-02T10:15:31.5", b"this morning"),
    ],
)
async def test_a_receipt_outside_its_schema_is_none(old: bytes, new: bytes) -> None:
    touched = sample("receipt").replace(old, new)
    assert touched != sample("receipt")
    assert await why_not(Server(sealed(touched))) == {"OutsideItsSchema"}


async def test_twenty_megabytes_and_what_is_no_answer_are_refused() -> None:
    assert await why_not(Server(b"<x>" + b"x" * 20 * 1024 * 1024)) == {"TooLarge"}
    standing = await far().sign(letters.standing(Standing.DELIVERED, WHEN), "x")
    assert await why_not(Server(standing)) == {"NotAnEnvelope"}


async def test_what_is_not_of_its_form_never_leaves() -> None:
    server = Server(sealed(sample("receipt")))
    with pytest.raises(Unsendable):
        await ours(server)[0].request(STATUSES_PUSHED, {"talonNumber": ""}, WHEN)
    assert server.asked == []


def fault(code: str, at: datetime) -> etree._Element:
    root, body = envelope()
    found = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(found, "faultcode").text = "soap:Server"
    named = "{http://bip.bee.kz/SyncChannel/v10/Types}SendMessageFault1_SendMessageFault"
    error = etree.SubElement(etree.SubElement(found, "detail"), named)
    etree.SubElement(error, "errorCode").text = code
    etree.SubElement(error, "errorDate").text = stamp(at)
    return root


async def test_a_message_that_shep_does_not_know_reaches_nobody_if_shep_says_so_itself() -> None:
    known = await far().sign(fault("MESSAGE_NOT_FOUND", WHEN), "x")
    assert await ours(Server(known))[0].standing(STATUSES_PUSHED, "m") is Standing.NOT_DELIVERED
    unsigned = etree.tostring(fault("MESSAGE_NOT_FOUND", WHEN))
    old = await far().sign(fault("MESSAGE_NOT_FOUND", WHEN - timedelta(hours=1)), "x")
    other = await far().sign(fault("SCSE001", WHEN), "x")
    for content, why in ((unsigned, "Unsigned"), (old, "Stale"), (other, "Fault")):
        client, log = ours(Server(content))
        with pytest.raises(Unavailable):
            await client.standing(STATUSES_PUSHED, "m")
        assert set(log.whys) == {why}


@settings(max_examples=20, deadline=None)
@given(
    of=st.sampled_from(Standing),
    id=st.from_regex(r"[a-z0-9-]{1,36}", fullmatch=True),
    at=st.integers(0, 10**12).map(lambda milliseconds: WHEN + timedelta(milliseconds=milliseconds)),
)
def test_every_word_comes_back_as_it_went(of: Standing, id: str, at: datetime) -> None:
    written = stamp(at)
    assert letters.standing_in(body_of(letters.standing(of, at))) == (of, written)
    assert letters.noted_in(body_of(letters.noted(at))) == written
    operation = letters.operation_in(body_of(letters.look(id, Login(SENDER, "p"))), letters.LOOK)
    assert (letters.looked_for(operation), letters.sender_of(operation)) == (id, SENDER)
    receipt = letters.receipt_in(body_of(letters.receipt(Receipt(id, ""), at)))
    assert (receipt, receipt.at) == (Receipt(id, ""), written)


Say = Callable[[Post], Awaitable[object]]
SAYS: dict[str, Say] = {
    "a request": lambda client: client.request(STATUSES_PUSHED, ASKED, AT),
    "a look": lambda client: client.standing(STATUSES_PUSHED, "m-1"),
    "a notice": lambda client: client.tell(TOLD, AT),
}


@pytest.mark.parametrize("say", SAYS.values(), ids=SAYS)
async def test_whatever_we_send_is_of_the_channels_schema(say: Say) -> None:
    """What ШЭП answers here is nothing, so that it is sent twice."""
    server = Server(b"")
    client = Post(
        httpx.AsyncClient(transport=httpx.MockTransport(server)),
        URL,
        Login(SENDER, "p"),
        near(),
        CLOCK,
        OneId(),
        Quiet(),
    )
    with pytest.raises(Unavailable):
        await say(client)
    assert len(server.asked) == 2
    for content in server.asked:
        (operation,) = await far().open(parse(content), content)
        for data in operation.iter("data"):
            data.attrib.clear()  # its type is judged by the schema of its own service
        letters.judge(operation)
        password = operation.find(".//password")
        assert password is not None
        assert password.text == "p"


def at_the_sandbox(systems: Systems) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=system_routes(systems))))


@dataclass
class Heard(PostOffice):
    """Takes whatever it is given for something that somebody else has got."""

    said: list[object] = field(default_factory=list)

    def take(self, said: Mapping[str, Any], now: datetime, *, undelivered: bool = False) -> str:
        self.said.append(said)
        self.standings["r-1"] = Standing.DELIVERED
        return "r-1"


@settings(max_examples=10, deadline=None)
@given(data=st.data())
async def test_every_request_goes_to_the_sandbox_as_it_was_meant(data: st.DataObject) -> None:
    said = data.draw(values(SERVICE.namespace, SERVICE.request_type))
    systems = sandbox()
    heard = systems.state.post = Heard(systems.state.ground, systems.state.registry)
    async with at_the_sandbox(systems) as http:
        id = await post(http).request(STATUSES_PUSHED, said, CLOCK.machine_now())
        assert await post(http).standing(STATUSES_PUSHED, id) is Standing.DELIVERED
    assert heard.said == [said]


async def test_a_silent_channel_is_an_outage_of_the_system_behind_it() -> None:
    systems = sandbox()
    systems.channel = None
    async with at_the_sandbox(systems) as http:
        for say in SAYS.values():
            with pytest.raises(Unavailable, match="rpdrn"):
                await say(post(http))
    systems.channel = channel()
