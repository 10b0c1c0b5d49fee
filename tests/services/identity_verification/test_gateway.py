"""The clients of КДП, ГБД ФЛ, БМГ and Digital-ID speak with the state's systems over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.faults import Fault
from deploy.sandbox.http import Systems, system_routes
from services.identity_verification.answers import Phone, Session
from services.identity_verification.consents import KdpConsents
from services.identity_verification.digital_id import RestDigitalId
from services.identity_verification.gateway import ShepIdentity
from services.identity_verification.state import PEOPLE, PHONES
from shared.contracts.identity_verification import ConsentToken
from shared.engine.rows import Unavailable
from shared.gateways.consents import Kdp
from shared.gateways.rest import Rest
from shared.gateways.shep import ConsentRefused
from tests.gateways.wire import company, sandbox, shep
from tests.sandbox.crowds import NOW, person

LIFETIME = timedelta(hours=73)


@pytest.fixture
def systems() -> Systems:
    found = sandbox()
    found.clock.set_offset(NOW - found.clock.machine_now())
    return found


@pytest.fixture
async def http(systems: Systems) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=list(system_routes(systems)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client


@pytest.fixture
def identity(systems: Systems, http: httpx.AsyncClient) -> ShepIdentity:
    return ShepIdentity(shep(http), systems.clock.machine_now)


@pytest.fixture
def consents(systems: Systems, http: httpx.AsyncClient) -> KdpConsents:
    return KdpConsents(Kdp(shep(http), company(), systems.clock.machine_now))


@pytest.fixture
def digital_id(http: httpx.AsyncClient) -> RestDigitalId:
    return RestDigitalId(Rest(http, "http://sandbox/digital-id", "digital-id"), "http://sandbox/digital-id", "key")


async def consented(systems: Systems, consents: KdpConsents, name: str) -> dict[str, ConsentToken]:
    citizen = person(name)
    systems.state.admit([citizen])
    await consents.request("r", citizen.iin, LIFETIME)
    systems.clock.set_offset(NOW - systems.clock.machine_now() + timedelta(minutes=1))
    answer = await consents.status_of("r", citizen.iin, LIFETIME, NOW)
    assert answer.granted
    return {token.access_name: token for token in answer.tokens}


async def test_the_person_comes_back_as_the_register_knows_them(
    systems: Systems, identity: ShepIdentity, consents: KdpConsents
) -> None:
    tokens = await consented(systems, consents, "issued-paid")
    assert (
        await identity.person_of(person("issued-paid").iin, tokens[PEOPLE], "a/person") == person("issued-paid").person
    )


async def test_whom_nobody_knows_is_none(systems: Systems, identity: ShepIdentity, consents: KdpConsents) -> None:
    await consents.request("r", "900101300017", LIFETIME)
    systems.clock.set_offset(NOW - systems.clock.machine_now() + timedelta(minutes=1))
    (token, *_) = (await consents.status_of("r", "900101300017", LIFETIME, NOW)).tokens
    assert await identity.person_of("900101300017", token, "a/person") is None


async def test_the_phone_is_theirs_or_not(systems: Systems, identity: ShepIdentity, consents: KdpConsents) -> None:
    tokens, citizen = await consented(systems, consents, "issued-paid"), person("issued-paid")
    assert await identity.phone_of(citizen.iin, citizen.phone, tokens[PHONES], "a/phone") == Phone(True, True)
    assert await identity.phone_of(citizen.iin, "+77019999999", tokens[PHONES], "a/phone") == Phone(False, False)


async def test_a_register_gives_nothing_for_the_token_of_another(
    systems: Systems, identity: ShepIdentity, consents: KdpConsents
) -> None:
    tokens = await consented(systems, consents, "issued-paid")
    with pytest.raises(ConsentRefused) as failed:
        await identity.person_of(person("issued-paid").iin, tokens[PHONES], "a/person")
    assert (failed.value.dependency, failed.value.code) == ("gbdfl", "CONSENT_OF_ANOTHER")


@pytest.mark.parametrize("system", ["kdp", "gbdfl", "bmg", "digital-id"])
async def test_whoever_is_down_is_named(
    systems: Systems, identity: ShepIdentity, consents: KdpConsents, digital_id: RestDigitalId, system: str
) -> None:
    tokens, citizen = await consented(systems, consents, "issued-paid"), person("issued-paid")
    systems.faults.switch(Fault(system=system, outage=True))
    asks = {
        "kdp": lambda: consents.status_of("r", citizen.iin, LIFETIME, NOW),
        "gbdfl": lambda: identity.person_of(citizen.iin, tokens[PEOPLE], "p"),
        "bmg": lambda: identity.phone_of(citizen.iin, citizen.phone, tokens[PHONES], "p"),
        "digital-id": lambda: digital_id.open_session("k", citizen.iin),
    }
    with pytest.raises(Unavailable) as failed:
        await asks[system]()  # type: ignore[no-untyped-call]
    assert failed.value.dependency == system


async def test_a_session_is_opened_once_visited_and_passed(
    systems: Systems, http: httpx.AsyncClient, digital_id: RestDigitalId
) -> None:
    systems.state.admit([person("issued-paid")])
    session = await digital_id.open_session("k/1", person("issued-paid").iin)
    assert await digital_id.open_session("k/1", person("issued-paid").iin) == session
    assert await digital_id.session(session.session_id, person("issued-paid").iin) == Session(session.session_id)
    await http.post(session.url)
    systems.clock.set_offset(NOW - systems.clock.machine_now() + timedelta(minutes=1))
    assert (await digital_id.session(session.session_id, person("issued-paid").iin)).status == "PASSED"


async def test_a_cancelled_session_can_no_longer_be_passed(systems: Systems, digital_id: RestDigitalId) -> None:
    session = await digital_id.open_session("k/1", person("issued-paid").iin)
    await digital_id.cancel(session.session_id)
    await digital_id.cancel("never opened")
    assert (await digital_id.session(session.session_id, person("issued-paid").iin)).status == "EXPIRED"


async def test_a_session_that_nobody_knows_has_expired(digital_id: RestDigitalId) -> None:
    assert (await digital_id.session("never opened", person("issued-paid").iin)).status == "EXPIRED"


async def test_a_photo_is_compared_and_only_score_and_decision_come_back(
    systems: Systems, digital_id: RestDigitalId
) -> None:
    systems.state.admit([person("issued-paid")])
    likeness = await digital_id.compare("k/face/1", person("issued-paid").iin, b"photo")
    assert likeness.match
    assert 0 <= likeness.score <= 100
    assert await digital_id.compare("k/face/1", person("issued-paid").iin, b"photo") == likeness


@pytest.mark.parametrize("answer", ["not even JSON", "{}", '{"match": "perhaps", "score": "high"}', "[]"])
async def test_an_answer_that_does_not_read_is_no_answer(answer: str) -> None:
    async def garbled(request: Request) -> Response:
        return Response(answer, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", garbled, methods=["GET", "POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        digital_id = RestDigitalId(Rest(http, "http://garbled", "digital-id"), "http://garbled", "key")
        with pytest.raises(Unavailable):
            await digital_id.compare("k", "900101300017", b"photo")
        with pytest.raises(Unavailable):
            await digital_id.open_session("k", "900101300017")


async def test_a_photo_travels_in_base64() -> None:
    seen: list[object] = []

    async def compare(request: Request) -> Response:
        seen.append((await request.json())["photo"])
        return JSONResponse({"match": False, "score": 30})

    app = Starlette(routes=[Route("/compare", compare, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        digital_id = RestDigitalId(Rest(http, "http://a", "digital-id"), "http://a", "k")
        await digital_id.compare("k", "900101300017", b"\xff\xd8")
    assert seen == ["/9g="]
