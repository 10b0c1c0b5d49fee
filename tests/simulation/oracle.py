"""What must hold always (process.md 4), judged over the tables when all is over. Each rule gives what broke it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from deploy.sandbox.portal.acts import BESIDE
from services.ums_review.notes import SignedDecision
from shared.contracts.base import routing_key
from shared.contracts.values import Ending
from shared.engine.audit import verify
from shared.process import COORDINATOR, HEAR_IN_BULK, INTAKE, PORTAL, PRODUCTION, REVIEW
from shared.topology import DEAD_LETTERS, PORTAL_STATUS_QUEUE
from tests.simulation import money
from tests.simulation.steps import steps_in_order
from tests.simulation.web import place

if TYPE_CHECKING:
    from tests.simulation.play import World

PASSED_OVER = ("production-refused", "withdrawal-requested", "withdrawal-refused", "circumstance-changed")
"""What bad luck may take out of a story: a lost refusal is asked for again, what comes after the ending is not told."""

LATE = ("CLOSED", "DEADLINE_PASSED")
"""Why the portal may be refused when the way was slow."""

Rule = Callable[["World"], Iterator[str]]


def judge(world: World) -> list[str]:
    """Every violation, each with the application it is about."""
    told = [*world.house.chronicle.errors, *world.house.chronicle.broken]
    if world.calendar.why:
        told.append(world.calendar.why)
    return told + [found for rule in RULES for found in rule(world)]


def no_dead_letters(world: World) -> Iterator[str]:
    for letter in world.house.broker.queues[DEAD_LETTERS].waiting:
        told = {name: letter.headers.get(name) for name in ("reason", "error", "message", "faults", "queue")}
        yield f"dead letter {letter.routing_key}: {told}"


def nothing_accepted_is_lost(world: World) -> Iterator[str]:
    """What the broker has taken, every service that hears it has in its inbox."""
    for (queue, exchange, message_id), message in world.house.broker.accepted.items():
        if queue in (DEAD_LETTERS, PORTAL_STATUS_QUEUE):
            continue
        service = queue if queue in HEAR_IN_BULK else queue.partition(".")[0]
        if (exchange, message_id) not in world.house.tables[service].inbox:
            yield f"{service} never took {message.routing_key} {message_id}"


def one_ending(world: World) -> Iterator[str]:
    """Exactly one, the same for everybody, and with it the person's place is free."""
    said: dict[str, set[str]] = defaultdict(set)
    for message in world.house.broker.accepted.values():
        if message.routing_key == "application-closed":
            body = json.loads(message.body)
            said[body["application_id"]].add(body["ending"])
    for state in world.house.states(INTAKE):
        endings = said.get(str(state.application_id), set())
        if state.opened and state.ending is None:
            yield f"{state.application_id} has no ending, it stands at {state.stage}"
        elif state.ending is not None and state.opened and endings != {state.ending.value}:
            yield f"{state.application_id} ended {state.ending.value}, and said {sorted(endings)}"
    for key, owner in world.house.tables[INTAKE].claims.items():
        if key.startswith("iin:") and owner is not None:
            yield f"{owner} still holds the person's place"


def the_personas_end_as_they_must(world: World) -> Iterator[str]:
    """Where deadlines pass at any moment no ending is a matter of course."""
    for errand in world.portal.errands.values():
        state = world.house.state(INTAKE, errand.application_id)
        if errand.course == BESIDE:
            if state.opened:
                yield f"{errand.application_id} was opened beside a live one"
            continue
        if world.house.luck.hurried:
            continue
        expected = _expected(world, errand.application_id)
        found = state.ending if state.opened else None
        if found not in expected:
            names = [each.value if each else "not opened" for each in expected]
            yield f"{errand.persona.name} {errand.application_id} ended {found}, not {names}"


def _expected(world: World, id: UUID) -> set[Ending | None]:
    """More than one where the day's law or the outages may change the story."""
    persona = world.portal.errands[id].persona
    expected: set[Ending | None] = {persona.ending}
    luck = world.house.luck
    if luck.sends_away and persona.outage is None:
        expected |= {Ending.REDIRECTED, None}
    if _said(world, "fee-waived", id) and persona.ending in (Ending.UNPAID, Ending.WITHDRAWN):
        expected.add(Ending.ISSUED)  # nothing is due this year: nobody is asked to pay, and nobody gives up then
    return expected


