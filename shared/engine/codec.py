"""From the wire to an item, and from a decision to the wire. Bad input raises nothing: what is wrong is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import ValidationError

from shared.contracts.base import Message, SealBroken, Sealer, published_key, read, routing_key, write
from shared.engine.decision import Later
from shared.engine.rows import Delivery, Due, InboxKey, Outgoing
from shared.engine.service import Reaction, Service

MOST_BYTES = 64 * 1024
Faults = tuple[tuple[str, str], ...]  # (field, problem)


@dataclass(frozen=True, slots=True)
class Item:
    """One message with one reaction, ready for a batch; from the broker, from an HTTP call or from a due row."""

    message: Message
    reaction: Reaction
    message_id: UUID
    said_at: datetime
    headers: Mapping[str, str]
    key: InboxKey | None = None
    digest: bytes = b""
    due: Due | None = None
    answers: Any = None
    error: str | None = None
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A delivery that is no message: why, and for whom if that can be told."""

    delivery: Delivery
    reason: str
    key: InboxKey
    digest: bytes
    application_id: UUID | None = None
    faults: Faults = field(default=())


def as_uuid(exchange: str, message_id: str) -> UUID:
    """The sender's id as a UUID: its own when it is one."""
    try:
        return UUID(message_id)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"{exchange}/{message_id}")


def header_time(headers: Mapping[str, Any], name: str, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(str(headers[name]))
    except (KeyError, ValueError):
        return otherwise
    return moment if moment.tzinfo else otherwise


def understand(delivery: Delivery, service: Service, sealer: Sealer, now: datetime) -> Item | Unreadable:
    """The item in a delivery, or everything that is wrong with it. Unknown to `portal` time: `said_at` is now."""
    digest = hashlib.sha256(delivery.body).digest()
    message_id = delivery.message_id
    key = (delivery.exchange, _usable(message_id) or f"sha256:{digest.hex()}")
    application_id = _application(delivery.body)

    def unreadable(reason: str, faults: Faults = ()) -> Unreadable:
        return Unreadable(delivery, reason, key, digest, application_id, faults)

    if len(delivery.body) > MOST_BYTES:
        return unreadable("TOO_LARGE")
    if not message_id:
        return unreadable("NO_MESSAGE_ID")
    if len(message_id) > 200 or "\x00" in message_id:
        return unreadable("BAD_MESSAGE_ID")
    name, _, end = delivery.routing_key.partition(".")
    reaction = service.by_key.get(name)
    if reaction is None or reaction.hears.exchange != delivery.exchange or (end and not reaction.hears.ends_with):
        return unreadable("UNKNOWN_TYPE")
    if application_id is None:
        return unreadable("NOT_JSON" if not _is_json(delivery.body) else "NO_APPLICATION_ID")
    try:
        message = read(reaction.hears, delivery.body, application_id, sealer)
    except ValidationError as error:
        faults = tuple((".".join(map(str, e["loc"])), e["type"]) for e in error.errors(include_input=False))
        return unreadable("INVALID", faults)
    except SealBroken:
        return unreadable("SEAL_BROKEN")
    if end and published_key(message) != delivery.routing_key:
        return unreadable("OTHER_KEY", ((message.ends_with, "is not what the routing key says"),))
    headers = {name: str(value).replace("\x00", "") for name, value in delivery.headers.items()}
    said_at = min(header_time(headers, "said-at", now), now)
    return Item(message, reaction, as_uuid(*key), said_at, headers, key, digest, queue=delivery.queue)


def _usable(message_id: str | None) -> str | None:
    """The sender's id, if it can stand in a table."""
    return message_id[:200] if message_id and "\x00" not in message_id else None


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _application(body: bytes) -> UUID | None:
    if len(body) > 16 * MOST_BYTES:
        return None
    try:
        found = json.loads(body)
        return UUID(found["application_id"]) if isinstance(found, dict) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def outgoing(
    said: Message, index: int, cause: UUID, service: str, headers: Mapping[str, str], sealer: Sealer
) -> Outgoing:
    """A said message as an outbox row; its id follows from its cause, so that saying it again is the same saying."""
    return Outgoing(
        id=uuid5(cause, f"{service}/{index}/{routing_key(said)}"),
        exchange=said.exchange,
        routing_key=published_key(said),
        application_id=said.application_id,
        body=write(said, sealer),
        headers={**headers, "said-by": service},
    )


def due_row(
    later: Later, index: int, cause: UUID, service: str, headers: Mapping[str, str], sealer: Sealer,
    business: datetime, machine: datetime,
) -> Due:  # fmt: skip
    """A message to oneself as a due row; with a key it is one row per application and key."""
    application_id = later.message.application_id
    id = (
        uuid5(application_id, f"{service}/{later.key}")
        if later.key is not None
        else uuid5(cause, f"{service}/later/{index}")
    )
    start = business if later.clock == "business" else machine
    return Due(
        id=id,
        application_id=application_id,
        name=routing_key(later.message),
        body=write(later.message, sealer),
        headers=headers,
        due_at=later.at or start + later.after,
        clock=later.clock,
        since=business,
    )


def ask_row(item: Item, sealer: Sealer, business: datetime, machine: datetime) -> Due:
    """A heard message that asks, or has failed: it waits as a row that knows its queue, and is acknowledged."""
    came = {"queue": item.queue} if item.queue else {}
    return Due(
        id=uuid5(item.message_id, routing_key(item.message)),
        application_id=item.message.application_id,
        name=routing_key(item.message),
        body=write(item.message, sealer),
        headers={**item.headers, **came, "said-at": item.said_at.isoformat()},
        due_at=machine,
        clock="machine",
        since=business,
    )


def dead_letter(
    service: str, reason: str, body: bytes, cause: UUID, origin: Mapping[str, str], application_id: UUID | None,
    sealer: Sealer | None,
) -> Outgoing:  # fmt: skip
    """A row for `dead-letters`; with a sealer the body is sealed whole, for it may hold personal data in clear."""
    if sealer is not None:
        body = json.dumps({"sealed": sealer.seal(body[: 4 * MOST_BYTES], UUID(int=0))}).encode()
    return Outgoing(
        id=uuid5(cause, f"{service}/dead-letter"),
        exchange="dead-letters",
        routing_key=f"{service}.{reason.lower().replace('_', '-')}",
        application_id=application_id,
        body=body,
        headers={**origin, "reason": reason, "said-by": service, "sealed": str(sealer is not None).lower()},
    )
