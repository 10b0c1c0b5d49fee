"""Scenes: rare corners that chance alone hardly ever reaches are made likely, and everything else goes wrong beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import BY_NAME
from shared.contracts.base import routing_key
from shared.contracts.portal import StatusChanged
from shared.process import COORDINATOR, INTAKE, PAYMENT, PRODUCTION, REVIEW
from shared.topology import PORTAL_STATUS_QUEUE
from tests.simulation.luck import CALLED, CHECKS_IN, DAYS, LAST_DAY, PASSES, SIGNED, Gap, Outage, Slow, Turn

DAY = 24 * 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Scene:
    """One of `personas` comes, on one of `days`; the rest befalls them, until `until` (machine seconds) at least. The
    first decision on the message that is called `slips` raises.

    The seconds of turns and of what is slow are drawn around those that stand here.
    """

    name: str
    personas: tuple[Persona, ...]
    turns: tuple[Turn, ...] = ()
    slow: tuple[Slow, ...] = ()
    outages: tuple[Outage, ...] = ()
    gaps: tuple[Gap, ...] = ()
    days: tuple[date, ...] = DAYS[:2]
    slips: str = ""
    walks_away: bool = False
    until: float = 120.0


def _of(name: str, **treatment: object) -> Persona:
    """That persona, treated otherwise."""
    persona = BY_NAME[name]
    return replace(persona, treatment=replace(persona.treatment, **treatment))  # type: ignore[arg-type]


READS_LATE = Slow(PORTAL_STATUS_QUEUE, routing_key(StatusChanged), 5.0)
"""The citizen sees where they are seconds after it is said."""
PLAIN, ANNULLED, UNPAID = BY_NAME["issued-paid"], BY_NAME["annulled-photo"], BY_NAME["unpaid"]
REFUSED_ONCE = (BY_NAME["production-technical"], BY_NAME["production-approved-again"])

IDENTITY_SCENES = (
    Scene(
        "the first SMS never comes", (_of("issued-paid", lost_sms=1), _of("annulled-photo", lost_sms=1)),
        turns=(Turn("consent-requested", PASSES, 3.0, by=205.0),),
    ),
    Scene(
        "another form while the face is compared", (PLAIN, BY_NAME["withdrawn-after-payment"]),
        turns=(Turn("form-accepted", "files again", 1.0),), slow=(Slow("", "POST /compare", 7.5),),
    ),
    Scene(
        "nobody compares the face", (PLAIN,), turns=(Turn("form-accepted", PASSES, 6.0, by=720.0),),
        outages=(Outage("digital-id", 0.0, 100.0, ("POST /compare",)),),
    ),
)  # fmt: skip

INTAKE_SCENES = (
    Scene(
        "the signature comes while its end is being said", (PLAIN, BY_NAME["annulled-waived"]),
        turns=(Turn("photo-accepted", PASSES, 1.0, by=DAY),), slow=(Slow(INTAKE, "application-signed", 8.0),),
    ),
    Scene(
        "the pilot ends before the citizen reads that they may sign", (PLAIN, BY_NAME["issued-waived"]),
        turns=(Turn("photo-accepted", "pilot", 1.0),), slow=(READS_LATE,), days=(LAST_DAY,),
    ),
    Scene(
        "gives up while the signature is checked", (PLAIN, ANNULLED), turns=(Turn("photo-accepted", "gives up", 1.0),),
        slow=(Slow("", "eds", 9.5),),
    ),
    Scene(
        "gives up while the officer's decision is confirmed", (ANNULLED, BY_NAME["annulled-waived"]),
        turns=(Turn(SIGNED, "gives up", 6.0),), slow=(Slow("", "eds", 13.0),), until=200.0,
    ),
    Scene(
        "a change while РП ДРН registers", (PLAIN, UNPAID), turns=(Turn("application-submitted", "change", 0.7),),
        slow=(Slow("", "RPDRN_REGISTER", 9.0), Slow("", "RPDRN_STATUS", 3.0)),
    ),
    Scene(
        "a change before all know of the registration", (PLAIN, ANNULLED),
        turns=(Turn("application-registered", "change", 0.5),),
        slow=(Slow(COORDINATOR, "application-registered", 30.0),),
    ),
    Scene(
        "the second application ends before the first is recalled", (BY_NAME["annulled-again"],),
        turns=(Turn("application-submitted", "gives up", 1.0, course=1),),
        outages=(Outage("rpdrn", 0.0, 400.0, ("RPDRN_RECALL",)),), until=400.0,
    ),
)  # fmt: skip

MONEY_SCENES = (
    Scene(
        "the year ends while АИС СИК is asked", (PLAIN, UNPAID),
        turns=(Turn("application-registered", "year", 1.5),), slow=(Slow("", "AIS_SIK", 5.0),), slips="CheckFeeLaw",
        days=(date(2025, 12, 31),), until=200.0,
    ),
    Scene(
        "nobody can pay for a while", (UNPAID,), gaps=(Gap("portal", 20.0, 150.0),), until=300.0,
    ),
    Scene("a refund is filed and nobody hears of it", (ANNULLED,), slow=(Slow("", "POST /refunds", 14.0),)),
    Scene(
        "the order to refund comes before the annulment", (ANNULLED,), slow=(Slow(PAYMENT, "review-annulled", 20.0),),
    ),
)  # fmt: skip

REVIEW_SCENES = (
    Scene("an officer walks away", (PLAIN, ANNULLED), walks_away=True),
    Scene(
        "a refusal of production is heard last", REFUSED_ONCE[:1],
        slow=(Slow(REVIEW, "production-refused", 100.0),), until=250.0,
    ),
    Scene(
        "a change while the card is ordered", (PLAIN, PLAIN, *REFUSED_ONCE),
        turns=(Turn("review-approved", "change", 0.2),), slow=(Slow("", "POST /orders", 7.0),), until=200.0,
    ),
    Scene(
        "a card comes before the word of its shipment", (PLAIN, BY_NAME["not-collected"]),
        turns=(Turn("production-started", CHECKS_IN, 1.0),), slow=(Slow(CALLED, PRODUCTION, 20.0),), until=200.0,
    ),
    Scene(
        "a change while nobody knows that the card is made",
        (_of("circumstance-approved", made_after=timedelta(seconds=1)),), slow=(Slow(CALLED, PRODUCTION, 45.0),),
        until=250.0,
    ),
)  # fmt: skip

SLOW_ORDERS = (
    Slow(INTAKE, "close-application", 48.0), Slow(INTAKE, "recall-registration", 48.0),
    Slow(PAYMENT, "cancel-invoice", 48.0),
)  # fmt: skip
SAGA_SCENES = (
    Scene("every order is slow", (ANNULLED, _of("unpaid", recall_refused=True)), slow=SLOW_ORDERS, until=400.0),
    Scene(
        "every order is slow, and the card was ordered", (BY_NAME["production-not-made"], BY_NAME["not-collected"]),
        slow=SLOW_ORDERS, until=400.0,
    ),
)  # fmt: skip

SCENES = (*IDENTITY_SCENES, *INTAKE_SCENES, *MONEY_SCENES, *REVIEW_SCENES, *SAGA_SCENES)
