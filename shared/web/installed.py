"""A web part as its installation has it: its door, and the keys with which its officers sign."""

from __future__ import annotations

from shared.engine.engine import Engine
from shared.gateways.signer import SoftwareKeys
from shared.hosting import Desk
from shared.web.gate import Gate
from shared.web.knocks import recording
from shared.web.officer_keys import OfficerKeys
from shared.web.officers import Officers
from shared.web.oidc import Issuer
from shared.web.sessions import SqlSessions
from shared.web.site import Site


def gate_of(desk: Desk, site: Site, officers: Officers, engine: Engine) -> Gate:
    """Its sign-in is the installation's issuer, which stands in the settings; whoever is turned away is on record."""
    settings, ids = desk.settings, desk.ids
    issuer = Issuer(
        settings.issuer_url, settings.issuer_client, desk.http, settings.issuer_inner_url, settings.issuer_acr
    )
    sessions, at, record = SqlSessions(desk.pool), settings.public_url, recording(engine)
    return Gate(site, sessions, officers, issuer, desk.clock, ids.nonce, desk.log, at, record)


def keys_of(desk: Desk) -> OfficerKeys:
    """Software keys in the sandbox only; else NCALayer on the officer's own computer."""
    settings = desk.settings
    software = SoftwareKeys(settings.signer_url, desk.http, settings.key_folder) if settings.signer_url else None
    return OfficerKeys(software, settings.ncalayer_url)
