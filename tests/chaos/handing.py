"""How long what was said took to be heard, and what a death left unpublished took to be published: up-time only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.base import routing_key
from shared.process import COORDINATOR, SERVICES, said_by
from tests.chaos.eyes import Stranded
from tests.chaos.line import Line
from tests.chaos.times import Leaps, Window, part, seconds_up

HEARD = "select application_id, name, said_at, at from saga_coordinator.timeline where what = 'heard'"
SAID_BY = {routing_key(kind): service for service in SERVICES for kind in said_by(service)}
P99, MOST = 20.0, 45.0  # seconds
WORST = 15


@dataclass(frozen=True, slots=True)
class Handed:
    """One message on its way; `seconds` with everything up that it needed, `whole` by the clock on the wall."""

    name: str
    service: str
    about: str
    since: datetime
    seconds: float
    whole: float


async def heard(line: Line, leaps: Leaps, windows: Sequence[Window]) -> list[Handed]:
    """Every event: from the decision that said it to the coordinator's line."""
    found = []
    for row in await line.fetch(HEARD):
        since, until = leaps.machine(row["said_at"]), leaps.machine(row["at"])
        service = SAID_BY[row["name"]]
        up = seconds_up(since, until, (service, COORDINATOR), windows)
        whole = (until - since).total_seconds()
        found.append(Handed(row["name"], service, str(row["application_id"]), since, up, whole))
    return found


def recovered(stranded: Iterable[Stranded], windows: Sequence[Window]) -> list[Handed]:
    """Every lost hand-off: from its service's death to its publishing. What never was is counted until now."""
    found = []
    for row in stranded:
        until = row.gone or datetime.now(UTC)
        up = seconds_up(row.since, until, (row.service,), windows)
        whole = (until - row.since).total_seconds()
        found.append(Handed(row.routing_key, row.service, str(row.id), row.since, up, whole))
    return found


def too_slow(what: str, handed: Sequence[Handed]) -> list[str]:
    """What breaks the two limits."""
    seconds = [each.seconds for each in handed]
    found = []
    if part(seconds, 0.99) > P99:
        found.append(f"{what}: p99 is {part(seconds, 0.99):.1f} s")
    found += [
        f"{what}: {each.name} of {each.service} ({each.about}) took {each.seconds:.1f} s"
        for each in sorted(handed, key=lambda each: -each.seconds)[:WORST]
        if each.seconds > MOST
    ]
    return found


def in_figures(handed: Sequence[Handed]) -> dict[str, float]:
    seconds = [each.seconds for each in handed]
    parts = {name: round(part(seconds, share), 2) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}
    by_the_wall = max((each.whole for each in handed), default=0.0)
    return {"count": len(handed), **parts, "max_by_the_wall": round(by_the_wall, 2)}
