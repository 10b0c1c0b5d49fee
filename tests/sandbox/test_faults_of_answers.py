"""Every switched fault of an answer, over real HTTP: refused for its own reason, tried by policy, good once healed."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.faults import Fault
from deploy.sandbox.http import Systems
from deploy.sandbox.smtp import Mailbox
from shared.clock import SystemIds
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import FIND, INVOICE, REGISTER, SERVICES
from shared.gateways.rest import Rest
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.gateways.transport import client
from shared.security.distrust import BadSignature, Distrusted, OfAnotherQuestion, Stale, Unreadable
from shared.security.revocation import question, read_answer, read_list
from tests.engine.house import Quiet
from tests.gateways.wire import CLOCK, SENDER, near, sandbox
from tests.sandbox.crowds import NOW, invoice, person, uploaded
from tests.sandbox.listening import listening

AUTHORITY = Authority(NOW, b"faults")
ASKED = {"applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}


@dataclass
class Wire:
    """The sandbox on a port of its own, and our clients."""

    systems: Systems
    http: httpx.AsyncClient
    base: str
    log: Quiet

    @property
    def shep(self) -> Shep:
        return Shep(self.http, f"{self.base}/shep", Login(SENDER), near(), CLOCK, SystemIds(), self.log)

    def rest(self, path: str, dependency: str, timeout: float = 8.0) -> Rest:
        return Rest(self.http, f"{self.base}/{path}", dependency, timeout)

    async def switch(self, system: str, **wrong: Any) -> None:
        answer = await self.http.post(f"{self.base}/control/faults", json={"system": system, **wrong})
        assert answer.status_code == 200

    def outcomes(self, system: str) -> Counter[str]:
        return self.systems.exchanges.tally(system)

    async def reason(self) -> type[Exception]:
        """Why an answer of РП ДРН is not believed, in one try."""
        with pytest.raises(Distrusted) as refused:
            await self.shep.exchange(SERVICES[FIND], ASKED, "m", CLOCK.machine_now())
        return refused.type


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    systems = sandbox()
    systems.clock.set_offset(NOW - systems.clock.machine_now())
    async with listening(application(systems, Mailbox(systems), AUTHORITY)) as base, client(timeout=5.0) as http:
        yield Wire(systems, http, base, Quiet())


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [("wrong_signature_rate", BadSignature), ("truncated_rate", Unreadable), ("stale_rate", Stale)],
)
async def test_a_spoiled_answer_of_shep_is_refused_for_its_own_reason_and_asked_once_more(
    wire: Wire, wrong: str, reason: type[Distrusted]
) -> None:
    await wire.switch("rpdrn", **{wrong: 1})
    assert await wire.reason() is reason
    with pytest.raises(Unavailable) as gone:
        await wire.shep.ask(FIND, ASKED, "m", CLOCK.machine_now())
    assert gone.value.dependency == "rpdrn"
    assert (wire.outcomes("rpdrn").total(), wire.outcomes("rpdrn")["answered"]) == (3, 0)
    assert wire.log.lines == ["shep-refused"] * 2
    await wire.http.delete(f"{wire.base}/control/faults/rpdrn")
    assert await wire.shep.ask(FIND, ASKED, "m", CLOCK.machine_now()) == ASKED


async def test_the_answer_to_an_earlier_question_answers_no_other(wire: Wire) -> None:
    assert await wire.shep.ask(FIND, ASKED, "m", CLOCK.machine_now()) == ASKED
    await wire.switch("rpdrn", stale_rate=1)
    assert await wire.reason() is OfAnotherQuestion


@pytest.mark.parametrize("wrong", ["wrong_signature_rate", "truncated_rate", "lost_rate"])
async def test_a_registration_whose_answer_is_spoiled_is_made_once_and_found_again(wire: Wire, wrong: str) -> None:
    """РП ДРН promises no idempotency: no second try, whoever asks again inquires first."""
    citizen = person("issued-paid")
    wire.systems.state.admit([citizen])
    photo, sample = (uploaded(wire.systems.state, content) for content in (b"photo", b"sample"))
    asked = {
        "key": "k", "applicationId": str(citizen.application_id(0)), "iin": citizen.iin, "region": citizen.region,
        "point": citizen.point, "photo": photo, "signatureSample": sample, "formSha256": "0" * 64,
        "formSignature": "Q01T",
    }  # fmt: skip
    await wire.switch("rpdrn", **{wrong: 1}, services=[REGISTER])
    with pytest.raises(Unavailable):
        await wire.shep.ask(REGISTER, asked, "m", CLOCK.machine_now())
    assert len(wire.systems.state.registry.talons) == 1
    found = await wire.shep.ask(FIND, {"applicationId": asked["applicationId"]}, "n", CLOCK.machine_now())
    assert [each["talonNumber"] for each in found["registration"]] == list(wire.systems.state.registry.talons)


async def test_a_fault_of_one_service_spares_its_neighbours(wire: Wire) -> None:
    await wire.switch("rpdrn", truncated_rate=1, services=[INVOICE])
    assert await wire.shep.ask(FIND, ASKED, "m", CLOCK.machine_now()) == ASKED


async def test_half_of_an_answer_of_json_is_none_and_what_was_done_is_done_once(wire: Wire) -> None:
    await wire.switch("sms", truncated_rate=1)
    sms, body = wire.rest("sms", "sms"), {"id": "1", "phone": "+7", "text": "т"}
    raw = await wire.http.post(f"{wire.base}/sms/messages", json=body)
    assert (raw.status_code, raw.headers["content-length"], raw.content) == (200, str(len(raw.content)), b'{"status')
    with pytest.raises(Unavailable):
        await sms.post("/messages", body)
    assert wire.outcomes("sms") == {"truncated": 3}
    await wire.switch("sms")
    assert await sms.post("/messages", body) == {"status": "SENT"}
    assert list(wire.systems.state.sms_gateway.messages) == ["1"]


async def test_a_stale_standing_is_the_first_one_until_healed_and_nothing_known_is_never_stale(wire: Wire) -> None:
    citizen = person("issued-paid")
    wire.systems.state.admit([citizen])
    gateway, revenue = wire.rest("gateway", "payment-gateway"), wire.rest("revenue", "revenue")
    id = invoice(wire.systems.state, citizen)
    assert (await gateway.get(f"/invoices/{id}"))["status"] == "OPEN"
    assert await revenue.get("/refunds/c") == {"status": "UNKNOWN"}
    await gateway.post(f"/pay/{id}", {"amount": wire.systems.state.gateway_system.invoices[id].amount, "key": "1"})
    case = {"key": "c", "iban": "i", "holder_iin": "h", "receipt_id": "r", "ground": "g", "notice": "n", "amount": 1}
    await revenue.post("/refunds", case)
    for system in ("payment-gateway", "revenue"):
        await wire.switch(system, stale_rate=1)
    assert (await gateway.get(f"/invoices/{id}"))["status"] == "OPEN"
    assert (await revenue.get("/refunds/c"))["status"] == "FILED"
    await wire.switch("payment-gateway")
    assert (await gateway.get(f"/invoices/{id}"))["status"] == "PAID"


async def test_an_answer_that_takes_too_long_is_given_up(wire: Wire) -> None:
    await wire.switch("central-node", delay=0.5)
    with pytest.raises(Unavailable):
        await wire.rest("central-node", "central-node", timeout=0.1).get("/orders/o")
    assert await wire.rest("central-node", "central-node").get("/orders/o") == {"status": "UNKNOWN"}


async def test_the_quick_second_try_mends_what_failed_once(wire: Wire) -> None:
    """Nearly every third call fails: given up are only the questions that failed twice, and others were mended."""
    await wire.switch("rpdrn", error_rate=0.3)
    answered = 0
    for at in range(40):
        with suppress(Unavailable):
            answered += await wire.shep.ask(FIND, ASKED, f"m-{at}", CLOCK.machine_now()) == ASKED
    given_up, outcomes = 40 - answered, wire.outcomes("rpdrn")
    assert outcomes["answered"] == answered >= 30
    assert outcomes["failed"] > 2 * given_up


@pytest.mark.parametrize("wrong", ["wrong_signature_rate", "truncated_rate", "error_rate", "outage"])
async def test_a_revocation_list_is_not_taken_from_a_spoiled_answer(wire: Wire, wrong: str) -> None:
    authorities = (AUTHORITY.issuing, AUTHORITY.root)
    await wire.switch("eds", **{wrong: 1})
    spoiled = await wire.http.get(f"{wire.base}/crl")
    assert spoiled.status_code == 503 or read_list(spoiled.content, authorities) is None
    await wire.switch("eds")
    assert read_list((await wire.http.get(f"{wire.base}/crl")).content, authorities) is not None


async def test_an_answer_about_a_certificate_is_not_believed_when_its_signature_is_wrong(wire: Wire) -> None:
    certificate = AUTHORITY.citizen("900115390019").certificate
    asked = question(certificate, AUTHORITY.issuing)
    for wrong in ("wrong_signature_rate", "truncated_rate"):
        await wire.switch("eds", **{wrong: 1})
        spoiled = await wire.http.post(f"{wire.base}/ocsp", content=asked)
        assert read_answer(spoiled.content, certificate, AUTHORITY.issuing) is None
    await wire.switch("eds")
    good = await wire.http.post(f"{wire.base}/ocsp", content=asked)
    assert read_answer(good.content, certificate, AUTHORITY.issuing) is not None


def test_whatever_is_switched_is_told_and_a_fault_with_nothing_wrong_heals() -> None:
    systems = sandbox()
    fault = Fault(system="rpdrn", late=3, duplicate_rate=0.5)
    systems.faults.switch(fault)
    assert systems.faults.shown() == [fault.model_dump()]
    weather = systems.faults.weather("rpdrn")
    assert replace(weather, doubled=False).late == 3
    systems.faults.switch(Fault(system="rpdrn", services=(INVOICE,)))
    assert systems.faults.shown() == []
