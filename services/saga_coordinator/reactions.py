"""The coordinator hears every event alike, its own deadlines and timers, and operations."""

from __future__ import annotations

from services.saga_coordinator.deadlines import FormOverdue, SigningOverdue
from services.saga_coordinator.domain import form_overdue, hear, signing_overdue, step_overdue
from services.saga_coordinator.driving import DriveCase, drive_case, watch_case
from services.saga_coordinator.saga import StepOverdue
from services.saga_coordinator.watching import WatchCase
from shared.engine.service import Reaction
from shared.process import COORDINATOR, heard_by

REACTIONS = (
    *(Reaction(kind, hear) for kind in heard_by(COORDINATOR)),
    Reaction(FormOverdue, form_overdue),
    Reaction(SigningOverdue, signing_overdue),
    Reaction(StepOverdue, step_overdue),
    Reaction(WatchCase, watch_case),
    Reaction(DriveCase, drive_case),
)
