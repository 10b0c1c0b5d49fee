"""What goes wrong in one seed. Each kind of bad luck is on or off by itself, so that seeds differ in kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from deploy.sandbox.persona import Persona
from shared.contracts.base import routing_key
from shared.engine.adapters.memory_broker import NO_FAULTS, Faults
from shared.law.pilot import PILOT
from shared.process import SERVICES, WORKSTATION, heard_by

LAST_DAY = PILOT.last
DAYS = (date(2025, 6, 2), date(2025, 10, 6), date(2025, 12, 30), date(2026, 3, 20))
"""Days on which a seed may begin: ordinary ones, one before the new year's fee, one towards the pilot's end."""
EVES = (date(2025, 6, 2), date(2025, 10, 9), date(2025, 12, 31), LAST_DAY)
"""Days that end while everybody is busy: a common one, one before days off, the fee table's last, the pilot's last."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A system that answers nobody for a while; seconds of machine time. Of `services` the end of a name is enough."""

    system: str
    since: float
    until: float
    services: tuple[str, ...] = ()

    def strikes(self, system: str, service: str, now: float) -> bool:
        listed = not self.services or service.endswith(self.services)
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

    An end of day, pilot, year or window is then `seconds` away; or the citizen gives up or files another revision,
    РП ДРН tells of a change, money comes; or the business clock leaps by `by` seconds. Of a person's applications only
    `course` counts, if it is given.
    """

    word: str
    what: str
    seconds: float
    by: float = 0.0
    course: int | None = None


@dataclass(frozen=True, slots=True)
class Slow:
    """Whatever `who` hears of that name is so many seconds late; with nobody named, what is asked of that name;
    with `CALLED`, what outside systems tell that service."""

    who: str
    name: str
    seconds: float


CALLED = "call-back"
UNHEARD = 8.0
"""Seconds after which nobody waits for an answer any more: a system that is so slow is out."""
SIGNED, IDENTIFYING = "SIGNED", "IDENTIFYING"
WORDS = ("eligibility-confirmed", "form-accepted", "photo-accepted", "application-submitted", "application-registered",
         "fee-requested", "fee-paid", "result-requested", "review-queued", SIGNED, "review-approved",
         "production-started", "document-made", "document-ready", "cancel-invoice")  # fmt: skip
BOUNDARIES = ("day", "pilot", "year", "window")
PASSES = "time passes"
CHECKS_IN = "checks in"
ACTS = ("gives up", "gives up", "change", "money")
ASKED = ("RPDRN_REGISTER", "RPDRN_RECALL", "RPDRN_INVOICE", "RPDRN_STAGE", "RPDRN_RESULT", "AIS_SIK", "digital-id",
         "central-node", "payment-gateway", "revenue", "sms", "zags")  # fmt: skip
WAYS = ("portal", "mobile-app")
HEARD = tuple(
    (service, routing_key(kind)) for service in SERVICES for kind in heard_by(service) if kind.exchange != WORKSTATION
)


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

    scene: str = ""
    """What is made likely on purpose (scenes.py): `turns` come beside each other, each at its own word."""
    turns: tuple[Turn, ...] = ()
    slips_on: str = ""
    """The first decision on the message of that class raises."""
    walks_away: bool = False
    """The first officer takes the case and walks away; comes back when the lease has run out, and decides with it."""

    @property
    def every_turn(self) -> tuple[Turn, ...]:
        return self.turns if self.turn is None else (self.turn, *self.turns)

    def turns_to(self, *what: str) -> bool:
        """Whether one of these is to come."""
        return any(turn.what in what for turn in self.every_turn)

    @property
    def hurried(self) -> bool:
        """No ending is a matter of course: the day or the citizen's mind may change at any moment."""
        turned = self.leaps or self.late or self.every_turn or any(gap.of in WAYS for gap in self.gaps)
        turned = turned or bool(self.scene)
        return bool(turned) or self.changes_mind is not None or self.meddling > 0.0

    def gone(self, what: str, now: float) -> bool:
        return any(gap.of == what and gap.since <= now < gap.until for gap in self.gaps)

    @property
    def calm(self) -> bool:
        """Nothing goes wrong but what the personas bring with them."""
        return self.until <= 0.0

    @property
    def sends_away(self) -> bool:
        """p.12, or a deadline of hours, may end an application that waits for an outage to pass."""
        return self.unheard or any(outage.until - outage.since > 300 for outage in self.outages)

    @property
    def unheard(self) -> bool:
        """A system is too slow to be heard, for minutes."""
        return self.until > 300 and any(not slow.who and slow.seconds >= UNHEARD for slow in self.slow)
