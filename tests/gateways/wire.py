"""Both ends of ШЭП's channel with keys of their own, made and read once."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from deploy.sandbox.authority import Authority
from deploy.sandbox.channel import BUSINESS_KEY, SENDERS, SHEP_KEY, write_keys
from deploy.sandbox.http import Systems
from deploy.sandbox.keys import AUTHORITY
from deploy.sandbox.ovt import KDP_SENDERS, OvtJudge
from deploy.sandbox.soap import Channel
from deploy.sandbox.systems.state import State
from shared.clock import SystemClock, SystemIds
from shared.gateways.kdp import OWN_KEY as KDP_KEY
from shared.gateways.kdp import Company, Ovt
from shared.gateways.line import Seals
from shared.gateways.mailbox import ShepMailbox
from shared.gateways.post import Post
from shared.gateways.seals import OWN_KEY, SHEP_PINNED, TEXT_PINNED, LocalSeals, local_seals
from shared.gateways.shep import Shep
from shared.gateways.soap import Login
from shared.security.xmldsig import Now, Pinned, SigningKey
from tests.engine.house import Quiet

SENDER = "KUALIK"
BIN = "000140000011"
URL = "http://sandbox/shep"
CLOCK = SystemClock()
_KEYS = (Path(OWN_KEY), Path(AUTHORITY, SHEP_KEY), Path(AUTHORITY, BUSINESS_KEY))


@dataclass(frozen=True, slots=True)
class Installation:
    """Folders of keys and trust as a first start makes them, and what stands in them."""

    keys: Path
    trust: Path
    ours: SigningKey
    theirs: SigningKey
    business: SigningKey
    held: tempfile.TemporaryDirectory[str] = field(repr=False)

    def near(self, now: Now) -> LocalSeals:
        pinned, business = Pinned.load(self.trust / SHEP_PINNED), Pinned.load(self.trust / TEXT_PINNED)
        return local_seals(self.ours, self.ours, pinned, business, now)

    def far(self, now: Now) -> LocalSeals:
        senders = Pinned.load(self.keys / AUTHORITY / SENDERS)
        return local_seals(self.theirs, self.business, senders, senders, now)


def installation(name: str = "kualik") -> Installation:
    """Made on first use; another name is another installation, whom the first one does not know."""
    return _installed(name)


@cache
def _installed(name: str) -> Installation:
    held = tempfile.TemporaryDirectory(prefix=f"keys-{name}-")
    keys, trust = Path(held.name) / "keys", Path(held.name) / "trust"
    write_keys(keys, trust, Authority(CLOCK.machine_now(), name.encode()))
    ours, theirs, business = (SigningKey.load(keys / path) for path in _KEYS)
    return Installation(keys, trust, ours, theirs, business, held)


def near(now: Now = CLOCK.machine_now) -> LocalSeals:
    """How we sign and whom we believe."""
    return installation().near(now)


def far(now: Now = CLOCK.machine_now) -> LocalSeals:
    """How ШЭП signs and whom it believes."""
    return installation().far(now)


def channel(now: Now = CLOCK.machine_now) -> Channel:
    return Channel(far(now), now, frozenset({SENDER}))


def sandbox(state: State | None = None) -> Systems:
    """The sandbox with its channel open."""
    systems = Systems(state or State(1, "http://sandbox"))
    systems.channel = channel(systems.clock.machine_now)
    senders = installation().keys / AUTHORITY / KDP_SENDERS
    systems.state.consents.judge = OvtJudge.load(senders, systems.clock.machine_now)
    return systems


def mailbox(clock: Any = CLOCK) -> ShepMailbox:
    """Where ШЭП pushes."""
    return ShepMailbox(near(clock.machine_now), clock, SystemIds(), Quiet())


def company() -> Company:
    """As КДП knows us."""
    held = installation()
    return Company("КУАЛІК", BIN, "nobody", Ovt(SigningKey.load(held.keys / KDP_KEY), BIN, CLOCK.machine_now))


def post(http: httpx.AsyncClient, seals: Seals | None = None, clock: Any = CLOCK) -> Post:
    """What we send by the asynchronous channel."""
    return Post(http, f"{URL}/async", Login(SENDER), seals or near(clock.machine_now), clock, SystemIds(), Quiet())


def shep(http: httpx.AsyncClient, seals: Seals | None = None, clock: Any = CLOCK) -> Shep:
    return Shep(http, URL, Login(SENDER), seals or near(clock.machine_now), clock, SystemIds())
