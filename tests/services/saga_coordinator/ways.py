"""The way of one application as the coordinator hears it: one event for each stage, in order."""

from __future__ import annotations

from datetime import date, timedelta

from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message, Sealed
from shared.contracts.values import Channel, DocumentKind, Locale
from tests.services.saga_coordinator.telling import ID, NOW, Telling, a_case, eligible, form, photo, submitted
from tests.services.saga_coordinator.telling import registered as talon

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def refused(fault: d.ProductionFault) -> Message:
    return d.ProductionRefused(application_id=ID, order_id="o1", round=1, fault=fault, reason="INPUT_CONTROL")


WAY: dict[str, Message] = {
    "opened": i.ApplicationOpened(
        application_id=ID, iin=Sealed("900115390019"), iin_index="x", phone=Sealed("+77010000001"),
        document=DocumentKind.IDENTITY_CARD, channel=Channel.PORTAL, locale=Locale.KK,
    ),
    "consent": v.ConsentRequested(application_id=ID, send=1, until=NOW + 10 * MINUTE),
    "identification": v.IdentificationRequested(
        application_id=ID, url="https://id/1", attempt=1, attempts_left=4, until=NOW + 15 * MINUTE
    ),
    "identified": v.IdentityConfirmed(
        application_id=ID, person=Sealed(None, "s1.x"), consents=Sealed(None, "s1.x")
    ),
    "form": eligible(),
    "form_accepted": form(),
    "signing": photo(),
    "submitted": submitted(),
    "registered": talon(),
    "payment": p.FeeRequested(application_id=ID, invoice_id="i1", amount=786, pay_url="https://p", until=NOW + DAY),
    "settled": p.FeePaid(application_id=ID, amount=786, receipt_id="r1", paid_at=NOW),
    "requested": i.ResultRequested(application_id=ID, talon="T1", request_id="q1"),
    "review": u.ReviewQueued(application_id=ID, region="71", talon="T1", round=1, due_on=date(2025, 10, 8)),
    "approved": u.ReviewApproved(
        application_id=ID, decision_id="d1", round=1, officer_id="17", region="71", point="71-01", talon="T1",
        certified=Sealed(None, "s1.x"),
    ),
    "production": d.ProductionStarted(application_id=ID, order_id="o1", round=1),
    "delivery": d.DocumentMade(application_id=ID, order_id="o1"),
    "shipped": d.DocumentShipped(application_id=ID, order_id="o1", point="71-01", register_id="1"),
    "collection": d.DocumentReady(application_id=ID, point="71-01", collect_until=date(2026, 1, 4)),
}  # fmt: skip
"""Stage → the event that leads there."""

ASIDE: dict[str, tuple[str, Message]] = {
    "held": ("approved", refused(d.ProductionFault.TECHNICAL)),
    "returned": ("approved", refused(d.ProductionFault.SUBSTANTIVE)),
}
"""Stage beside the way → after which stage, and the event that leads there."""


def at(stage: str) -> Telling:
    """A case that has come to that stage, all at one moment."""
    last, aside = ASIDE.get(stage, (stage, None))
    telling = a_case()
    for name, event in WAY.items():
        telling.heard(event)
        if name == last:
            break
    return telling if aside is None else telling.heard(aside)
