"""The GOST path: the same channel with NCANode's hand on both ends, NCANode being our stand-in of its public API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256

import httpx
import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.sandbox.channel import far_seals
from deploy.sandbox.http import Systems, system_routes
from deploy.sandbox.ncanode import METHOD, ncanode_routes
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.soap import Channel
from shared.engine.rows import Unavailable
from shared.gateways.catalogue import FIND, REGISTER
from shared.gateways.line import Seals
from shared.gateways.ncanode import NcanodeSeals
from shared.gateways.schema import Plain
from shared.gateways.seals import NCANODE, SHEP_PINNED, seals_of
from shared.gateways.shep import Shep
from shared.gateways.temp_files import TempFiles
from shared.security import distrust
from shared.security.distrust import Distrusted
from shared.security.safe_xml import parse
from shared.security.xmldsig import RSA_SHA256
from tests.gateways import attacks
from tests.gateways.attacks import Attack, attack
from tests.gateways.wire import CLOCK, SENDER, far, installation, near, sandbox, shep

NCANODE_URL = "http://sandbox/ncanode"
APPLICATION: Plain = {"applicationId": "b6f9bd6e-0000-4000-8000-000000000001"}


@pytest.fixture
def systems() -> Systems:
    return sandbox()


@pytest.fixture
async def http(systems: Systems) -> AsyncIterator[httpx.AsyncClient]:
    """ШЭП and NCANode under one roof."""
    routes = [*system_routes(systems), *ncanode_routes()]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes))) as client:
        folders = installation()
        settings = SandboxSettings(
            key_folder=folders.keys, trust_folder=folders.trust, shep_signer=NCANODE, ncanode_url=NCANODE_URL
        )
        seals = far_seals(settings, client, CLOCK.machine_now)
        systems.channel = Channel(seals, CLOCK.machine_now, frozenset({SENDER}))
        yield client


def ours(http: httpx.AsyncClient) -> NcanodeSeals:
    folders = installation()
    found = seals_of(NCANODE, folders.keys, folders.trust, http, NCANODE_URL, CLOCK.machine_now)
    assert isinstance(found, NcanodeSeals)
    return found


def asking(http: httpx.AsyncClient, seals: Seals | None = None) -> Shep:
    return shep(http, seals or ours(http))


async def test_a_question_and_its_answer_go_through_with_gost_signatures(http: httpx.AsyncClient) -> None:
    assert await asking(http).ask(FIND, APPLICATION, "ask", CLOCK.machine_now()) == APPLICATION


async def test_business_text_goes_through_with_a_gost_signature(systems: Systems, http: httpx.AsyncClient) -> None:
    content = b"image"
    file = {"fileIdentifier": "", "sha256": sha256(content).hexdigest()}
    names = [await TempFiles(asking(http)).put(n, "image/png", content, n, CLOCK.machine_now()) for n in ("a", "b")]
    data = {
        "key": "k", **APPLICATION, "iin": "900115390019", "region": "71", "point": "71-01",
        "photo": file | {"fileIdentifier": names[0]}, "signatureSample": file | {"fileIdentifier": names[1]},
        "formSha256": "0" * 64, "formSignature": "Q01T",
    }  # fmt: skip
    answer = await asking(http).ask(REGISTER, data, "ask", CLOCK.machine_now())
    assert (answer["registered"], [*systems.state.registry.talons]) == ("true", [answer["talonNumber"]])


async def test_business_text_of_ours_is_not_taken_for_theirs(http: httpx.AsyncClient) -> None:
    text = await ours(http).sign_text(parse(b'<b:d xmlns:b="urn:b"><one>1</one></b:d>'))
    with pytest.raises(distrust.UnknownSigner):
        await ours(http).open_text(text, 10_000)


async def test_a_gost_signature_names_the_algorithms_of_the_national_authority(http: httpx.AsyncClient) -> None:
    signed = await ours(http).sign(parse(ENVELOPE), "m")
    assert METHOD.encode() in signed
    assert b"mustUnderstand" in signed


ENVELOPE = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body><code>x</code>'
    b"<messageId>m</messageId></s:Body></s:Envelope>"
)


async def theirs(http: httpx.AsyncClient, seals: Seals) -> bytes:
    return await seals.sign(parse(ENVELOPE), "m")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (attack(attacks.altered), distrust.BadSignature),
        (attack(attacks.wrong_value), distrust.BadSignature),
        (attack(attacks.unsigned), distrust.Unsigned),
        (attack(attacks.doubled_body), distrust.SeveralBodies),
        (attack(attacks.wrapped_in_the_header), distrust.Wrapped),
        (attack(attacks.wrapped_in_another_body), distrust.Wrapped),
        (attack(attacks.two_references), distrust.Wrapped),
        (attack(attacks.two_signatures), distrust.SeveralSignatures),
        (attack(attacks.no_certificate), distrust.UnknownSigner),
        (attack(attacks.method("SignatureMethod", RSA_SHA256)), distrust.WrongAlgorithm),
    ],
)
async def test_ncanode_is_not_asked_what_we_can_judge_ourselves(
    systems: Systems, http: httpx.AsyncClient, change: Attack, expected: type[Distrusted]
) -> None:
    assert systems.channel is not None
    answer = change(await theirs(http, systems.channel.seals))
    with pytest.raises(Distrusted) as refused:
        await ours(http).open(parse(answer), answer)
    assert type(refused.value) is expected


async def test_rsa_is_not_taken_where_gost_is_agreed_nor_the_other_way(http: httpx.AsyncClient) -> None:
    answer = await far().sign(parse(ENVELOPE), "m")
    with pytest.raises(distrust.WrongAlgorithm):
        await ours(http).open(parse(answer), answer)
    gost = await ours(http).sign(parse(ENVELOPE), "m")
    with pytest.raises(distrust.WrongAlgorithm):
        await near().open(parse(gost), gost)


async def test_a_revoked_certificate_is_refused_because_revocation_is_asked_for() -> None:
    _, gost = x509.load_pem_x509_certificates((installation().trust / SHEP_PINNED).read_bytes())
    routes = ncanode_routes(revoked={gost.serial_number})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes))) as http:
        folders = installation()
        settings = SandboxSettings(key_folder=folders.keys, shep_signer=NCANODE, ncanode_url=NCANODE_URL)
        answer = await far_seals(settings, http, CLOCK.machine_now).sign(parse(ENVELOPE), "m")
        with pytest.raises(distrust.BadSignature):
            await ours(http).open(parse(answer), answer)
        careless = replace(ours(http), revocation=())
        assert (await careless.open(parse(answer), answer)).tag.endswith("Body")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "message": "no"},
        {"status": 200, "valid": True},
        {"status": 200, "valid": True, "signers": [{"valid": False}]},
        {"status": 200, "valid": True, "signers": [{"valid": True}, {"valid": True}]},
        {"status": 200, "valid": False, "signers": [{"valid": True}]},
    ],
)
async def test_only_one_valid_signer_is_valid(systems: Systems, http: httpx.AsyncClient, answer: Plain) -> None:
    assert systems.channel is not None
    signed = await theirs(http, systems.channel.seals)

    async def said(_: Request) -> Response:
        return JSONResponse(answer, int(answer["status"]))

    app = Starlette(routes=[Route("/ncanode/wsse/verify", said, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as other:
        with pytest.raises((distrust.BadSignature, Unavailable)) as refused:
            await ours(other).open(parse(signed), signed)
    assert isinstance(refused.value, Unavailable) is (answer["status"] == 500)


async def test_a_silent_ncanode_is_unavailable_by_its_own_name(systems: Systems) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down")

    async with httpx.AsyncClient(transport=httpx.MockTransport(down)) as http:
        with pytest.raises(Unavailable, match="ncanode"):
            await asking(http).ask(FIND, APPLICATION, "ask", CLOCK.machine_now())


async def test_it_is_up(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{NCANODE_URL}/actuator/health")).json() == {"status": "UP"}
    refused = await http.post(f"{NCANODE_URL}/wsse/sign", json={"xml": "<x/>", "key": "", "password": ""})
    assert refused.status_code == 400
