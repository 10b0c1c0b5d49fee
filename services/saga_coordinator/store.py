"""One case per application, and its timeline for ever."""

from __future__ import annotations

from services.saga_coordinator.saga import Case
from services.saga_coordinator.timeline import Happening
from shared.engine.service import Log, Table

CASES = Table("saga_coordinator.case_state", Case)
TIMELINE = Log("saga_coordinator.timeline", Happening)
