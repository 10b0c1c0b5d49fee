"""The table of the process is whole: whatever is said is heard, whatever is heard is said, and no more than that."""

from __future__ import annotations

import importlib.util
import inspect
from importlib import import_module
from types import ModuleType

import pytest

from shared import contracts
from shared.contracts import (
    eligibility,
    identity_verification,
    intake,
    notification,
    payment,
    portal,
    production_dispatch,
    ums_review,
    workstation,
)
from shared.contracts.attempts import AttemptFailed
from shared.contracts.base import Message, routing_key
from shared.engine.service import Service
from shared.process import (
    COMMANDS,
    COORDINATOR,
    EVENTS,
    HEAR_IN_BULK,
    INTAKE,
    MAIN,
    MESSAGES,
    NOTIFICATION,
    ORDERS,
    PROCESS,
    REVIEW,
    SERVICES,
    TELL_FAILURES,
    UNKNOWN,
    heard_by,
    queue_of,
    queues_of,
    said_by,
)

OWNERS: dict[str, ModuleType] = {
    "intake": intake,
    "identity-verification": identity_verification,
    "eligibility": eligibility,
    "payment": payment,
    "ums-review": ums_review,
    "production-dispatch": production_dispatch,
    "notification": notification,
}
STEPS = [f"S{number}" for number in range(1, 20)]


def declared(module: ModuleType, exchange: str) -> set[type[Message]]:
    """The message classes that stand in a contract module and go to that exchange."""
    found = inspect.getmembers(module, inspect.isclass)
    return {
        kind
        for _, kind in found
        if issubclass(kind, Message) and kind.__module__ == module.__name__ and kind.exchange == exchange
    }


def test_the_coordinator_hears_every_event() -> None:
    assert set(heard_by(COORDINATOR)) == set(EVENTS)


def test_every_declared_message_has_its_place_in_the_process() -> None:
    for module in (*OWNERS.values(), portal, workstation):
        for exchange in ("portal", "events", "commands", "portal.status", "workstation", "workstation.status"):
            assert not {kind.__name__ for kind in declared(module, exchange) - set(MESSAGES.values())}


@pytest.mark.parametrize("service", OWNERS)
def test_an_event_is_said_by_its_owner_and_by_nobody_else(service: str) -> None:
    events = declared(OWNERS[service], "events")
    assert events == {kind for kind in said_by(service) if kind.exchange == "events"} - {AttemptFailed}
    for other in SERVICES:
        assert other == service or not events & set(said_by(other))


def test_every_event_is_heard_by_someone_besides_the_timeline_or_ends_a_story() -> None:
    heard = {kind for service in SERVICES if service != COORDINATOR for kind in heard_by(service)}
    only_noted = {kind.__name__ for kind in set(EVENTS) - heard}
    answers = {kind.__name__ for way in COMMANDS for kind in way.says}  # the coordinator orders the next step on them
    triggers_and_notes = {
        "WithdrawalRequested", "FeedbackReceived", "FeeLapsed", "ApplicationRefused", "DocumentSpoiled", "IssueRefused",
        "CitizenNotified", "RefundOverdue", "RegistrationUnavailable", "AttemptFailed",
    }  # fmt: skip
    assert only_noted <= answers | triggers_and_notes


@pytest.mark.parametrize("kind", ORDERS)
def test_an_order_is_obeyed_by_one_service_answered_and_given_by_the_coordinator_alone(kind: type[Message]) -> None:
    ways = [way for way in PROCESS if way.hears is kind]
    assert len(ways) == 1
    assert ways[0].says
    assert kind in said_by(COORDINATOR)
    assert kind.__module__ == OWNERS[ways[0].service].__name__


def test_the_coordinator_gives_orders_and_states_no_facts() -> None:
    assert {kind.exchange for kind in said_by(COORDINATOR)} == {"commands"}


def test_only_intake_hears_the_portal() -> None:
    for service in SERVICES:
        assert service == INTAKE or not [kind for kind in heard_by(service) if kind.exchange == "portal"]


def test_only_the_review_hears_a_workstation() -> None:
    for service in SERVICES:
        assert service == REVIEW or not [kind for kind in heard_by(service) if kind.exchange == "workstation"]


def test_nobody_says_to_itself_over_the_broker_what_it_could_remember() -> None:
    for service in SERVICES:
        own = set(said_by(service)) & set(heard_by(service))
        assert not own or service in HEAR_IN_BULK, service


def test_every_step_of_the_order_has_one_service() -> None:
    places: dict[str, set[str]] = {step: set() for step in STEPS}
    for way in MAIN:
        for step in way.steps.split():
            places[step].add(way.service)
    assert {step: len(services) for step, services in places.items()} == dict.fromkeys(STEPS, 1)


def test_a_queue_is_named_by_its_service_and_its_message() -> None:
    assert queue_of("payment", payment.CancelInvoice) == "payment.cancel-invoice"
    assert queue_of(NOTIFICATION, payment.FeePaid) == NOTIFICATION
    for service in SERVICES:
        for queue, kinds in queues_of(service).items():
            if service in HEAR_IN_BULK:
                assert queue == service
                assert set(kinds) == set(heard_by(service))
            elif queue != UNKNOWN:
                assert [queue] == [f"{service}.{routing_key(kind)}" for kind in kinds]


def test_no_two_services_share_a_queue() -> None:
    queues = [queue for service in SERVICES for queue in queues_of(service)]
    assert len(queues) == len(set(queues))


def test_every_message_is_in_one_module_of_its_owner() -> None:
    for kind in MESSAGES.values():
        assert kind.__module__.startswith(contracts.__name__)


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_is_wired_to_hear_is_what_the_table_says(name: str) -> None:
    service = wired(name)
    assert service.name == name
    heard = {reaction.hears for reaction in service.reactions if reaction.hears.exchange not in ("own", "api")}
    assert {kind.__name__ for kind in heard} == {kind.__name__ for kind in heard_by(name)}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_but_the_coordinator_tells_of_what_fails(name: str) -> None:
    assert wired(name).tells_failures == (name in TELL_FAILURES) == (AttemptFailed in said_by(name))
    assert wired(name).tells_failures or name == COORDINATOR


def wired(name: str) -> Service:
    module = f"services.{name.replace('-', '_')}.app"
    assert importlib.util.find_spec(module), f"{module} is not there"
    service = import_module(module).SERVICE
    assert isinstance(service, Service)
    return service
