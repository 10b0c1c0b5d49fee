"""Whom we trust: no good answer without a revocation list in force, nor through an authority that is none."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.sandbox.authority import Authority, Standing
from deploy.sandbox.signing import SigningKey, sign
from shared.security.eds import INDIVIDUAL, Citizen, LocalVerifier, Verified
from shared.security.eds import SignatureFault as Fault
from shared.security.trust import Trust, TrustFolder, TrustUnusable

NOW = datetime(2025, 10, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
IIN = "900115390019"
PAYLOAD = b"payload"
AUTHORITY = Authority(NOW, b"seed")
ISSUING_KEY = AUTHORITY._issuing_key


async def ask(trust: Trust, cms: bytes) -> Verified | Fault:
    return await LocalVerifier(lambda: trust).verify(cms, PAYLOAD, NOW, Citizen(IIN))


def revocation_list(
    since: datetime = NOW - DAY,
    until: datetime = NOW + DAY,
    key: ec.EllipticCurvePrivateKey = ISSUING_KEY,
    revoked: dict[int, datetime] | None = None,
    delta: bool = False,
) -> x509.CertificateRevocationList:
    building = x509.CertificateRevocationListBuilder(AUTHORITY.issuing.subject, since, until)
    for number, moment in (revoked or {}).items():
        building = building.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(number).revocation_date(moment).build()
        )
    if delta:
        building = building.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    return building.sign(key, SHA256())


@pytest.mark.parametrize(
    "lists",
    [
        [],
        [revocation_list(until=NOW - timedelta(seconds=1))],
        [revocation_list(since=NOW + timedelta(seconds=1))],
        [revocation_list(key=ec.generate_private_key(ec.SECP256R1()))],
        [revocation_list(delta=True)],
        [Authority(NOW, b"another").revoked],
    ],
    ids=["absent", "stale", "of the future", "not the authority's", "only a delta", "another authority's"],
)
async def test_without_a_revocation_list_in_force_nothing_is_accepted(
    lists: list[x509.CertificateRevocationList],
) -> None:
    trust = Trust.of([AUTHORITY.root], [AUTHORITY.issuing], lists)
    assert await ask(trust, AUTHORITY.citizen(IIN).sign(PAYLOAD)) is Fault.NO_REVOCATION_DATA


async def test_the_newest_list_in_force_counts_and_so_does_its_moment() -> None:
    signatory = AUTHORITY.citizen(IIN)
    number, cms = signatory.certificate.serial_number, signatory.sign(PAYLOAD)
    older = revocation_list(since=NOW - 2 * DAY)
    newer = revocation_list(revoked={number: NOW - DAY})
    later = revocation_list(revoked={number: NOW + timedelta(hours=1)})
    for lists in ([older, newer], [newer, older]):
        assert await ask(Trust.of([AUTHORITY.root], [AUTHORITY.issuing], lists), cms) is Fault.REVOKED
    assert isinstance(await ask(Trust.of([AUTHORITY.root], [AUTHORITY.issuing], [later]), cms), Verified)


def test_an_authority_that_does_not_stand_under_the_root_is_not_taken() -> None:
    stranger = Authority(NOW, b"another")
    for roots, issuing in (
        ([AUTHORITY.root], [stranger.issuing]),
        ([], [AUTHORITY.issuing]),
        ([AUTHORITY.root], [AUTHORITY.citizen(IIN).certificate]),
        ([AUTHORITY.issuing], [AUTHORITY.issuing]),
    ):
        with pytest.raises(TrustUnusable):
            Trust.of(roots, issuing, [])


def certificate(
    key: SigningKey, subject: list[tuple[x509.ObjectIdentifier, str]], extra: x509.ExtensionType | None = None
) -> x509.Certificate:
    """A certificate of the true authority with a subject and an extension of our choice."""
    model = AUTHORITY.citizen(IIN).certificate
    building = (
        x509.CertificateBuilder(AUTHORITY.issuing.subject, x509.Name([x509.NameAttribute(*part) for part in subject]))
        .public_key(key.public_key())
        .serial_number(1 << 80)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(model.extensions.get_extension_for_class(x509.KeyUsage).value, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, INDIVIDUAL]), critical=False)
    )
    if extra is not None:
        building = building.add_extension(extra, critical=True)
    return building.sign(ISSUING_KEY, SHA256())


MINE = [(NameOID.SERIAL_NUMBER, f"IIN{IIN}")]
P256 = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("key", "subject", "extra", "fault"),
    [
        (rsa.generate_private_key(65537, 1024), MINE, None, Fault.UNSUPPORTED_KEY),
        (ec.generate_private_key(ec.SECP384R1()), MINE, None, Fault.UNSUPPORTED_KEY),
        (P256, [(NameOID.SERIAL_NUMBER, IIN)], None, Fault.OTHER_IIN),
        (P256, [(NameOID.COMMON_NAME, f"IIN{IIN}")], None, Fault.OTHER_IIN),
        (P256, [*MINE, (NameOID.SERIAL_NUMBER, "IIN900115391807")], None, Fault.OTHER_IIN),
        (P256, [(NameOID.SERIAL_NUMBER, f"IIN{IIN}0")], None, Fault.OTHER_IIN),
        (P256, MINE, x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), Fault.BAD_CERTIFICATE),
        (P256, MINE, x509.NameConstraints([x509.DNSName("a.test")], None), Fault.BAD_CERTIFICATE),
    ],
    ids=["short RSA", "P-384", "no prefix", "wrong place", "two IINs", "long IIN", "unknown critical", "constraints"],
)
async def test_odd_certificates_of_the_true_authority_are_refused(
    key: SigningKey, subject: list[tuple[x509.ObjectIdentifier, str]], extra: x509.ExtensionType | None, fault: Fault
) -> None:
    cms = sign(PAYLOAD, key, certificate(key, subject, extra))
    assert await ask(AUTHORITY.trust(), cms) is fault


async def test_rsa_of_2048_bits_is_accepted() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert isinstance(await ask(AUTHORITY.trust(), sign(PAYLOAD, key, certificate(key, MINE))), Verified)


async def test_an_authoritys_certificate_signs_no_application() -> None:
    cms = sign(PAYLOAD, ISSUING_KEY, AUTHORITY.issuing)
    assert await ask(AUTHORITY.trust(), cms) is Fault.UNKNOWN_ISSUER


async def test_services_trust_what_the_folder_says_now(tmp_path: Path) -> None:
    folder = TrustFolder(tmp_path / "trust")
    with pytest.raises(TrustUnusable):
        folder()
    AUTHORITY.write_trust(tmp_path / "trust")
    cms = AUTHORITY.citizen(IIN).sign(PAYLOAD)
    assert isinstance(await LocalVerifier(folder).verify(cms, PAYLOAD, NOW, Citizen(IIN)), Verified)
    assert folder() is folder()

    Authority(NOW, b"another").write_trust(tmp_path / "trust")
    os.utime(tmp_path / "trust" / "crl.pem", ns=(1, 1))
    assert await LocalVerifier(folder).verify(cms, PAYLOAD, NOW, Citizen(IIN)) is Fault.UNKNOWN_ISSUER
    last_good = folder()
    (tmp_path / "trust" / "crl.pem").write_text("half a fi")
    assert folder() is last_good


def test_the_same_seed_makes_the_same_authority(tmp_path: Path) -> None:
    first, second = (Authority.kept_in(tmp_path / "authority", NOW) for _ in range(2))
    assert first.root == second.root
    assert first.revoked == second.revoked
    for standing in Standing:
        mine, same = first.citizen(IIN, standing), second.citizen(IIN, standing)
        assert mine.certificate == same.certificate
        assert mine.sign(PAYLOAD, NOW) == same.sign(PAYLOAD, NOW)
    assert first.citizen(IIN) is first.citizen(IIN)
    assert stat.S_IMODE((tmp_path / "authority" / "authority.seed").stat().st_mode) == 0o600
