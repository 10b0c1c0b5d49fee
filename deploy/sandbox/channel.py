"""The keys of ШЭП's channel and of КДП, made on the first start: ours, ШЭП's, and those of the systems behind it.

Each is an RSA key with its certificate in PEM, and beside it a PKCS #12 container for NCANode. Ours lie in the key
folder, theirs below it in `authority/`; what each side pins of the other are the certificates only.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from deploy.sandbox.authority import Authority
from deploy.sandbox.keys import AUTHORITY, keep_first
from deploy.sandbox.ovt import KDP_SENDERS
from deploy.sandbox.settings import SandboxSettings
from deploy.sandbox.soap import Channel
from shared.gateways.kdp import OWN_KEY as KDP_KEY
from shared.gateways.line import Seals
from shared.gateways.ncanode import Container, NcanodeSeals
from shared.gateways.seals import NCANODE, OWN_KEY, SHEP_PINNED, TEXT_PINNED, local_seals
from shared.security.xmldsig import Now, Pinned, SigningKey

SHEP_KEY, BUSINESS_KEY, SENDERS = "shep.pem", "shep-business.pem", "senders.pem"
"""In `authority/`."""

_NAMES = {OWN_KEY: "КУАЛІК", SHEP_KEY: "ШЭП", BUSINESS_KEY: "РП ДРН"}


def write_keys(keys: Path, trust: Path, authority: Authority) -> None:
    """Make the files that are not there yet. Every process may call it at any time."""
    inner = keys / AUTHORITY
    for folder in (keys, inner):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    trust.mkdir(parents=True, exist_ok=True)
    for path, pinned_in in (
        (keys / OWN_KEY, inner / SENDERS),
        (inner / SHEP_KEY, trust / SHEP_PINNED),
        (inner / BUSINESS_KEY, trust / TEXT_PINNED),
    ):
        name = f"{_NAMES[path.name]} (SANDBOX)"
        _keep_rsa(path, name, authority)
        _keep_container(path.with_suffix(".p12"), name, authority)
        keep_first(pinned_in, b"".join(_certificates(path)))
    _keep_rsa(keys / KDP_KEY, f"{_NAMES[OWN_KEY]}, AUTH (SANDBOX)", authority)
    known = x509.load_pem_x509_certificate((keys / KDP_KEY).read_bytes())
    keep_first(inner / KDP_SENDERS, known.public_bytes(Encoding.PEM))


def channel_of(settings: SandboxSettings, authority: Authority, http: httpx.AsyncClient, now: Now) -> Channel:
    """ШЭП's end of the channel; `now` is machine time."""
    write_keys(settings.key_folder, settings.trust_folder, authority)
    return Channel(far_seals(settings, http, now), now, frozenset({settings.shep_sender}))


def far_seals(settings: SandboxSettings, http: httpx.AsyncClient, now: Now) -> Seals:
    """How ШЭП and the systems behind it sign, and whose signatures they accept."""
    inner = settings.key_folder / AUTHORITY
    senders = Pinned.load(inner / SENDERS)
    if settings.shep_signer == NCANODE:
        shep, business = (Container.load((inner / each).with_suffix(".p12")) for each in (SHEP_KEY, BUSINESS_KEY))
        return NcanodeSeals(http, settings.ncanode_url, shep, senders, senders, now, business)
    shep_key, business_key = SigningKey.load(inner / SHEP_KEY), SigningKey.load(inner / BUSINESS_KEY)
    return local_seals(shep_key, business_key, senders, senders, now)


def _keep_rsa(path: Path, name: str, authority: Authority) -> None:
    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = authority.system(name, "000140000011", key.public_key())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keep_first(path, private + certificate.public_bytes(Encoding.PEM))


def _keep_container(path: Path, name: str, authority: Authority) -> None:
    """The password first: whoever comes second takes the one that is there."""
    password = path.with_suffix(".password")
    keep_first(password, secrets.token_hex(16))
    if path.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.system(name, "000140000011", key.public_key())
    sealed = BestAvailableEncryption(password.read_bytes())
    keep_first(path, pkcs12.serialize_key_and_certificates(b"shep", key, certificate, None, sealed))


def _certificates(path: Path) -> list[bytes]:
    held = pkcs12.load_pkcs12(path.with_suffix(".p12").read_bytes(), path.with_suffix(".password").read_bytes()).cert
    assert held is not None
    both = (x509.load_pem_x509_certificate(path.read_bytes()), held.certificate)
    return [each.public_bytes(Encoding.PEM) for each in both]
