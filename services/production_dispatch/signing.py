"""What an officer of the desk signs when a card is handed over or refused, and the check of that signature (S19)."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from services.production_dispatch.bodies import CardStated
from services.production_dispatch.messages import Code
from services.production_dispatch.production import Production
from shared.contracts.base import Sealed
from shared.engine.rows import Unavailable
from shared.security.canonical import CanonicalHandOver
from shared.security.cms import SignatureFault
from shared.security.eds import Officer, SignatureVerifier, Verified, kept_signature
from shared.security.evidence import KeptSignature
from shared.security.trust import TrustUnusable
from shared.web.problems import Problem


def payload_of(production: Production, officer_id: str, stated: CardStated, moment: datetime) -> CanonicalHandOver:
    """The hand-over as stated. Who sends somebody else is refused for that first (p.4.3)."""
    assert production.certified
    reason = Code.PROXY if stated.by_proxy else None if stated.person_established else Code.NOT_ESTABLISHED
    return CanonicalHandOver(
        application_id=production.application_id,
        talon=production.talon or "",
        point=production.point or "",
        handed_over=reason is None,
        reason=reason.value if reason else None,
        old_card_taken=stated.old_card_taken,
        photo_sha256=production.certified.value.photo.sha256,
        officer=officer_id,
        moment=moment,
    )


async def verified(
    verifier: SignatureVerifier, cms: str, signed: bytes, moment: datetime, expects: Officer
) -> Verified | SignatureFault:
    """Whose `cms` (base64) it is. Raises `Problem` 503 when nobody could tell whether the certificate is revoked."""
    try:
        answer = await verifier.verify(base64.b64decode(cms), signed, moment, expects)
    except binascii.Error:
        return SignatureFault.NOT_CMS
    except (Unavailable, TrustUnusable):
        answer = SignatureFault.NO_REVOCATION_DATA
    if answer is SignatureFault.NO_REVOCATION_DATA:
        raise Problem(503, "Not now", "The signature cannot be checked now. Send it again.", code=answer.value)
    return answer


def kept(
    application_id: UUID, act_id: str, found: Verified, moment: datetime, signed: CanonicalHandOver, cms: str
) -> KeptSignature:
    """The row that proves the hand-over; `cms` in base64."""
    return kept_signature(application_id, f"hand-over/{act_id}", found, moment, signed.sha256(), Sealed(cms))
