"""What goes wrong in one seed. Each kind of bad luck is on or off by itself, so that seeds differ in kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import PERSONAS
from shared.contracts.base import routing_key
from shared.contracts.portal import StatusChanged
from shared.engine.adapters.memory_broker import NO_FAULTS, Faults
from shared.law.pilot import PILOT
from shared.process import SERVICES, heard_by
from shared.topology import PORTAL_STATUS_QUEUE

LAST_DAY = PILOT.last
DAYS = (date(2025, 6, 2), date(2025, 10, 6), date(2025, 12, 30), date(2026, 3, 20))
"""Days on which a seed may begin: ordinary ones, one before the new year's fee, one towards the pilot's end."""
EVES = (date(2025, 6, 2), date(2025, 10, 9), date(2025, 12, 31), LAST_DAY)
"""Days that end while everybody is busy: a common one, one before days off, the fee table's last, the pilot's last."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A system that answers nobody for a while; seconds of machine time."""

    system: str
    since: float
    until: float
    services: tuple[str, ...] = ()

    def strikes(self, system: str, service: str, now: float) -> bool:
        listed = not self.services or service in self.services
        return self.system == system and listed and self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class Gap:
    """A while without one thing, in seconds of machine time."""

    of: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Turn:
    """The first time that `word` is said (or a decision is SIGNED, or a session of Digital-ID is open) there comes a
    turn, within `seconds`.

    An end of day, pilot, year or window is then `seconds` away; or the citizen gives up, РП ДРН tells of a change,
    money comes.
    """

    word: str
    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Slow:
    """Whatever `who` hears of that name is so many seconds late; with nobody named, what is asked of that name."""

    who: str
    name: str
    seconds: float


SIGNED, IDENTIFYING = "SIGNED", "IDENTIFYING"
WORDS = ("eligibility-confirmed", "form-accepted", "photo-accepted", "application-submitted", "application-registered",
         "fee-requested", "fee-paid", "result-requested", "review-queued", SIGNED, "review-approved",
         "production-started", "document-made", "document-ready", "cancel-invoice")  # fmt: skip
BOUNDARIES = ("day", "pilot", "year", "window")
ACTS = ("gives up", "gives up", "change", "money")
ASKED = ("RPDRN_REGISTER", "RPDRN_RECALL", "RPDRN_INVOICE", "RPDRN_STAGE", "RPDRN_RESULT", "AIS_SIK", "digital-id",
         "central-node", "payment-gateway", "revenue", "sms", "zags")  # fmt: skip
WAYS = ("portal", "mobile-app")
HEARD = tuple((service, routing_key(kind)) for service in SERVICES for kind in heard_by(service))


