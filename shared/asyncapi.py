"""The AsyncAPI 3.0 document of a service or of the portal: what it hears and what it may say, from the process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from shared.contracts.base import Message, bound_key, routing_key
from shared.process import PORTAL, SERVICES, UNKNOWN, WORKSTATION, Kinds, queues_of, said_by
from shared.topology import (
    DEAD_LETTERS,
    EXCHANGES,
    PORTAL_STATUS_QUEUE,
    feed_of,
    portal_hears,
    portal_says,
    workstation_hears,
    workstation_says,
)

Json = dict[str, Any]
VERSION = "1.0.0"
BINDING = {"bindingVersion": "0.3.0"}

HEADERS: Json = {
    "title": "MessageHeaders",
    "type": "object",
    "description": "AMQP headers. The id of the message is the property `message_id`; without it nothing is taken.",
    "properties": {
        "said-at": {"type": "string", "format": "date-time", "description": "business time of the sender"},
        "said-by": {"type": "string", "description": "the service that said it"},
        "causation-id": {"type": "string", "format": "uuid", "description": "id of the message it answers"},
        "traceparent": {"type": "string", "description": "W3C trace context; the trace is the application"},
    },
}
DEAD_LETTER_HEADERS: Json = {
    "title": "DeadLetterHeaders",
    "type": "object",
    "properties": {
        "reason": {"type": "string", "description": "why it was laid aside"},
        "queue": {"type": "string"},
        "origin-exchange": {"type": "string"},
        "origin-key": {"type": "string"},
        "message-id": {"type": "string"},
        "sealed": {"type": "string", "enum": ["true", "false"]},
    },
    "required": ["reason"],
}


class _Schemas(GenerateJsonSchema):
    """Only models have titles, so that a title names one thing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document(user: str) -> Json:
    """The document of one broker user: a service, `portal`, or the workstation of any region."""
    heard: dict[str, Kinds] = {
        PORTAL: {PORTAL_STATUS_QUEUE: portal_hears()},
        WORKSTATION: {feed_of("{region}"): workstation_hears()},
    }.get(user) or queues_of(user)
    said = {PORTAL: portal_says, WORKSTATION: workstation_says}.get(user, lambda: said_by(user))()
    channels: Json = {}
    operations: Json = {}
    for queue, kinds in heard.items():
        channels[_id(queue)] = _queue(queue, kinds)
        operations[f"hear-{_id(queue)}"] = _operation("receive", _id(queue), kinds)
    for kind in said:
        name = _id(f"{kind.exchange}-{routing_key(kind)}")
        channels[name] = _said(kind)
        operations[f"say-{name}"] = _operation("send", name, (kind,))
    kinds = tuple(dict.fromkeys([*(kind for some in heard.values() for kind in some), *said]))
    components = {"messages": {kind.__name__: _message(kind) for kind in kinds}, "schemas": _schemas(kinds)}
    if user in SERVICES:
        channels[DEAD_LETTERS] = _dead_letters(user)
        operations[f"say-{DEAD_LETTERS}"] = _operation("send", DEAD_LETTERS, ())
        operations[f"say-{DEAD_LETTERS}"]["messages"] = [{"$ref": f"#/channels/{DEAD_LETTERS}/messages/DeadLetter"}]
        components["messages"]["DeadLetter"] = {
            "name": "DeadLetter",
            "title": "DeadLetter",
            "summary": "What could not be taken, with its reason; sealed whole when it may hold personal data.",
            "headers": {"$ref": "#/components/schemas/DeadLetterHeaders"},
            "payload": {},
        }
        components["schemas"]["DeadLetterHeaders"] = DEAD_LETTER_HEADERS
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Kuälik: {user}",
            "version": VERSION,
            "description": _charter(user),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "broker",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": f"RabbitMQ, as the user `{user}{'-{region}' if user == WORKSTATION else ''}`",
                "security": [{"$ref": "#/components/securitySchemes/user"}],
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {**components, "securitySchemes": {"user": {"type": "userPassword"}}},
    }


def _charter(user: str) -> str:
    if user == PORTAL:
        return "What the state portal and its mobile apps say of an application, and what they are told."
    if user == WORKSTATION:
        return (
            "A region's feed of cases, and the signed decisions of its officers. The user is `workstation-{region}` "
            "and exists for regions that were named. Taking a case from the feed does not hold it: deploy/README.md."
        )
    return "Personal data travels sealed to its application. Delivery is at least once: the id of a message is its own."


def _id(name: str) -> str:
    return name.replace(".", "-").replace("{", "").replace("}", "")


def _queue(queue: str, kinds: Kinds) -> Json:
    of_region = {"parameters": {"region": {"description": "code of the region"}}} if "{region}" in queue else {}
    return {
        **of_region,
        "address": queue,
        "title": queue,
        "description": "What the portal says and no message stands for." if queue == UNKNOWN else _summary(kinds),
        "messages": _references(kinds),
        "bindings": {
            "amqp": {"is": "queue", "queue": {"name": queue, "durable": True, "autoDelete": False}, **BINDING}
        },
    }


def _key(exchange: str, key: str, kinds: Kinds) -> Json:
    return {
        "address": key,
        "title": f"{exchange} / {key}",
        "description": _summary(kinds),
        "messages": _references(kinds),
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange, "type": EXCHANGES[exchange], "durable": True, "autoDelete": False},
                **BINDING,
            }
        },
    }


def _said(kind: type[Message]) -> Json:
    """A field that ends the key is a parameter of the address."""
    made, end = _key(kind.exchange, _address(kind), (kind,)), kind.ends_with
    return {**made, "parameters": {end: {"description": f"`{end}` of the message"}}} if end else made


def _address(kind: type[Message]) -> str:
    """The routing key, and the type that a message of that class bears."""
    return bound_key(kind).replace("*", f"{{{kind.ends_with}}}")


def _dead_letters(service: str) -> Json:
    return {
        **_key(DEAD_LETTERS, f"{service}.{{reason}}", ()),
        "description": "What could not be taken, for operations.",
        "parameters": {"reason": {"description": "why, in kebab case"}},
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
    }


def _summary(kinds: Kinds) -> str:
    return " · ".join(kind.__name__ for kind in kinds)


def _references(kinds: Iterable[type[Message]]) -> Json:
    return {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds}


def _operation(action: str, channel: str, kinds: Kinds) -> Json:
    how: Json = {"ack": True} if action == "receive" else {"deliveryMode": 2, "mandatory": True}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind.__name__}"} for kind in kinds],
        "bindings": {"amqp": {**how, **BINDING}},
    }


def _message(kind: type[Message]) -> Json:
    name = kind.__name__
    made: Json = {"name": name, "title": name}
    if kind.__doc__ is not None and kind.__dict__.get("__doc__"):
        made["summary"] = " ".join(kind.__doc__.split())
    return {
        **made,
        "contentType": "application/json",
        "correlationId": {"location": "$message.payload#/application_id"},
        "headers": {"$ref": "#/components/schemas/MessageHeaders"},
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"amqp": {"messageType": _address(kind), **BINDING}},
    }


def _schemas(kinds: Kinds) -> Json:
    mode: JsonSchemaMode = "validation"
    _, made = models_json_schema(
        [(kind, mode) for kind in kinds], ref_template="#/components/schemas/{model}", schema_generator=_Schemas
    )
    return {"MessageHeaders": HEADERS, **made.get("$defs", {})}
