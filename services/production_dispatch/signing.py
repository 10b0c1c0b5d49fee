"""What an officer of the desk signs when a card is handed over or refused (S19)."""

from __future__ import annotations

from datetime import datetime

from services.production_dispatch.bodies import CardStated
from services.production_dispatch.messages import Code
from services.production_dispatch.production import Production
from shared.security.canonical import CanonicalHandOver


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
