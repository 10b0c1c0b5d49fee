"""Which regions have a workstation of their own at the broker (`KUALIK_WORKSTATIONS=75,71`), and how it enters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

from deploy.local.addresses import BrokerAddress
from deploy.local.child import CommandFailed
from deploy.local.folder import RunFolder, write_private
from shared.law.regions import REGIONS
from shared.topology import feed_of, workstation_of

SETTING = "KUALIK_WORKSTATIONS"
FILE = "workstations.json"


def named() -> tuple[str, ...]:
    """The regions of the setting, none without it. Raises `CommandFailed` for what is no region."""
    words = os.environ.get(SETTING, "").replace(",", " ").split()
    strange = [word for word in words if word not in REGIONS]
    if strange:
        raise CommandFailed(f"{SETTING} names {', '.join(strange)}, and the regions are {', '.join(REGIONS)}.")
    return tuple(dict.fromkeys(words))


def secrets_of(folder: RunFolder, regions: Sequence[str]) -> dict[str, str]:
    """User → password, made once for the folder."""
    return {user: folder.secret(f"broker {user}") for user in map(workstation_of, regions)}


def urls(broker: BrokerAddress, passwords: Mapping[str, str], regions: Sequence[str]) -> dict[str, str]:
    """Region → the address at which its workstation enters."""
    return {region: broker.url(workstation_of(region), passwords[workstation_of(region)]) for region in regions}


def hand_out(folder: RunFolder, urls: Mapping[str, str]) -> None:
    """What an integrator is given stands in a file that only we may read; without workstations there is none."""
    path = folder.home / FILE
    if not urls:
        path.unlink(missing_ok=True)
        return
    entries = {
        region: {"user": workstation_of(region), "queue": feed_of(region), "url": url} for region, url in urls.items()
    }
    write_private(path, json.dumps(entries, indent=1) + "\n")


def shown(folder: RunFolder, regions: Sequence[str]) -> dict[str, str]:
    """A line for a person."""
    users = ", ".join(map(workstation_of, regions))
    return {"workstations": f"{users}; how they enter: {folder.home / FILE}"} if regions else {}
