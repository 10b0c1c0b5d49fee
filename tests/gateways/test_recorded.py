"""Our client against answers shaped as public clients and NITEC's samples show them: other prefixes, qualified `data`,
`SCSS001`, `SUCCESS` and `Success`, faults within faults.
"""

from __future__ import annotations

import pytest
from lxml import etree

from services.identity_verification.gateway import ShepIdentity
from shared.contracts.identity_verification import ConsentToken
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import PEOPLE, PHONES, REGISTER, SERVICES
from shared.gateways.schema import Plain
from shared.gateways.soap import TYPES, Fault, NotDone, SignatureRefused
from shared.gateways.temp_files import TempFiles
from shared.security.distrust import OfAnotherQuestion, Stale, UnknownSigner, Unsigned
from shared.security.wsse import SOAP, WSU
from tests.gateways.recorded import MESSAGE_ID, WHEN, Server, StoppedClock, sample, sealed, streamed

IIN = "900115391807"
TOKEN = ConsentToken(access_name=PEOPLE, token="t", public_key="k", expires_at=WHEN)
ASKED: Plain = {
    "messageId": "1", "messageDate": "2025-06-02T10:15:30.123+05:00", "senderCode": "KUALIK", "iin": IIN,
    "kdpToken": "TOKEN", "publicKey": "BASE64KEY",
}  # fmt: skip


def identity(*answers: bytes) -> ShepIdentity:
    return ShepIdentity(Server(*answers).shep(), lambda: WHEN)


async def test_a_whole_person_is_read_with_a_qualified_data_and_strange_prefixes() -> None:
    person = await identity(sealed(sample("person"))).person_of(IIN, TOKEN, "ask")
    assert person is not None
    assert (person.surname, person.name, person.birth_date.isoformat()) == ("ҮЛГІБАЕВ", "МЫСАЛ", "1990-01-15")
    assert [card.number for card in person.valid_cards] == ["030000001"]


@pytest.mark.parametrize("attribute", [f"{{{WSU}}}Id", "Id"])
async def test_the_id_of_the_body_may_stand_without_its_prefix(attribute: str) -> None:
    answer = sealed(sample("nobody"), attribute=attribute)
    assert await identity(answer).person_of(IIN, TOKEN, "ask") is None


async def test_the_certificate_may_be_a_token_of_the_header_and_prefixes_may_be_kept() -> None:
    for answer in (sealed(sample("nobody"), token=True), sealed(sample("nobody"), prefixes=["m", "i", "S"])):
        assert await identity(answer).person_of(IIN, TOKEN, "ask") is None
    astray = sealed(sample("nobody"), token=True).replace(b'u:Id="token"', b'u:Id="other"')
    with pytest.raises(UnknownSigner):
        await Server(astray).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


async def test_a_file_is_put_and_its_identifier_read_whatever_namespace_it_stands_in() -> None:
    files = TempFiles(Server(sealed(sample("temp_file"))).shep())
    identifier = await files.put("a.jpg", "image/jpeg", b"photo", "ask", WHEN)
    assert identifier == "0a732e45-0000-4000-8000-000000000002"


async def test_a_fault_is_read_down_to_its_innermost_cause() -> None:
    server = Server(lambda _: streamed(sample("fault"), 500))
    with pytest.raises(Fault) as failed:
        await server.shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)
    info = failed.value.info
    assert info.codes == ("FAULT-015", "SBF-AD-1", "TIMEOUT")
    assert (info.message, info.data) == ("Ошибка при обращении к сервису", "GBDFLUniversal_token")
    assert str(failed.value) == "FAULT-015 > SBF-AD-1 > TIMEOUT"
    assert not isinstance(failed.value, SignatureRefused)


async def test_a_refusal_of_our_signature_is_told_apart() -> None:
    refusal = sample("fault").replace(b"SBF-AD-1", b"IS_NOT_VALID")
    with pytest.raises(SignatureRefused):
        await Server(refusal).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


async def test_a_refused_consent_is_believed_only_when_it_is_signed() -> None:
    unsigned = sample("fault").replace(b"SBF-AD-1", b"CONSENT_EXPIRED")
    with pytest.raises(Unavailable, match="gbdfl"):
        await (
            Server(lambda _: streamed(unsigned, 500), lambda _: streamed(unsigned, 500))
            .shep()
            .ask(PEOPLE, ASKED, "ask", WHEN)
        )
    with pytest.raises(Unsigned):
        await Server(lambda _: streamed(unsigned, 500)).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


async def test_a_fault_without_its_detail_is_a_fault() -> None:
    fault = "<e:Fault><faultcode>e:Client</faultcode></e:Fault>"
    bare = f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{fault}</e:Body></e:Envelope>'
    with pytest.raises(Fault, match="e:Client"):
        await Server(bare.encode()).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


