"""The wiring of УМС review: ЭЦП is checked on the spot for a call, as an ask for a decision that came as a message."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.ums_review import web
from services.ums_review.desk import Room
from services.ums_review.finding import SqlFinds
from services.ums_review.gateway import World
from services.ums_review.reactions import REACTIONS
from services.ums_review.routes import review_routes
from services.ums_review.store import LOGS, REVIEWS, SqlQueue
from services.ums_review.web.live import Live, SqlLooks
from services.ums_review.web.tallies import SqlTallies
from services.ums_review.workstation import reject_unreadable
from shared.engine.engine import Engine
from shared.engine.service import Service
from shared.hosting import App, Desk
from shared.web.knocks import recording
from shared.web.officers import Officers

SERVICE = Service("ums-review", REVIEWS, REACTIONS, LOGS, rejects=reject_unreadable, tells_failures=True)


def world(desk: Desk) -> World:
    return World(Officers(desk.settings.key_folder), desk.verifier, SqlTallies(desk.pool).second_eyes)


def routes(engine: Engine, desk: Desk) -> list[BaseRoute]:
    tallies = SqlTallies(desk.pool)
    live = Live(SqlLooks(desk.pool), desk.clock)
    desk.closes.append(live.close)
    room = Room(
        engine=engine,
        officers=Officers(desk.settings.key_folder),
        queue=SqlQueue(desk.pool),
        finds=SqlFinds(desk.pool),
        verifier=desk.verifier,
        objects=desk.objects,
        clock=desk.clock,
        keys=desk.keyring,
        rules=desk.rules,
        second_eyes=tallies.second_eyes,
        record=recording(engine),
        acted=live.poke,
        held=tallies.held,
    )
    return [*review_routes(room), *web.routes_at(room, desk, live)]


APP = App(SERVICE, world=world, routes=routes, verifies=True)
