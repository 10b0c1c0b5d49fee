"""The case timeline: events, orders, deadlines that passed, failed attempts, drives and acts; in order, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from services.saga_coordinator.saga import Case
from shared.contracts.attempts import AttemptFailed
from shared.contracts.base import Message, Own, routing_key
from shared.engine.decision import NOBODY, Decision, Given

SHOWN = (
    "ending", "cause", "reason", "ground", "grounds", "dependency", "revision", "problem", "amount", "fault", "case_id",
    "talon", "order_id", "invoice_id", "receipt_id", "decision_id", "officer_id", "region", "point", "days", "round",
    "send", "attempt", "story", "step", "service", "ask", "failure", "attempts",
)  # fmt: skip
HEARD, ORDERED, PASSED, ATTEMPT = "heard", "ordered", "passed", "attempt"


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the case timeline. Ids, enumerations and sums only, no personal data.

    `what` is heard, ordered, passed (a deadline), attempt (one that failed), stuck, driven or acted; `trace_id` that of
    the message heard, which is nearly always the application's own id.
    """

    application_id: UUID
    what: str
    name: str
    said_at: datetime
    message_id: UUID
    detail: str = ""
    trace_id: UUID = NOBODY


def trace_of(traceparent: str, application_id: UUID) -> UUID:
    """The 128 bits of a W3C trace context; the application's own when there is none that reads."""
    parts = traceparent.split("-")
    try:
        return UUID(hex=parts[1]) if len(parts) >= 4 else application_id
    except ValueError:
        return application_id


def line(application_id: UUID, what: str, name: str, detail: str, given: Given) -> Happening:
    """Something that the coordinator itself does or notices now."""
    trace = trace_of(given.traceparent, application_id)
    return Happening(application_id, what, name, given.now, given.message_id, detail, trace)


def lines_of(event: Message, orders: Iterable[Message], given: Given) -> tuple[Happening, ...]:
    """What was heard, and every order that was given upon it."""
    id = event.application_id
    trace = trace_of(given.traceparent, id)
    what = ATTEMPT if isinstance(event, AttemptFailed) else PASSED if isinstance(event, Own) else HEARD
    first = Happening(id, what, routing_key(event), given.said_at, given.message_id, detail_of(event), trace)
    return first, *ordered(orders, given)


def ordered(orders: Iterable[Message], given: Given) -> tuple[Happening, ...]:
    return tuple(
        line(order.application_id, ORDERED, routing_key(order), detail_of(order), given) for order in orders
    )  # fmt: skip


def told(moved: Decision[Case], *lines: Any) -> Decision[Case]:
    """The decision with these lines, and whatever else is written for ever."""
    return Decision(
        moved.state, *moved.says, later=moved.later, appends=(*moved.appends, *lines), release=moved.release,
        reply=moved.reply,
    )  # fmt: skip


def detail_of(message: Message) -> str:
    """What operations want to see of it at a glance: enumerations, numbers and ids, never what is sealed."""
    found = [(name, getattr(message, name)) for name in _shown(type(message))]
    return " ".join(f"{name}={_plain(value)}" for name, value in found if value is not None)


def _plain(value: object) -> str:
    return ",".join(str(each) for each in value) if isinstance(value, tuple) else str(value)


@cache
def _shown(kind: type[Message]) -> tuple[str, ...]:
    return tuple(name for name in SHOWN if name in kind.model_fields)
