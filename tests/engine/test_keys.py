"""A message whose key ends with a field: said under it, heard by whoever wants all, refused under another's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from services.intake.app import SERVICE
from shared.contracts.base import bound_key, published_key, write
from shared.contracts.payment import FeePaid
from shared.contracts.ums_review import ReviewQueued
from shared.engine.codec import Item, Unreadable, outgoing, understand
from shared.engine.rows import Delivery
from tests.engine.house import SEALER

NOW = datetime(2025, 10, 6, 5, tzinfo=UTC)
QUEUED = ReviewQueued(application_id=uuid4(), region="75", talon="75-1", round=1, due_on=date(2025, 10, 8))


def heard(key: str) -> Item | Unreadable:
    return understand(Delivery("q", "events", key, "m-1", {}, write(QUEUED, SEALER)), SERVICE, SEALER, NOW)


def test_a_key_is_the_class_with_the_field_that_ends_it() -> None:
    assert (published_key(QUEUED), bound_key(ReviewQueued)) == ("review-queued.75", "review-queued.*")
    assert bound_key(FeePaid) == "fee-paid"
    row = outgoing(QUEUED, 0, uuid4(), "ums-review", {}, SEALER)
    assert (row.exchange, row.routing_key) == ("events", "review-queued.75")


@pytest.mark.parametrize("key", ["review-queued.75", "review-queued"])
def test_it_is_heard_under_its_own_key_and_under_the_one_without_the_end(key: str) -> None:
    item = heard(key)
    assert isinstance(item, Item)
    assert item.message == QUEUED


@pytest.mark.parametrize(
    ("key", "reason"),
    [("review-queued.71", "OTHER_KEY"), ("review-queued.75.1", "OTHER_KEY"), ("fee-paid.75", "UNKNOWN_TYPE")],
)
def test_under_another_key_it_is_refused_and_told_why(key: str, reason: str) -> None:
    found = heard(key)
    assert isinstance(found, Unreadable)
    assert found.reason == reason
    assert found.faults == ((("region", "is not what the routing key says"),) if reason == "OTHER_KEY" else ())
