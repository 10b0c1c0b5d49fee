"""The wiring of eligibility."""

from __future__ import annotations

from services.eligibility.gateway import ShepRegisters, World
from services.eligibility.reactions import REACTIONS
from services.eligibility.store import ASSESSMENTS
from shared.engine.service import Service
from shared.gateways.connected import shep_of
from shared.gateways.consents import renewals_of
from shared.hosting import App, Desk

SERVICE = Service("eligibility", ASSESSMENTS, REACTIONS, tells_failures=True)


def world(desk: Desk) -> World:
    shep = shep_of(desk)
    registers = ShepRegisters(shep, desk.clock.machine_now)
    return World(civil_registry=registers, address_register=registers, renewals=renewals_of(desk, shep))


APP = App(SERVICE, world)
