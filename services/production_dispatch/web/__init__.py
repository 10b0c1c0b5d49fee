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
from shared.gateways.signer import SoftwareKeys
from shared.hosting import Desk
from shared.web.gate import Gate
from shared.web.knocks import recording
from shared.web.officer_keys import OfficerKeys
from shared.web.oidc import Issuer
from shared.web.parts import Page, routes_behind
from shared.web.sessions import SqlSessions
from shared.web.site import Site


def routes_at(office: Office, desk: Desk) -> list[BaseRoute]:
    """The issue desk of an installation; none where nobody says who knocks."""
    settings = desk.settings
    if not settings.issuer_url:
        return []
    site = Site(HERE, HOME, connects=(settings.ncalayer_url,))
    inner, acr = settings.issuer_inner_url, settings.issuer_acr
    issuer = Issuer(settings.issuer_url, settings.issuer_client, desk.http, inner, acr)
    sessions, at = SqlSessions(desk.pool), settings.public_url
    record = recording(office.engine)
    gate = Gate(site, sessions, office.officers, issuer, desk.clock, desk.ids.nonce, desk.log, at, record)
    signer = SoftwareKeys(settings.signer_url, desk.http, settings.key_folder) if settings.signer_url else None
    keys = OfficerKeys(signer, settings.ncalayer_url)
    counter = IssueDesk(office, Counter(office), gate, SqlLookups(desk.pool), keys)
    return routes_behind(gate, pages_of(counter))


def pages_of(desk: IssueDesk) -> tuple[Page, ...]:
    """Every page behind the sign-in."""
    return (*FindingPages(desk).pages(), *HandingPages(desk).pages(), *ShipmentPages(desk).pages())
