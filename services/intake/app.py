"""The wiring of intake."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.intake.api import intake_routes
from services.intake.darkroom import Darkroom
from services.intake.domain.citizen import reject_unreadable
from services.intake.gateway import ShepRegister, World
from services.intake.mobile import Mobile
from services.intake.reactions import REACTIONS
from services.intake.store import APPLICATIONS, REFUSALS, SIGNATURES, SqlRecords
from services.intake.uploading import Uploads
from shared.engine.engine import Engine
from shared.engine.service import Service
from shared.gateways.connected import post_of, shep_of
from shared.gateways.mailbox import mailbox_of
from shared.hosting import App, Desk
from shared.security.grants import Grants

LOGS = (REFUSALS, SIGNATURES)
SERVICE = Service("intake", APPLICATIONS, REACTIONS, LOGS, rejects=reject_unreadable, tells_failures=True)


def world(desk: Desk) -> World:
    register = ShepRegister(shep_of(desk), desk.clock.machine_now, desk.objects, post_of(desk))
    return World(SqlRecords(desk.pool, desk.sealer), register, desk.verifier, desk.objects)


def routes(engine: Engine, desk: Desk) -> list[BaseRoute]:
    grants, darkroom = Grants(desk.keyring.grant_key), Darkroom(tell=desk.log.warning)
    uploads = Uploads(engine, desk.objects, desk.rules.limits, grants, darkroom)
    settings, links = desk.settings, Grants(desk.keyring.link_key)
    mobile = Mobile(engine, desk.rules.limits, links, settings.public_url, settings.organisation_bin)
    return intake_routes(engine, settings.key_folder, mailbox_of(desk), uploads, mobile)


APP = App(SERVICE, world, routes, verifies=True)