def the_story_is_seen(world: World) -> Iterator[str]:
    """Whoever ended as they must was told all that belongs to the story."""
    for errand in world.portal.errands.values():
        id, persona = errand.application_id, errand.persona
        state = world.house.state(INTAKE, id)
        if world.house.luck.hurried or state.ending is not persona.ending:
            continue
        if errand.course == BESIDE or _said(world, "fee-waived", id):
            continue
        passed = () if world.house.luck.calm else PASSED_OVER
        sees = [routing_key(kind) for kind in persona.sees if routing_key(kind) not in passed]
        missing = [key for key in sees if not _said(world, key, id)]
        if missing:
            yield f"{persona.name} {id} ended {state.ending}, and never saw {missing}"


def _said(world: World, key: str, id: UUID) -> bool:
    return key in world.house.broker.said.get(str(id), ())


def heard_once(world: World) -> Iterator[str]:
    """The timeline has one line for each event, however often it was delivered."""
    log = next(log for log in world.house.tables[COORDINATOR].logs if log.endswith(".timeline"))
    rows = world.house.tables[COORDINATOR].logs[log]
    times = Counter(row["message_id"] for row in rows if row["what"] == "heard")
    for message_id, count in times.items():
        if count > 1:
            yield f"event {message_id} stands {count} times in the timeline"


def decided_by_the_region(world: World) -> Iterator[str]:
    house = world.house
    regions = {account.id: account.region for account in place().officers}
    reviews = {review.application_id: review for review in house.states(REVIEW)}
    for decided in house.tables[REVIEW].rows_of(SignedDecision, house.sealer):
        review = reviews[decided.application_id]
        if not decided.region == review.region == regions[decided.officer_id]:
            yield f"{decided.application_id} was decided by {decided.officer_id} of another region"
    rounds = Counter((d.application_id, d.round) for d in house.tables[REVIEW].rows_of(SignedDecision, house.sealer))
    for (id, round), count in rounds.items():
        if count > 1:
            yield f"{id} has {count} decisions in round {round}"


def no_card_without_right(world: World) -> Iterator[str]:
    """Ordered only when settled and approved, made once, never issued after an annulment or another ending."""
    house = world.house
    for order in house.outside.state.production.orders.values():
        id = UUID(order.application_id)
        review, card, state = house.state(REVIEW, id), house.state(PRODUCTION, id), house.state(INTAKE, id)
        if not money.settled(house, id) or not review.approved_once:
            yield f"{id} has an order without settlement or approval"
        if order.made > 1:
            yield f"{id} has {order.made} cards"
        if (card.issued_at is not None) != (state.ending is Ending.ISSUED):
            yield f"{id} ended {state.ending}, and its card is {card.standing}"


def one_talon(world: World) -> Iterator[str]:
    """A talon stands only for what ended with a card, unless РП ДРН refuses the recall."""
    house = world.house
    kept = (Ending.ISSUED, Ending.NOT_COLLECTED)
    standing = Counter(t.application_id for t in house.outside.state.registry.talons.values() if not t.recalled)
    for id, count in standing.items():
        ending = house.state(INTAKE, UUID(id)).ending
        refused = house.outside.state.ground.treatment_of(id).recall_refused
        if count > 1 or (ending not in kept and not refused):
            yield f"{id} ended {ending} with {count} standing talons"


def audit_unbroken(world: World) -> Iterator[str]:
    for tables in world.house.tables.values():
        for log in tables.service.all_logs:
            if log.chained and verify(tables.logs[log.name], log.of, tables.head(log)) is not None:
                yield f"the chain of {log.name} is broken"


def statuses_hold(world: World) -> Iterator[str]:
    """One status for one place, and the last that is shown is the ending."""
    for id, board in world.portal.boards.items():
        places = Counter((s.code, s.rank, s.round, s.version) for s in board.history)
        for where, count in places.items():
            if count > 1:
                yield f"{id} was told {where} in {count} wordings"
        state = world.house.state(INTAKE, id)
        if state.opened and board.ending != state.ending:
            yield f"{id} ended {state.ending}, and the portal shows {board.ending}"
        for rejected in board.rejected:
            if rejected.reason in LATE and not world.house.luck.calm:
                continue
            yield f"{id}: {PORTAL} was refused {rejected.reason} {rejected.faults}"


RULES: tuple[Rule, ...] = (
    no_dead_letters,
    nothing_accepted_is_lost,
    one_ending,
    the_personas_end_as_they_must,
    the_story_is_seen,
    heard_once,
    decided_by_the_region,
    no_card_without_right,
    one_talon,
    audit_unbroken,
    statuses_hold,
    steps_in_order,
    *money.RULES,
)
