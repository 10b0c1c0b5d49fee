"""The broker's definitions, derived from the process: exchanges, queues, bindings, policies, users and their rights.

Every way to run loads the same `definitions.json`. Limits are policies and never queue arguments, so that they can be
changed while it runs; all queues are durable quorum queues, so that RabbitMQ 3.10 and 4.x load the same file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.base import Message, routing_key
from shared.process import MAIN, PORTAL, SERVICES, UNKNOWN, queues_of, said_by

DEAD_LETTERS = "dead-letters"
PORTAL_STATUS_QUEUE = "portal-status"
OPERATIONS = "operations"
UNKNOWN_EXCHANGE = "portal.unknown"
EXCHANGES = {
    "portal": "topic",
    "events": "topic",
    "portal.status": "topic",
    DEAD_LETTERS: "topic",
    "commands": "direct",
    UNKNOWN_EXCHANGE: "fanout",  # where the broker puts what the portal says and no class stands for
}
DELIVERY_LIMIT = 20
NO_LIMIT = 1_000_000_000  # redeliveries: a dead letter is never lost, however often operations look at it

Json = dict[str, Any]


def portal_says() -> tuple[type[Message], ...]:
    """Every message class the portal may say."""
    return tuple(way.hears for way in MAIN if way.hears.exchange == "portal")


def portal_hears() -> tuple[type[Message], ...]:
    """Every message class the portal is told."""
    said = {kind: None for service in SERVICES for kind in said_by(service) if kind.exchange == "portal.status"}
    return tuple(said)


def says(user: str) -> dict[str, tuple[str, ...]]:
    """Exchange → routing keys the user may say on it; dead letters aside."""
    spoken: dict[str, list[str]] = {}
    for kind in portal_says() if user == PORTAL else said_by(user):
        spoken.setdefault(kind.exchange, []).append(routing_key(kind))
    return {exchange: tuple(keys) for exchange, keys in spoken.items()}


def reads(user: str) -> tuple[str, ...]:
    """The queues the user may consume."""
    return (PORTAL_STATUS_QUEUE,) if user == PORTAL else tuple(queues_of(user))


def definitions(
    passwords: Mapping[str, str], *, vhost: str = "/", delivery_limit: int = DELIVERY_LIMIT, administrator: bool = True
) -> Json:
    """RabbitMQ's `definitions.json`: one user per service, `portal`, and the administrator `operations`.

    `passwords` is user → password; a user without one is defined with an empty hash, and nobody can log in as it until
    definitions with its password are loaded over these. `delivery_limit` is how often a message is delivered *again*.
    """
    users = [*SERVICES, PORTAL, *([OPERATIONS] if administrator else [])]
    return {
        "vhosts": [{"name": vhost}],
        "users": [_user(user, passwords.get(user)) for user in users],
        "permissions": [{"vhost": vhost, **_permissions(user)} for user in users],
        "topic_permissions": [{"vhost": vhost, **right} for user in users for right in _topic_permissions(user)],
        "policies": [{"vhost": vhost, **policy} for policy in _policies(delivery_limit)],
        "exchanges": [
            {
                "name": name,
                "vhost": vhost,
                "type": kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name, kind in EXCHANGES.items()
        ],
        "queues": [
            {
                "name": queue,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": {"x-queue-type": "quorum"},
            }
            for queue in dict.fromkeys(binding["destination"] for binding in _bindings())
        ],
        "bindings": [{"vhost": vhost, **binding} for binding in _bindings()],
    }


def _bindings() -> list[Json]:
    bound = [
        (kind.exchange, queue, routing_key(kind))
        for service in SERVICES
        for queue, kinds in queues_of(service).items()
        for kind in kinds
    ]
    bound += [("portal.status", PORTAL_STATUS_QUEUE, routing_key(kind)) for kind in portal_hears()]
    bound += [(UNKNOWN_EXCHANGE, UNKNOWN, ""), (DEAD_LETTERS, DEAD_LETTERS, "#")]
    return [
        {"source": source, "destination": queue, "destination_type": "queue", "routing_key": key, "arguments": {}}
        for source, queue, key in bound
    ]


def _policies(delivery_limit: int) -> list[Json]:
    kept = {
        "delivery-limit": delivery_limit,
        "dead-letter-exchange": DEAD_LETTERS,
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",  # at-least-once asks for it; with no length limit it never comes to that
    }
    return [
        {"name": "work", "pattern": f"^(?!{DEAD_LETTERS}$)", "apply-to": "queues", "priority": 1, "definition": kept},
        {
            "name": DEAD_LETTERS,
            "pattern": f"^{DEAD_LETTERS}$",
            "apply-to": "queues",
            "priority": 1,
            "definition": {"delivery-limit": NO_LIMIT},
        },
        {
            "name": "portal",
            "pattern": "^portal$",
            "apply-to": "exchanges",
            "priority": 1,
            "definition": {"alternate-exchange": UNKNOWN_EXCHANGE},
        },
    ]


def _user(name: str, password: str | None) -> Json:
    return {
        "name": name,
        "password_hash": "" if password is None else password_hash(name, password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator" if name == OPERATIONS else "",
        "limits": {},
    }


def password_hash(user: str, password: str) -> str:
    """RabbitMQ's salted SHA-256; the salt follows from user and password, so that the same file comes out each time."""
    salt = hashlib.sha256(f"{user}\0{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _permissions(user: str) -> Json:
    if user == OPERATIONS:
        return {"user": user, "configure": ".*", "write": ".*", "read": ".*"}
    exchanges = [*says(user), *([] if user == PORTAL else [DEAD_LETTERS])]
    return {"user": user, "configure": "", "write": one_of(exchanges), "read": one_of(reads(user))}


def _topic_permissions(user: str) -> Iterable[Json]:
    """What may be said on each topic exchange the user may write to. Reading by a topic means binding: none may.

    The portal may say anything on its own exchange: what no class stands for is answered by intake, not cut off.
    """
    if user == OPERATIONS:
        return
    for exchange, keys in says(user).items():
        if EXCHANGES[exchange] == "topic":
            yield {"user": user, "exchange": exchange, "write": ".*" if user == PORTAL else one_of(keys), "read": "^$"}
    if user != PORTAL:
        yield {"user": user, "exchange": DEAD_LETTERS, "write": rf"^{user}\.[a-z0-9.-]+$", "read": "^$"}


def one_of(names: Iterable[str]) -> str:
    """A regular expression that takes exactly these names; with none of them it takes the empty name only."""
    return "^(" + "|".join(sorted(names)).replace(".", r"\.") + ")$"
