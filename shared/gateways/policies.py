"""How each outside system is asked: the one table of time-outs, leases, retries, deadlines and p.12.

Two quick tries within three seconds come before any of it (`quick.py`). Then a question waits as a due row: again after
`first` seconds, doubling to `most`, with jitter of half to one and a half; `leases` are asked at once by one process.
While a system fails, one process in all tries it each `probe` seconds; when it answers again, what waits is asked
`per_second` by each service that asks it, the oldest first. `deadline` is how long a question waits before registration
([D], then the application is redirected); after it nothing is ever given up. `p12`: an outage sends people to ЦОН.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from shared.engine.service import AskPolicy

LONG = timedelta(hours=2)
"""[D] Before registration a system that stays silent redirects after this."""
UNMEASURED = timedelta(minutes=10)
"""[D] S10: our own measuring of images, which fails for so long, holds nobody up: the officer looks with their eyes."""

POLICIES: Mapping[str, AskPolicy] = {
    policy.dependency: policy
    for policy in (
        AskPolicy("kdp", timeout=10.0, deadline=LONG, per_second=5.0),
        AskPolicy("gbdfl", timeout=10.0, deadline=LONG, per_second=5.0),
        AskPolicy("bmg", timeout=10.0, most=5.0, deadline=LONG, p12=True, per_second=5.0),
        AskPolicy("digital-id", timeout=10.0, most=5.0, deadline=LONG, p12=True, per_second=5.0),
        AskPolicy("zags", timeout=20.0, deadline=LONG, per_second=5.0),
        AskPolicy("address-register", timeout=20.0, deadline=LONG, per_second=5.0),
        AskPolicy("eds", timeout=15.0, leases=32, per_second=20.0),
        AskPolicy("ncanode", timeout=10.0, per_second=10.0),
        AskPolicy("objects", timeout=30.0, per_second=20.0),
        AskPolicy("laboratory", timeout=150.0, leases=8, deadline=UNMEASURED, per_second=3.0),
        AskPolicy("rpdrn", timeout=40.0, per_second=4.0),
        AskPolicy("aissik", timeout=20.0, per_second=5.0),
        AskPolicy("payment-gateway", timeout=20.0, per_second=5.0),
        AskPolicy("revenue", timeout=20.0, per_second=5.0),
        AskPolicy("central-node", timeout=10.0, per_second=5.0),
        AskPolicy("sms", timeout=15.0, per_second=10.0),
        AskPolicy("smtp", timeout=20.0, leases=8, per_second=10.0),
    )
}


def without_end(dependency: str) -> AskPolicy:
    """For what is to be undone, or comes after registration: nobody is sent away, it is asked until it answers."""
    return replace(POLICIES[dependency], deadline=None, p12=False)


def apart(rates: Mapping[str, float], dependency: str) -> timedelta:
    """What lies between two resumed questions: by the setting, else by the table."""
    rate = rates.get(dependency) or POLICIES.get(dependency, AskPolicy(dependency)).per_second
    return timedelta(seconds=1 / rate)
