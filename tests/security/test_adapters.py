"""What each adapter accepts and whom it asks: our plain one, pyHanko's, NCANode's (attacks: test_attack_table.py)."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.responses import JSONResponse, Response

from deploy.sandbox.authority import Signatory, Standing
from shared.engine.rows import Unavailable
from shared.gateways.eds import ByAlgorithm, is_gost
from shared.security.eds import Citizen, Officer, Verified
from shared.security.eds import SignatureFault as Fault
from tests.security.places import AUTHORITY, BIN, IIN, NOW, OTHER_BIN, OTHER_IIN, Place

PAYLOAD = b'{"kind":"application"}'
CITIZEN, OFFICER = AUTHORITY.citizen(IIN), AUTHORITY.officer(IIN, BIN)
GOOD, ATTACHED = CITIZEN.sign(PAYLOAD, NOW), CITIZEN.sign(PAYLOAD, NOW, attached=True)
EVERY = ("local", "x509", "ncanode")
OCSP = {"revoked": False, "by": "OCSP", "reason": "OK"}


def rsa_citizen() -> Signatory:
    """The citizen with an RSA key: the same certificate otherwise."""
    key, model = rsa.generate_private_key(65537, 2048), CITIZEN.certificate
    building = (
        x509.CertificateBuilder(model.issuer, model.subject)
        .public_key(key.public_key())
        .serial_number(1 << 80)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    for each in model.extensions:
        building = building.add_extension(each.value, each.critical)
    return Signatory(key, building.sign(AUTHORITY._issuing_key, SHA256()))


RSA_CITIZEN = rsa_citizen()
CERTIFICATE: dict[str, Any] = {
    "valid": True,
    "notBefore": "2025-01-01T00:00:00.000+00:00",
    "notAfter": "2026-01-01T00:00:00.000+00:00",
    "keyUsage": "SIGN",
    "keyUser": ["INDIVIDUAL"],
    "serialNumber": f"{CITIZEN.certificate.serial_number:x}",
    "subject": {"commonName": "ТЕСТОВ СЫНАҚ", "lastName": "СЫНАҚҰЛЫ", "iin": IIN},
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def of(standing: Standing) -> bytes:
    return AUTHORITY.citizen(IIN, standing).sign(PAYLOAD, NOW)


@pytest.mark.parametrize("adapter", EVERY)
@pytest.mark.parametrize("cms", [GOOD, ATTACHED, CITIZEN.sign(PAYLOAD)], ids=["detached", "attached", "no time"])
async def test_the_citizens_own_signature_is_accepted(place: Place, adapter: str, cms: bytes) -> None:
    answer = await getattr(place, adapter).verify(cms, PAYLOAD, NOW, Citizen(IIN))
    assert isinstance(answer, Verified)
    assert (answer.iin, answer.bin, answer.serial_number) == (IIN, None, CITIZEN.certificate.serial_number)
    assert answer.evidence.proofs


@pytest.mark.parametrize("adapter", EVERY)
@pytest.mark.parametrize("attached", [False, True])
async def test_rsa_is_accepted_too(place: Place, adapter: str, attached: bool) -> None:
    cms = RSA_CITIZEN.sign(PAYLOAD, NOW, attached=attached)
    assert isinstance(await getattr(place, adapter).verify(cms, PAYLOAD, NOW, Citizen(IIN)), Verified)


@pytest.mark.parametrize("adapter", EVERY)
async def test_an_officers_signature_tells_who_and_of_what_office(place: Place, adapter: str) -> None:
    expects = Officer(frozenset({BIN, OTHER_BIN}))
    good = await getattr(place, adapter).verify(OFFICER.sign(PAYLOAD, NOW), PAYLOAD, NOW, expects)
    assert isinstance(good, Verified)
    assert (good.iin, good.bin) == (IIN, BIN)


async def test_ncanode_that_could_not_ask_about_revocation_proves_nothing(place: Place) -> None:
    verdict = {"status": 200, "message": "OK", "valid": True, "signers": [{"certificates": [CERTIFICATE]}]}
    place.instead["/ncanode/cms/verify"] = lambda: JSONResponse(verdict)
    for revocations in ([], [OCSP], [{**OCSP, "reason": "Connection refused"}, {**OCSP, "by": "CRL"}]):
        CERTIFICATE["revocations"] = revocations
        assert await place.ncanode.verify(GOOD, PAYLOAD, NOW, Citizen(IIN)) is Fault.NO_REVOCATION_DATA
    CERTIFICATE["revocations"] = [OCSP, {**OCSP, "by": "CRL"}]
    answer = await place.ncanode.verify(GOOD, PAYLOAD, NOW, Citizen(IIN))
    assert isinstance(answer, Verified)
    assert answer.name == "ТЕСТОВ СЫНАҚ СЫНАҚҰЛЫ"


@pytest.mark.parametrize("attached", [False, True])
async def test_gost_goes_to_ncanode_and_nowhere_else(place: Place, attached: bool) -> None:
    cms = CITIZEN.sign(PAYLOAD, NOW, attached=attached, digest="gost")
    assert is_gost(cms)
    assert not is_gost(GOOD)
    both = ByAlgorithm(place.x509, place.ncanode)
    answer = await both.verify(cms, PAYLOAD, NOW, Citizen(IIN))
    assert isinstance(answer, Verified)
    assert answer.evidence.checked_by == "ncanode"
    assert answer.certificate_sha256 == (await good(place)).certificate_sha256
    assert await ByAlgorithm(place.x509).verify(cms, PAYLOAD, NOW, Citizen(IIN)) is Fault.UNSUPPORTED_KEY
    assert isinstance(await place.x509.verify(cms, PAYLOAD, NOW, Citizen(IIN)), Fault)
    place.asked.clear()
    assert (await both.verify(GOOD, PAYLOAD, NOW, Citizen(IIN))) == await good(place)
    assert not any("ncanode" in path for path in place.asked)


async def good(place: Place) -> Verified:
    answer = await place.x509.verify(GOOD, PAYLOAD, NOW, Citizen(IIN))
    assert isinstance(answer, Verified)
    return answer


@pytest.mark.parametrize("answer", [Response(status_code=500), Response(b"<html>"), Response(b"{}")])
async def test_ncanode_that_does_not_answer_decides_nothing(place: Place, answer: Response) -> None:
    place.instead["/ncanode/cms/verify"] = lambda: answer
    with pytest.raises(Unavailable, match="ncanode"):
        await place.ncanode.verify(GOOD, PAYLOAD, NOW, Citizen(IIN))


async def test_ncanode_is_always_asked_about_revocation(place: Place) -> None:
    """By its default it calls a revoked certificate valid: the stand-in does, too."""
    revoked = base64.b64encode(of(Standing.REVOKED)).decode()
    body = {"cms": revoked, "data": base64.b64encode(PAYLOAD).decode()}
    assert (await place.http.post("/ncanode/cms/verify", json=body)).json()["valid"] is True
    assert await place.ncanode.verify(of(Standing.REVOKED), PAYLOAD, NOW, Citizen(IIN)) is Fault.REVOKED
    enclosed = {"cms": base64.b64encode(ATTACHED).decode(), "data": base64.b64encode(b"other").decode()}
    assert (await place.http.post("/ncanode/cms/verify", json=enclosed)).json()["valid"] is True
    assert await place.ncanode.verify(ATTACHED, b"other", NOW, Citizen(IIN)) is Fault.PAYLOAD_DIFFERS
    extracted = (await place.http.post("/ncanode/cms/extract", json=enclosed)).json()["data"]
    assert base64.b64decode(extracted) == PAYLOAD
    assert (await place.http.post("/ncanode/cms/extract", json=body)).status_code == 400


async def test_no_name_and_no_iin_reach_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for standing in Standing:
        await place.x509.verify(of(standing), PAYLOAD, NOW, Citizen(IIN))
    place.instead |= dict.fromkeys(("/ocsp", "/crl"), lambda: Response(status_code=503))
    place.statuses = place.fresh_statuses()
    await place.x509.verify(AUTHORITY.citizen(OTHER_IIN).sign(PAYLOAD), PAYLOAD, NOW, Citizen(OTHER_IIN))
    assert IIN not in caplog.text
    assert OTHER_IIN not in caplog.text
    assert "ТЕСТОВ" not in caplog.text
