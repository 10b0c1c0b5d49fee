"""The plain verifier in finer detail: every part of a CMS tampered with, bits turned, junk, other moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.sandbox.authority import Authority, Standing
from deploy.sandbox.signing import sign
from shared.security.eds import Citizen, LocalVerifier, Officer, Signer, Verified
from shared.security.eds import SignatureFault as Fault
from tests.security import attacks

NOW = datetime(2025, 10, 1, 9, 0, tzinfo=UTC)
PAYLOAD = b'{"kind":"application"}'
IIN, OTHER_IIN, BIN, OTHER_BIN = "900115390019", "900115391807", "123456789021", "990940000017"
AUTHORITY = Authority(NOW, b"seed of the true authority")
FALSE_AUTHORITY = Authority(NOW, b"seed of one that has the same names")
CITIZEN = AUTHORITY.citizen(IIN)
GOOD = CITIZEN.sign(PAYLOAD, NOW)
ATTACHED = CITIZEN.sign(PAYLOAD, NOW, attached=True)
TRUST = AUTHORITY.trust()


async def ask(
    cms: bytes, payload: bytes = PAYLOAD, expects: Signer | None = None, moment: datetime = NOW
) -> Verified | Fault:
    return await LocalVerifier(lambda: TRUST).verify(cms, payload, moment, expects or Citizen(IIN))


@pytest.mark.parametrize("cms", [GOOD, ATTACHED, CITIZEN.sign(PAYLOAD)])
async def test_the_citizens_own_signature_is_accepted(cms: bytes) -> None:
    answer = await ask(cms)
    assert isinstance(answer, Verified)
    assert answer.iin == IIN
    assert answer.bin is None
    assert answer.serial_number == CITIZEN.certificate.serial_number


async def test_the_signers_own_word_on_the_time_is_reported_and_not_believed() -> None:
    long_ago = datetime(2024, 2, 1, tzinfo=UTC)
    answer = await ask(AUTHORITY.citizen(IIN).sign(PAYLOAD, long_ago))
    assert isinstance(answer, Verified)
    assert answer.claimed_at == long_ago
    expired = AUTHORITY.citizen(IIN, Standing.EXPIRED).sign(PAYLOAD, long_ago)
    assert await ask(expired) is Fault.EXPIRED


def replayed_under(iin: str) -> bytes:
    held = AUTHORITY.citizen(iin).certificate.public_bytes(Encoding.DER)
    return attacks.changed(GOOD, attacks.with_certificate(held))


TAMPERED = {
    "empty": (b"", Fault.NOT_CMS),
    "not ASN.1": (b"signature", Fault.NOT_CMS),
    "a certificate alone": (CITIZEN.certificate.public_bytes(Encoding.DER), Fault.NOT_CMS),
    "something after the end": (GOOD + b"\0", Fault.NOT_CMS),
    "cut short": (GOOD[:-9], Fault.NOT_CMS),
    "too large": (GOOD + bytes(70_000), Fault.TOO_LARGE),
    "two signers": (attacks.changed(GOOD, attacks.second_signer), Fault.TWO_SIGNERS),
    "no signer": (attacks.changed(GOOD, attacks.no_signer), Fault.NOT_CMS),
    "no attributes": (attacks.changed(GOOD, attacks.no_attributes), Fault.NO_SIGNED_ATTRIBUTES),
    "no digest attribute": (attacks.changed(GOOD, attacks.without(attacks.MESSAGE_DIGEST)), Fault.NO_SIGNED_ATTRIBUTES),
    "no type attribute": (attacks.changed(GOOD, attacks.without(attacks.CONTENT_TYPE)), Fault.NO_SIGNED_ATTRIBUTES),
    "digest twice": (attacks.changed(GOOD, attacks.twice(attacks.MESSAGE_DIGEST)), Fault.NOT_CMS),
    "CAdES attribute dropped": (
        attacks.changed(GOOD, attacks.without(attacks.SIGNING_CERTIFICATE)),
        Fault.BAD_SIGNATURE,
    ),
    "signing time dropped": (attacks.changed(GOOD, attacks.without(attacks.SIGNING_TIME)), Fault.BAD_SIGNATURE),
    "digest of nothing": (attacks.changed(GOOD, attacks.other_digest(bytes(32))), Fault.PAYLOAD_DIFFERS),
    "signature bytes": (attacks.changed(GOOD, attacks.broken_signature), Fault.BAD_SIGNATURE),
    "another content enclosed": (attacks.changed(GOOD, attacks.with_content(b"other")), Fault.PAYLOAD_DIFFERS),
    "certificate left out": (attacks.changed(GOOD, attacks.no_certificate), Fault.BAD_CERTIFICATE),
    "certificate of another": (replayed_under(OTHER_IIN), Fault.BAD_SIGNATURE),
    "hash said to be SHA-1": (attacks.changed(GOOD, attacks.digest_named("sha1")), Fault.WEAK_HASH),
    "scheme said to be SHA-1": (attacks.changed(GOOD, attacks.scheme_named("sha1_ecdsa")), Fault.WEAK_HASH),
    "scheme of another key": (attacks.changed(GOOD, attacks.scheme_named("sha256_rsa")), Fault.UNSUPPORTED_KEY),
    "truly SHA-1": (sign(PAYLOAD, CITIZEN.key, CITIZEN.certificate, digest="sha1"), Fault.WEAK_HASH),
    "another's payload": (CITIZEN.sign(b"other"), Fault.PAYLOAD_DIFFERS),
    "another's payload attached": (CITIZEN.sign(b"other", attached=True), Fault.PAYLOAD_DIFFERS),
    "another person": (AUTHORITY.citizen(OTHER_IIN).sign(PAYLOAD), Fault.OTHER_IIN),
    "key to sign in": (AUTHORITY.citizen(IIN, Standing.TO_SIGN_IN).sign(PAYLOAD), Fault.NOT_SIGNING_KEY),
    "revoked": (AUTHORITY.citizen(IIN, Standing.REVOKED).sign(PAYLOAD), Fault.REVOKED),
    "expired": (AUTHORITY.citizen(IIN, Standing.EXPIRED).sign(PAYLOAD), Fault.EXPIRED),
    "not yet valid": (AUTHORITY.citizen(IIN, Standing.NOT_YET_VALID).sign(PAYLOAD), Fault.NOT_YET_VALID),
    "key of an organisation": (AUTHORITY.officer(IIN, BIN).sign(PAYLOAD), Fault.NOT_INDIVIDUAL),
    "authority of the same name": (FALSE_AUTHORITY.citizen(IIN).sign(PAYLOAD), Fault.UNKNOWN_ISSUER),
    "another's key under my certificate": (
        sign(PAYLOAD, AUTHORITY.citizen(OTHER_IIN).key, CITIZEN.certificate),
        Fault.BAD_SIGNATURE,
    ),
}


@pytest.mark.parametrize(("cms", "fault"), TAMPERED.values(), ids=TAMPERED)
async def test_each_attack_is_refused_for_its_own_reason(cms: bytes, fault: Fault) -> None:
    assert await ask(cms) is fault


async def test_a_signature_does_not_move_to_another_payload() -> None:
    for cms in (GOOD, ATTACHED):
        assert await ask(cms, b'{"kind":"decision"}') is Fault.PAYLOAD_DIFFERS


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), bit=st.integers(0, 7))
async def test_no_single_bit_can_change_who_signed(at: int, bit: int) -> None:
    altered = bytearray(GOOD)
    altered[at] ^= 1 << bit
    answer = await ask(bytes(altered))
    # headers that no signature covers (versions, the list of algorithms) may differ; the signer may not
    if isinstance(answer, Verified):
        assert answer.iin == IIN
        assert answer.certificate_sha256 == (await good()).certificate_sha256


async def good() -> Verified:
    answer = await ask(GOOD)
    assert isinstance(answer, Verified)
    return answer


@settings(max_examples=200, deadline=None)
@given(junk=st.binary(max_size=200), cut=st.integers(0, len(GOOD)))
async def test_junk_is_a_fault_and_never_an_error(junk: bytes, cut: int) -> None:
    assert isinstance(await ask(junk), Fault)
    assert isinstance(await ask(GOOD[:cut] + junk + GOOD[cut + len(junk) + 1 :]), Fault | Verified)


@pytest.mark.parametrize(
    ("expects", "fault"),
    [
        (Officer(frozenset({OTHER_BIN}), IIN), Fault.OTHER_ORGANISATION),
        (Officer(frozenset(), IIN), Fault.OTHER_ORGANISATION),
        (Officer(frozenset({BIN}), OTHER_IIN), Fault.OTHER_IIN),
        (Officer(frozenset({BIN}), IIN, rights=frozenset()), Fault.NOT_OFFICER),
        (Citizen(IIN), Fault.NOT_INDIVIDUAL),
    ],
)
async def test_an_officer_signs_for_their_own_office_only(expects: Signer, fault: Fault) -> None:
    assert await ask(AUTHORITY.officer(IIN, BIN).sign(PAYLOAD), expects=expects) is fault


async def test_an_officers_signature_tells_who_and_of_what_office() -> None:
    cms = AUTHORITY.officer(IIN, BIN).sign(PAYLOAD)
    for expects in (Officer(frozenset({BIN, OTHER_BIN}), IIN), Officer(frozenset({BIN}))):
        answer = await ask(cms, expects=expects)
        assert isinstance(answer, Verified)
        assert (answer.iin, answer.bin) == (IIN, BIN)


async def test_a_citizens_key_is_not_an_officers() -> None:
    assert await ask(GOOD, expects=Officer(frozenset({BIN}), IIN)) is Fault.NOT_OFFICER


async def test_what_is_valid_is_judged_at_the_moment_given() -> None:
    expired = AUTHORITY.citizen(IIN, Standing.EXPIRED).sign(PAYLOAD)
    assert isinstance(await ask(expired, moment=NOW - timedelta(days=30)), Verified)
    assert await ask(GOOD, moment=datetime(2019, 1, 1, tzinfo=UTC)) is Fault.UNKNOWN_ISSUER


def test_who_signed_does_not_show_in_a_listing() -> None:
    assert IIN not in repr(Citizen(IIN)) + repr(Officer(frozenset(), IIN))
