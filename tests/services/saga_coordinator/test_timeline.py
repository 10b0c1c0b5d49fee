"""The timeline: a line for every event heard and every order given, and nothing of the citizen in it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.saga_coordinator.app import SERVICE
from services.saga_coordinator.domain import hear
from services.saga_coordinator.saga import Case
from services.saga_coordinator.timeline import Happening
from shared.contracts.attempts import AttemptFailed, Failure
from shared.contracts.base import Message, Sealed, routing_key
from shared.contracts.values import Ending
from shared.engine.decision import Given
from shared.law.rules import RULES
from shared.process import COORDINATOR, EVENTS, heard_by, said_by
from tests.contracts.golden import example
from tests.services.saga_coordinator.telling import (
    DAY,
    ID,
    NOW,
    a_case,
    annulled,
    close,
    closed,
    eligible,
    recalled,
    unpaid,
)
from tests.services.saga_coordinator.ways import at

SILENT = AttemptFailed(
    application_id=ID, service="intake", ask="register-application", dependency="rpdrn", failure=Failure.TIMEOUT,
    attempts=4, since=NOW,
)  # fmt: skip


def clear_words(value: Any) -> Iterator[str]:
    """Whatever is sealed in a message, in clear."""
    if isinstance(value, Sealed):
        yield from plain_words(value.value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from clear_words(getattr(value, name))


def plain_words(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from plain_words(getattr(value, name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from plain_words(one)
    elif isinstance(value, str) and not isinstance(value, Enum) and len(value) > 3:
        yield value


def test_every_event_of_the_process_is_heard_and_nothing_but_commands_is_said() -> None:
    assert set(heard_by(COORDINATOR)) == set(EVENTS)
    assert {kind.exchange for kind in said_by(COORDINATOR)} == {"commands"}
    assert {routing_key(kind) for kind in EVENTS} <= set(SERVICE.by_key)


@pytest.mark.parametrize("kind", EVENTS, ids=routing_key)
def test_an_event_leaves_one_line_with_its_name_its_time_and_its_id(kind: type[Message]) -> None:
    event, id = example(kind), example(kind).application_id
    rows = [row for row in hear(Case(id), event, Given(ID, NOW, NOW)).appends if row.what in ("heard", "attempt")]
    assert [(row.application_id, row.name, row.said_at, row.message_id) for row in rows] == [
        (id, routing_key(kind), NOW, ID)
    ]


@pytest.mark.parametrize("kind", EVENTS, ids=routing_key)
def test_no_line_holds_what_the_message_seals(kind: type[Message]) -> None:
    event = example(kind)
    shown = " ".join(repr(row) for row in hear(Case(event.application_id), event, Given(ID, NOW, NOW)).appends)
    sealed = set(clear_words(event)) - set(plain_words(event))
    assert not [word for word in sealed if word in shown]


def test_a_line_stands_for_every_event_and_for_every_order_in_their_order() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED), recalled(), unpaid())
    assert [(row.what, row.name) for row in telling.rows] == [
        ("heard", "review-annulled"),
        ("ordered", "close-application"),
        ("heard", "application-closed"),
        ("ordered", "recall-registration"),
        ("heard", "registration-recalled"),
        ("ordered", "cancel-invoice"),
        ("heard", "invoice-cancelled"),
    ]


def test_an_order_names_the_message_that_caused_it() -> None:
    heard, ordered = a_case().heard(annulled()).rows
    assert heard.message_id == ordered.message_id


def test_a_deadline_that_passed_has_its_line_before_the_order() -> None:
    telling = a_case().heard(eligible()).passes(DAY).orders(close(Ending.ABANDONED))
    assert [(row.what, row.name) for row in telling.rows[1:]] == [
        ("passed", "form-overdue"),
        ("ordered", "close-application"),
    ]


def test_operations_see_enumerations_and_numbers_at_a_glance() -> None:
    heard, ordered = a_case().heard(annulled()).rows
    assert isinstance(heard, Happening)
    assert heard.detail == "ground=PHOTO decision_id=d1 officer_id=o1 round=1"
    assert ordered.detail == "ending=annulled"


def test_an_event_after_the_ending_still_has_its_line() -> None:
    telling = a_case().heard(annulled(), closed(Ending.ANNULLED), recalled(), unpaid(), annulled())
    assert telling.rows[-1].name == "review-annulled"


def test_the_case_knows_when_it_last_heard_something() -> None:
    telling = a_case().heard(eligible()).passes(DAY / 2).heard(recalled())
    assert telling.case.heard_at == NOW + DAY / 2


def test_a_line_bears_the_trace_of_its_message_and_the_orders_upon_it_the_same() -> None:
    trace = UUID(hex="0123456789abcdef0123456789abcdef")
    parent = f"00-{trace.hex}-0123456789abcdef-01"
    heard = hear(Case(ID), annulled(), Given(ID, NOW, NOW, traceparent=parent))
    assert {row.trace_id for row in heard.appends} == {trace}


@pytest.mark.parametrize("parent", ["", "nonsense", "00-x-y-01", "00-0123-4567-01"])
def test_without_a_trace_that_reads_it_is_the_applications_own(parent: str) -> None:
    heard = hear(Case(ID), annulled(), Given(ID, NOW, NOW, traceparent=parent))
    assert {row.trace_id for row in heard.appends} == {ID}


def test_a_failed_attempt_a_stuck_case_and_each_drive_have_their_lines() -> None:
    telling = at("submitted").heard(SILENT).passes(RULES.budgets.submitted * 4)
    assert [(row.what, row.name) for row in telling.rows][-5:] == [
        ("attempt", "attempt-failed"),
        ("stuck", "submitted"),
        ("ordered", "resume-application"),
        ("driven", "submitted"),
        ("ordered", "resume-application"),
    ]
    (attempt,) = (row for row in telling.rows if row.what == "attempt")
    assert attempt.detail == "dependency=rpdrn service=intake ask=register-application failure=TIMEOUT attempts=4"


def test_money_is_in_it_by_sum_and_id() -> None:
    telling = at("settled")
    assert telling.rows[-1].detail == "amount=786 receipt_id=r1"
