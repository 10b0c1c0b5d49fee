"""The wiring of notification."""

from __future__ import annotations

from services.notification.gateway import RestSms, World
from services.notification.mail import SmtpMail
from services.notification.reactions import REACTIONS
from services.notification.store import CORRESPONDENCE
from shared.engine.service import Service
from shared.gateways.rest import Rest
from shared.hosting import App, Desk

SERVICE = Service("notification", CORRESPONDENCE, REACTIONS, tells_failures=True)


def world(desk: Desk) -> World:
    settings = desk.settings
    mail = SmtpMail(settings.smtp_host, settings.smtp_port, settings.smtp_from)
    return World(RestSms(Rest(desk.http, settings.sms_url, "sms")), mail, settings.portal_url)


APP = App(SERVICE, world)
