"""The wiring of the coordinator."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.saga_coordinator.desk import coordinator_routes
from services.saga_coordinator.reactions import REACTIONS
from services.saga_coordinator.store import CASES, TIMELINE, SqlFiles
from shared.engine.engine import Engine
from shared.engine.service import Service
from shared.hosting import App, Desk
from shared.web.officers import Officers

SERVICE = Service("saga-coordinator", CASES, REACTIONS, (TIMELINE,))


def routes(engine: Engine, desk: Desk) -> list[BaseRoute]:
    return coordinator_routes(engine, SqlFiles(desk.pool, desk.sealer), Officers(desk.settings.key_folder))


APP = App(SERVICE, routes=routes)
