"""The sandbox's end of ШЭП: what the real one would refuse it refuses, and what it says it signs."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from lxml import etree
from starlette.applications import Starlette

from deploy.sandbox.faults import Fault as Weather
from deploy.sandbox.http import system_routes
from deploy.sandbox.soap import Channel, Declined
from shared.engine.rows import Unavailable
from shared.gateways import soap
from shared.gateways.catalogue import FIND, INVOICE, PEOPLE, REGISTER, SERVICES
from shared.gateways.schema import FOLDER, Plain
from shared.gateways.shep import ConsentRefused
from shared.gateways.soap import Fault, Login, fault_in
from shared.security.distrust import Distrusted
from shared.security.safe_xml import parse
from tests.gateways.recorded import sealed
from tests.gateways.test_attacks import question
from tests.gateways.wire import CLOCK, SENDER, URL, channel, installation, near, sandbox, shep

APPLICATION = "b6f9bd6e-0000-4000-8000-000000000001"


async def declined(content: bytes, end: Channel | None = None) -> tuple[str, str]:
    with pytest.raises(Declined) as refusal:
        await (end or channel()).read(content)
    return refusal.value.code, refusal.value.inner


async def test_a_question_is_read_whole() -> None:
    asked = await channel().read(await question(data={"applicationId": APPLICATION}))
    assert (asked.message_id, asked.sender, asked.service.id) == ("m-1", SENDER, FIND)
    assert asked.data == {"applicationId": APPLICATION}


async def test_the_same_message_is_not_taken_twice() -> None:
    end, content = channel(), await question("m-2")
    await end.read(content)
    assert await declined(content, end) == ("MESSAGE_REPEATED", "")
    await end.read(await question("m-3"))


async def test_a_message_is_of_now_and_what_is_older_need_not_be_remembered() -> None:
    now = CLOCK.machine_now()
    moment = [now]
    end = channel(lambda: moment[0])
    old = await question("m-4", at=now)
    await end.read(old)
    for minutes in (6, -6):
        late = await question("m-5", at=now + timedelta(minutes=minutes))
        assert await declined(late, end) == ("MESSAGE_EXPIRED", "Stale")
    moment[0] = now + timedelta(minutes=11)
    assert await declined(old, end) == ("MESSAGE_EXPIRED", "Stale")
    await end.read(await question("m-6", at=moment[0]))
    assert list(end.seen) == ["m-6"]


async def signed(service: str, data: Plain, sender: str = SENDER) -> bytes:
    asked = await soap.question(SERVICES[service], data, "m", "ask", Login(sender), CLOCK.machine_now(), near())
    return await near().sign(asked, "m")


async def test_an_unknown_sender_and_an_unknown_service_are_refused() -> None:
    assert await declined(await signed(FIND, {"applicationId": "a"}, "SOMEBODY")) == ("SENDER_NOT_FOUND", "")
    other = sealed((await signed(FIND, {"applicationId": "a"})).replace(FIND.encode(), b"NO_SUCH"), installation().ours)
    assert (await declined(strip(other)))[0] == "SERVICE_NOT_FOUND"


def strip(content: bytes) -> bytes:
    """Without the first signature, which another one took the place of."""
    start = content.index(b"<wsse:Security")
    end = content.index(b"</wsse:Security>") + len(b"</wsse:Security>")
    return content[:start] + content[end:]


async def resigned(service: str, data: Plain, *changes: tuple[bytes, bytes]) -> bytes:
    """With something in it that our client would never write, and rightly signed."""
    content = await signed(service, data)
    for old, new in changes:
        assert old in content
        content = content.replace(old, new, 1)
    return strip(sealed(content, installation().ours))


INVOICED = {"talonNumber": "t", "key": "k"}


@pytest.mark.parametrize(
    ("old", "new", "beneath"),
    [
        (b"<key>k</key>", b"<key/>", "NotOfTheService"),
        (b"<key>k</key>", b"<key>k</key><extra/>", "NotOfTheService"),
        (b"<talonNumber>t</talonNumber>", b"", "NotOfTheService"),
        (b":InvoiceRequest", b":FindRequest", "NotOfTheService"),
        (b"<serviceId>", b"<unheard/><serviceId>", "NotOfTheChannel"),
        (b"+05:00</messageDate>", b"</messageDate><routeId/><routeId/>", "NotOfTheChannel"),
    ],
)
async def test_what_is_outside_its_schema_is_refused(old: bytes, new: bytes, beneath: str) -> None:
    assert await declined(await resigned(INVOICE, INVOICED, (old, new))) == ("VAL-R-004", beneath)


async def test_a_qualified_data_is_taken_as_some_clients_write_it() -> None:
    opening = b'<n:data xmlns:n="http://bip.bee.kz/SyncChannel/v10/Interfaces" '
    content = await resigned(INVOICE, INVOICED, (b"<data ", opening), (b"</data>", b"</n:data>"))
    assert (await channel().read(content)).data == INVOICED


async def test_business_xml_in_text_must_bear_its_own_signature() -> None:
    file = {"fileIdentifier": "f", "sha256": "0" * 64}
    data = {
        "key": "k", "applicationId": "a", "iin": "900115390019", "region": "71", "point": "71-01", "photo": file,
        "signatureSample": file, "formSha256": "0" * 64, "formSignature": "Q01T",
    }  # fmt: skip
    assert (await channel().read(await signed(REGISTER, data))).data == data
    touched = await resigned(REGISTER, data, (b"&lt;region&gt;71", b"&lt;region&gt;75"))
    assert await declined(touched) == ("IS_NOT_VALID", "Altered")
    start, end = b"&lt;ds:Signature ", b"&lt;/ds:Signature&gt;"
    whole = await signed(REGISTER, data)
    signature = whole[whole.index(start) : whole.index(end) + len(end)]
    assert await declined(await resigned(REGISTER, data, (signature, b""))) == ("SIGN_NOT_EXIST", "Unsigned")


async def test_a_refusal_is_a_signed_fault_of_the_channels_own_form() -> None:
    systems = sandbox()
    transport = httpx.ASGITransport(Starlette(routes=list(system_routes(systems))))
    async with httpx.AsyncClient(transport=transport) as http:
        answer = await http.post(URL, content=b"<x/>")
        assert answer.status_code == 500
        root = parse(answer.content)
        body = await near().open(root, answer.content)
        fault = fault_in(root)
        assert fault is not None
        assert fault.info.codes == ("BAD_REQUEST", "NotAnEnvelope")
        error = body[0].find("detail")
        assert error is not None
        assert channel_form().validate(error[0])
        with pytest.raises(ConsentRefused, match="gbdfl: NO_CONSENT"):
            await shep(http).ask(PEOPLE, asked_by_nobody(), "ask", CLOCK.machine_now())
        systems.faults.switch(Weather(system="gbdfl", outage=True))
        with pytest.raises(Unavailable):
            await shep(http).ask(PEOPLE, asked_by_nobody(), "ask", CLOCK.machine_now())
        with pytest.raises(Fault) as refused:
            await shep(http).exchange(SERVICES[PEOPLE], asked_by_nobody(), "ask", CLOCK.machine_now())
        assert refused.value.info.codes == ("SCSE001",)
    counted = {(each.what, each.outcome) for each in systems.exchanges.last}
    assert ("NotAnEnvelope", "BAD_REQUEST") in counted


async def test_without_a_channel_nobody_answers() -> None:
    systems = sandbox()
    systems.channel = None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=list(system_routes(systems))))) as http:
        assert (await http.post(URL, content=b"<x/>")).status_code == 503


async def test_an_answer_is_not_taken_for_a_question() -> None:
    end = channel()
    asked = await end.read(await question("m-7"))
    answer = await end.answer(asked, {"applicationId": "a"}, "00000000-0000-4000-8000-000000000001")
    assert await declined(answer) == ("IS_NOT_VALID", "UnknownSigner")
    with pytest.raises(Distrusted):
        await near().open(parse(await question("m-8")), b"")


def asked_by_nobody() -> Plain:
    return {
        "messageId": "1", "messageDate": "2025-06-02T10:15:30+05:00", "senderCode": "K", "iin": "900115390019",
        "kdpToken": "t", "publicKey": "k",
    }  # fmt: skip


def channel_form() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(FOLDER / "shep_types.xsd"))
