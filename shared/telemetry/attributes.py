"""Span attributes by the messaging conventions of OpenTelemetry 1.44, and the few names of our own."""

from __future__ import annotations

from uuid import UUID

Attribute = str | int | float | bool

ATTEMPT = "kualik.attempt"
STAGE = "kualik.stage"
DEPENDENCY = "kualik.dependency"
APPLICATION = "kualik.application_id"
ERROR = "error.type"


def published(
    exchange: str, routing_key: str, message_id: UUID | str, application_id: UUID | str, body_size: int = 0
) -> dict[str, Attribute]:
    """Of a span of kind `producer`, named `publish <routing key>`; `body_size` in bytes."""
    said = _message("publish", "send", f"{exchange}:{routing_key}", routing_key, message_id, application_id)
    return said | {"messaging.message.body.size": body_size} if body_size else said


def processed(
    exchange: str,
    routing_key: str,
    queue: str,
    message_id: UUID | str,
    application_id: UUID | str,
    attempt: int = 1,
) -> dict[str, Attribute]:
    """Of a span of kind `consumer`, named `process <routing key>`; `attempt` counts from one."""
    parts = dict.fromkeys(part for part in (exchange, routing_key, queue) if part)
    said = _message("process", "process", ":".join(parts), routing_key, message_id, application_id)
    return said | {ATTEMPT: attempt} if attempt > 1 else said


def _message(
    name: str, kind: str, destination: str, routing_key: str, message_id: UUID | str, application_id: UUID | str
) -> dict[str, Attribute]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": name,
        "messaging.operation.type": kind,
        "messaging.destination.name": destination,
        "messaging.rabbitmq.destination.routing_key": routing_key,
        "messaging.message.id": str(message_id),
        "messaging.message.conversation_id": str(application_id),
    }
