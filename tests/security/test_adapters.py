"""The table of attacks on ЭЦП, over every adapter: our plain one, pyHanko's, NCANode's. Each has its own reason."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.responses import JSONResponse, Response

from deploy.sandbox.authority import Signatory, Standing
from shared.engine.rows import Unavailable
from shared.gateways.eds import ByAlgorithm, is_gost
from shared.security.canonical import CanonicalApplication
from shared.security.eds import Citizen, Officer, Verified
from shared.security.eds import SignatureFault as Fault
from tests.security import attacks
from tests.security.places import AUTHORITY, BIN, FALSE_AUTHORITY, IIN, NOW, OTHER_BIN, OTHER_IIN, Place
from tests.security.test_canonical import form

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


ATTACKS = {
    "payload changed": (attacks.changed(ATTACHED, attacks.with_content(PAYLOAD + b" ")), Fault.PAYLOAD_DIFFERS),
    "other payload, enclosed": (CITIZEN.sign(b"other", NOW, attached=True), Fault.PAYLOAD_DIFFERS),
    "other IIN": (AUTHORITY.citizen(OTHER_IIN).sign(PAYLOAD, NOW), Fault.OTHER_IIN),
    "key to sign in": (of(Standing.TO_SIGN_IN), Fault.NOT_SIGNING_KEY),
    "key of an organisation": (OFFICER.sign(PAYLOAD, NOW), Fault.NOT_INDIVIDUAL),
    "expired": (of(Standing.EXPIRED), Fault.EXPIRED),
    "not yet valid": (of(Standing.NOT_YET_VALID), Fault.NOT_YET_VALID),
    "revoked": (of(Standing.REVOKED), Fault.REVOKED),
    "other authority of the same name": (FALSE_AUTHORITY.citizen(IIN).sign(PAYLOAD, NOW), Fault.UNKNOWN_ISSUER),
    "two signers": (attacks.changed(GOOD, attacks.second_signer), Fault.TWO_SIGNERS),
    "SHA-1": (CITIZEN.sign(PAYLOAD, NOW, digest="sha1"), Fault.WEAK_HASH),
    "huge": (GOOD + bytes(70_000), Fault.TOO_LARGE),
    "garbage": (b"\x30\x82" + bytes(200), Fault.NOT_CMS),
    "nothing": (b"", Fault.NOT_CMS),
    "signature bytes": (attacks.changed(GOOD, attacks.broken_signature), Fault.BAD_SIGNATURE),
    "certificate left out": (attacks.changed(GOOD, attacks.no_certificate), Fault.BAD_CERTIFICATE),
}


@pytest.mark.parametrize("adapter", EVERY)
@pytest.mark.parametrize(("cms", "fault"), ATTACKS.values(), ids=ATTACKS)
async def test_each_attack_is_refused_for_its_own_reason(
    place: Place, adapter: str, cms: bytes, fault: Fault
) -> None:
    assert await getattr(place, adapter).verify(cms, PAYLOAD, NOW, Citizen(IIN)) is fault


@pytest.mark.parametrize(
    ("adapter", "fault"), [(a, Fault.PAYLOAD_DIFFERS) for a in EVERY[:2]] + [("ncanode", Fault.BAD_SIGNATURE)]
)
async def test_what_was_signed_beside_its_content_does_not_move_to_another(
    place: Place, adapter: str, fault: Fault
) -> None:
    """NCANode digests what it is given and cannot tell another payload from another signature."""
    verifier = getattr(place, adapter)
    assert await verifier.verify(CITIZEN.sign(b"other", NOW), PAYLOAD, NOW, Citizen(IIN)) is fault
    forms = (form(application_id=UUID(int=number)) for number in (1, 2))
    earlier, later = (CanonicalApplication.of(IIN, each).canonical() for each in forms)
    replayed = CITIZEN.sign(earlier, NOW)
    assert isinstance(await verifier.verify(replayed, earlier, NOW, Citizen(IIN)), Verified)
    assert await verifier.verify(replayed, later, NOW, Citizen(IIN)) is fault
    enclosed = CITIZEN.sign(earlier, NOW, attached=True)
    assert await verifier.verify(enclosed, later, NOW, Citizen(IIN)) is Fault.PAYLOAD_DIFFERS


OFFICERS = {
    "of another office": (Officer(frozenset({OTHER_BIN}), IIN), Fault.OTHER_ORGANISATION),
    "of none": (Officer(frozenset(), IIN), Fault.OTHER_ORGANISATION),
    "another person": (Officer(frozenset({BIN}), OTHER_IIN), Fault.OTHER_IIN),
    "without the right to sign": (Officer(frozenset({BIN}), IIN, rights=frozenset()), Fault.NOT_OFFICER),
}


@pytest.mark.parametrize("adapter", EVERY)
@pytest.mark.parametrize(("expects", "fault"), OFFICERS.values(), ids=OFFICERS)
async def test_an_officer_signs_for_their_own_office_only(
    place: Place, adapter: str, expects: Officer, fault: Fault
) -> None:
    verifier, cms = getattr(place, adapter), OFFICER.sign(PAYLOAD, NOW)
    assert await verifier.verify(cms, PAYLOAD, NOW, expects) is fault
    good = await verifier.verify(cms, PAYLOAD, NOW, Officer(frozenset({BIN, OTHER_BIN})))
    assert isinstance(good, Verified)
    assert (good.iin, good.bin) == (IIN, BIN)
    assert await verifier.verify(GOOD, PAYLOAD, NOW, Officer(frozenset({BIN}), IIN)) is Fault.NOT_OFFICER


@pytest.mark.parametrize("adapter", EVERY[1:])
async def test_who_was_revoked_since_the_last_list_is_found_by_ocsp(place: Place, adapter: str) -> None:
    lately = of(Standing.REVOKED_LATELY)
    assert await getattr(place, adapter).verify(lately, PAYLOAD, NOW, Citizen(IIN)) is Fault.REVOKED
    place.responder = ""
    place.statuses = place.fresh_statuses()
    assert await place.x509.verify(of(Standing.REVOKED), PAYLOAD, NOW, Citizen(IIN)) is Fault.REVOKED


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
