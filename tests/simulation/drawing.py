"""The luck of a seed is drawn: which people come, what goes wrong, and now and then a scene (scenes.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from deploy.sandbox.persona import Persona
from deploy.sandbox.personas import PERSONAS
from shared.engine.adapters.memory_broker import Faults
from shared.process import SERVICES
from tests.simulation.luck import (
    ACTS,
    ASKED,
    BOUNDARIES,
    DAYS,
    EVES,
    HEARD,
    IDENTIFYING,
    LAST_DAY,
    WAYS,
    WORDS,
    Gap,
    Luck,
    Outage,
    Slow,
    Turn,
)
from tests.simulation.scenes import READS_LATE, SCENES, Scene

ON_PURPOSE = 0.12
"""How often a scene is played."""
LONG = 300.0
"""Seconds; an outage that lasts longer belongs to somebody's story."""


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
        rivals=maybe(0.7, 0.9),
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
        reads_late = replace(READS_LATE, seconds=2.0 + chance.random() * 6)
        luck = replace(luck, turn=turn, origin=_on(date(2025, 12, 31), chance), until=max(luck.until, 400.0))
        luck = replace(luck, slow=(*luck.slow, reads_late))
    return staged(luck, chance.choice(SCENES), chance) if chance.random() < ON_PURPOSE else luck


def staged(luck: Luck, scene: Scene, chance: Random) -> Luck:
    """That luck with the scene in it: what goes wrong by itself stays, what would end the story elsewhere does not."""

    def about(seconds: float) -> float:
        return seconds * (0.85 + 0.3 * chance.random())

    return replace(
        luck,
        scene=scene.name,
        personas=(chance.choice(scene.personas),),
        origin=_on(chance.choice(scene.days), chance),
        until=max(luck.until, scene.until),
        outages=(*scene.outages, *(each for each in luck.outages if each.until - each.since < LONG)),
        gaps=(*scene.gaps, *(gap for gap in luck.gaps if gap.of not in WAYS)),
        turn=None,
        turns=tuple(replace(turn, seconds=about(turn.seconds)) for turn in scene.turns),
        slow=tuple(replace(slow, seconds=about(slow.seconds)) for slow in scene.slow),
        slips_on=scene.slips,
        walks_away=scene.walks_away,
        changes_mind=None,
        leaps=False,
        late=False,
        meddling=0.0,
        stalls_from=None,
    )


def _people(chance: Random, personas: tuple[Persona, ...]) -> tuple[Persona, ...]:
    """One to three; those who need an outage, or a day after the pilot, come alone."""
    first = chance.choice(personas)
    if first.outage or _after_pilot(first):
        return (first,)
    among = [persona for persona in personas if not persona.outage and not _after_pilot(persona)]
    return (first, *chance.choices(among, k=chance.choice((*[0] * 58, 1, 2))))


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
