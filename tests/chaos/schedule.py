"""Who falls when: drawn from a seed before anything runs, so that the same seed is the same trouble again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

from shared.process import PORTAL, SERVICES
from tests.chaos.weather import BOTH, CLEAR, Direction, Weather

FIRST = 8.0  # seconds until the first falls
SHORTEST, LONGEST, USUAL = 5.0, 40.0, 8.0  # seconds between two victims
SERVERS_APART = 60.0  # seconds between two deaths of RabbitMQ or PostgreSQL
LEASES = 30.0  # seconds: the longest lease of the engine; a long stop outlives it


T = TypeVar("T")


class Kind(StrEnum):
    """What befalls a victim."""

    KILLED = "service killed"
    STOPPED = "service stopped"
    OUTLIVED = "service stopped for longer than its leases"
    BROKER = "RabbitMQ killed"
    DATABASE = "PostgreSQL killed"
    CLOSED = "AMQP connections closed"
    TERMINATED = "back-ends terminated"
    SLOW = "way slow"
    NARROW = "way narrow"
    RESET = "way reset"
    HALF_CLOSED = "way half-closed"
    HOLE = "way a black hole"


class To(StrEnum):
    """Where a way leads: to RabbitMQ, to PostgreSQL, to the outside systems, or from those to the service."""

    BROKER = "broker"
    DATABASE = "database"
    OUTSIDE = "outside"
    INSIDE = "inside"


SERVERS = (Kind.BROKER, Kind.DATABASE)
ON_WAYS = (Kind.SLOW, Kind.NARROW, Kind.RESET, Kind.HALF_CLOSED, Kind.HOLE)
DECK = (
    *(Kind.KILLED,) * 5, *(Kind.STOPPED,) * 2, Kind.OUTLIVED, *(Kind.BROKER,) * 2, *(Kind.DATABASE,) * 2, Kind.CLOSED,
    Kind.TERMINATED, Kind.SLOW, Kind.NARROW, Kind.RESET, Kind.HALF_CLOSED, *(Kind.HOLE,) * 3,
)  # fmt: skip
"""Each is drawn so often before any is drawn again."""


@dataclass(frozen=True, slots=True)
class Victim:
    """`at` and `lasts` are seconds; `names` are services. With RabbitMQ so many fall too: who then has in hand what
    cannot be published, or those named when nobody has.
    """

    at: float
    kind: Kind
    names: tuple[str, ...] = ()
    to: To | None = None
    directions: tuple[Direction, ...] = BOTH
    weather: Weather = CLEAR
    lasts: float = 0.0

    @property
    def words(self) -> str:
        """One line for a person."""
        where = f" → {self.to}" if self.to else ""
        one_way = f" ({self.directions[0]})" if self.kind in ON_WAYS and len(self.directions) == 1 else ""
        lasts = f", {self.lasts:.0f} s" if self.lasts else ""
        return f"{self.kind}: {', '.join(self.names) or 'alone'}{where}{one_way}{lasts}"


def schedule(seed: int, seconds: float) -> tuple[Victim, ...]:
    """All victims of that many seconds."""
    chance = Random(f"chaos {seed}")
    kinds, services = _dealt(DECK, chance), _dealt(SERVICES, chance)
    drawn: list[Victim] = []
    kept: list[Kind] = []
    at, server_fell = FIRST, -SERVERS_APART
    while at < seconds:
        rested = at - server_fell >= SERVERS_APART
        kind = kept.pop(0) if kept and rested else next(kinds)
        while kind in SERVERS and not rested:
            kept.append(kind)
            kind = next(kinds)
        server_fell = at if kind in SERVERS else server_fell
        drawn.append(_victim(at, kind, services, chance))
        at += chance.triangular(SHORTEST, LONGEST, USUAL)
    return tuple(drawn)


def _dealt(deck: Sequence[T], chance: Random) -> Iterator[T]:
    """The deck, shuffled anew each time it is used up."""
    while True:
        yield from chance.sample(deck, len(deck))


def _victim(at: float, kind: Kind, services: Iterator[str], chance: Random) -> Victim:
    name = next(services)
    match kind:
        case Kind.KILLED:
            beside = tuple(other for other in chance.sample(SERVICES, 2) if other != name)
            return Victim(at, kind, (name, *beside[: chance.choice((0, 0, 1))]))
        case Kind.STOPPED:
            return Victim(at, kind, (name,), lasts=chance.uniform(2, 25))
        case Kind.OUTLIVED:
            return Victim(at, kind, (name,), lasts=LEASES + chance.uniform(2, 10))
        case Kind.BROKER:
            return Victim(at, kind, tuple(chance.sample(SERVICES, 3)), lasts=chance.uniform(1.5, 4))
        case Kind.DATABASE:
            return Victim(at, kind, lasts=chance.uniform(0, 3))
        case Kind.CLOSED | Kind.TERMINATED:
            return Victim(at, kind, chance.choice(((name,), (name, next(services)), SERVICES)))
    return _on_a_way(at, kind, name, chance)


def _on_a_way(at: float, kind: Kind, name: str, chance: Random) -> Victim:
    to = chance.choice((To.BROKER, To.BROKER, To.DATABASE, To.DATABASE, To.OUTSIDE, To.INSIDE))
    if to is To.BROKER and chance.random() < 0.1:
        name = PORTAL
    directions = chance.choice(((Direction.UP,), (Direction.DOWN,), BOTH))
    lasts, weather = chance.uniform(3, 25), CLEAR
    match kind:
        case Kind.SLOW:
            weather = Weather(latency=chance.uniform(0.02, 0.3), jitter=chance.uniform(0, 0.3))
        case Kind.NARROW:
            weather = Weather(rate=chance.uniform(20_000, 200_000))
        case Kind.HOLE:
            weather = Weather(hole=True)
        case Kind.HALF_CLOSED:
            directions, lasts = (chance.choice(BOTH),), 0.0
        case _:
            directions, lasts = BOTH, 0.0
    return Victim(at, kind, (name,), to, directions, weather, lasts)