@dataclass(frozen=True, slots=True)
class Luck:
    """Rates are per call, statement or message; `crash_every` is loop turns on the average, 0 for none.

    `peril` is the rate of crashes at a statement, a publish or a question to the outside, of who makes it.

    `until` is the machine second after which nothing goes wrong any more, so that the end can be judged.
    """

    personas: tuple[Persona, ...]
    origin: datetime
    until: float
    crash_every: int = 0
    peril: float = 0.0
    pause: float = 5.0
    broker: Faults = NO_FAULTS
    slow_statements: float = 0.0
    store_busy: float = 0.0
    store_lost: float = 0.0
    fails: float = 0.0
    lost_answers: float = 0.0
    slow_answers: float = 0.0
    doubled_calls: float = 0.0
    lost_calls: float = 0.0
    outages: tuple[Outage, ...] = ()
    leaps: bool = False
    """The business clock leaps while everybody is busy: deadlines pass at the worst moments."""
    late: bool = False
    """It begins seconds before midnight: law, fee and window change while everybody is busy."""
    doubled: tuple[str, ...] = ()
    """Services that run as two processes at once."""
    restarts: float = 0.0
    """Seconds between two orderly restarts of some process, on the average; 0 for none."""
    cut: float = 0.0
    """Seconds between two moments at which every connection to the broker breaks, on the average; 0 for never."""
    stalls_from: float | None = None
    """From then on the first of two processes that is about to finish a due row stands still for longer than its lease,
    as on a machine that has no memory left; it knows nothing of it, and goes on."""
    gaps: tuple[Gap, ...] = ()
    """Whiles in which the broker, or the database of one service, is gone."""
    changes_mind: float | None = None
    """The first citizen gives up so many seconds after the start, whatever the story says."""
    rivals: float = 0.0
    """How often two officers go for one case at once, and how often somebody tries a lease that is not theirs."""
    forgotten: float = 0.0
    """How often a receipt is never called back: only an inquiry finds it."""

    killed_at: tuple[str, int] | None = None
    """A service, and at which of its commits and publishes it is killed: the moments before and after each count."""

    meddling: float = 0.0
    """Seconds between two acts out of turn, of citizens, payers, officers, desks, on the average; 0 for none."""
    turn: Turn | None = None
    slow: tuple[Slow, ...] = ()
    late_effects: float = 0.0
    """How often a question to РП ДРН, Digital-ID or the central node has its effect long after it was given up."""
    slips: float = 0.0
    """How often a decision raises for no reason."""
    wrong_sums: float = 0.0
    """How often РП ДРН's invoice is of another sum than our table."""

    @property
    def hurried(self) -> bool:
        """No ending is a matter of course: the day or the citizen's mind may change at any moment."""
        turned = self.leaps or self.late or self.turn is not None or any(gap.of in WAYS for gap in self.gaps)
        return turned or self.changes_mind is not None or self.meddling > 0.0

    def gone(self, what: str, now: float) -> bool:
        return any(gap.of == what and gap.since <= now < gap.until for gap in self.gaps)

    @property
    def calm(self) -> bool:
        """Nothing goes wrong but what the personas bring with them."""
        return self.until <= 0.0

    @property
    def sends_away(self) -> bool:
        """p.12, or a deadline of hours, may end an application that waits for an outage to pass."""
        return any(outage.until - outage.since > 300 for outage in self.outages)


def draw(seed: int, personas: tuple[Persona, ...] = PERSONAS) -> Luck:
    """The luck of that seed."""
    chance = Random(f"luck {seed}")
    people = _people(chance, personas)
    late = chance.random() < 0.08 and not any(_after_pilot(p) or p.decides_in_act == 3 or p.outage for p in people)
    origin = _eve(chance) if late else _origin(chance, people)
    outages = [Outage(p.outage, 0.0, 900.0, p.outage_services) for p in people if p.outage]
    if chance.random() < 0.1:
        return Luck(people, origin, 0.0, outages=tuple(outages), late=late)

    def maybe(most: float, often: float = 0.5) -> float:
        return chance.random() * most if chance.random() < often else 0.0

    if chance.random() < 0.25:
        since = chance.random() * 60
        system = chance.choice(("kdp", "gbdfl", "zags", "aissik", "rpdrn", "payment-gateway", "revenue",
                                "central-node", "sms", "bmg", "digital-id"))  # fmt: skip
        outages.append(Outage(system, since, since + chance.choice((20.0, 90.0, 240.0))))
    gaps: tuple[Gap, ...] = ()
    if chance.random() < 0.15:
        since = chance.random() * 90
        gaps = (Gap(chance.choice(("broker", *SERVICES)), since, since + chance.choice((3.0, 15.0, 50.0))),)
    luck = Luck(
        personas=people,
        origin=origin,
        until=chance.choice((120.0, 400.0, 900.0)),
        crash_every=chance.choice((0, 500, 1500, 4000)),
        peril=chance.choice((0.0, 0.0003, 0.001, 0.003)),
        pause=chance.choice((0.5, 5.0, 40.0)),
        broker=Faults(maybe(0.05), maybe(0.05), maybe(0.15), maybe(0.05), maybe(2.0)),
        slow_statements=maybe(0.2),
        store_busy=maybe(0.03),
        store_lost=maybe(0.02),
        fails=maybe(0.15),
        lost_answers=maybe(0.15),
        slow_answers=maybe(3.0),
        doubled_calls=maybe(0.3),
        lost_calls=maybe(0.15),
        outages=tuple(outages),
        leaps=chance.random() < 0.2,
        late=late,
        doubled=tuple(chance.sample(SERVICES, 2)) if chance.random() < 0.2 else (),
        restarts=chance.choice((0.0, 0.0, 0.0, 20.0)),
        cut=chance.choice((0.0, 0.0, 0.0, 30.0)),
        gaps=gaps,
        changes_mind=chance.random() * 40 if chance.random() < 0.1 else None,
        rivals=maybe(0.5, 0.3),
        forgotten=maybe(0.5, 0.3),
    )
    return _more(luck, chance)


