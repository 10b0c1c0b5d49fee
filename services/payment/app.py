"""The wiring of payment."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.routing import BaseRoute

from services.payment.api import Held, payment_routes
from services.payment.books import SqlBooks
from services.payment.gateway import GATEWAY, REVENUE, RestGateway, RestRevenue, ShepRegisters, World
from services.payment.reactions import REACTIONS
from services.payment.reconciling import STANDING
from services.payment.records import SqlRecords
from services.payment.store import INVOICES, LOGS, Pool, list_held
from shared.engine.engine import Engine
from shared.engine.service import Service
from shared.gateways.connected import shep_of
from shared.gateways.consents import renewals_of
from shared.gateways.rest import Rest
from shared.hosting import App, Desk

SERVICE = Service("payment", INVOICES, REACTIONS, LOGS, standing=STANDING, tells_failures=True)


@dataclass(frozen=True, slots=True)
class SqlQueue:
    """What is held, read from the database."""

    pool: Pool

    async def held(self) -> list[Held]:
        return [Held(**row) for row in await list_held(self.pool)]


def world(desk: Desk) -> World:
    settings = desk.settings
    shep = shep_of(desk)
    registers = ShepRegisters(shep, desk.clock.machine_now)
    gateway = Rest(desk.http, settings.gateway_url, GATEWAY.dependency)
    return World(
        social=registers,
        registry=registers,
        gateway=RestGateway(gateway, f"{settings.public_url.rstrip('/')}/callbacks/payment"),
        revenue=RestRevenue(Rest(desk.http, settings.revenue_url, REVENUE.dependency)),
        books=SqlBooks(desk.pool),
        renewals=renewals_of(desk, shep),
        alarm=desk.log.error,
    )


def routes(engine: Engine, desk: Desk) -> list[BaseRoute]:
    return payment_routes(engine, SqlQueue(desk.pool), SqlRecords(desk.pool), desk.settings.key_folder)


APP = App(SERVICE, world, routes)