async def test_whatever_fails_is_unavailable_by_the_name_of_its_system() -> None:
    server = Server(sample("fault"))
    with pytest.raises(Unavailable) as failed:
        await server.shep().ask(PEOPLE, ASKED, "ask", WHEN)
    assert failed.value.dependency == "gbdfl"
    assert isinstance(failed.value.__cause__, Fault)
    assert len(server.asked) == 2


async def test_what_promises_no_idempotency_is_sent_once() -> None:
    server, file = Server(sample("fault")), {"fileIdentifier": "f", "sha256": "0" * 64}
    asked = {
        "key": "k", "applicationId": "a", "iin": IIN, "region": "71", "point": "71-01", "photo": file,
        "signatureSample": file, "formSha256": "0" * 64, "formSignature": "Q01T",
    }  # fmt: skip
    with pytest.raises(Unavailable, match="rpdrn"):
        await server.shep().ask(REGISTER, asked, "ask", WHEN)
    assert len(server.asked) == 1


async def test_a_code_that_is_no_success_is_no_answer_and_404_says_that_nothing_is_known() -> None:
    for code in (b"SCSE001", b"VAL-R-004", b""):
        answer = sealed(sample("nobody").replace(b"<code>Success<", b"<code>" + code + b"<"))
        with pytest.raises(NotDone):
            await Server(answer).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)
    nothing = sealed(sample("nobody").replace(b"<code>Success<", b"<code>404<"))
    assert await identity(nothing).person_of(IIN, TOKEN, "ask") is None
    asked = {"iin": IIN, "phone": "+77010000000", "kdpToken": "t", "publicKey": "k"}
    with pytest.raises(NotDone, match="404"):
        await Server(nothing).shep().exchange(SERVICES[PHONES], asked, "ask", WHEN)


async def test_somebody_else_or_two_people_are_no_answer() -> None:
    other = sealed(sample("person").replace(IIN.encode(), b"900115390019"))
    with pytest.raises(Unavailable, match="gbdfl"):
        await identity(other).person_of(IIN, TOKEN, "ask")
    whole = sample("person")
    start, end = whole.index(b"<person>"), whole.index(b"</person>") + len(b"</person>")
    twice = whole[:end] + whole[start:end] + whole[end:]
    with pytest.raises(Unavailable, match="gbdfl"):
        await identity(sealed(twice)).person_of(IIN, TOKEN, "ask")


async def test_the_answer_to_another_question_is_refused() -> None:
    other = sealed(sample("person").replace(str(MESSAGE_ID).encode(), b"00000000-0000-4000-8000-000000000000"))
    with pytest.raises(OfAnotherQuestion):
        await Server(other).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


@pytest.mark.parametrize(
    ("moment", "fresh"),
    [
        ("2025-06-02T10:20:30+05:00", True),
        ("2025-06-02T10:20:32+05:00", False),
        ("2025-06-02T05:10:32Z", True),
        ("2025-06-02T10:10:30", False),
        ("2025-06-02T10:10:32", True),
        ("yesterday", False),
        ("", False),
    ],
)
async def test_an_answer_is_of_the_last_five_minutes_by_the_machines_clock(moment: str, fresh: bool) -> None:
    answer = sealed(sample("nobody").replace(b"2025-06-02T05:15:31Z", moment.encode()))
    server = Server(answer).shep(StoppedClock())
    if fresh:
        assert (await server.exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN))["messageResult"]["code"] == "00404"
    else:
        with pytest.raises(Stale):
            await server.exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


async def test_the_question_is_written_as_the_public_samples_write_it() -> None:
    server = Server(sealed(sample("person")))
    await server.shep().ask(PEOPLE, ASKED, "00000000-0000-4000-8000-000000000007", WHEN)
    body = etree.fromstring(server.asked[0]).find(f"{{{SOAP}}}Body")
    assert body is not None
    (operation,) = body
    assert operation.tag == f"{{{TYPES}}}SendMessage"
    below = [each.tag for each in operation.iterdescendants()]
    assert not any(str(tag).startswith("{") for tag in below)
    assert below[:8] == [
        "request", "requestInfo", "messageId", "correlationId", "serviceId", "messageDate", "sender", "senderId",
    ]  # fmt: skip
    info = operation[0][0]
    assert (info.findtext("messageId"), info.findtext("serviceId")) == (str(MESSAGE_ID), PEOPLE)
    assert info.findtext("correlationId") == "00000000-0000-4000-8000-000000000007"
    assert info.findtext("messageDate") == "2025-06-02T10:15:31.000+05:00"
    data = operation.find("request/requestData/data")
    assert data is not None
    kind = data.get("{http://www.w3.org/2001/XMLSchema-instance}type") or ""
    assert (data.nsmap[kind.partition(":")[0]], kind.partition(":")[2]) == (SERVICES[PEOPLE].namespace, "Request")
    assert {each.tag: each.text for each in data} == ASKED
