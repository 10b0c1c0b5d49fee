"""The channels to ШЭП of one process, made of its settings, its keys and its clock."""

from __future__ import annotations

from shared.gateways.line import Seals
from shared.gateways.post import Post
from shared.gateways.seals import NCANODE, seals_of
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.hosting import Desk


def shep_of(desk: Desk) -> Shep:
    """The synchronous channel. Raises `MissingSetting`, `KeysUnusable`."""
    desk.settings.needs("shep_url")
    return Shep(desk.http, desk.settings.shep_url, login_of(desk), shep_seals_of(desk), desk.clock, desk.ids, desk.log)


def post_of(desk: Desk) -> Post:
    """The asynchronous channel, as we send by it. Raises `MissingSetting`, `KeysUnusable`."""
    desk.settings.needs("shep_async_url")
    url = desk.settings.shep_async_url
    return Post(desk.http, url, login_of(desk), shep_seals_of(desk), desk.clock, desk.ids, desk.log)


def login_of(desk: Desk) -> Login:
    return Login(desk.settings.shep_sender, desk.settings.shep_password)


def shep_seals_of(desk: Desk) -> Seals:
    """How we sign for ШЭП. Raises `MissingSetting`, `KeysUnusable`."""
    settings = desk.settings
    settings.needs(*(("ncanode_url",) if settings.shep_signer == NCANODE else ()))
    keys, trust, ncanode = settings.key_folder, settings.trust_folder, settings.ncanode_url
    return seals_of(settings.shep_signer, keys, trust, desk.http, ncanode, desk.clock.machine_now)
