"""What `make up` prepares for a person who tries console and issue desk: what is left to them, citizens, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import httpx

from deploy.identity.accounts import demonstration
from deploy.local import layout
from deploy.local.folder import RunFolder
from deploy.local.layout import Addresses
from deploy.local.processes import Process
from deploy.local.running import Running
from deploy.sandbox.people import REGIONS
from shared.process import PORTAL

REGION: Final = REGIONS[0]
"""The stood-in inspectors leave this region's queue to people."""
CITIZENS: Final = 12
"""So many apply at each start; every third of them in the region."""
PERSONAS: Final = ("same-address", "issued-paid")
"""The first of them applies in the region: so somebody does who lives where one of its officers lives."""
DESKS: Final = (f"{REGION}-01", f"{REGIONS[1]}-02")
"""Points whose cards people hand over: where what they approve comes to, and one that is fed without them."""
LEFT: Final = {"KUALIK_LEFT_TO_PEOPLE": REGION, "KUALIK_DESKS_LEFT_TO_PEOPLE": " ".join(DESKS)}
SHOWN: Final = (
    f"{REGION}-inspector-1", f"{REGION}-inspector-2", f"{REGION}-head", f"{REGIONS[1]}-inspector-1",
    *(f"{point}-issue" for point in DESKS), "auditor-1", "administrator-1",
)  # fmt: skip


def processes(folder: RunFolder, addresses: Addresses) -> Sequence[Process]:
    """The whole stack, with that region and those desks left to people."""
    return [replace(each, env={**LEFT, **each.env}) for each in layout.processes(folder, addresses)]


def accounts(folder: RunFolder) -> dict[str, str]:
    """The demo accounts with their passwords, as they are printed."""
    known = demonstration(folder.data / "keys")
    return {f"  {id}": known[id] for id in SHOWN if id in known}


async def let_in(stack: Running) -> None:
    """Some citizens, other ones at each start, begin an application."""
    at = {process.name: f"http://127.0.0.1:{process.port}" for process in stack.processes.list()}
    wanted = {"seed": f"up {datetime.now(UTC):%Y%m%d%H%M%S}", "count": CITIZENS, "personas": PERSONAS}
    async with httpx.AsyncClient(trust_env=False, timeout=30.0) as http:
        for name in (layout.SANDBOX, PORTAL):
            (await http.post(f"{at[name]}/control/people", json=wanted)).raise_for_status()
        begun = {"personas": PERSONAS, "limit": CITIZENS, "rate": 5.0}
        (await http.post(f"{at[PORTAL]}/control/start", json=begun)).raise_for_status()
