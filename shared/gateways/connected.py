"""The channel to ШЭП of one process, made of its settings, its keys and its clock."""

from __future__ import annotations

from shared.gateways.seals import NCANODE, seals_of
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.hosting import Desk


def shep_of(desk: Desk) -> Shep:
    """Raises `MissingSetting`, `KeysUnusable`."""
    settings, clock = desk.settings, desk.clock
    settings.needs("shep_url", *(("ncanode_url",) if settings.shep_signer == NCANODE else ()))
    keys, trust, ncanode = settings.key_folder, settings.trust_folder, settings.ncanode_url
    seals = seals_of(settings.shep_signer, keys, trust, desk.http, ncanode, clock.machine_now)
    login = Login(settings.shep_sender, settings.shep_password)
    return Shep(desk.http, settings.shep_url, login, seals, clock, desk.ids, desk.log)
