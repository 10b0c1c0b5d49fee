"""The sandbox over HTTP, reached by the clients that the services use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_crl, ocsp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox import keys
from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority, Standing
from deploy.sandbox.callbacks import Callbacks
from deploy.sandbox.faults import Fault
from deploy.sandbox.http import Systems
from deploy.sandbox.smtp import Mailbox
from deploy.sandbox.systems.ground import Callback
from shared.clock import SystemClock
from shared.engine.rows import Unavailable
from shared.gateways import gbdfl
from shared.gateways.gbdfl_person import person_in
from shared.gateways.rest import Rest
from shared.gateways.shep import ConsentRefused
from shared.web.signed import SIGNATURE, signature_of
from tests.gateways.wire import company, sandbox, shep
from tests.sandbox.crowds import NOW, kdp, person

AUTHORITY = Authority(NOW, b"http")
CLOCK = SystemClock()


@pytest.fixture
def systems() -> Systems:
    found = sandbox()
    found.clock.set_offset(NOW - found.clock.machine_now())
    return found


@pytest.fixture
async def http(systems: Systems) -> AsyncIterator[httpx.AsyncClient]:
    app = application(systems, Mailbox(systems), AUTHORITY)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        yield client


async def consented(systems: Systems, http: httpx.AsyncClient, iin: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("GBDFLUniversal_token", "AIS_SIK"):
        asked = kdp(iin, name, sms=not found, ovt=company().ovt())
        if not found:
            assert await shep(http).ask("KDP_SERVICE", asked, name, CLOCK.machine_now()) == {"status": "PENDING"}
            systems.clock.set_offset(systems.clock.offset + timedelta(seconds=1))
        answer = await shep(http).ask("KDP_SERVICE", asked, name, CLOCK.machine_now())
        assert answer["status"] == "VALID"
        found[name] = {"kdpToken": "".join(answer["code"].split()), "publicKey": answer["public-key"]}
    return found


async def test_a_person_comes_whole_through_the_envelope(systems: Systems, http: httpx.AsyncClient) -> None:
    citizen = person("issued-waived")
    systems.state.admit([citizen])
    tokens = await consented(systems, http, citizen.iin)
    asked = {
        "messageId": "1",
        "messageDate": CLOCK.machine_now().isoformat(),
        "senderCode": "KUALIK",
        "iin": citizen.iin,
    }
    answer = await shep(http).ask(
        "GBDFLUniversal_token", asked | tokens["GBDFLUniversal_token"], "m", CLOCK.machine_now()
    )
    assert person_in(gbdfl.Response.model_validate(answer), citizen.iin) == citizen.person
    asked = {"iin": citizen.iin, "date": "2025-12-03", **tokens["AIS_SIK"]}
    answer = await shep(http).ask("AIS_SIK", asked, "m", CLOCK.machine_now())
    assert answer["status"] == [{"code": "DISABLED", "dateFrom": "2020-01-01"}]


async def test_a_refused_request_is_a_fault_and_so_unavailable(systems: Systems, http: httpx.AsyncClient) -> None:
    asked = {"iin": "900115390019", "date": "2025-12-03", "kdpToken": "none", "publicKey": "none"}
    with pytest.raises(ConsentRefused) as token:
        await shep(http).ask("AIS_SIK", asked, "m", CLOCK.machine_now())
    assert (token.value.dependency, token.value.code) == ("aissik", "NO_CONSENT")
    systems.faults.switch(Fault(system="aissik", outage=True))
    with pytest.raises(Unavailable) as refused:
        await shep(http).ask("AIS_SIK", asked, "m", CLOCK.machine_now())
    assert refused.value.dependency == "aissik"
    answer = await http.post("/shep", content=b"<not-soap/>")
    assert (answer.status_code, b"faultcode" in answer.content) == (500, True)


async def test_rest_systems_answer_their_clients(systems: Systems, http: httpx.AsyncClient) -> None:
    citizen = person("issued-paid")
    systems.state.admit([citizen])
    digital_id = Rest(http, "http://sandbox/digital-id", "digital-id")
    asked = {"api_key": "k", "metadata": {"key": "s", "iin": citizen.iin}}
    opened = await digital_id.post("/api/v1/flows/session/create/", asked)
    assert (await http.post(f"http://sandbox/digital-id/flow/{opened['session_id']}", json={})).is_success
    assert await digital_id.get("/api/v1/flows/session/result/?session_id=no-such&flow_api_key=k") == {}
    assert await Rest(http, "http://sandbox/revenue", "revenue").get("/refunds/x") == {"status": "UNKNOWN"}
    sms = Rest(http, "http://sandbox/sms", "sms")
    assert await sms.post("/messages", {"id": "1", "phone": "+7", "text": "т"}) == {"status": "SENT"}
    with pytest.raises(Unavailable):
        await sms.post("/messages", {"id": "1"})


@pytest.mark.parametrize("wrong", [{"outage": True}, {"error_rate": 1.0}, {"lost_rate": 1.0}])
async def test_a_switched_fault_makes_its_system_unavailable_until_healed(
    systems: Systems, http: httpx.AsyncClient, wrong: dict[str, Any]
) -> None:
    sms = Rest(http, "http://sandbox/sms", "sms")
    body = {"id": "1", "phone": "+7", "text": "т"}
    assert (await http.post("/control/faults", json={"system": "sms", **wrong})).is_success
    with pytest.raises(Unavailable):
        await sms.post("/messages", body)
    assert bool(systems.state.sms_gateway.messages) is ("lost_rate" in wrong)
    assert (await http.post("/control/faults", json={"system": "sms"})).is_success
    assert await sms.post("/messages", body) == {"status": "SENT"}
    assert (await http.post("/control/faults", json={"system": "nothing"})).status_code == 422


async def test_a_fault_may_be_of_one_service_only(systems: Systems, http: httpx.AsyncClient) -> None:
    systems.faults.switch(Fault(system="rpdrn", outage=True, services=("RPDRN_INVOICE",)))
    found = await shep(http).ask(
        "RPDRN_FIND", {"applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}, "m", CLOCK.machine_now()
    )
    assert found == {"applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}
    with pytest.raises(Unavailable):
        await shep(http).ask("RPDRN_INVOICE", {"talonNumber": "t", "key": "k"}, "m", CLOCK.machine_now())


async def test_people_clock_act_and_counts_are_under_control(systems: Systems, http: httpx.AsyncClient) -> None:
    answer = await http.post("/control/people", json={"seed": "9", "personas": ["issued-paid"], "count": 3})
    assert answer.json() == {"people": 3}
    assert len(systems.state.ground.people) == 3
    assert (await http.post("/control/people", json={"seed": "9", "personas": ["nobody"]})).status_code == 422
    assert (await http.post("/control/clock", json={"offset_seconds": 0})).is_success
    assert abs(systems.clock.offset.total_seconds()) == 0
    assert (await http.post("/control/act", json={"act": 3})).json() == {"act": 3}
    shown = (await http.get("/control/state")).json()
    assert (shown["people"], shown["act"], shown["mails"]) == (3, 3, 0)
    assert (await http.get("/ready")).is_success
    await shep(http).ask(
        "RPDRN_FIND", {"applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}, "m", CLOCK.machine_now()
    )
    counts = (await http.get("/control/exchanges")).json()["counts"]
    assert {"system": "rpdrn", "what": "RPDRN_FIND", "outcome": "answered", "count": 1} in counts


async def test_the_hosted_page_shows_the_sum_and_its_button_pays(systems: Systems, http: httpx.AsyncClient) -> None:
    gateway = systems.state.gateway_system
    id = gateway.open("k", str(person("issued-paid").application_id(0)), "t", 786, NOW).id
    page = await http.get(gateway.page(id))
    assert ("786" in page.text, "<script" in page.text) == (True, False)
    assert (await http.post(f"/control/pay/{id}")).status_code == 201
    assert gateway.invoices[id].status == "PAID"


async def test_a_call_back_is_signed_and_sent_until_it_is_heard(systems: Systems, tmp_path: Path) -> None:
    keys.write(tmp_path)
    heard: list[bytes] = []

    async def hear(request: Request) -> Response:
        body = await request.body()
        assert request.headers[SIGNATURE] == signature_of((tmp_path / "gateway.key").read_bytes().strip(), body)
        heard.append(body)
        return Response(status_code=200 if len(heard) > 2 else 503)

    app = Starlette(routes=[Route("/callbacks/payment", hear, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        callbacks = Callbacks(systems, client, tmp_path, {"payment": "http://payment"})
        due = Callback("payment", "/callbacks/payment", {"callback_id": "c"}, "gateway.key", NOW)
        async with asyncio.timeout(5):
            await callbacks.deliver(due, pause=0.01)
    assert heard == [b'{"callback_id":"c"}'] * 3
    assert (callbacks.sent, callbacks.trying) == ({"c"}, set())


async def test_revocation_is_told_by_list_and_by_ocsp(http: httpx.AsyncClient) -> None:
    of_root, revoked = [load_der_x509_crl((await http.get(path)).content) for path in ("/crl/root", "/crl")]
    assert (of_root.issuer, revoked.issuer) == (AUTHORITY.root.subject, AUTHORITY.issuing.subject)
    assert [number.serial_number for number in revoked] == [number.serial_number for number in AUTHORITY.revoked]
    assert revoked.next_update_utc == NOW.replace(minute=0) + timedelta(days=1)
    statuses = []
    for standing in (Standing.GOOD, Standing.REVOKED):
        certificate = AUTHORITY.citizen("900115390019", standing).certificate
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, AUTHORITY.issuing, SHA1()).build()
        answer = await http.post("/ocsp", content=asked.public_bytes(Encoding.DER))
        statuses.append(ocsp.load_der_ocsp_response(answer.content).certificate_status)
    assert statuses == [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED]
    broken = ocsp.load_der_ocsp_response((await http.post("/ocsp", content=b"x")).content)
    assert broken.response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST


async def test_mail_is_kept_and_counted_by_its_id(systems: Systems) -> None:
    import smtplib
    from email.message import EmailMessage

    mailbox = Mailbox(systems)
    server = await asyncio.get_running_loop().create_server(mailbox.server, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = "a@example.kz", "b@example.kz", "<1@kualik>"
    message["Subject"] = "Құжат дайын"
    message.set_content("Талон № 1")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(message)

    for _ in range(2):
        await asyncio.to_thread(send)
    assert mailbox.counts() == {"mails": 1, "mail_repeats": 1}
    assert mailbox.messages["<1@kualik>"]["Subject"] == "Құжат дайын"
    systems.faults.switch(Fault(system="smtp", outage=True))
    with pytest.raises(smtplib.SMTPException):
        await asyncio.to_thread(send)
    server.close()
