"""The broker's definitions give every user exactly what the process gives it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from shared.broker_users import one_of
from shared.clock import SeededIds, SystemClock
from shared.contracts.base import bound_key, routing_key
from shared.contracts.ums_review import ReviewQueued
from shared.engine.adapters.memory_broker import MemoryBroker
from shared.process import MESSAGES, PORTAL, SERVICES, heard_by, queues_of, said_by
from shared.topology import (
    DEAD_LETTERS,
    EXCHANGES,
    FEED,
    OPERATIONS,
    PORTAL_STATUS_QUEUE,
    definitions,
    feed_of,
    portal_hears,
    portal_says,
    reads,
    says,
    workstation_hears,
    workstation_of,
)

REGIONS = ("71", "75")
MADE = definitions({"payment": "a secret"}, workstations=REGIONS)
STATIONS = tuple(map(workstation_of, REGIONS))
USERS = (*SERVICES, PORTAL, *STATIONS)


def right(user: str) -> dict[str, Any]:
    (found,) = [right for right in MADE["permissions"] if right["user"] == user]
    return dict(found)


def topics(user: str) -> dict[str, str]:
    return {right["exchange"]: right["write"] for right in MADE["topic_permissions"] if right["user"] == user}


@pytest.mark.parametrize("user", SERVICES)
def test_every_message_a_service_may_say_has_its_right_and_no_other_has(user: str) -> None:
    for kind in MESSAGES.values():
        key = bound_key(kind).replace("*", "71")
        allowed = re.search(right(user)["write"], kind.exchange) is not None
        if allowed and EXCHANGES[kind.exchange] == "topic":
            allowed = re.search(topics(user)[kind.exchange], key) is not None
        assert allowed == (kind in said_by(user)) or kind.exchange == "commands", kind.__name__


@pytest.mark.parametrize("user", USERS)
def test_nobody_may_configure_and_everybody_reads_its_own_queues_only(user: str) -> None:
    assert right(user)["configure"] == ""
    for queue in MADE["queues"]:
        assert (re.search(right(user)["read"], queue["name"]) is not None) == (queue["name"] in reads(user))
    assert not re.search(right(user)["write"], "")
    assert not re.search(right(user)["write"], "amq.default")


def test_every_queue_is_bound_and_every_message_reaches_a_queue_of_each_hearer() -> None:
    bound = {(b["source"], b["routing_key"], b["destination"]) for b in MADE["bindings"]}
    for service in SERVICES:
        for kind in heard_by(service):
            key = bound_key(kind)
            (queue,) = [queue for queue, kinds in queues_of(service).items() if kind in kinds]
            assert (kind.exchange, key, queue) in bound
    assert {queue["name"] for queue in MADE["queues"]} == {destination for _, _, destination in bound}


def test_nobody_but_the_dead_letters_is_bound_to_everything_and_a_star_stands_for_a_region_only() -> None:
    assert [b["destination"] for b in MADE["bindings"] if "#" in b["routing_key"]] == [DEAD_LETTERS]
    wide = {b["routing_key"] for b in MADE["bindings"] if "*" in b["routing_key"]}
    heard = {kind for service in SERVICES for kind in heard_by(service)}
    assert wide == {bound_key(kind) for kind in heard if kind.ends_with}
    assert {kind.ends_with for kind in MESSAGES.values()} == {"", "region"}


def test_a_region_has_feed_and_user_only_where_it_is_named() -> None:
    alone = definitions({})
    names = [each["name"] for part in ("users", "queues") for each in alone[part]]
    assert not [name for name in names if name.startswith(("workstation", FEED))]
    assert {queue["name"] for queue in MADE["queues"]} - set(names) == {feed_of(region) for region in REGIONS}
    assert {user["name"] for user in MADE["users"]} - set(names) == set(STATIONS)


def test_a_feed_gets_the_cases_of_its_region_once_and_the_services_get_all() -> None:
    broker = MemoryBroker(SystemClock(), SeededIds(1), topology=MADE)
    for region in REGIONS:
        reached = broker.route("events", f"review-queued.{region}")
        assert [name for name in reached if name.startswith(FEED)] == [feed_of(region)]
        assert sorted(reached) == sorted([feed_of(region), *broker.route("events", "review-queued.11")])
        assert len(reached) == len(set(reached)) > 3
    hearers = {queue for service in SERVICES for queue, kinds in queues_of(service).items() if ReviewQueued in kinds}
    assert set(broker.route("events", "review-queued.11")) == hearers


def test_an_answer_to_a_region_without_a_workstation_is_for_operations_and_never_unroutable() -> None:
    broker = MemoryBroker(SystemClock(), SeededIds(1), topology=MADE)
    for kind in workstation_hears()[1:]:
        assert broker.route("workstation.status", f"{routing_key(kind)}.75") == [feed_of("75")]
        assert broker.route("workstation.status", f"{routing_key(kind)}.11") == [DEAD_LETTERS]


def test_a_workstation_says_signed_decisions_of_its_own_region_only() -> None:
    assert says(workstation_of("75")) == {"workstation": ("decision-signed.75",)}
    assert re.search(topics(workstation_of("75"))["workstation"], "decision-signed.75")
    assert not re.search(topics(workstation_of("75"))["workstation"], "decision-signed.71")


def test_a_workstation_reads_its_own_feed_and_nothing_else() -> None:
    for region, user in zip(REGIONS, STATIONS, strict=True):
        assert reads(user) == (feed_of(region),)
        assert right(user)["configure"] == ""
        for exchange in EXCHANGES:
            assert (re.search(right(user)["write"], exchange) is not None) == (exchange in says(user))
        for key in topics(user).values():
            assert not re.search(key, "review-queued.71")
    assert not re.search(right("ums-review")["read"], feed_of("71"))


def test_the_portal_is_told_what_the_services_tell_it() -> None:
    assert reads(PORTAL) == (PORTAL_STATUS_QUEUE,)
    assert {kind.__name__ for kind in portal_hears()} == {"StatusChanged", "MessageRejected"}
    assert {kind.exchange for kind in portal_says()} == {"portal"}
    assert set(says(PORTAL)) == {"portal"}


def test_limits_are_policies_and_never_arguments() -> None:
    for queue in MADE["queues"]:
        assert queue["arguments"] == {"x-queue-type": "quorum"}
        policies = [p for p in MADE["policies"] if p["apply-to"] == "queues" and re.search(p["pattern"], queue["name"])]
        assert len(policies) == 1
        definition = policies[0]["definition"]
        if queue["name"].startswith(FEED):
            assert definition == {"delivery-limit": 20, "max-length": 100_000, "overflow": "drop-head"}
        elif queue["name"] == DEAD_LETTERS:
            assert not {"dead-letter-exchange", "max-length", "overflow"} & definition.keys()
        else:
            assert definition["delivery-limit"] == 20
            assert definition["dead-letter-strategy"] == "at-least-once"
            assert definition["overflow"] == "reject-publish"


def test_nothing_stands_in_it_that_a_later_broker_refuses() -> None:
    text = json.dumps(MADE)
    for word in ("ha-mode", "x-queue-mode", "queue-master-locator", "x-max-priority", '"durable": false'):
        assert word not in text


def test_a_password_is_salted_and_its_lack_lets_nobody_in() -> None:
    users = {user["name"]: user for user in MADE["users"]}
    assert set(users) == {*USERS, OPERATIONS}
    hashed = base64.b64decode(users["payment"]["password_hash"])
    assert hashed[4:] == hashlib.sha256(hashed[:4] + b"a secret").digest()
    assert all(user["password_hash"] == "" for name, user in users.items() if name != "payment")
    assert {name for name, user in users.items() if user["tags"]} == {OPERATIONS}
    same = definitions(dict.fromkeys(USERS, "same"), workstations=REGIONS)
    assert len({user["password_hash"] for user in same["users"]}) == len(USERS) + 1
    assert definitions({"payment": "a secret"}, workstations=REGIONS) == MADE


def test_a_dot_in_a_name_is_a_dot() -> None:
    assert re.search(one_of(["portal.status"]), "portal.status")
    assert not re.search(one_of(["portal.status"]), "portalxstatus")
    assert not re.search(one_of([]), "anything")
    assert not re.search(one_of([]), "")
    assert re.search(one_of(["review-queued.*"]), "review-queued.71")
    assert not re.search(one_of(["review-queued.*"]), "review-queued.71.1")
    assert not re.search(one_of(["review-queued.*"]), "review-queued")
