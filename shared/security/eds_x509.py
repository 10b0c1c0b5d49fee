"""The check of RSA and ECDSA signatures in the services: our own reading of the CMS, then pyHanko's judgement.

Both must be content. Ours gives the reason; pyHanko validates the path and its revocation (`require`) by RFC 5280 once
more, on lists and answers that are handed to it: it fetches nothing.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext

from shared.security import cms as reading
from shared.security.cms import SignatureFault
from shared.security.eds import BAD_CERTIFICATE, Signer, Verified, out_of_time, person, purpose
from shared.security.evidence import Evidence, Proof
from shared.security.revocation import Known, RevocationList, proof_of
from shared.security.trust import Trust, may_issue

Chain = tuple[x509.Certificate, x509.Certificate]
"""The authority that issued the signer's certificate, and the root above it."""

WEAK: Final = frozenset({"md2", "md5", "sha1"})
USAGE: Final = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"}, extd_key_usage={"email_protection"}
)

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they write names and IINs of the signers into the log


class Knows(Protocol):
    """Tells what is known of who is revoked (`status.Statuses`)."""

    async def about(self, certificate: x509.Certificate, chain: Chain, moment: datetime) -> Known: ...


class Keeps(Protocol):
    """Keeps a list that was relied on (`shelf.Shelf`)."""

    def keep(self, relied_on: RevocationList) -> None: ...


class X509Verifier:
    """About six milliseconds of processor time a check, on the loop."""

    def __init__(self, trust: Callable[[], Trust], knows: Knows, keeps: Keeps) -> None:
        self._trust, self._knows, self._keeps = trust, knows, keeps
        self._converted: dict[bytes, asn1_x509.Certificate] = {}

    async def verify(self, cms: bytes, payload: bytes, moment: datetime, expects: Signer) -> Verified | SignatureFault:
        intact = reading.read(cms, payload)
        if isinstance(intact, SignatureFault):
            return intact
        certificate = intact.certificate
        try:
            chain = self._trust().chain_of(certificate, moment)
            if chain is None or may_issue(certificate):
                return SignatureFault.UNKNOWN_ISSUER
            fault = out_of_time(certificate, moment) or purpose(certificate, expects)
            signer = fault or person(intact, expects, Evidence(""))
        except BAD_CERTIFICATE:
            return SignatureFault.BAD_CERTIFICATE
        if isinstance(signer, SignatureFault):
            return signer
        known = await self._knows.about(certificate, chain, moment)
        relied_on = _unrevoked(certificate, chain, known, moment)
        if isinstance(relied_on, SignatureFault):
            return relied_on
        if not await self._second_opinion(cms, payload, moment, chain, relied_on):
            return SignatureFault.BAD_SIGNATURE
        return _with_evidence(signer, chain, relied_on, self._keeps)

    async def _second_opinion(self, cms: bytes, payload: bytes, moment: datetime, chain: Chain, on: Known) -> bool:
        """pyHanko's. A list or an answer may be younger than the moment; its revocations were looked at above."""
        found = reading.outline(cms, payload)
        assert isinstance(found, reading.Outline)
        issuer, root = (self._as_asn1(each) for each in chain)
        context = ValidationContext(
            trust_roots=[root],
            other_certs=[issuer],
            crls=[each.der for each in on.lists],
            ocsps=[on.answer.der] if on.answer else [],
            revocation_mode="require",
            retroactive_revinfo=True,
            allow_fetching=False,
            weak_hash_algos=WEAK,
            moment=moment,
            time_tolerance=timedelta(0),
        )
        try:
            status = await async_validate_cms_signature(
                found.signed,
                status_cls=StandardCMSSignatureStatus,
                raw_digest=None if found.attached else hashlib.sha256(payload).digest(),
                validation_context=context,
                key_usage_settings=USAGE,
            )
        except Exception:  # noqa: BLE001  whatever a hostile signature makes it raise is a no
            return False
        return bool(status.bottom_line) and not status.revoked

    def _as_asn1(self, certificate: x509.Certificate) -> asn1_x509.Certificate:
        der = certificate.public_bytes(Encoding.DER)
        if der not in self._converted:
            self._converted[der] = asn1_x509.Certificate.load(der)
        return self._converted[der]


def _unrevoked(certificate: x509.Certificate, chain: Chain, known: Known, moment: datetime) -> Known | SignatureFault:
    """What shows that neither the signer nor the authority was revoked: OCSP, else the list. Any word of it counts."""
    issuer, root = chain
    answer, own, above = known.answer_at(moment), known.list_of(issuer, moment), known.list_of(root, moment)
    if (answer is not None and answer.revokes(moment)) or (own is not None and own.revokes(certificate, moment)):
        return SignatureFault.REVOKED
    if above is None or (answer is None and own is None):
        return SignatureFault.NO_REVOCATION_DATA
    if above.revokes(issuer, moment):
        return SignatureFault.UNKNOWN_ISSUER
    if answer is not None:
        return Known((above,), answer)  # the long list need not be gone through again
    assert own is not None
    return Known((own, above))


def _with_evidence(signer: Verified, chain: Chain, relied_on: Known, keeps: Keeps) -> Verified:
    proofs: list[Proof] = []
    if relied_on.answer is not None:
        proofs.append(proof_of(relied_on.answer, base64.b64encode(relied_on.answer.der).decode()))
    for each in relied_on.lists:
        keeps.keep(each)
        proofs.append(each.proof())
    issuers = tuple(each.fingerprint(SHA256()).hex() for each in chain)
    return replace(signer, evidence=Evidence("x509", issuers, tuple(proofs)))
