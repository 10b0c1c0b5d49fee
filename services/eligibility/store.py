"""One assessment per application; what was asked and found stays with the registers."""

from __future__ import annotations

from services.eligibility.domain import Assessment
from shared.engine.service import Table

ASSESSMENTS = Table("eligibility.assessment", Assessment)
