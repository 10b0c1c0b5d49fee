"""The coordinator hears every event alike, and its own deadlines."""

from __future__ import annotations

from services.saga_coordinator.domain import (
    FormOverdue,
    SigningOverdue,
    form_overdue,
    hear,
    signing_overdue,
    step_overdue,
)
from services.saga_coordinator.saga import StepOverdue
from shared.engine.service import Reaction
from shared.process import COORDINATOR, heard_by

REACTIONS = (
    *(Reaction(kind, hear) for kind in heard_by(COORDINATOR)),
    Reaction(FormOverdue, form_overdue),
    Reaction(SigningOverdue, signing_overdue),
    Reaction(StepOverdue, step_overdue),
)
