"""The wiring of identity verification."""

from __future__ import annotations

from services.identity_verification.consents import KdpConsents
from services.identity_verification.digital_id import RestDigitalId
from services.identity_verification.gateway import ShepIdentity, World
from services.identity_verification.laboratory import Laboratory
from services.identity_verification.photo.thresholds import thresholds_from
from services.identity_verification.reactions import REACTIONS
from services.identity_verification.store import IDENTIFICATIONS
from shared.engine.service import Service
from shared.gateways.connected import shep_of
from shared.gateways.consents import Kdp
from shared.gateways.kdp import company_of
from shared.gateways.rest import Rest
from shared.hosting import App, Desk

SERVICE = Service("identity-verification", IDENTIFICATIONS, REACTIONS, tells_failures=True)


def world(desk: Desk) -> World:
    identity = ShepIdentity(shep_of(desk), desk.clock.machine_now)
    digital_id = digital_id_of(desk)
    laboratory = Laboratory(tell=desk.log.warning)
    thresholds = thresholds_from(desk.settings.photo)
    consents = KdpConsents(Kdp(shep_of(desk), company_of(desk), desk.clock.machine_now))
    return World(
        consents, identity, identity, digital_id, desk.objects, laboratory.photos, laboratory.samples, thresholds
    )


def digital_id_of(desk: Desk) -> RestDigitalId:
    address = desk.settings.digital_id_url
    return RestDigitalId(Rest(desk.http, address, "digital-id"), address, desk.settings.digital_id_key)


APP = App(SERVICE, world)
