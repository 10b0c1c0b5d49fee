"""The chain of twelve hops as services of the engine, and what every other system of the bench takes from it.

An application passes twelve hops; eight services share them in turn, each in a process and a schema of its own. A hop
locks the application's state, loads it, decides, saves it and says the next hop; the last one says `Arrived`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast
from uuid import UUID

from pydantic import create_model

from shared.contracts.base import Event, routing_key
from shared.engine.decision import Decision, Given
from shared.engine.service import Reaction, Service, Table

HOPS, SHARERS = 12, 8
EXCHANGE, ARRIVED_QUEUE = "chain", "chain.arrived"
NOTE = "қ" * 128  # 256 bytes: what travels and is kept beside the counter


class Hopped(Event):
    """An application comes to its next hop."""

    exchange: ClassVar[str] = EXCHANGE
    note: str


class Arrived(Hopped):
    """The application has passed all hops."""


KINDS = tuple(cast(type[Hopped], create_model(f"Hop{number}", __base__=Hopped)) for number in range(1, HOPS + 1))
AFTER: Mapping[type[Hopped], type[Hopped]] = dict(zip(KINDS, (*KINDS[1:], Arrived), strict=True))


@dataclass(frozen=True, slots=True)
class Passage:
    """One application's state at one service: how many hops it has made here."""

    application_id: UUID
    hops: int = 0
    note: str = ""


def pass_on(passage: Passage, message: Hopped, given: Given) -> Decision[Passage]:
    """One hop more, and the word to the next."""
    counted = replace(passage, hops=passage.hops + 1, note=message.note)
    return Decision(counted, AFTER[type(message)](application_id=message.application_id, note=message.note))


def sharer_of(kind: type[Hopped]) -> int:
    """Which of the services, from 1, hears it."""
    return KINDS.index(kind) % SHARERS + 1


def kinds_of(sharer: int) -> tuple[type[Hopped], ...]:
    return tuple(kind for kind in KINDS if sharer_of(kind) == sharer)


def queue_of(kind: type[Hopped]) -> str:
    return f"{EXCHANGE}.{routing_key(kind)}"


def queues_of(sharer: int) -> dict[str, tuple[type[Hopped], ...]]:
    return {queue_of(kind): (kind,) for kind in kinds_of(sharer)}


def name_of(sharer: int) -> str:
    return f"chain-{sharer}"


SCHEMAS = tuple(name_of(sharer).replace("-", "_") for sharer in range(1, SHARERS + 1))


def service_of(sharer: int) -> Service:
    """One of the eight, as the engine runs it."""
    schema = SCHEMAS[sharer - 1]
    reactions = tuple(Reaction(kind, pass_on) for kind in kinds_of(sharer))
    return Service(name_of(sharer), Table(f"{schema}.passage", Passage), reactions)


def topology() -> dict[str, Any]:
    """Exchange, durable quorum queues and bindings of the chain, for a vhost of its own."""
    bound = {queue_of(kind): routing_key(kind) for kind in KINDS} | {ARRIVED_QUEUE: routing_key(Arrived)}
    return {
        "exchanges": [{"name": EXCHANGE, "type": "topic", "durable": True, "auto_delete": False, "internal": False,
                       "arguments": {}}],
        "queues": [{"name": queue, "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
                   for queue in bound],
        "bindings": [{"source": EXCHANGE, "destination": queue, "destination_type": "queue", "routing_key": key,
                      "arguments": {}} for queue, key in bound.items()],
    }  # fmt: skip
