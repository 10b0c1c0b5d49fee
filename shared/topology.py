"""The broker's definitions, derived from the process: exchanges, queues, bindings, policies, users and their rights.

Every way to run loads the same `definitions.json`. Limits are policies and never queue arguments, so that they can be
changed while it runs; all queues are durable quorum queues, so that RabbitMQ 3.10 and 4.x load the same file.
Regions whose officers work at a workstation are named by whoever starts the broker; each has a feed and a user.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from shared.broker_users import entry, one_of
from shared.contracts.base import Message, bound_key, routing_key
from shared.contracts.ums_review import ReviewQueued
from shared.process import MAIN, PORTAL, REVIEW, SERVICES, UNKNOWN, WORKSTATION, Kinds, queues_of, said_by

DEAD_LETTERS = "dead-letters"
PORTAL_STATUS_QUEUE = "portal-status"
OPERATIONS = "operations"
UNKNOWN_EXCHANGE = "portal.unknown"
EXCHANGES = {
    "portal": "topic",
    "events": "topic",
    "portal.status": "topic",
    "workstation": "topic",
    "workstation.status": "topic",
    DEAD_LETTERS: "topic",
    "commands": "direct",
    UNKNOWN_EXCHANGE: "fanout",  # where the broker puts what the portal says and no class stands for
}
DELIVERY_LIMIT = 20
FEED = f"{REVIEW}.{routing_key(ReviewQueued)}."
"""Before the region: its feed. `ums-review` reads its own queues by their whole names and none of these."""
MOST_FED = 100_000
"""Messages in a feed; the oldest go first. A feed that nobody reads stops nobody and fills no disk."""
NO_LIMIT = 1_000_000_000  # redeliveries: a dead letter is never lost, however often operations look at it

Json = dict[str, Any]


def portal_says() -> tuple[type[Message], ...]:
    """Every message class the portal may say."""
    return tuple(way.hears for way in MAIN if way.hears.exchange == "portal")


def portal_hears() -> tuple[type[Message], ...]:
    """Every message class the portal is told."""
    said = {kind: None for service in SERVICES for kind in said_by(service) if kind.exchange == "portal.status"}
    return tuple(said)


def workstation_hears() -> Kinds:
    """Every message class that comes by a feed: the region's cases, and the answers to its decisions."""
    said = said_by(REVIEW)
    return (ReviewQueued, *(kind for kind in said if kind.exchange == "workstation.status"))


def workstation_says() -> Kinds:
    """Every message class a workstation may say."""
    return tuple(way.hears for way in MAIN if way.hears.exchange == WORKSTATION)


def workstation_of(region: str) -> str:
    """The user of that region's workstation."""
    return f"{WORKSTATION}-{region}"


def feed_of(region: str) -> str:
    """The queue of that region's workstation."""
    return f"{FEED}{region}"


def says(user: str) -> dict[str, tuple[str, ...]]:
    """Exchange → routing keys the user may say on it; dead letters aside. `*` is any one word."""
    if region := _region(user):
        return _by_exchange((kind, f"{routing_key(kind)}.{region}") for kind in workstation_says())
    kinds = portal_says() if user == PORTAL else said_by(user)
    return _by_exchange((kind, bound_key(kind)) for kind in kinds)


def _by_exchange(keys: Iterable[tuple[type[Message], str]]) -> dict[str, tuple[str, ...]]:
    spoken: dict[str, list[str]] = {}
    for kind, key in keys:
        spoken.setdefault(kind.exchange, []).append(key)
    return {exchange: tuple(said) for exchange, said in spoken.items()}


def reads(user: str) -> tuple[str, ...]:
    """The queues the user may consume."""
    if region := _region(user):
        return (feed_of(region),)
    return (PORTAL_STATUS_QUEUE,) if user == PORTAL else tuple(queues_of(user))


def _region(user: str) -> str:
    """Whose workstation it is; empty for every other user."""
    return user.removeprefix(workstation_of("")) if user.startswith(workstation_of("")) else ""


def definitions(
    passwords: Mapping[str, str],
    *,
    vhost: str = "/",
    delivery_limit: int = DELIVERY_LIMIT,
    administrator: bool = True,
    workstations: Collection[str] = (),
) -> Json:
    """RabbitMQ's `definitions.json`: one user per service, `portal`, and the administrator `operations`.

    `workstations`: regions, each of which gets its feed and its user. `passwords` is user → password; a user without
    one is defined with an empty hash, and nobody can log in as it until definitions with its password are loaded over
    these. `delivery_limit` is how often a message is delivered *again*.
    """
    users = [*SERVICES, PORTAL, *map(workstation_of, workstations), *([OPERATIONS] if administrator else [])]
    bindings = _bindings(workstations)
    return {
        "vhosts": [{"name": vhost}],
        "users": [entry(user, passwords.get(user), "administrator" if user == OPERATIONS else "") for user in users],
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
            for queue in dict.fromkeys(binding["destination"] for binding in bindings)
        ],
        "bindings": [{"vhost": vhost, **binding} for binding in bindings],
    }


def _bindings(workstations: Iterable[str]) -> list[Json]:
    bound = [
        (kind.exchange, queue, bound_key(kind))
        for service in SERVICES
        for queue, kinds in queues_of(service).items()
        for kind in kinds
    ]
    bound += [("portal.status", PORTAL_STATUS_QUEUE, routing_key(kind)) for kind in portal_hears()]
    bound += [
        (kind.exchange, feed_of(region), f"{routing_key(kind)}.{region}")
        for region in workstations
        for kind in workstation_hears()
    ]
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
    feed = FEED.replace(".", r"\.")
    return [
        {
            "name": "work",
            "pattern": f"^(?!{DEAD_LETTERS}$|{feed})",
            "apply-to": "queues",
            "priority": 1,
            "definition": kept,
        },
        {
            "name": "feeds",
            "pattern": f"^{feed}",
            "apply-to": "queues",
            "priority": 1,
            "definition": {"delivery-limit": delivery_limit, "max-length": MOST_FED, "overflow": "drop-head"},
        },
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
        {
            "name": "workstation.status",  # an answer to a region that has no workstation any more
            "pattern": r"^workstation\.status$",
            "apply-to": "exchanges",
            "priority": 1,
            "definition": {"alternate-exchange": DEAD_LETTERS},
        },
    ]


def _permissions(user: str) -> Json:
    if user == OPERATIONS:
        return {"user": user, "configure": ".*", "write": ".*", "read": ".*"}
    exchanges = [*says(user), *([DEAD_LETTERS] if user in SERVICES else [])]
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
    if user in SERVICES:
        yield {"user": user, "exchange": DEAD_LETTERS, "write": rf"^{user}\.[a-z0-9.-]+$", "read": "^$"}
