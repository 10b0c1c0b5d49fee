"""One identification per application."""

from __future__ import annotations

from services.identity_verification.state import Identification
from shared.engine.service import Table

IDENTIFICATIONS = Table("identity_verification.identification", Identification)
