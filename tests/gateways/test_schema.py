"""Every XML message: what is written is of its schema, and read again it is the same."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.gateways.catalogue import ASYNCHRONOUS, PEOPLE, RECALL, SERVICES, STATUSES, Service
from shared.gateways.schema import FOLDER, XS, Form, Plain, Unsendable
from shared.security.distrust import OutsideItsSchema
from shared.security.safe_xml import parse
from tests.gateways.invented import types, values
from tests.gateways.recorded import Server
from tests.gateways.test_attacks import question as find
from tests.gateways.wire import CLOCK, channel, shep

EVERY = (*SERVICES.values(), *ASYNCHRONOUS.values())
FORMS = {f"{each.id} {form.type}": form for each in EVERY for form in (each.request, each.response)}


def written(form: Form, value: Plain) -> etree._Element:
    element = etree.Element(form.name if form.name == "data" else f"{{{form.namespace}}}{form.name}")
    form.write(element, value)
    return element


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_message_is_of_its_schema_and_comes_back_as_it_went(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    value = data.draw(values(form.namespace, form.type))
    element = written(form, value)
    assert form.fault(element) == ""
    assert form.read(parse(etree.tostring(element))) == value


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
async def test_every_message_goes_there_and_back_through_the_channel(service: Service, data: st.DataObject) -> None:
    asked = data.draw(values(service.namespace, service.request_type))
    answer = data.draw(values(service.namespace, service.response_type))
    heard: list[Plain] = []

    async def speak(request: Request) -> Response:
        end = channel()
        read = await end.read(await request.body())
        heard.append(read.data)
        return Response(await end.answer(read, answer, "00000000-0000-4000-8000-000000000001"))

    app = Starlette(routes=[Route("/shep", speak, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        assert await shep(http).exchange(service, asked, "ask", CLOCK.machine_now()) == answer
    assert heard == [asked]


def test_every_schema_compiles_and_every_type_of_a_service_is_there() -> None:
    for file in FOLDER.glob("*.xsd"):
        etree.XMLSchema(file=str(file))
    for service in SERVICES.values():
        assert (service.namespace, service.request_type) in types()
        assert (service.namespace, service.response_type) in types()


def test_no_message_of_the_schemas_is_forgotten() -> None:
    """Every complex type is a form that is tried above, or a part of one; the channels' own are judged with them."""
    reached: set[tuple[str, str]] = set()
    waiting = [(form.namespace, form.type) for form in FORMS.values()]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in types():
            continue
        reached.add(name)
        for part in types()[name].iter(f"{{{XS}}}element", f"{{{XS}}}extension"):
            prefix, _, local = (part.get("type") or part.get("base") or "").rpartition(":")
            waiting.append((part.nsmap.get(prefix or None, ""), local))
    complex = {name for name, each in types().items() if each.tag == f"{{{XS}}}complexType"}
    assert {name for name in complex - reached if not name[0].startswith("http://bip.bee.kz/")} == set()
    assert len(FORMS) == 2 * len(EVERY), "no two services share a name"


def test_every_own_schema_says_that_it_is_ours_and_no_other_does() -> None:
    for file in FOLDER.glob("*.xsd"):
        assert ("<!-- OURS" in file.read_text(encoding="utf-8")) is file.name.startswith("own_")


async def test_a_question_has_nothing_but_what_its_schema_names() -> None:
    content = await find()
    operation = parse(content).find(".//{*}SendMessage")
    assert operation is not None
    for data in operation.iter("data"):
        data.attrib.clear()
    assert etree.XMLSchema(file=str(FOLDER / "shep_types.xsd")).validate(operation)


@pytest.mark.parametrize(
    ("service", "value", "where"),
    [
        (RECALL, {"talonNumber": "t", "reason": "r", "iin": "900115390019"}, "/ has no iin"),
        (RECALL, {"talonNumber": "t"}, "data"),
        (RECALL, {"talonNumber": "", "reason": "secret"}, "talonNumber"),
        (RECALL, {"talonNumber": "t", "reason": "\x00secret"}, "text that XML cannot carry"),
        (STATUSES, {"iin": "secret", "date": "2025-10-06", "kdpToken": "t", "publicKey": "k"}, "iin"),
        (STATUSES, {"iin": "900115390019", "date": "secret", "kdpToken": "t", "publicKey": "k"}, "date"),
    ],
)
async def test_what_is_not_of_its_form_is_not_sent_and_not_shown(service: str, value: Plain, where: str) -> None:
    server = Server(b"")
    with pytest.raises(Unsendable, match=where) as unsendable:
        await server.shep(CLOCK).ask(service, value, "ask", CLOCK.machine_now())
    assert "secret" not in str(unsendable.value)
    assert server.asked == []


def read(service: str, content: str) -> Plain:
    return SERVICES[service].response.read(parse(f"<data>{content}</data>".encode()))


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("<date> 2025-10-06+05:00 </date>", {"date": "2025-10-06"}),
        ("<date>2025-10-06</date><strange><date>x</date></strange>", {"date": "2025-10-06"}),
        ("<a:date xmlns:a='urn:a'>2025-10-06</a:date>", {"date": "2025-10-06"}),
        ("<date xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:nil='true'/>", {}),
        ("<status><code> A </code></status><status><code/></status>", {"status": [{"code": " A "}, {"code": ""}]}),
        ("", {}),
    ],
)
def test_an_answer_is_read_with_patience(content: str, value: Plain) -> None:
    assert read(STATUSES, content) == value


def test_a_part_that_stands_twice_where_it_may_stand_once_is_not_read() -> None:
    with pytest.raises(OutsideItsSchema):
        read(STATUSES, "<date>2025-10-06</date><date>2025-10-07</date>")


def test_truth_has_one_spelling() -> None:
    people = "".join(f"<person><removed>{truth}</removed></person>" for truth in ("1", " 0 ", "true"))
    found = read(PEOPLE, f"<persons>{people}</persons>")
    assert [each["removed"] for each in found["persons"]["person"]] == ["true", "false", "true"]


def test_scalars_are_written_as_xml_spells_them() -> None:
    form = SERVICES["RPDRN_INVOICE"].response
    value: dict[str, Any] = {"invoiceId": "i", "amount": 786, "kbk": "1", "payUrl": "u"}
    assert form.read(written(form, value)) == value | {"amount": "786"}
    phone, known = SERVICES["MCDB_SERVICE"].response, {"found": True, "phoneMatches": False}
    assert phone.read(written(phone, known)) == {"found": "true", "phoneMatches": "false"}
