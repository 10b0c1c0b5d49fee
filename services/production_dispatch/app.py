"""The wiring of production and dispatch."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.production_dispatch import web
from services.production_dispatch.gateway import RestCentralNode, World
from services.production_dispatch.office import Office
from services.production_dispatch.reactions import REACTIONS
from services.production_dispatch.routes import production_routes
from services.production_dispatch.store import LOGS, PRODUCTIONS, SqlCards
from shared.engine.engine import Engine
from shared.engine.service import Service
from shared.gateways.rest import Rest
from shared.hosting import App, Desk
from shared.web.officers import Officers

SERVICE = Service("production-dispatch", PRODUCTIONS, REACTIONS, LOGS, tells_failures=True)


def world(desk: Desk) -> World:
    return World(RestCentralNode(Rest(desk.http, desk.settings.central_node_url, "central-node")))


def routes(engine: Engine, desk: Desk) -> list[BaseRoute]:
    office = Office(
        engine=engine,
        cards=SqlCards(desk.pool),
        officers=Officers(desk.settings.key_folder),
        objects=desk.objects,
        keys=desk.keyring,
        key_folder=desk.settings.key_folder,
        verifier=desk.verifier,
    )
    return [*production_routes(office), *web.routes_at(office, desk)]


APP = App(SERVICE, world, routes, verifies=True)
