"""What must be heard for each story to begin."""

from __future__ import annotations

from datetime import date

from services.saga_coordinator.deadlines import FormOverdue
from shared.contracts.base import Message
from shared.contracts.identity_verification import IdentityUnavailable
from tests.services.saga_coordinator.telling import (
    ID,
    annulled,
    eligible,
    identity_refused,
    issued,
    lapsed,
    registered,
    uncollected,
    withdrawal,
)

BEGUN_BY: dict[str, tuple[Message, ...]] = {
    "issued": (registered(), issued()),
    "not collected": (registered(), uncollected()),
    "not made": (registered(), annulled(after_approval=True)),
    "annulment": (registered(), annulled()),
    "unpaid": (registered(), lapsed()),
    "withdrawal": (registered(), withdrawal()),
    "refusal": (identity_refused(),),
    "redirected": (IdentityUnavailable(application_id=ID, dependency="bmg"),),
    "abandoned": (eligible(date(2025, 10, 20)), FormOverdue(application_id=ID, returned=0)),
}
