"""The wiring of the coordinator."""

from __future__ import annotations

from services.saga_coordinator.reactions import REACTIONS
from services.saga_coordinator.store import CASES, TIMELINE
from shared.engine.service import Service
from shared.hosting import App

SERVICE = Service("saga-coordinator", CASES, REACTIONS, (TIMELINE,))
APP = App(SERVICE)
