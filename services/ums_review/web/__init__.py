"""The officers' console: the queue, the case and the decision as pages over the calls of `api.py`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.ums_review.api import Reviews
from services.ums_review.desk import Room
from services.ums_review.second_looks import SecondLooks
from services.ums_review.web.audit import AuditPages
from services.ums_review.web.case import CasePages
from services.ums_review.web.console import HERE, HOME, Console, Page, console_routes
from services.ums_review.web.events import EventPages
from services.ums_review.web.head import HeadPages
from services.ums_review.web.live import Live
from services.ums_review.web.lookups import SqlLookups
from services.ums_review.web.queue import QueuePages
from services.ums_review.web.records import Records, SqlRecords
from services.ums_review.web.search import SearchPages
from services.ums_review.web.second import SecondPages
from services.ums_review.web.tallies import SqlTallies, Tallies
from shared.hosting import Desk
from shared.web.installed import gate_of, keys_of
from shared.web.site import Site


def routes_at(room: Room, desk: Desk, live: Live) -> list[BaseRoute]:
    """The console of an installation; none where nobody says who knocks."""
    if not desk.settings.issuer_url:
        return []
    site = Site(HERE, HOME, connects=(desk.settings.ncalayer_url,))
    gate, keys = gate_of(desk, site, room.officers, room.engine), keys_of(desk)
    console = Console(room, Reviews(room), gate, site, SqlLookups(desk.pool), keys, live)
    return console_routes(console, pages_of(console, SqlTallies(desk.pool), SqlRecords(desk.pool)))


def pages_of(console: Console, tallies: Tallies, records: Records) -> tuple[Page, ...]:
    """Every page behind the sign-in."""
    return (
        *QueuePages(console).pages(),
        *EventPages(console).pages(),
        *SearchPages(console).pages(),
        *CasePages(console).pages(),
        *HeadPages(console, tallies).pages(),
        *AuditPages(console, records).pages(),
        *SecondPages(console, SecondLooks(console.room)).pages(),
    )
