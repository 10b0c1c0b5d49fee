"""The issue desk (S19): cards found and handed over, shipments checked in, as pages over the calls of `api.py`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from services.production_dispatch.api import Counter
from services.production_dispatch.office import Office
from services.production_dispatch.web.counter import HERE, HOME, IssueDesk
from services.production_dispatch.web.finding import FindingPages
from services.production_dispatch.web.handing import HandingPages
from services.production_dispatch.web.lookups import SqlLookups
from services.production_dispatch.web.shipments import ShipmentPages
from shared.hosting import Desk
from shared.web.installed import gate_of, keys_of
from shared.web.parts import Page, routes_behind
from shared.web.site import Site


def routes_at(office: Office, desk: Desk) -> list[BaseRoute]:
    """The issue desk of an installation; none where nobody says who knocks."""
    if not desk.settings.issuer_url:
        return []
    site = Site(HERE, HOME, connects=(desk.settings.ncalayer_url,))
    gate, keys = gate_of(desk, site, office.officers, office.engine), keys_of(desk)
    counter = IssueDesk(office, Counter(office), gate, SqlLookups(desk.pool), keys)
    return routes_behind(gate, pages_of(counter))


def pages_of(desk: IssueDesk) -> tuple[Page, ...]:
    """Every page behind the sign-in."""
    return (*FindingPages(desk).pages(), *HandingPages(desk).pages(), *ShipmentPages(desk).pages())
