"""The real gateways of each service, over connections without a wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.eligibility import gateway as eligibility
from services.identity_verification import gateway as identity
from services.identity_verification.bench import Bench
from services.identity_verification.consents import KdpConsents
from services.identity_verification.digital_id import RestDigitalId
from services.intake import gateway as intake
from services.notification import gateway as notification
from services.payment import gateway as payment
from services.production_dispatch import gateway as production
from services.ums_review import gateway as review
from services.ums_review.desk import never
from shared.engine.adapters.memory_queue import Life
from shared.gateways.consents import Kdp, Renewals
from shared.gateways.kdp import Company
from shared.process import ELIGIBILITY, IDENTITY, INTAKE, NOTIFICATION, PAYMENT, PRODUCTION, REVIEW
from shared.security.cms import SignatureFault
from shared.security.eds import Signer, Verified
from shared.web.officers import Officers
from tests.services.payment.ledgers import MemoryBooks
from tests.simulation.papers import plain
from tests.simulation.web import place
from tests.simulation.worlds import NearPost, NearRest, NearShep, Outside

BENCH = Bench()
"""A picture that was judged in one seed is judged the same in all."""
COMPANY = Company("КУАЛІК", "000140000011", "nobody", lambda: "ovt")
PORTAL_URL = "https://portal.example.kz"
CALL_BACK = "http://payment/callbacks/payment"


@dataclass(frozen=True, slots=True)
class NearMail:
    """A mail server that counts by notice id."""

    outside: Outside
    life: Life

    async def send(
        self, notice_id: str, address: str, subject: str, body: str, at: datetime, code: notification.Code | None = None
    ) -> bool:
        def effect(now: datetime) -> bool:
            self.outside.mails[notice_id] = self.outside.mails.get(notice_id, 0) + 1
            return True

        taken: bool = await self.outside.reach(self.life, NOTIFICATION, "smtp", "DATA", effect)
        return taken


@dataclass(frozen=True, slots=True)
class NearVerifier:
    """The check of signatures, which may take its time."""

    outside: Outside
    life: Life

    async def verify(self, cms: bytes, payload: bytes, moment: datetime, expects: Signer) -> Verified | SignatureFault:
        found = await place().verifier.verify(cms, payload, moment, expects)
        slow = self.outside.slowness("eds", "verify")
        if slow:
            await self.outside.clock.sleep(slow)
            await self.life.go_on()
        return found


def world_of(name: str, outside: Outside, incarnation: Any) -> Any:
    """The world of one incarnation of that service; None for those who ask nobody."""
    life, now = incarnation.life, incarnation.clock.now
    shep = NearShep(outside, life, name)

    renewals = Renewals(Kdp(shep, COMPANY, now))

    def rest(dependency: str) -> NearRest:
        return NearRest(outside, life, name, dependency)

    if name == INTAKE:
        register = intake.ShepRegister(shep, now, incarnation.objects, NearPost(outside, life, name))
        return intake.World(incarnation.reads, register, NearVerifier(outside, life), incarnation.objects)
    if name == IDENTITY:
        asked = identity.ShepIdentity(shep, now)
        digital_id = RestDigitalId(rest("digital-id"), "http://sandbox/digital-id", "key")
        consents = KdpConsents(Kdp(shep, COMPANY, now))
        return identity.World(consents, asked, asked, digital_id, incarnation.objects, BENCH.photos, BENCH.samples)
    if name == ELIGIBILITY:
        registers = eligibility.ShepRegisters(shep, now)
        return eligibility.World(registers, registers, renewals)
    if name == PAYMENT:
        money = payment.ShepRegisters(shep, now)
        gateway = payment.RestGateway(rest("payment-gateway"), CALL_BACK)
        books = MemoryBooks(incarnation.tables, incarnation.sealer, life.go_on)
        revenue = payment.RestRevenue(rest("revenue"), plain)
        return payment.World(money, money, gateway, revenue, books, renewals)
    if name == REVIEW:
        return review.World(Officers(place().folder), NearVerifier(outside, life), never)
    if name == PRODUCTION:
        return production.World(production.RestCentralNode(rest("central-node")))
    if name == NOTIFICATION:
        return notification.World(notification.RestSms(rest("sms")), NearMail(outside, life), PORTAL_URL)
    return None