def _more(luck: Luck, chance: Random) -> Luck:
    """What is rarer: acts out of turn, days that end at the worst moment, slow recalls, ways to pay that are gone."""
    alone = any(_after_pilot(p) or p.decides_in_act == 3 or p.outage for p in luck.personas)
    if chance.random() < 0.2 and not alone:
        luck = replace(luck, meddling=chance.choice((1.5, 4.0)))
    if chance.random() < 0.3 and not alone:
        turn = Turn(chance.choice(WORDS), chance.choice((*BOUNDARIES, *ACTS)), chance.random() * chance.choice((2, 8)))
        luck = replace(luck, turn=turn, until=max(luck.until, 400.0))
    if chance.random() < 0.3:
        luck = replace(luck, slow=(Slow(*chance.choice(HEARD), chance.choice((3.0, 12.0, 45.0, 90.0))),))
    if chance.random() < 0.2:
        luck = replace(luck, slow=(*luck.slow, Slow("", chance.choice(ASKED), chance.choice((3.0, 9.0, 15.0)))))
    if chance.random() < 0.1:
        luck = replace(luck, late_effects=0.3)
    if chance.random() < 0.1:
        since = chance.random() * 20
        recalls = Outage("rpdrn", since, since + 240.0, ("RPDRN_RECALL",))
        luck = replace(luck, outages=(*luck.outages, recalls))
    unpaid = any(not persona.conduct.pays for persona in luck.personas)
    if chance.random() < (0.4 if unpaid else 0.04) and not alone:
        since = chance.random() * 40
        gap = Gap(chance.choice(WAYS), since, since + chance.choice((20.0, 200.0)))
        luck = replace(luck, gaps=(*luck.gaps, gap), leaps=luck.leaps or chance.random() < 0.5)
    if chance.random() < 0.1:
        luck = replace(luck, slips=0.01)
    if chance.random() < 0.1:
        luck = replace(luck, wrong_sums=0.5)
    if luck.doubled and chance.random() < 0.5:
        luck = replace(luck, stalls_from=chance.random() * 40, until=max(luck.until, 400.0))
    worst = chance.random()
    if worst < 0.04 and not (alone or luck.leaps):
        turn = Turn(IDENTIFYING, "gives up", chance.random())
        luck = replace(luck, turn=turn, until=max(luck.until, 400.0))
    elif worst < 0.08 and not (alone or luck.leaps or luck.late):
        turn = Turn("fee-requested", "year", chance.random() * 4)
        reads_late = Slow(PORTAL_STATUS_QUEUE.partition(".")[0], routing_key(StatusChanged), 2.0 + chance.random() * 6)
        luck = replace(luck, turn=turn, origin=_on(date(2025, 12, 31), chance), until=max(luck.until, 400.0))
        luck = replace(luck, slow=(*luck.slow, reads_late))
    return luck


def _people(chance: Random, personas: tuple[Persona, ...]) -> tuple[Persona, ...]:
    """One to three; those who need an outage, or a day after the pilot, come alone."""
    first = chance.choice(personas)
    if first.outage or _after_pilot(first):
        return (first,)
    among = [persona for persona in personas if not persona.outage and not _after_pilot(persona)]
    return (first, *chance.choices(among, k=chance.choice((*[0] * 20, 1, 2))))


def _after_pilot(persona: Persona) -> bool:
    return persona.act == 3


def _origin(chance: Random, people: tuple[Persona, ...]) -> datetime:
    """Business time at the start; machine and business clock begin together."""
    if any(_after_pilot(persona) for persona in people):
        day = LAST_DAY + timedelta(days=2)
    elif any(persona.decides_in_act == 3 for persona in people):
        day = LAST_DAY
    else:
        day = chance.choice(DAYS)
    return _on(day, chance)


def _on(day: date, chance: Random) -> datetime:
    """Some moment of its working hours."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=3, seconds=chance.randrange(36_000))


def _eve(chance: Random) -> datetime:
    """Seconds before midnight in Almaty."""
    day = chance.choice(EVES)
    return datetime(day.year, day.month, day.day, 19, tzinfo=UTC) - timedelta(seconds=chance.randrange(1, 45))
