"""Years later: whether what was kept of a signature still shows that it was good when it was accepted (p.11)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import datetime

from cryptography import x509

from shared.security.cms import SignatureFault
from shared.security.eds import Signer, Verified
from shared.security.eds_x509 import Chain, X509Verifier
from shared.security.evidence import KeptSignature, ProofKind
from shared.security.revocation import Known, read_answer
from shared.security.shelf import Shelf
from shared.security.trust import Trust


class _Kept:
    """What was relied on then, and nothing that was learned since."""

    def __init__(self, kept: KeptSignature, shelf: Shelf) -> None:
        self._kept, self._shelf = kept, shelf

    async def about(self, certificate: x509.Certificate, chain: Chain, moment: datetime) -> Known:
        lists = [self._shelf.kept(each.sha256, chain) for each in self._kept.proofs if each.kind is ProofKind.CRL]
        answers = [
            read_answer(base64.b64decode(each.content), certificate, chain[0])
            for each in self._kept.proofs
            if each.kind is ProofKind.OCSP
        ]
        return Known(tuple(each for each in lists if each is not None), answers[0] if answers else None)


async def prove(
    kept: KeptSignature, payload: bytes, expects: Signer, trust: Callable[[], Trust], shelf: Shelf
) -> Verified | SignatureFault:
    """The check once more, for its own moment, on the evidence of its time: neither authority nor network is asked.

    `payload` is what must have been signed, made anew from what the service holds. GOST is proved at NCANode alone.
    """
    if hashlib.sha256(payload).hexdigest() != kept.payload_sha256:
        return SignatureFault.PAYLOAD_DIFFERS
    try:
        cms = base64.b64decode(kept.cms.value, validate=True)
    except binascii.Error:
        return SignatureFault.NOT_CMS
    return await X509Verifier(trust, _Kept(kept, shelf), shelf).verify(cms, payload, kept.judged_for, expects)
